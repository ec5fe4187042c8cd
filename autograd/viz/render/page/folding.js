// Modules that open and close in place: each time the picture is laid out anew.

const DASH = 14; // below the lowest box

// A layout in which leaves (keys, words and numbers, in their order) are others.
function patched(layout, leaves = []) {
  const found = new Map();
  for (let i = 0; i < leaves.length; i += 2) found.set(leaves[i], leaves[i + 1]);
  let place = 0;
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (value && typeof value === "object") return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [walk(key), walk(each)]));
    place += 1;
    return found.has(place - 1) ? found.get(place - 1) : value;
  };
  return walk(layout);
}

// `moved` is called after every new layout by a reader.
function makeFolding(usual, svg, moved) {
  let layout = usual && patched(usual), names = {};
  const modules = new Map();
  const state = new Map(); // whether a module is open
  const chosen = new Map(); // the same by its usual name, where a reader opened or closed it
  const above = new Map(); // the modules around a box or a module, the outermost first
  const cells = new Map(); // by the key of the layout's block
  const cellOf = new Map(); // by the id of a box
  const node = (id) => svg.querySelector(`[id="${id}"]:not(.absent)`);
  const templates = new Map(); // lines as they were drawn
  const docked = new Set();

  function enter(block, path) {
    above.set(block.key, path);
    if (block.items) {
      for (const each of block.items) enter(each, block.key === "root" ? path : [...path, block.key]);
      return;
    }
    keep(block, block.ids ?? [block.key]);
  }

  function keep(block, ids) {
    cells.set(block.key, block);
    const own = block.lines ?? [];
    block.nodes = [...ids, ...own].map(node).filter(Boolean);
    own.forEach((id) => docked.add(id));
    ids.forEach((id) => cellOf.set(id, block.key));
  }

  function begin() {
    for (const each of [modules, state, above, cells, cellOf, templates, docked]) each.clear();
    for (const line of svg.querySelectorAll(":scope > g.line[id]:not(.absent)"))
      templates.set(line.id, line);
    enter(layout.root, []);
    for (const [key, each] of Object.entries(layout.modules)) {
      modules.set(key, each);
      state.set(key, chosen.get(names[key] ?? key) ?? each.open);
      each.panel = [node(key), node(`${key}p`)].find((part) => part?.matches(".panel"));
      each.box = [node(`${key}c`), node(key)].find((part) => part?.matches(".module"));
      Object.assign(each.closed, { key, nodes: [each.box] });
      for (const part of [each.panel, each.box]) {
        cellOf.set(part.id, key);
        const words = [...part.querySelectorAll("text")].map((text) => text.textContent);
        part.setAttribute("tabindex", "0");
        part.setAttribute("aria-label", `module ${words.join(" ")}`);
        part.setAttribute("aria-expanded", String(part === each.panel));
        if (part.getAttribute("role") === "button") continue;
        part.setAttribute("role", "button");
        part.querySelector(":scope > g").append(hint(part === each.panel ? "close" : "open"));
      }
    }
  }

  function hint(word) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = `Click to ${word} it`;
    return title;
  }

  // ---- what is there in this state ---------------------------------------------------------

  // The outermost closed module around a block, or itself.
  function standIn(key) {
    const cell = cells.get(key);
    if (cell?.of && (state.get(cell.of) === false || hidden(cell.of)))
      return standIn(cell.of);
    const path = [...(above.get(key) ?? []), ...(modules.has(key) ? [key] : [])];
    return path.find((each) => state.get(each) === false) ?? key;
  }
  const hidden = (key) => (above.get(key) ?? []).some((each) => state.get(each) === false);

  function current(block) {
    if (!block.items) return standIn(block.key) === block.key ? leaf(block) : null;
    if (state.get(block.key) === false) return leaf(modules.get(block.key).closed);
    const items = block.items.map(current).filter(Boolean);
    return new placing.Block(block.key, ...Array(6).fill(undefined), items, block.head);
  }
  const leaf = (block) => new placing.Block(block.key, ...block.size);

  function links(root) {
    const order = new Map();
    const walk = (block) =>
      block.items.length ? block.items.forEach(walk) : order.set(block.key, order.size);
    root.items.forEach(walk);
    const found = new Map();
    for (const [from, to, key, colour, width, closes] of layout.links) {
      const [source, target] = (closes ? [to, from] : [from, to]).map(standIn); // downwards
      if (!(order.get(source) < order.get(target))) continue;
      const id = closes ? key : `${source} ${target}`;
      const link = found.get(id) ?? { source, target, key, colour, width, closes };
      if (width > link.width) Object.assign(link, { colour, width });
      found.set(id, link);
    }
    return [...found.values()];
  }

  // ---- in place ----------------------------------------------------------------------------

  function arrange() {
    const root = current(layout.root), pairs = links(root);
    const [titleWidth, top] = layout.head, [footWidth, footHeight] = layout.foot;
    const room = Math.max(titleWidth, 560), rest = top - 12 + footHeight + 40;
    const laid = placing.lay(root, pairs.map((link) => [link.source, link.target]), room, rest);
    const width = Math.max(laid.width, room);
    const placed = laid.moved(layout.margin + (width - laid.width) / 2, top + 10);
    const show = (nodes, isThere) =>
      nodes.forEach((each) => each.classList.toggle("away", !isThere));
    const put = (cell, isThere) => {
      show(cell.nodes, isThere);
      if (isThere) move(cell.nodes, placed.places.get(cell.key), cell.at ?? [0, 0]);
    };
    for (const cell of cells.values()) put(cell, placed.places.has(cell.key));
    for (const [key, { closed, panel }] of modules) {
      const isThere = placed.places.has(key);
      put(closed, isThere && !state.get(key));
      show([panel], isThere && state.get(key));
      if (isThere && state.get(key)) frame(panel, placed.places.get(key));
    }
    for (const line of svg.querySelectorAll(":scope > g.line"))
      if (!docked.has(line.id)) line.remove();
    const behind = svg.querySelector(":scope > g:not(.panel)");
    const apart = placing.gauges(placed);
    pairs.forEach((link, i) => draw(link, placed.paths.get(i), apart.get(i), behind));
    move([node("legend")], [layout.margin + (width - footWidth) / 2, placed.height + 16], layout.footAt);
    const height = placed.height + 16 + footHeight + DASH;
    svg.setAttribute("viewBox", `0 0 ${width + 2 * layout.margin} ${height}`);
    svg.setAttribute("width", width + 2 * layout.margin);
    svg.setAttribute("height", height);
  }

  function move(nodes, [x, y], [fromX, fromY]) {
    for (const each of nodes) each.setAttribute("transform", `translate(${x - fromX} ${y - fromY})`);
  }
  function frame(panel, [x, y, width, height]) {
    const ground = panel.querySelector("rect");
    ground.setAttribute("width", width);
    ground.setAttribute("height", height);
    move([panel], [x, y], ["x", "y"].map((name) => parseFloat(ground.getAttribute(name))));
  }

  // A link as the value's way along its path, and the gradient's back, beside it.
  function draw({ key, colour, width, closes }, path, gauge, behind) {
    const corners = placing.corners(path);
    if (closes) corners.reverse();
    const put = (kind, points, ...look) => {
      const made = line(kind, key, placing.rounded(points), ...look);
      if (closes) made.querySelector("path").setAttribute("stroke-dasharray", "6 4");
      svg.insertBefore(made, behind);
    };
    put("value", colour ? placing.beside(corners, gauge / 2) : corners, null, 1.6);
    if (colour) put("gradient", placing.beside(corners, -gauge / 2).reverse(), colour, width);
  }

  function line(kind, key, points, colour, width) {
    const id = kind[0] + key, first = [...templates.values()]
      .find((g) => g.matches(`.${kind}`) && !g.querySelector("[stroke-dasharray]"));
    const made = (templates.get(id) ?? first).cloneNode(true);
    made.id = id;
    made.classList.remove("away");
    const curve = made.querySelector("path"), head = made.querySelector("polygon");
    const size = 5.5 + width, end = points.at(-1);
    const before = [...points].reverse().find((p) => p[0] !== end[0] || p[1] !== end[1]);
    const length = Math.hypot(end[0] - before[0], end[1] - before[1]);
    const [dx, dy] = [(end[0] - before[0]) / length, (end[1] - before[1]) / length];
    const back = ([x, y]) => [x - 0.8 * size * dx, y - 0.8 * size * dy];
    const [start, ...rest] = [...points.slice(0, -2), back(points.at(-2)), back(end)];
    let d = `M${start.join(" ")}`;
    for (let k = 0; k < rest.length; k += 3) d += `C${rest.slice(k, k + 3).flat().join(" ")}`;
    curve.setAttribute("d", d);
    const [bx, by] = [end[0] - size * dx, end[1] - size * dy], half = 0.38 * size;
    const tips = [end, [bx - half * dy, by + half * dx], [bx + half * dy, by - half * dx]];
    if (head) head.setAttribute("points", tips.map((p) => p.join(",")).join(" "));
    if (colour) {
      curve.setAttribute("stroke", colour);
      curve.setAttribute("stroke-width", width);
      if (head) head.setAttribute("fill", colour);
    }
    const scissors = made.querySelector("text");
    if (scissors) middle(scissors, points);
    return made;
  }

  function middle(scissors, points) {
    const at = 3 * Math.floor((points.length - 1) / 6), [a, b, c, d] = points.slice(at, at + 4);
    const [x, y] = [0, 1].map((i) => (a[i] + 3 * b[i] + 3 * c[i] + d[i]) / 8);
    scissors.setAttribute("x", x);
    scissors.setAttribute("y", y + 6);
  }

  // ---- what the page asks ------------------------------------------------------------------

  // Opens what is closed, closes what is open; whether the element is a module's.
  function toggle(part) {
    const key = cellOf.get(part.id);
    if (!modules.has(key)) return false;
    state.set(key, !state.get(key));
    chosen.set(names[key] ?? key, state.get(key));
    arrange();
    moved(standing(part));
    return true;
  }

  // The box itself, or the closed module that hides it, or the panel of one that is open.
  function standing(part) {
    const key = cellOf.get(part?.id);
    if (!key) return part;
    const shown = standIn(key);
    if (!modules.has(shown)) return part;
    const { box, panel } = modules.get(shown);
    return state.get(shown) ? panel : box;
  }

  // Another step of a loop is in the picture, as it was drawn: what a reader closed, closes.
  function reread(frame) {
    if (!layout) return;
    layout = frame.layout ? patched(frame.layout) : patched(usual, frame.leaves);
    names = frame.names ?? {};
    begin();
    if ([...modules].some(([key, each]) => state.get(key) !== each.open)) arrange();
  }

  if (layout) begin();
  const shut = () => layout?.shut ?? []; // [box, its tensor, when all its gradients are there]
  return { toggle, standing, modules, shut, reread };
}
