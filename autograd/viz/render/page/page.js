(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const picture = $("picture"), svg = picture.querySelector("svg");
  const steps = data.steps, total = steps.length;
  let now = 0, timer = null, guessing = false;
  const minimap = makeMinimap(picture, svg);
  const view = makeView(picture, svg, () => minimap.update(view));

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
    svg.querySelectorAll("g.op.now, g.module.now, g.panel.now")
      .forEach((box) => box.classList.remove("now"));
    const box = now > 0 && byKey.get(steps[now - 1].op);
    if (box) for (const each of new Set([box, standing(box)])) each.classList.add("now");
    const rule = byKey.get("rule"); // the whole answer: not while the reader still guesses
    if (rule) rule.classList.toggle("later", guessing && now < total);
  }

  // ---- one step in words --------------------------------------------------------------------

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

  const isKnown = (key) => (made.get(key) ?? 0) <= (guessing ? now - 1 : now); // an op's: at its step
  const about = makeAbout(data, write, isKnown);

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
      titles.forEach((title, i) => { line.children[i].dataset.title = title; });
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
    if (typeof step.value === "number") box.append(tensorFigure(data.tensors[step.value], step.out, "value"));
    if (typeof step.upstream === "number")
      box.append(tensorFigure(data.tensors[step.upstream], `∇${step.out}`, "grad"));
    for (const row of step.rows)
      if (typeof row.contribution === "number")
        box.append(tensorFigure(data.tensors[row.contribution], `∇ for ${row.input}`, "grad"));
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
    about.hide();
    describe();
    $("side").scrollTop = 0;
    if (follow && now === 0) view.fit();
    else if (now > 0) look(spoken(), follow);
    if (now === total) stop();
  }

  // The boxes that the step speaks of: its op, and those that receive a gradient.
  function spoken() {
    if (now === 0) return [];
    const { op, rows } = steps[now - 1];
    const receiving = rows.map(({ card, maker }) => {
      const nodes = copies.get(card) || [];
      return byKey.get(card + op) || nodes[0] || byKey.get(maker);
    });
    return [...new Set([byKey.get(op), ...receiving].filter(Boolean).map(standing))];
  }

  function look(nodes, closer = true) {
    view.reveal(nodes, closer);
    minimap.update(view);
    minimap.keepClear(nodes);
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
      return about.show(op);
    }
    const card = event.target.closest("g.tensor");
    if (card && event.target.closest("g.g")) go(made.get(/^t\d+/.exec(card.id)[0]) ?? 0, false);
    const box = card || event.target.closest("g.module");
    if (box) about.show(box);
    else about.hide();
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
    minimap.measure();
    if (view.state.fitted) view.fit();
    paint();
    minimap.update(view);
  }

  // The box itself, or the closed module that hides it.
  function standing(node) {
    const own = node.classList.contains("away") && boxes.find((each) => each.node === node);
    const hides = (p) => p.closed && !p.node.classList.contains("away") && p.y < own.y && own.y < p.end;
    return (own && panels.find(hides)?.node) || node;
  }

  // ---- search, theme, keys ------------------------------------------------------------------

  const text = (node) => [...node.querySelectorAll("text")].map((t) => t.textContent).join(" ");
  const folded = new Set(steps.map((s) => s.op).filter((op, i, all) => all.indexOf(op) !== i));
  function entries() {
    const found = steps.map((step, i) => {
      const box = byKey.get(step.op), nodes = box ? [box] : [];
      const shown = box && !folded.has(step.op) ? text(box) : "";
      return { kind: `↩${step.order} ${step.module}`, name: step.title,
        more: `${step.name} ${step.module} ${shown}`, nodes, jump: () => go(i + 1) };
    });
    for (const [key, nodes] of copies) {
      if (!nodes.length) continue;
      const show = () => look([standing(nodes[0])]);
      found.push({ kind: "tensor", name: data.names[key], more: "", nodes, jump: show });
    }
    for (const node of svg.querySelectorAll("g.panel, g.module"))
      found.push({ kind: "module", name: text(node), more: "", nodes: [node],
        jump: () => look([standing(node)]) });
    return found;
  }
  const search = makeSearch(entries());

  function theme(name) {
    root.dataset.theme = name;
    $("theme").textContent = name === "dark" ? "Light" : "Dark";
    minimap.update(view);
  }

  const keys = {
    ArrowRight: () => go(now + 1), ArrowLeft: () => go(now - 1),
    Home: () => go(0), End: () => go(total), " ": play,
    "/": search.focus, g: () => $("guess").click(), t: () => $("theme").click(),
    "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(0.8), 0: view.fit,
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return search.focus();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("g.panel") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return toggle(target);
    }
    if (target.matches("input:not(#slider)")) return;
    if (target.matches("button") && ["Enter", " "].includes(event.key)) return;
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  $("slider").max = total;
  $("slider").addEventListener("input", (event) => { stop(); go(+event.target.value); });
  $("closer").addEventListener("click", () => view.zoom(1.25));
  $("farther").addEventListener("click", () => view.zoom(0.8));
  $("fit").addEventListener("click", view.fit);
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
  minimap.measure();
  minimap.listen(view);
  go(0, false);
  view.fit();
  new ResizeObserver(() => (view.state.fitted ? view.fit() : look(spoken()))).observe(picture);
})();
