(() => {
  const data = readData();
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const picture = $("picture"), svg = picture.querySelector("svg");
  const steps = data.steps, total = steps.length;
  let now = 0, timer = null;
  const loops = makeLoops(data, svg, reread); // before anything is added to the picture
  const minimap = makeMinimap(picture, svg);
  const view = makeView(picture, svg, () => minimap.update(view));

  const elements = makeElements(data, svg), { byKey, copies, lines, boxOf } = elements;
  const folding = makeFolding(data.layout, svg, moved);
  const made = new Map(); // the step after which a tensor's gradient is complete
  for (const key of data.outputs) made.set(key, 0);
  steps.forEach((step, i) => step.rows.forEach((row) => made.set(row.card, i + 1)));
  const moment = new Map(); // the step at which an edge's gradient flows
  steps.forEach((step, i) => step.rows.forEach((row) => moment.set(row.edge, i + 1)));

  const done = new Map(); // the step after which all ops of a box have had their turn
  steps.forEach((step, i) => done.set(step.op, i + 1));

  const guess = makeGuess(data, { steps, byKey, copies, made, svg, now: () => now, refresh, go });

  function mark(node, at, isKnown = true) {
    node.classList.toggle("later", at > now || !isKnown);
    node.classList.toggle("now", at === now && now > 0);
  }

  function paint() {
    for (const [key, nodes] of copies) {
      const at = made.has(key) ? made.get(key) : 0;
      for (const node of nodes) {
        for (const row of node.querySelectorAll("g.g"))
          row.classList.toggle("later", at > now || !guess.knowsCard(key));
        node.classList.toggle("now", at === now && now > 0);
      }
    }
    for (const [key, nodes] of lines) {
      const card = /^(o\d+)-(t\d+)$/.exec(key);
      const at = card ? (made.get(card[2]) ?? 0) : moment.get(key) ?? 0;
      const isKnown = card ? guess.knowsCard(card[2]) : guess.knowsRow({ edge: key });
      nodes.forEach((node) => mark(node, at, isKnown));
    }
    for (const [key, at] of moment) {
      const pill = byKey.get(key);
      const row = pill && pill.querySelector("g.g");
      if (row) row.classList.toggle("later", at > now || !guess.knowsRow({ edge: key }));
    }
    for (const text of svg.querySelectorAll("g.op > g.g > text"))
      if (/^([×▽▲].*|\?)$/.test(text.textContent)) // how much the gradient grew there
        text.classList.toggle("later", (done.get(text.closest("g.op").id) ?? 0) > now);
    const folded = [...folding.modules.values()].map((each) => [[each.box, each.panel], each.card, each.done]);
    for (const [key, card, done] of folding.shut()) folded.push([[byKey.get(key)], card, done]);
    for (const [parts, card, done] of folded)
      for (const row of parts.flatMap((part) => [...(part?.querySelectorAll("g.g, g.w") ?? [])])) {
        const at = row.matches(".w") ? done : made.get(card) ?? 0;
        row.classList.toggle("later", at > now || !guess.knowsCard(card));
      }
    svg.querySelectorAll("g.op.now, g.module.now, g.panel.now")
      .forEach((box) => box.classList.remove("now"));
    const box = now > 0 && boxOf(steps[now - 1]);
    if (box) standing(box).classList.add("now");
    const rule = byKey.get("rule"); // the whole answer: not while the reader still guesses
    if (rule) rule.classList.toggle("later", !guess.knowsAll());
    guess.paint();
  }

  // ---- one step in words --------------------------------------------------------------------

  const amount = (value) =>
    typeof value === "number"
      ? `${data.tensors[value].shape}, ${sized(data.tensors[value])}`
      : value === null ? "–" : value;

  // Text whose NaN and ∞ have the colour of what is no number; a long name breaks between its parts.
  function write(node, text) {
    for (const part of text.split(/(−?∞|NaN)/)) {
      const pieces = /∞|NaN/.test(part) ? [make("span", "not", part)] : part.split(/(?<=[._])(?=\p{L})/u);
      pieces.forEach((piece, i) => node.append(...(i ? [make("wbr"), piece] : [piece])));
    }
    return node;
  }

  const isKnown = (key) => (made.get(key) ?? 0) <= now && guess.knowsCard(key); // an op's: at its step
  const stepsOf = (node) =>
    steps.filter((step) => boxOf(step) === node || standing(boxOf(step)) === node);
  const about = makeAbout(data, write, isKnown, guess, stepsOf);

  function describe() {
    const panel = $("step");
    panel.replaceChildren();
    if (data.failure) {
      panel.append(make("h2", "", "The call failed: there is no backward pass."));
      panel.append(make("p", "", data.failure));
      return;
    }
    if (now === 0) {
      panel.append(make("h2", "", "Forward is done. Backward starts at the output, with ∇ = 1."));
      panel.append(make("p", "muted", total ? `Steps: ${total}. Press → for the first.` : "No op made it: there is no step."));
      if (guess.isOn()) panel.append(guess.onward());
      return;
    }
    const step = steps[now - 1], heading = make("h2");
    heading.append(make("span", "grad", `↩${step.order} `), "backward of ");
    heading.append(write(make("code"), step.title));
    panel.append(heading);
    const place = [step.where, step.module].filter(Boolean).join(" · ");
    if (place) panel.append(make("p", "muted", place));
    panel.append(...about.ills(step.op));
    const upstream = make("p", "", "upstream gradient ");
    const own = `∇${step.out} = ${amount(step.upstream)}`; // of several, rules speak by name
    const all = [step.others.length ? own : `G = ${own}`];
    for (const [name, value] of step.others) all.push(`∇${name} = ${amount(value)}`);
    upstream.append(write(make("span", "grad mono"), all.join(", ")));
    panel.append(upstream);
    if (guess.isOn()) panel.append(guess.panel(step, write, (row) => sum(row, "p"), resultOf));
    else if (step.rows.length) panel.append(table(step));
    panel.append(figures(step));
  }

  function table(step) {
    const grid = make("table", "rows"), head = make("tr");
    const titles = ["input", "local rule", "upstream × local", "accumulated"];
    for (const title of titles) {
      const cell = make("th", "", title);
      cell.scope = "col";
      head.append(cell);
    }
    grid.append(head);
    for (const row of step.rows) {
      const line = make("tr");
      const name = make("td", "mono"), jump = write(make("button", "jump"), row.input);
      jump.title = "Show its box";
      jump.addEventListener("click", () => look([receiver(step, row)].filter(Boolean)));
      name.append(jump);
      line.append(name);
      line.append(write(make("td", "local mono"), row.local || `∇ += ${row.rule}`));
      line.append(result(row), sum(row));
      titles.forEach((title, i) => { line.children[i].dataset.title = title; });
      grid.append(line);
    }
    return grid;
  }

  const resultOf = (row) => (row.product ? `${row.product} = ` : "") + amount(row.contribution);
  const result = (row) => write(make("td", "grad mono"), resultOf(row));

  function sum(row, tag = "td") {
    const cell = make(tag, "grad mono sum");
    write(cell, row.sum || `∇${row.input} = `);
    if (!row.sum) cell.append(write(make("span", "total"), amount(row.total)));
    return cell;
  }

  function figures(step) {
    const box = make("div", "tensors");
    if (typeof step.value === "number") box.append(tensorFigure(data.tensors[step.value], step.out, "value"));
    if (typeof step.upstream === "number")
      box.append(tensorFigure(data.tensors[step.upstream], `∇${step.out}`, "grad"));
    for (const row of step.rows)
      if (typeof row.contribution === "number" && guess.knowsRow(row))
        box.append(tensorFigure(data.tensors[row.contribution], `∇ for ${row.input}`, "grad"));
    return box;
  }

  // ---- moving -------------------------------------------------------------------------------

  function go(step, follow = true) {
    now = Math.max(0, Math.min(total, step));
    if (now > 0) loops.follow(steps[now - 1].key);
    $("slider").value = now;
    $("count").value = `${now} / ${total}`;
    $("previous").disabled = $("first").disabled = now === 0;
    $("next").disabled = $("last").disabled = now === total;
    paint();
    closeBoth();
    describe();
    $("side").scrollTop = 0;
    guess.focus();
    if (follow && now === 0) view.fit();
    else if (now > 0) look(spoken(), follow);
    if (now === total) stop();
  }

  const closeBoth = () => { about.hide(); paths.hide(); };

  // After an answer: the same step, with what is known now.
  function refresh() {
    paint();
    closeBoth();
    describe();
    guess.focus();
  }

  // The box that receives a gradient by a row of a step.
  const receiver = (step, { card, edge, maker }) =>
    standing(byKey.get(card + edge) || byKey.get(card + step.key) ||
      (copies.get(card) || [])[0] || byKey.get(maker));

  // The boxes that the step speaks of: its op, what gives it a gradient and what receives one; where
  // they are too far apart to be read together, a click on an input goes to its box.
  function spoken() {
    if (now === 0) return [];
    const step = steps[now - 1], receiving = step.rows.map((row) => receiver(step, row));
    const giver = standing((copies.get(data.paths.outs[step.key]) ?? [])[0]);
    return view.legible([...new Set([standing(boxOf(step)), ...receiving, giver].filter(Boolean))]);
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
    if (loops.pick(event)) return;
    const title = event.target.closest("g.panel > g, g.module > g:first-of-type");
    if (title && folding.toggle(title.parentNode)) return;
    const op = event.target.closest("g.op");
    if (op) {
      const at = steps.findIndex((step) => boxOf(step) === op);
      if (at >= 0) go(at + 1, false);
      about.show(op);
      return paths.show(data.paths.outs[op.id]);
    }
    const card = event.target.closest("g.tensor");
    const key = card && /^t\d+/.exec(card.id)[0];
    if (card && event.target.closest("g.g")) go(made.get(key) ?? 0, false);
    const box = card || event.target.closest("g.module, g.panel");
    if (!box) return closeBoth();
    about.show(box);
    paths.show(key, card?.classList.contains("param"));
  });

  // ---- modules that open and close ------------------------------------------------------------

  // After a new layout: what was opened or closed is in view, and so is the step.
  function moved(node) {
    elements.read();
    minimap.measure();
    paint();
    if (view.state.fitted) view.fit();
    else look([node, ...spoken()], false);
    paths.reread();
    paths.again();
    node.focus({ preventScroll: true });
  }

  // Another step of a loop is in the picture.
  function reread(frame) {
    folding.reread(frame);
    elements.read();
    guess.reread();
    paths.reread();
    minimap.measure();
    paint();
    if (view.state.fitted) view.fit();
    else if (now > 0) look(spoken(), false);
    minimap.update(view);
    paths.again();
  }

  const standing = (node) => folding.standing(node);

  const mayTell = (key) => !guess.isOn() || isKnown(key);
  const paths = makePaths(data, { byKey, copies, svg, standing, mayTell, look });

  // ---- search, theme, keys ------------------------------------------------------------------

  // Names and symbols; no gradients, which may be what is asked.
  const text = (node) => [...node.querySelectorAll("text")]
    .filter((t) => !t.closest("g.g, g.r, g.chart") && !t.textContent.includes("∇"))
    .map((t) => t.textContent).join(" ");
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
    for (const node of svg.querySelectorAll("g.panel:not(.away), g.module:not(.away)"))
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
    if (target.matches("g.panel, g.module") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return folding.toggle(target);
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
    event.target.setAttribute("aria-pressed", String(guess.toggle()));
    go(now, false);
  });
  theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  minimap.measure();
  minimap.listen(view);
  go(0, false);
  view.fit();
  new ResizeObserver(() => (view.state.fitted ? view.fit() : look(spoken()))).observe(picture);
})();
