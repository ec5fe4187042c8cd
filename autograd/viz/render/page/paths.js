// The paths from a tensor up to the loss: lit one after another, with the running product, and
// their sum as bars at the tensor's box. The numbers and the text are those of `explain`.

const MOST_BARS = 8; // larger ones; the others are one bar

// `page` has byKey, copies, svg, view, standing(node), mayTell(key), look(nodes).
function makePaths(data, page) {
  const panel = document.getElementById("paths"), { svg } = page;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");
  const lines = new Map(); // by edge, `o3p0`, or op and tensor, `o3-t6`
  let key = null, record = null, at = -1, timer = null, overlay = null;

  // The picture, at first and when another step of a loop has come into it.
  function reread() {
    hide();
    lines.clear();
    for (const node of svg.querySelectorAll("g.line[id]:not(.absent)")) {
      const key = node.id.slice(1).replace(/[ab]$/, "");
      if (!lines.has(key)) lines.set(key, []);
      lines.get(key).push(node);
    }
    for (const node of svg.querySelectorAll("g.tensor:not(.absent)")) {
      const own = /^t\d+/.exec(node.id)?.[0];
      if (!data.paths.cards[own]) continue;
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", `Paths to ${data.names[own]}`);
    }
  }
  svg.addEventListener("keydown", (event) => {
    if (!event.target.matches("g.tensor") || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  // A path from the loss down: [{ edge, op, card, running }].
  function way(lead) {
    const found = [];
    for (let i = lead; i >= 0; i = data.paths.leads[i][0]) {
      const [, edge, op, card, running] = data.paths.leads[i];
      found.unshift({ edge, op, card, running });
    }
    return found;
  }

  // The box of a tensor: a leaf's beside the op that the path comes from; else what made it.
  function boxOf({ edge, op, card }) {
    const own = page.byKey.get(card + edge) ?? page.byKey.get(card + op) ??
      page.byKey.get(card) ?? page.copies.get(card)?.[0];
    const made = Object.keys(data.paths.outs).find((each) => data.paths.outs[each] === card);
    const box = own ?? page.byKey.get(made);
    return box && page.standing(box);
  }

  // ---- the light ----------------------------------------------------------------------------

  function dark() {
    svg.classList.remove("lighting");
    for (const node of svg.querySelectorAll(".lit")) node.classList.remove("lit");
    overlay?.remove();
    overlay = null;
  }

  function light(leads) {
    dark();
    svg.classList.add("lighting");
    const boxes = [], spots = new Map();
    for (const lead of leads) {
      const path = way(lead);
      path.forEach((stop, i) => {
        const box = boxOf(stop), op = page.byKey.get(stop.op), before = path[i - 1];
        const drawn = [box, op && page.standing(op), page.byKey.get(stop.edge),
          ...(lines.get(stop.edge) ?? []), ...(before ? lines.get(`${stop.op}-${before.card}`) ?? [] : [])];
        for (const node of drawn.filter(Boolean)) node.classList.add("lit");
        boxes.push(box, op && page.standing(op));
        if (box) spots.set(box, [...(spots.get(box) ?? []), stop.running]);
      });
    }
    overlay = draw("g", { class: "overlay" });
    svg.append(overlay);
    if (leads.length === 1) // below the loss, whose own is 1
      for (const [box, running] of spots) tag(box, running.at(-1));
    return boxes.filter(Boolean);
  }

  // Where a box lies in the picture, whatever has moved it.
  function place(node) {
    const { x, y, width, height } = (node.querySelector(":scope > rect") ?? node).getBBox();
    const moved = node.transform.baseVal.consolidate();
    return { x: x + (moved ? moved.matrix.e : 0), y: y + (moved ? moved.matrix.f : 0), width, height };
  }

  function write(text, x, y, more = {}) {
    const node = draw("text", { x, y, "font-size": 12, ...more }, text);
    overlay.append(node);
    return node;
  }

  // The running product at a box, over its upper right corner.
  function tag(box, text) {
    const { x, y, width } = place(box);
    const node = write(text, x + width - 6, y - 1, { class: "running", "text-anchor": "end" });
    const { x: left, y: top, width: wide, height } = node.getBBox();
    node.before(draw("rect", { x: left - 5, y: top - 2, width: wide + 10, height: height + 4, rx: 6 }));
  }

  // ---- the sum, as bars ---------------------------------------------------------------------

  // [text, number or null, lead or -1] of the larger paths, and of the others together.
  function shares() {
    const sorted = record.list.map(([lead, value, text], i) => [text, value, lead, i + 1]);
    const kept = sorted.length > MOST_BARS ? sorted.slice(0, MOST_BARS - 1) : sorted;
    const more = sorted.slice(kept.length), others = record.count - kept.length;
    if (!others) return kept;
    const [rest] = record.rest ?? [0];
    const sum = more.reduce((total, [, value]) => total + value, rest);
    return [...kept, [more.length ? short(sum) : record.rest[1], sum, -1, others]];
  }

  const short = (value) => String(Number(value.toPrecision(4))).replace(/-/g, "−");

  // Bars from a line in the middle: to the right what is positive, to the left what is negative.
  function bars(width, lineHeight) {
    const all = shares(), most = Math.max(...all.map(([, value]) => Math.abs(value ?? 0)), 1e-300);
    const isOneSided = !all.some(([, value]) => value < 0);
    const zero = isOneSided ? 0 : width / 2, room = isOneSided ? width : width / 2;
    const group = draw("g", { class: "bars" });
    all.forEach(([, value], i) => {
      const size = Math.max(1, (Math.abs(value ?? 0) / most) * room), top = i * lineHeight;
      group.append(draw("rect", { x: value < 0 ? zero - size : zero, y: top + 2, width: size,
        height: lineHeight - 4, class: value < 0 ? "minus" : "plus", "data-value": String(value) }));
    });
    const end = all.length * lineHeight;
    group.append(draw("path", { d: `M${zero} 0V${end}`, class: "zero" }));
    return { group, all, end };
  }

  // At the box of the tensor: every share, and below the line what they come to.
  function meeting() {
    const box = boxOf(way(record.list[0][0]).at(-1));
    if (!box || record.count < 2) return;
    const { x, y, width, height } = place(box), { group, all, end } = bars(84, 14);
    group.setAttribute("transform", `translate(${x + 8} ${y + height + 12})`);
    const ground = draw("rect", { x, y: y + height + 6, width: 176, height: end + 28, rx: 8 });
    overlay.append(ground, group);
    all.forEach(([text, , lead], i) =>
      write(lead < 0 ? `${text} (others)` : text, x + 98, y + height + 22 + i * 14, { "font-size": 10 }));
    write(`= ${record.total[1]}`, x + 98, y + height + 26 + end, { "font-weight": "bold" });
    const wide = Math.max(...[...overlay.querySelectorAll("text")].slice(-all.length - 1)
      .map((node) => node.getBBox()).map((b) => b.x + b.width - x)) + 8;
    ground.setAttribute("width", Math.max(wide, width));
    const line = `M${x + 8} ${y + height + 14 + end}h${Math.max(wide, width) - 16}`;
    overlay.append(draw("path", { class: "zero", d: line }));
  }

  // ---- one after another --------------------------------------------------------------------

  const stops = () => record.list.slice(0, MOST_BARS).map(([lead]) => lead);

  // The path of this number, or all of them and their sum.
  function choose(place) {
    const paths = stops();
    at = place < 0 || place >= paths.length ? -1 : place;
    const boxes = light(at < 0 ? record.list.map(([lead]) => lead) : [paths[at]]);
    if (at < 0) meeting();
    for (const line of panel.querySelectorAll(".path"))
      line.setAttribute("aria-pressed", String(line.dataset.place === String(at)));
    const told = panel.querySelector(".along");
    if (told) told.textContent = along(paths[record.count > 1 ? at : 0]);
    page.look(boxes, false);
  }

  // `L 1 → e −6 → w −18`: what has been multiplied when a path reaches each tensor.
  function along(lead) {
    if (lead === undefined) return "Chosen, a path is lit, with its product so far.";
    const stops = way(lead).map(({ card, running }) => `${data.names[card]} ${running}`);
    return (stops.length > 16 ? [...stops.slice(0, 8), "…", ...stops.slice(-7)] : stops).join(" → ");
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    const button = panel.querySelector(".onebyone");
    if (button) button.textContent = "▶ one after another";
  }

  function play() {
    if (timer) return stop();
    panel.querySelector(".onebyone").textContent = "■ stop";
    choose(0);
    timer = setInterval(() => {
      const isLast = at + 1 >= stops().length;
      choose(isLast ? -1 : at + 1);
      if (isLast) stop();
    }, 1500);
  }

  // ---- the panel ----------------------------------------------------------------------------

  function hide() {
    stop();
    if (panel.hidden) return;
    record = null;
    panel.hidden = true;
    panel.replaceChildren();
    dark();
  }

  // `animate`: of a parameter, whose paths are lit by themselves.
  function show(wanted, animate) {
    hide();
    const found = data.paths.cards[wanted], name = data.names[wanted];
    if (!found) return;
    panel.replaceChildren();
    panel.hidden = false;
    if (!page.mayTell(wanted)) {
      panel.append(make("p", "muted", `Guess ∇${name} first: its paths would tell it.`));
      return;
    }
    if (!found.list) {
      const loss = data.paths.losses.join(" + ");
      const count = found.count.toLocaleString("en");
      panel.append(make("p", "muted", `${count} path${found.count > 1 ? "s lead" : " leads"} from ${loss} ` +
        `to ${name}: too much for a page. print(ag.explain(…)) lists the strongest.`));
      return;
    }
    [key, record] = [wanted, found];
    panel.append(make("h2", "", found.count > 1 ? `Paths to ${name}` : `The path to ${name}`));
    panel.append(...chooser(), ledger());
    document.getElementById("about").scrollIntoView({ block: "start" }); // and this below it
    if (animate && found.count > 1 && !isStill.matches) play();
    else choose(found.count > 1 ? -1 : 0);
  }

  function chooser() {
    const { group, all, end } = bars(110, 24), list = make("div", "ways");
    const chart = draw("svg", { width: 110, height: end, viewBox: `0 0 110 ${end}`, role: "img",
      "aria-label": `what the paths bring: ${all.map(([text]) => text).join(", ")}` });
    chart.append(group);
    const lines = make("div");
    all.forEach(([text, , lead, n], i) => {
      const line = make("button", "path mono", lead < 0
        ? `${text}  ${n.toLocaleString("en")} other${n > 1 ? "s" : ""}` : text);
      line.type = "button";
      line.disabled = lead < 0;
      line.dataset.place = i;
      line.addEventListener("click", () => { stop(); choose(at === i ? -1 : i); });
      lines.append(line);
    });
    list.append(chart, lines);
    const whole = make("p", "grad mono total", `∇${data.names[key]}${record.at} = ${sum(all)}`);
    const told = make("p", "along mono muted");
    if (record.count < 2) return [whole, told];
    const buttons = make("div", "controls"), again = make("button", "onebyone", "▶ one after another");
    const together = make("button", "", "all");
    again.type = together.type = "button";
    again.addEventListener("click", play);
    together.addEventListener("click", () => { stop(); choose(-1); });
    buttons.append(again, together);
    const of = record.at ? `the element ${record.at}, to which they bring most; ∇${data.names[key]} is a ${record.size}` : "";
    return [...(of ? [make("p", "muted", `Of ${of}.`)] : []), list, whole, buttons, told];
  }

  // `4 + 1 − 2 = 3`.
  function sum(all) {
    const terms = all.map(([text]) => (/ /.test(text) ? `(${text})` : text)).join(" + ").replace(/\+ −/g, "− ");
    return all.length > 1 ? `${terms} = ${record.total[1]}` : record.total[1];
  }

  function ledger() {
    const box = make("details"), text = make("pre", "", record.text);
    box.open = true;
    box.append(make("summary", "", "explain"), text);
    return box;
  }

  // After modules opened or closed.
  function again() {
    if (record?.list) choose(at);
  }

  reread();
  return { show, hide, again, reread };
}
