// What a click on a box tells, under the explanation of the step.

// `data` and `write` are the page's; `isKnown` tells whether a tensor's gradient has come yet;
// `veil` hides a shape that is asked for; `knowsAll` tells whether nothing is asked any more;
// `stepsOf` gives the steps that a box stands for.
function makeAbout(data, write, isKnown, { veil, knowsAll }, stepsOf) {
  const panel = document.getElementById("about");

  // Empty, too: what it told may be asked next.
  function hide() {
    panel.hidden = true;
    panel.replaceChildren();
  }

  function show(node) {
    const key = /^[to]\d+/.exec(node.id)?.[0], own = data.about.facts[key];
    const steps = stepsOf(node);
    if (!own && !steps.length) return hide();
    const isFold = node.id !== key || steps.length > 1 || !own;
    panel.replaceChildren(make("h2", "", name(node)));
    const facts = own && !(isFold && steps.length) ? own : fold(steps);
    const list = make("dl");
    for (const [what, says] of facts)
      if (!what.startsWith("∇") || isKnown(key))
        list.append(make("dt", "", what), write(make("dd", "mono"), veil(says)));
    for (const told of document.querySelectorAll("#step .ill")) told.remove(); // it stands here
    panel.append(...[...new Set([node.id, ...steps.map((step) => step.op)])].flatMap(ills));
    panel.append(list);
    if (steps.length === 1) source(steps[0].where);
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
  }

  // What the badges of a box mean: the reason, the line, the remedy.
  function ills(key) {
    if (!knowsAll()) return [];
    return (data.badges[key] ?? []).map(({ badge, reason, where, remedy }) => {
      const kind = badge.startsWith("✱") ? " not" : "", box = make("div", "ill");
      box.append(make("b", kind, badge), write(make("p"), reason));
      if (where && !reason.includes(where)) box.append(make("p", "muted", where));
      if (remedy) box.append(make("p", "", `→ ${remedy}`));
      return box;
    });
  }

  // Of an op its row of values has the name; a badge may be above.
  const name = (node) =>
    node.querySelector(node.matches(".tensor") ? "text" : "g.v text")?.textContent ?? node.id;

  // A box that stands for many ops tells which.
  function fold(steps) {
    const count = new Map();
    for (const { name } of steps) count.set(name, (count.get(name) ?? 0) + 1);
    const parts = [...count].map(([op, times]) => (times > 1 ? `${op} × ${times}` : op));
    return [["stands for", `${steps.length} op${steps.length > 1 ? "s" : ""}`], ["ops", parts.join(", ")]];
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

  return { show, hide, ills };
}
