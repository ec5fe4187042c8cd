"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const picture = $("picture"), svg = picture.querySelector("svg");
  const steps = data.steps, total = steps.length;
  let now = 0, timer = null, guessing = false;

  // ---- elements of the picture, found once --------------------------------------------------

  const byKey = new Map();
  for (const node of svg.querySelectorAll("g[id]")) byKey.set(node.id, node);
  const copies = new Map(); // the boxes of a tensor: a leaf has one beside every op that uses it
  for (const key of Object.keys(data.names)) copies.set(key, []);
  for (const node of svg.querySelectorAll("g.tensor")) {
    const key = /^t\d+/.exec(node.id)[0];
    if (copies.has(key)) copies.get(key).push(node);
  }
  const lines = new Map(); // the gradient lines of an edge, which may be two beside a pill
  for (const node of svg.querySelectorAll("g.line.gradient[id]")) {
    const key = node.id.slice(1).replace(/[ab]$/, "");
    if (!lines.has(key)) lines.set(key, []);
    lines.get(key).push(node);
  }
  const made = new Map(); // the step after which a tensor's gradient is complete
  for (const key of data.outputs) made.set(key, 0);
  steps.forEach((step, i) => step.rows.forEach((row) => made.set(row.card, i + 1)));
  const moment = new Map(); // the step at which an edge's gradient flows
  steps.forEach((step, i) => step.rows.forEach((row) => moment.set(row.edge, i + 1)));

  function mark(node, at) {
    node.classList.toggle("later", at > now);
    node.classList.toggle("now", at === now && now > 0);
  }

  function paint() {
    for (const [key, nodes] of copies) {
      const at = made.has(key) ? made.get(key) : 0;
      for (const node of nodes) {
        const row = node.querySelector("g.g");
        if (row) row.classList.toggle("later", at > now);
        node.classList.toggle("now", at === now && now > 0);
      }
    }
    for (const [key, nodes] of lines) {
      const card = /^(o\d+)-(t\d+)$/.exec(key);
      const at = card ? (made.get(card[2]) ?? 0) : moment.get(key) ?? 0;
      nodes.forEach((node) => mark(node, at));
    }
    for (const [key, at] of moment) {
      const pill = byKey.get(key);
      const row = pill && pill.querySelector("g.g");
      if (row) row.classList.toggle("later", at > now);
    }
    svg.querySelectorAll("g.op.now, g.module.now").forEach((box) => box.classList.remove("now"));
    const box = now > 0 && byKey.get(steps[now - 1].op);
    if (box) box.classList.add("now");
    const rule = byKey.get("rule"); // the whole answer: not while the reader still guesses
    if (rule) rule.classList.toggle("later", guessing && now < total);
  }

  // ---- one step in words --------------------------------------------------------------------

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  const amount = (value) =>
    typeof value === "number"
      ? `${data.tensors[value].shape}, rms ${data.tensors[value].rms}`
      : value === null ? "–" : value;

  // Text whose NaN and ∞ have the colour of what is no number.
  function write(node, text) {
    for (const part of text.split(/(−?∞|NaN)/))
      node.append(/∞|NaN/.test(part) ? make("span", "not", part) : part);
    return node;
  }

  function tensorFigure(number, title, kind) {
    const t = data.tensors[number], figure = make("figure");
    figure.append(t.cells ? heatMap(t, kind) : histogram(t, kind));
    figure.append(make("figcaption", "", `${title}: ${t.shape}, ${t.low} to ${t.high}`));
    if (t.not) figure.lastChild.append(make("span", "not", `, ${t.not}`));
    return figure;
  }

  const said = (t) => `${t.low} to ${t.high}` + (t.not ? `, ${t.not}` : "");

  function heatMap(t, kind) {
    const cells = Uint8Array.from(atob(t.cells), (c) => c.charCodeAt(0));
    const rows = Math.ceil(cells.length / t.columns);
    const canvas = make("canvas");
    [canvas.width, canvas.height] = [t.columns, rows];
    const scale = Math.max(1, Math.min(16, Math.floor(220 / Math.max(t.columns, rows))));
    canvas.style.width = `${t.columns * scale}px`;
    canvas.style.height = `${rows * scale}px`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `heat map, ${t.shape}, ${said(t)}`);
    const image = new ImageData(t.columns, rows);
    const inks = kind === "grad" ? [[194, 65, 12], [15, 118, 110]] : [[29, 78, 216], [180, 83, 9]];
    cells.forEach((cell, i) => {
      const size = Math.abs(cell - 128) / 127, ink = inks[cell < 128 ? 1 : 0];
      const colour = cell === 0 ? [134, 25, 143] : ink.map((c) => 255 + (c - 255) * size);
      image.data.set([...colour, 255], 4 * i);
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  function histogram(t, kind) {
    const name = "http://www.w3.org/2000/svg", chart = document.createElementNS(name, "svg");
    const bins = t.histogram || [], top = Math.max(1, ...bins);
    chart.setAttribute("viewBox", "0 0 192 60");
    chart.setAttribute("width", "192");
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `histogram, ${t.shape}, ${said(t)}`);
    bins.forEach((count, i) => {
      const bar = document.createElementNS(name, "rect"), height = (56 * count) / top;
      const box = { x: 6 * i, y: 58 - height, width: 5, height };
      for (const [key, value] of Object.entries(box)) bar.setAttribute(key, value);
      bar.style.fill = `var(--${kind === "grad" ? "gradient" : "value"})`;
      chart.append(bar);
    });
    return chart;
  }

  function describe() {
    const panel = $("step");
    panel.replaceChildren();
    if (now === 0) {
      panel.append(make("h2", "", "Forward is done. Backward starts at the output, with ∇ = 1."));
      panel.append(make("p", "muted", `${total} steps. Press → for the first.`));
      return;
    }
    const step = steps[now - 1], heading = make("h2");
    heading.append(make("span", "grad", `↩${step.order} `), "backward of ");
    heading.append(make("code", "", step.title));
    panel.append(heading);
    const place = [step.where, step.module].filter(Boolean).join(" · ");
    if (place) panel.append(make("p", "muted", place));
    const upstream = make("p", "", "upstream gradient ");
    const own = `∇${step.out} = ${amount(step.upstream)}`; // of several, rules speak by name
    const all = [step.others.length ? own : `G = ${own}`];
    for (const [name, value] of step.others) all.push(`∇${name} = ${amount(value)}`);
    upstream.append(write(make("span", "grad mono"), all.join(", ")));
    panel.append(upstream);
    if (step.rows.length) panel.append(table(step));
    panel.append(figures(step));
  }

  function table(step) {
    const grid = make("table"), head = make("tr");
    const titles = ["input", "local rule", "upstream × local", "accumulated"];
    for (const title of titles) {
      const cell = make("th", "", title);
      cell.scope = "col";
      head.append(cell);
    }
    grid.append(head);
    for (const row of step.rows) {
      const line = make("tr");
      line.append(make("td", "mono", row.input));
      line.append(write(make("td", "local mono"), row.local || `∇ += ${row.rule}`));
      line.append(result(row), sum(row));
      grid.append(line);
    }
    return grid;
  }

  function result(row) {
    const cell = make("td", "grad mono");
    const text = (row.product ? `${row.product} = ` : "") + amount(row.contribution);
    if (!guessing || typeof row.contribution === "number") {
      return write(cell, text);
    }
    const form = make("form", "answer"), field = make("input");
    field.setAttribute("aria-label", `Your guess for the gradient that reaches ${row.input}`);
    const verdict = make("span");
    form.append(`${row.product || "∇"} = `, field, make("button", "", "show"), verdict);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const read = (t) => parseFloat(t.trim().replace("−", "-"));
      const guess = read(field.value), truth = read(row.contribution);
      const right = Math.abs(guess - truth) <= 0.01 * Math.abs(truth) + 1e-9;
      verdict.className = right ? "right" : "";
      verdict.textContent = (Number.isNaN(guess) ? "" : right ? " right: " : " it is ") + ` ${text}`;
      cell.closest("tr").querySelector(".sum").classList.remove("later");
    });
    cell.append(form);
    return cell;
  }

  function sum(row) {
    const cell = make("td", "grad mono sum");
    write(cell, row.sum || `∇${row.input} = `);
    if (!row.sum) cell.append(write(make("span", "total"), amount(row.total)));
    if (guessing && typeof row.contribution !== "number") cell.classList.add("later");
    return cell;
  }

  function figures(step) {
    const box = make("div", "tensors");
    if (typeof step.value === "number") box.append(tensorFigure(step.value, step.out, "value"));
    if (typeof step.upstream === "number")
      box.append(tensorFigure(step.upstream, `∇${step.out}`, "grad"));
    for (const row of step.rows)
      if (typeof row.contribution === "number")
        box.append(tensorFigure(row.contribution, `∇ for ${row.input}`, "grad"));
    return box;
  }

  // ---- moving -------------------------------------------------------------------------------

  function go(step, follow = true) {
    now = Math.max(0, Math.min(total, step));
    $("slider").value = now;
    $("count").value = `${now} / ${total}`;
    $("previous").disabled = $("first").disabled = now === 0;
    $("next").disabled = $("last").disabled = now === total;
    paint();
    describe();
    const box = now > 0 && byKey.get(steps[now - 1].op);
    if (follow && box) box.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (now === total) stop();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    $("play").textContent = "▶ play";
  }

  function play() {
    if (timer) return stop();
    if (now === total) go(0);
    $("play").textContent = "⏸ stop";
    timer = setInterval(() => go(now + 1), 900);
  }

  picture.addEventListener("click", (event) => {
    const title = event.target.closest("g.panel");
    if (title) return toggle(title);
    const op = event.target.closest("g.op");
    if (op) {
      const at = steps.findIndex((step) => step.op === op.id);
      if (at >= 0) go(at + 1, false);
      return;
    }
    const card = event.target.closest("g.tensor");
    if (card && event.target.closest("g.g")) go(made.get(/^t\d+/.exec(card.id)[0]) ?? 0, false);
  });

  // ---- modules that close -------------------------------------------------------------------

  const HEIGHT = 44; // of a closed module
  const panels = [...svg.querySelectorAll("g.panel")].map((node) => {
    const ground = node.querySelector("rect");
    const [y, height] = ["y", "height"].map((name) => parseFloat(ground.getAttribute(name)));
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");
    node.setAttribute("aria-expanded", "true");
    node.setAttribute("aria-label", `module ${node.textContent}`);
    return { node, ground, y, end: y + height, closed: false };
  });
  const boxes = [...svg.querySelectorAll("svg > g:not(.panel):not(.line)")].map((node) => {
    const area = node.getBBox();
    return { node, y: area.y + area.height / 2 };
  });
  const curves = [...svg.querySelectorAll("g.line")].flatMap((node) =>
    [...node.children].map((shape) => {
      const name = shape.tagName === "path" ? "d" : "points";
      return { node, shape, name, text: shape.getAttribute(name) };
    })
  );
  const size = svg.viewBox.baseVal, full = size.height;

  function toggle(node) {
    const panel = panels.find((each) => each.node === node);
    panel.closed = !panel.closed;
    node.setAttribute("aria-expanded", String(!panel.closed));
    arrange();
  }

  function arrange() {
    const shut = panels.filter((p) => p.closed)
      .filter((p, _, all) => !all.some((q) => q !== p && q.y < p.y && p.end < q.end))
      .sort((p, q) => p.y - q.y);
    const moved = (y) => {
      let shift = 0;
      for (const p of shut) {
        if (y <= p.y) break;
        if (y < p.end) return p.y - shift + Math.min(y - p.y, HEIGHT * 0.6);
        shift += p.end - p.y - HEIGHT;
      }
      return y - shift;
    };
    const within = (y) => shut.some((p) => p.y < y && y < p.end);
    for (const { node, y } of boxes) {
      node.classList.toggle("away", within(y));
      node.setAttribute("transform", `translate(0 ${moved(y) - y})`);
    }
    for (const p of panels) {
      p.node.classList.toggle("away", !shut.includes(p) && within(p.y));
      p.ground.setAttribute("height", moved(p.end) - moved(p.y));
      p.node.setAttribute("transform", `translate(0 ${moved(p.y) - p.y})`);
    }
    for (const { node, shape, name, text } of curves) {
      const heights = [...text.matchAll(/-?[\d.]+[ ,](-?[\d.]+)/g)].map((m) => parseFloat(m[1]));
      if (heights.every(within)) node.classList.add("away");
      else if (name === "d") node.classList.remove("away");
      shape.setAttribute(
        name, text.replace(/(-?[\d.]+)([ ,])(-?[\d.]+)/g, (_, x, s, y) => x + s + moved(+y))
      );
    }
    const height = moved(full);
    svg.setAttribute("viewBox", `0 0 ${size.width} ${height}`);
    svg.setAttribute("height", height);
  }

  // ---- search, theme, keys ------------------------------------------------------------------

  let hits = [], hit = 0;
  function search() {
    const text = $("search").value.trim().toLowerCase();
    svg.querySelectorAll(".hit").forEach((node) => node.classList.remove("hit"));
    hits = text ? [...svg.querySelectorAll("g.tensor, g.op, g.module, g.panel")].filter((node) =>
      `${node.textContent} ${node.id}`.toLowerCase().includes(text)) : [];
    hits.forEach((node) => node.classList.add("hit"));
    $("found").textContent = text ? `${hits.length} found` : "";
    hit = 0;
    show();
  }
  const show = () => hits.length && hits[hit % hits.length].scrollIntoView({ block: "center" });

  function theme(name) {
    root.dataset.theme = name;
    $("theme").textContent = name === "dark" ? "Light" : "Dark";
  }

  const keys = {
    ArrowRight: () => go(now + 1), ArrowLeft: () => go(now - 1),
    Home: () => go(0), End: () => go(total), " ": play,
    "/": () => $("search").focus(), g: () => $("guess").click(), t: () => $("theme").click(),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("g.panel") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return toggle(target);
    }
    if (target.matches("input, button") && !["ArrowLeft", "ArrowRight"].includes(event.key)) {
      if (target.id === "search" && event.key === "Enter") { hit += 1; show(); }
      if (target.id === "search" && event.key === "Escape") target.blur();
      return;
    }
    if (target.matches("input") && target.id !== "slider") return;
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  $("slider").max = total;
  $("slider").addEventListener("input", (event) => { stop(); go(+event.target.value); });
  $("search").addEventListener("input", search);
  $("first").addEventListener("click", () => go(0));
  $("previous").addEventListener("click", () => go(now - 1));
  $("play").addEventListener("click", play);
  $("next").addEventListener("click", () => go(now + 1));
  $("last").addEventListener("click", () => go(total));
  $("theme").addEventListener("click", () => theme(root.dataset.theme === "dark" ? "light" : "dark"));
  $("guess").addEventListener("click", (event) => {
    guessing = !guessing;
    event.target.setAttribute("aria-pressed", String(guessing));
    go(now, false);
  });
  theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.body.classList.toggle("tall", size.height > size.width);
  go(0);
})();
