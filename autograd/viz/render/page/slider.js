// The steps of folded loops: a slider each, which puts the numbers of another step into the picture.

// `data.loops` says how each step changes the picture; `changed` is called with one that has come.
function makeLoops(data, svg, changed) {
  const list = document.getElementById("loops"), size = svg.viewBox.baseVal;
  const whole = { width: size.width, height: size.height };
  const elements = [...svg.querySelectorAll(":scope > g")]; // as the usual steps are drawn
  const usual = elements.map(slots);
  const children = [...svg.childNodes];
  const loops = data.loops.map((loop) => ({ ...loop, now: loop.shown, steps: offered(loop) }));
  const places = new Map(); // of an op: the loop and the step that it is of
  for (const loop of loops)
    for (const step of loop.steps)
      for (const op of loop.frames[step].of) places.set(op, { loop, step });

  function offered(loop) {
    return Object.keys(loop.frames).map(Number).sort((a, b) => a - b);
  }

  // The attributes and texts of an element, in the order of its source.
  function slots(node) {
    const found = [...node.attributes].map((each) => ({ each, text: each.value }));
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) found.push({ each: child, text: child.data });
      else found.push(...slots(child));
    }
    return found;
  }

  const write = ({ each }, text) => { each[each.nodeType === Node.TEXT_NODE ? "data" : "value"] = text; };

  function restore() {
    svg.replaceChildren(...children);
    usual.forEach((each) => each.forEach((slot) => write(slot, slot.text)));
    for (const node of elements) {
      node.classList.remove("absent");
      node.removeAttribute("transform");
    }
    resize(whole.width, whole.height);
  }

  function resize(width, height) {
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
  }

  function change(frame) {
    const last = new Map(); // what was put after an element
    for (const [place, what] of frame.change) {
      if (what === 0) elements[place].classList.add("absent");
      else if (typeof what === "string") {
        const node = parse(what), before = last.get(place) ?? elements[place];
        before ? before.after(node) : elements[0].before(node);
        last.set(place, node);
      } else for (let i = 0; i < what.length; i += 2) write(usual[place][what[i]], what[i + 1]);
    }
    if (frame.size) resize(...frame.size);
  }

  function parse(text) {
    const holder = document.createElementNS("http://www.w3.org/2000/svg", "g");
    holder.innerHTML = text;
    return holder.firstChild;
  }

  // Draw a step of a loop, all others with their usual ones.
  function show(loop, step) {
    if (loop.now === step && loops.every((each) => each === loop || each.now === each.shown)) return;
    restore();
    for (const each of loops) each.now = each.shown;
    loop.now = step;
    change(loop.frames[step]);
    for (const each of loops) each.tell();
    changed(loop.frames[step]);
  }

  // The step of a loop that an op is of, into the picture.
  function follow(op) {
    const place = places.get(op);
    if (place && place.loop.now !== place.step) show(place.loop, place.step);
  }

  for (const loop of loops) {
    const place = loops.length > 1 ? `loop ${loops.indexOf(loop) + 1}` : "";
    const of = [loop.kind, loop.name || place].filter(Boolean).join(" of ");
    const label = make("label", "", `${of} `), field = make("input");
    const told = make("output", "mono");
    Object.assign(field, { type: "range", min: 0, max: loop.steps.length - 1 });
    field.addEventListener("input", () => show(loop, loop.steps[+field.value]));
    loop.tell = () => {
      field.value = loop.steps.indexOf(loop.now);
      told.value = `${loop.now} / ${loop.times}`;
      field.setAttribute("aria-valuetext", `${loop.kind} ${loop.now} of ${loop.times}`);
    };
    label.append(field, told);
    list.append(label);
    loop.tell();
  }
  list.hidden = !loops.length;

  // A click into a chart draws the nearest step that is offered.
  function pick(event) {
    const chart = event.target.closest("g.chart"), panel = event.target.closest("g.panel, g.module");
    const loop = chart && loops.find((each) => each.key === panel?.id.replace(/c$/, ""));
    if (!loop) return false;
    const axis = chart.querySelector("path").getBoundingClientRect();
    const at = 1 + ((event.clientX - axis.left) / axis.width) * (loop.times - 1);
    const near = (a, b) => (Math.abs(a - at) <= Math.abs(b - at) ? a : b);
    show(loop, loop.steps.reduce(near));
    return true;
  }

  return { follow, pick, any: loops.length > 0 };
}
