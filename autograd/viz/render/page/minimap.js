// The whole picture in small, with a frame around what is in view; shown where it is more than that.

function makeMinimap(picture, svg) {
  const map = document.getElementById("minimap"), frame = document.getElementById("frame");
  const canvas = map.querySelector("canvas"), pen = canvas.getContext("2d");
  let boxes = [], scale = { x: 1, y: 1 };

  // Where every box lies: read again when modules open and close.
  function measure() {
    const shown = [...svg.querySelectorAll(":scope > g:not(.panel):not(.line):not(.away)")];
    boxes = shown.map((node) => {
      const { x, y, width, height } = node.getBBox();
      const moved = node.transform.baseVal.consolidate()?.matrix;
      return { node, x: x + (moved?.e ?? 0), y: y + (moved?.f ?? 0), width, height };
    });
  }

  function draw() {
    const style = getComputedStyle(document.documentElement);
    const ink = (name) => style.getPropertyValue(`--${name}`);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (const { node, x, y, width, height } of boxes) {
      const kind = node.classList.contains("op") ? "op" : "hair";
      pen.fillStyle = ink(node.classList.contains("now") ? "gradient" : kind);
      pen.fillRect(x * scale.x, y * scale.y, Math.max(2, width * scale.x),
        Math.max(1, height * scale.y));
    }
  }

  function update(view) {
    const { x, y, k } = view.state, room = view.room(), size = view.extent();
    const isWhole = size.width * k <= room.width + 1 && size.height * k <= room.height + 1;
    map.hidden = isWhole;
    if (isWhole) return;
    const most = { x: Math.min(160, room.width / 4), y: Math.min(200, room.height / 4) };
    const even = Math.min(most.x / size.width, most.y / size.height);
    scale = { // a tower is never thinner than can be hit
      x: Math.max(even, Math.min(36, most.x) / size.width),
      y: Math.max(even, Math.min(36, most.y) / size.height),
    };
    canvas.width = Math.round(size.width * scale.x);
    canvas.height = Math.round(size.height * scale.y);
    draw();
    const clip = (value, most) => Math.min(Math.max(value, 0), most);
    const [left, right] = [-x, room.width - x].map((v) => clip((v / k) * scale.x, canvas.width));
    const [top, end] = [-y, room.height - y].map((v) => clip((v / k) * scale.y, canvas.height));
    Object.assign(frame.style, {
      left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${end - top}px`,
    });
  }

  // In the first corner where it hides none of the boxes that the step speaks of.
  function keepClear(nodes) {
    if (map.hidden) return;
    const taken = nodes.map((node) => node.getBoundingClientRect());
    for (const corner of ["se", "sw", "ne", "nw"]) {
      map.dataset.corner = corner;
      const own = map.getBoundingClientRect();
      if (!taken.some((box) => box.left < own.right && own.left < box.right &&
        box.top < own.bottom && own.top < box.bottom)) return;
    }
  }

  function listen(view) {
    const jump = (event) => {
      const box = canvas.getBoundingClientRect();
      const x = (event.clientX - box.left) / scale.x, y = (event.clientY - box.top) / scale.y;
      view.centre({ x, y, width: 0, height: 0 }, view.state.k);
    };
    map.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      map.setPointerCapture(event.pointerId);
      jump(event);
    });
    map.addEventListener("pointermove", (event) => event.buttons && jump(event));
  }

  return { measure, update, keepClear, listen };
}
