// The window on the picture: fitted at first, zoomed at the pointer, dragged, pinched.

const PAD = 12; // pixels around what is fitted or brought into view
const READABLE = 0.75; // below this scale, a step comes closer
const CLOSEST = 4;
const LEGIBLE = 13; // pixels that a box is high at least, when a step comes into view

// `changed` is called after every move.
function makeView(picture, svg, changed) {
  const state = { x: 0, y: 0, k: 1, fitted: true }; // of the picture's corner; pixels a point
  const room = () => ({ width: picture.clientWidth, height: picture.clientHeight });
  const extent = () => svg.viewBox.baseVal;
  const inside = (low, value, high) => Math.min(Math.max(value, low), high);

  function place(x, y, k, fitted = false) {
    const { width, height } = room(), size = extent(), least = 60; // pixels that stay in view
    Object.assign(state, { k, fitted });
    state.x = inside(least - size.width * k, x, width - least);
    state.y = inside(least - size.height * k, y, height - least);
    svg.style.transform = `translate(${state.x}px, ${state.y}px) scale(${k})`;
    changed();
  }

  function scaleFor(area) {
    const { width, height } = room();
    return Math.min((width - 2 * PAD) / area.width, (height - 2 * PAD) / area.height);
  }

  // With the middle of an area, in the picture's points, in the middle of the window.
  function centre(area, k, fitted) {
    const { width, height } = room();
    const x = width / 2 - (area.x + area.width / 2) * k;
    place(x, height / 2 - (area.y + area.height / 2) * k, k, fitted);
  }

  function fit() {
    const { width, height } = extent(), whole = { x: 0, y: 0, width, height };
    centre(whole, Math.max(0.01, Math.min(1.5, scaleFor(whole))), true);
  }

  // What is at (px, py) of the window stays there.
  function zoom(factor, px = room().width / 2, py = room().height / 2) {
    const k = inside(Math.min(0.1, scaleFor(extent()) / 2), state.k * factor, CLOSEST);
    const grown = k / state.k;
    place(px - (px - state.x) * grown, py - (py - state.y) * grown, k);
  }

  // A point of the screen as one of the window.
  function local(event) {
    const box = picture.getBoundingClientRect();
    return {
      x: event.clientX - box.left - picture.clientLeft,
      y: event.clientY - box.top - picture.clientTop,
    };
  }

  // The area of some boxes in the picture's points; null where none is shown.
  function around(nodes) {
    const shown = nodes.map((node) => node.getBoundingClientRect()).filter((box) => box.width);
    if (!shown.length) return null;
    const corner = local({
      clientX: Math.min(...shown.map((box) => box.left)),
      clientY: Math.min(...shown.map((box) => box.top)),
    });
    const end = local({
      clientX: Math.max(...shown.map((box) => box.right)),
      clientY: Math.max(...shown.map((box) => box.bottom)),
    });
    return {
      x: (corner.x - state.x) / state.k, y: (corner.y - state.y) / state.k,
      width: (end.x - corner.x) / state.k, height: (end.y - corner.y) / state.k,
    };
  }

  // The first of these boxes, and of the others, the nearest before others, those that can be read
  // together with it.
  function legible([first, ...others]) {
    if (!first) return [];
    const scale = (nodes) => scaleFor(around(nodes) || extent());
    const height = (node) => around([node])?.height ?? Infinity;
    const apart = new Map(others.map((node) => [node, scale([first, node])]));
    const kept = [first];
    for (const node of others.sort((a, b) => apart.get(b) - apart.get(a))) {
      const all = [...kept, node];
      if (scale(all) * Math.min(...all.map(height)) >= LEGIBLE) kept.push(node);
    }
    return kept;
  }

  // All of these boxes in view together, large enough to be read where that can be.
  function reveal(nodes, closer = true) {
    const area = around(nodes);
    if (!area) return;
    const most = scaleFor(area), { width, height } = room();
    let k = Math.min(state.k, most);
    if (closer && k < READABLE) k = Math.min(1, most);
    const left = state.x + area.x * k, top = state.y + area.y * k;
    const isSeen = left >= 0 && top >= 0 &&
      left + area.width * k <= width && top + area.height * k <= height;
    if (k !== state.k || !isSeen) centre(area, k);
  }

  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode ? 30 : 1), at = local(event);
    zoom(2 ** (-pixels / (event.ctrlKey ? 80 : 400)), at.x, at.y); // ctrl: a pinch of a trackpad
  }, { passive: false });

  const held = new Map(); // the pointers that are down, and where each was last
  let isDragged = false;

  picture.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!held.size) isDragged = false;
    held.set(event.pointerId, local(event));
  });

  picture.addEventListener("pointermove", (event) => {
    const was = held.get(event.pointerId), at = local(event);
    if (!was) return;
    if (!event.buttons) return held.delete(event.pointerId);
    if (!isDragged && Math.hypot(at.x - was.x, at.y - was.y) < 4) return; // still a click
    if (!isDragged) picture.setPointerCapture(event.pointerId);
    isDragged = true;
    held.set(event.pointerId, at);
    const other = [...held].find(([id]) => id !== event.pointerId);
    if (!other) return place(state.x + at.x - was.x, state.y + at.y - was.y, state.k);
    pinch(was, at, other[1]);
  });

  function pinch(was, at, other) {
    const apart = (p) => Math.max(1, Math.hypot(p.x - other.x, p.y - other.y));
    const middle = (p) => ({ x: (p.x + other.x) / 2, y: (p.y + other.y) / 2 });
    const before = middle(was), after = middle(at);
    zoom(apart(at) / apart(was), before.x, before.y);
    place(state.x + after.x - before.x, state.y + after.y - before.y, state.k);
  }

  const release = (event) => held.delete(event.pointerId);
  picture.addEventListener("pointerup", release);
  picture.addEventListener("pointercancel", release);
  picture.addEventListener("click", (event) => { // a drag ends in no click on a box
    if (isDragged) event.stopPropagation();
    isDragged = false;
  }, true);

  return { state, room, extent, fit, zoom, centre, legible, reveal };
}
