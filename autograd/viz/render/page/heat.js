// A tensor as a map of its numbers: a facet for each matrix in it, a colour for each sign, darker
// for what is larger; what is negative also has a stroke, and what is no number is hatched.

const LEVELS = 16; // of darkness
const LINE = 64; // elements of a vector in one line
const WIDE = 320; // points that a map may take
let maps = 0; // drawn so far: ids of patterns must differ

const draw = (tag, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};

// Where every facet and every cell of it lies.
function facetsOf(map) {
  const { axes, count } = map;
  const columns = axes.length > 1 ? axes.at(-1).count : Math.min(count, LINE);
  const rows = axes.length > 1 ? axes.at(-2).count : Math.ceil(count / LINE);
  const outer = axes.slice(0, -2), number = Math.max(1, Math.round(count / (columns * rows)));
  const across = outer.length > 1 ? outer.at(-1).count : number; // the last of them goes to the right
  const labels = Array.from({ length: number }, (_, f) => {
    const index = [];
    for (const axis of [...outer].reverse()) {
      index.unshift((f % axis.count) * axis.step);
      f = Math.floor(f / axis.count);
    }
    return index.join(",");
  });
  const widest = number > 1 ? 5.6 * Math.max(...labels.map((label) => label.length)) + 3 : 0;
  const least = number > 1 ? 3 : 1;
  const room = (WIDE - 4 * Math.min(across, 8)) / Math.min(across, 8);
  const cell = Math.max(least, Math.min(18, Math.floor(room / columns), Math.floor(240 / rows)));
  const pitch = Math.max(cell * columns, widest) + 5;
  const inLine = Math.max(1, Math.min(across, Math.floor((WIDE + 5) / pitch)));
  const head = number > 1 ? 12 : 0, height = cell * rows + head + 4;
  const lines = Math.ceil(across / inLine); // that a row of facets takes
  const corner = (f) => {
    const [row, column] = [Math.floor(f / across), f % across];
    return [(column % inLine) * pitch, (row * lines + Math.floor(column / inLine)) * height];
  };
  const total = (number / across) * lines * height;
  return { columns, rows, number, cell, head, labels, corner,
    width: Math.max(pitch * inLine - 5, cell * columns), height: total };
}

function heatMap(t, kind) {
  const map = readMap(t), facets = facetsOf(map), { cell, columns, rows } = facets;
  const width = Math.max(facets.width, 150), top = t.top || 1, id = `not-a-number-${++maps}`;
  const svg = draw("svg", { class: `heat ${kind}`, width, height: facets.height + 26,
    viewBox: `0 0 ${width} ${facets.height + 26}`, role: "img",
    "aria-label": `heat map, ${t.shape}, ${said(t)}; arrow keys go from number to number` });
  svg.append(hatch(id), ...grounds(facets));
  const each = columns * rows;
  const corner = (i) => {
    const [x, y] = facets.corner(Math.floor(i / each)), at = i % each;
    return [x + (at % columns) * cell, y + facets.head + Math.floor(at / columns) * cell];
  };
  const paths = new Map();
  const add = (key, piece) => paths.set(key, (paths.get(key) ?? "") + piece);
  for (let i = 0; i < map.count; i++) {
    const size = map.sizes[i], [x, y] = corner(i);
    const square = `M${x} ${y}h${cell}v${cell}h-${cell}z`;
    if (!Number.isFinite(size)) {
      add("not", square);
      continue;
    }
    const level = Math.min(LEVELS, Math.ceil((LEVELS * Math.abs(size)) / top));
    if (!level) continue;
    add(`${size < 0 ? "minus" : "plus"} ${level}`, square);
    if (size < 0 && cell > 5) add("strokes", `M${x + 2} ${y + cell / 2}h${cell - 4}`);
  }
  for (const [key, d] of paths) {
    const [name, level] = key.split(" ");
    svg.append(draw("path", { d, class: name, "fill-opacity": level ? level / LEVELS : 1 }));
    if (name === "not") svg.append(draw("path", { d, fill: `url(#${id})` }));
  }
  svg.append(...scale(t, facets.height + 4, width));
  listen(svg, map, facets, corner);
  return svg;
}

