// What a click on a box tells, under the explanation of the step.

// `data` and `write` are the page's; `isKnown` tells whether a tensor's gradient has come yet.
function makeAbout(data, write, isKnown) {
  const panel = document.getElementById("about");

  function hide() {
    panel.hidden = true;
  }

  function show(node) {
    const key = /^[to]\d+/.exec(node.id)?.[0], own = data.about.facts[key];
    const steps = data.steps.filter((step) => step.op === node.id);
    if (!own && !steps.length) return hide();
    const isFold = node.id !== key || steps.length > 1 || !own;
    panel.replaceChildren(make("h2", "", name(node)));
    const facts = own && !(isFold && steps.length) ? own : fold(steps);
    const list = make("dl");
    for (const [what, says] of facts)
      if (!what.startsWith("∇") || isKnown(key))
        list.append(make("dt", "", what), write(make("dd", "mono"), says));
    panel.append(list);
    if (steps.length === 1) source(steps[0].where);
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
  }

  const name = (node) => node.querySelector("text")?.textContent ?? node.id;

  // A box that stands for many ops tells which.
  function fold(steps) {
    const count = new Map();
    for (const { name } of steps) count.set(name, (count.get(name) ?? 0) + 1);
    const parts = [...count].map(([op, times]) => (times > 1 ? `${op} × ${times}` : op));
    return [["stands for", `${steps.length} ops`], ["ops", parts.join(", ")]];
  }

  function source(where) {
    const lines = data.about.source[where] ?? [];
    if (!where) return;
    panel.append(make("p", "muted", where));
    if (!lines.length) return;
    const text = make("pre");
    for (const [number, line] of lines) {
      const is = where.endsWith(`:${number}`);
      text.append(make("span", is ? "grad total" : "", `${String(number).padStart(4)}  ${line}\n`));
    }
    panel.append(text);
  }

  return { show, hide };
}
