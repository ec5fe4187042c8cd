// Guess mode: the picture and the explanation hide what is asked until it is answered or shown.

// `page` has what the page knows: steps, byKey, copies, svg, now(), refresh(), go(step).
function makeGuess(data, page) {
  const WORDS = { NaN, "∞": Infinity, "−∞": -Infinity };
  const one = (v) => (typeof v === "string" ? WORDS[v] : v);
  const exact = (v) => (Array.isArray(v) ? v.map(one) : [one(v), 0]);
  const settled = new Map(); // question → "at once", "later" or "shown"
  const tries = new Map(), hinted = new Set();
  let isOn = false, said = "", typing = false; // said: of the answer before

  // ---- the questions of every step, in order ------------------------------------------------

  const queues = page.steps.map((step, i) =>
    step.rows.flatMap((row) =>
      (data.asks.edges[row.edge] ?? []).map((ask, n) => ({ ...ask, row, step: i, id: `${row.edge} ${n}` }))
    )
  );
  for (const q of queues.flat()) {
    if (q.what === "shape") {
      q.ask = `the shape of ${q.of}`;
      q.told = `${q.of} is ${q.answer.join("×") || "a number"}`;
    }
    q.mistakes = q.mistakes.map(([value, at]) => [value, data.asks.words[at]]);
    q.given = (q.given ?? []).map(([name, at]) => [name, ...data.asks.grids[at]]);
  }
  const byEdge = new Map(), byCard = new Map();
  for (const question of queues.flat()) {
    for (const [map, key] of [[byEdge, question.row.edge], [byCard, question.row.card]]) {
      if (!map.has(key)) map.set(key, []);
      map.get(key).push(question);
    }
  }

  // A step that was gone past without an answer is told: its results are given at the next ones.
  const isTold = (q) => settled.has(q.id) || q.step + 1 < page.now();
  const knows = (questions) => !isOn || (questions ?? []).every(isTold);
  const knowsRow = (row) => knows(byEdge.get(row.edge));
  const knowsCard = (key) => knows(byCard.get(key));
  const byOp = new Map(); // of the boxes
  page.steps.forEach(({ op }, i) => byOp.set(op, [...(byOp.get(op) ?? []), ...queues[i]]));
  const isOver = (op) => knows(byOp.get(op));
  const knowsAll = () => knows(queues.flat());
  const open = () => (isOn && page.now() ? queues[page.now() - 1].find((q) => !settled.has(q.id)) : null);

  // ---- what the picture hides ---------------------------------------------------------------

  let secrets = null; // { node, text, veiled() }, veiled gives another text or null

  // In the text node that is there: sliders know it.
  const say = (node, text) => { node.firstChild.data = text; };

  // Another step of a loop has come into the picture, with texts of its own.
  function reread() {
    [secrets, veiledNow] = [null, []];
  }

  function collect() {
    secrets = [];
    const hide = (nodes, isKnown, instead = () => "?") => {
      for (const node of nodes) {
        const text = node.textContent;
        if (/[\d∞∇=×%]|NaN/.test(text) && text !== "∇")
          secrets.push({ node, text, veiled: () => (isKnown() ? null : instead(text)) });
      }
    };
    const texts = (node, part) => node.querySelectorAll(`${part} text, ${part} title`);
    for (const [key, questions] of byEdge) {
      const pill = page.byKey.get(key);
      if (!pill) continue;
      const locals = questions.filter((q) => q.what === "local");
      const head = (text) => (text.includes(" = ") ? `${text.split(" = ")[0]} = ?` : "?");
      hide(texts(pill, ".v"), () => knows(locals.length ? locals : questions), head);
      hide(texts(pill, ".g"), () => knows(questions));
    }
    for (const [key, nodes] of page.copies)
      for (const node of nodes) // all but name, shape and value
        hide([...node.querySelectorAll("text")].filter((text) =>
          !text.closest("g.v") && text.parentNode !== node.querySelector(":scope > g")),
        () => knowsCard(key));
    hide(page.svg.querySelectorAll("g.chart text"), knowsAll);
    const rule = page.byKey.get("rule");
    if (rule) hide([...rule.querySelectorAll("text")].slice(1), knowsAll);
    const gains = (node) => [...texts(node, ".g")].filter((t) => /^[×▽▲]/.test(t.textContent));
    for (const node of page.svg.querySelectorAll("g.op, g.module")) {
      const ills = data.badges[node.id] ?? []; // told in a text, and where it is hovered over
      for (const text of node.querySelectorAll("text, title"))
        if (ills.some(({ badge, reason }) => [badge, reason].some((each) => text.textContent.includes(each))))
          secrets.push({ node: text, text: text.textContent, veiled: () => (knowsAll() ? null : "?") });
      hide(node.matches(".op") ? gains(node) : texts(node, ".g"), () => isOver(node.id));
    }
    const marked = (selector) => [...page.svg.querySelectorAll(selector)]
      .filter((t) => t.textContent.includes("∇"));
    hide(marked("g.panel text, g.panel title, g.module text, g.module title"), knowsAll, (text) => text.replace(/=.*/, "= ?"));
  }

  // The shape that is asked for, in the picture and in words: `8×16`, `8→16`.
  function veil(text) {
    const question = open();
    if (question?.what !== "shape" || !question.answer.length) return text;
    const [shape, turned] = [question.answer, [...question.answer].reverse()];
    for (const each of [shape.join("×"), shape.join("→"), turned.join("→")])
      text = text.replace(new RegExp(`(?<![\\d×→.])${each}(?![\\d×→.])`, "g"), "?");
    return text;
  }

  let veiledNow = []; // texts with a shape that were veiled for the question that was open

  function paint() {
    page.svg.classList.toggle("guessing", isOn && !knowsAll());
    for (const node of page.svg.querySelectorAll("g.module"))
      node.classList.toggle("veiled", !isOver(node.id));
    for (const [node, text] of veiledNow) say(node, text);
    veiledNow = [];
    if (!isOn && !secrets) return;
    if (!secrets) collect();
    for (const { node, text, veiled } of secrets) {
      const now = veiled() ?? text;
      if (node.textContent !== now) say(node, now);
    }
    const question = open();
    if (question?.what !== "shape") return;
    const near = [...(page.copies.get(question.row.card) ?? []), page.byKey.get(question.row.maker),
      ...page.svg.querySelectorAll("g.panel")];
    for (const node of near.filter(Boolean).flatMap((each) => [...each.querySelectorAll("text, title")])) {
      const text = node.textContent, hidden = veil(text);
      if (hidden !== text) {
        veiledNow.push([node, text]);
        say(node, hidden);
      }
    }
  }

  // ---- the panel ----------------------------------------------------------------------------

  function names(question) {
    const known = new Map(Object.entries(data.asks.values).map(([k, v]) => [k, exact(v)]));
    for (const [name, [key, value]] of Object.entries(data.asks.gradients)) {
      if ((page.made.get(key) ?? 0) > page.now() || !knowsCard(key)) continue;
      known.set(`∇${name}`, exact(value));
      if (name === page.steps[question.step].out) known.set("G", exact(value));
    }
    return known;
  }

  function verdict(question, text) {
    let isRight, mistakes;
    if (question.what === "shape") {
      const shape = String(readShape(text));
      isRight = shape === String(question.answer);
      mistakes = question.mistakes.filter(([value]) => String(value) === shape);
    } else {
      const number = readNumber(text, names(question)), slack = one(question.slack ?? 0);
      isRight = isNear(number, exact(question.answer), slack, text);
      mistakes = question.mistakes.filter(([value]) => isNear(number, exact(value), 0, text));
    }
    if (isRight) return null;
    const words = [...new Set(mistakes.map(([, text]) => text))].slice(0, 2);
    return words.length ? `Not yet: ${words.join("; or ")}.` : "Not yet: try again, or let it be shown.";
  }

  function settle(question, how) {
    settled.set(question.id, how);
    said = (how === "shown" ? "it is " : "right: ") + question.told;
    typing = true;
    page.refresh();
  }

  function form(question) {
    const box = make("form", "answer"), field = make("input"), answer = make("p", "verdict");
    answer.setAttribute("role", "status");
    Object.assign(field, { type: "text", autocomplete: "off", spellcheck: false });
    for (const [name, value] of [["autocapitalize", "off"], ["autocorrect", "off"], ["enterkeyhint", "go"]])
      field.setAttribute(name, value);
    field.setAttribute("aria-label", `Your guess for ${question.ask}`);
    const show = make("button", "", "show");
    show.type = "button";
    show.addEventListener("click", () => settle(question, "shown"));
    const line = make("p", "question mono");
    line.append(`${question.ask} = `);
    box.append(line, ...question.given.map(given));
    const controls = make("div", "controls");
    controls.append(field, make("button", "", "check ↵"), show);
    const rule = question.what !== "local" && !question.row.product && question.row.rule;
    if (rule) controls.append(hint(question, rule));
    box.append(controls, answer);
    if (hinted.has(question.id)) box.append(make("p", "local mono", `∇ += ${rule}`));
    field.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === "Escape") field.blur();
      else if (by && !field.value) { // nothing to move in: the arrows step
        event.preventDefault();
        page.go(page.now() + by);
      }
    });
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        const wrong = verdict(question, field.value);
        if (wrong === null) return settle(question, tries.has(question.id) ? "later" : "at once");
        answer.textContent = wrong;
        tries.set(question.id, (tries.get(question.id) ?? 0) + 1);
      } catch (error) {
        answer.textContent = `${error.message[0].toUpperCase()}${error.message.slice(1)}.`;
      }
      score(document.getElementById("score"));
      field.select();
    });
    return box;
  }

  function hint(question, rule) {
    const button = make("button", "", "hint");
    button.type = "button";
    button.title = "The rule";
    button.addEventListener("click", () => {
      hinted.add(question.id);
      typing = true;
      page.refresh();
    });
    return button;
  }

  // Numbers to compute with: [name, shape, texts].
  function given([name, shape, texts]) {
    const figure = make("figure", "given"), grid = make("table", "mono");
    figure.append(make("figcaption", "", shape.length > 1 ? `${name}, ${shape.join("×")}` : name), grid);
    const columns = shape.length ? shape.at(-1) : 1;
    for (let start = 0; start < texts.length; start += columns) {
      const line = make("tr"), place = [];
      let rest = start / columns;
      for (const n of shape.slice(0, -1).reverse()) { place.unshift(rest % n); rest = Math.floor(rest / n); }
      if (place.length) line.append(make("th", "", `[${place}]`));
      line.append(...texts.slice(start, start + columns).map((text) => make("td", "", text)));
      grid.append(line);
    }
    return figure;
  }

  function score(line) {
    const all = [...settled.values()], count = (how) => all.filter((each) => each === how).length;
    const right = count("at once") + count("later"), total = queues.flat().length;
    line.textContent = `Score: ${right} of ${all.length} right, ${count("at once")} at once` +
      ` (${total} questions in all)`;
    return line;
  }

  const MARKS = { "at once": "✓ ", later: "✓ ", shown: "○ ", undefined: "○ " };

  // What stands in the place of the table of results; `sum` writes what has come together,
  // `resultOf` tells what is not asked about.
  function panel(step, write, sum, resultOf) {
    const box = make("div", "guess"), now = open();
    const line = score(make("p", "muted"));
    line.id = "score";
    if (said) box.append(make("p", said.startsWith("right") ? "right" : "shown", said));
    said = "";
    for (const row of step.rows) {
      const questions = byEdge.get(row.edge) ?? [], part = make("section");
      part.append(make("h3", "mono", row.input));
      for (const q of questions.filter((each) => settled.has(each.id)))
        part.append(write(make("p", q.what === "local" ? "local mono" : "grad mono"),
          MARKS[settled.get(q.id)] + q.told));
      if (!questions.length) part.append(write(make("p", "grad mono"), resultOf(row)));
      if (now?.row === row) part.append(form(now));
      else if (!knowsRow(row)) part.append(make("p", "muted", "…"));
      if (questions.every((q) => settled.has(q.id)) && row.sum) part.append(sum(row));
      box.append(part);
    }
    box.append(line);
    if (!now) box.append(onward());
    return box;
  }

  function onward() {
    const isLast = page.now() === page.steps.length;
    const button = make("button", "onward", page.now() === 0 ? "begin ↵" : isLast ? "once more ↵" : "go on ↵");
    button.type = "button";
    button.addEventListener("click", () => {
      typing = true;
      if (isLast) { settled.clear(); tries.clear(); hinted.clear(); }
      page.go(isLast ? 0 : page.now() + 1);
    });
    return button;
  }

  // After Enter the next question waits for an answer; after an arrow key the arrows go on.
  function focus() {
    if (!typing) return;
    typing = false;
    const next = document.querySelector("#step .answer input") ?? document.querySelector("#step .onward");
    if (next) next.focus({ preventScroll: true });
    next?.closest("section, .guess")?.scrollIntoView({ block: "nearest" });
  }

  function toggle() {
    isOn = !isOn;
    typing = isOn;
    return isOn;
  }

  return { toggle, reread, panel, onward, paint, focus, veil, knowsRow, knowsCard, knowsAll, isOn: () => isOn };
}