function hatch(id) {
  const pattern = draw("pattern", { id, width: 4, height: 4, patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)" });
  pattern.append(draw("path", { d: "M0 0V4", class: "hatching" }));
  return pattern;
}

function* grounds({ number, cell, columns, rows, head, labels, corner }) {
  for (let f = 0; f < number; f++) {
    const [x, y] = corner(f);
    if (number > 1) yield draw("text", { x, y: y + 9, class: "facet" }, labels[f]);
    yield draw("rect", { x, y: y + head, width: cell * columns, height: cell * rows,
      class: "ground" });
  }
}

// From the least to the greatest that a colour stands for, with the numbers below.
function* scale(t, y, width) {
  const hasMinus = t.low?.startsWith("−"), top = t.top || 1, bar = Math.min(150, width);
  const zero = hasMinus ? bar / 2 : 0, reach = bar - zero;
  for (let level = 0; level < LEVELS; level++) {
    const part = reach / LEVELS, at = { y, width: part, height: 8 };
    const opacity = (level + 1) / LEVELS;
    yield draw("rect", { ...at, x: zero + level * part, class: "plus", "fill-opacity": opacity });
    if (hasMinus)
      yield draw("rect", { ...at, x: zero - (level + 1) * part, class: "minus", "fill-opacity": opacity });
  }
  yield draw("rect", { x: 0, y, width: bar, height: 8, class: "frame" });
  const most = numberText(+top.toPrecision(3));
  const marks = [[zero, "0", hasMinus ? "middle" : "start"], [bar, most, "end"]];
  if (hasMinus) marks.unshift([0, `−${most}`, "start"]);
  for (const [x, text, anchor] of marks)
    yield draw("text", { x, y: y + 19, class: "tick", "text-anchor": anchor }, text);
}

// The cell under the pointer, or under a finger, in words below the map; arrow keys go from cell to
// cell of a map that has the focus.
function listen(svg, map, facets, corner) {
  const { cell, columns } = facets, mark = draw("rect", { width: cell, height: cell, class: "mark" });
  mark.style.display = "none";
  svg.append(mark);
  const find = (event) => {
    const box = svg.getBoundingClientRect(), k = svg.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * k, y = (event.clientY - box.top) * k;
    for (let i = 0; i < map.count; i++) {
      const [left, top] = corner(i);
      if (left <= x && x < left + cell && top <= y && y < top + cell) return i;
    }
    return -1;
  };
  let now = -1;
  const show = (at) => {
    const out = svg.parentNode?.querySelector("output");
    now = at;
    mark.style.display = at < 0 ? "none" : "";
    if (!out) return;
    out.replaceChildren(at < 0 ? "\u00a0" : `${map.where(at)} = ${map.text(at)}`);
    if (at < 0) return;
    const [x, y] = corner(at);
    mark.setAttribute("x", x);
    mark.setAttribute("y", y);
    out.className = /∞|NaN/.test(map.text(at)) ? "mono not" : "mono";
  };
  const point = (event) => show(find(event));
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.setAttribute("tabindex", 0);
  svg.addEventListener("focus", () => {
    svg.parentNode?.querySelector("output")?.setAttribute("aria-live", "polite");
    if (now < 0 && map.count && svg.matches(":focus-visible")) show(0);
  });
  svg.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns,
      Home: -now, End: map.count - 1 - now }[event.key];
    if (steps === undefined || event.ctrlKey || event.metaKey || event.altKey || !map.count) return;
    event.preventDefault();
    event.stopPropagation();
    const next = now + steps;
    if (next >= 0 && next < map.count) show(next);
  });
}
