// Tensors of a step: heat maps of small ones, histograms of large ones.

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

function tensorFigure(t, title, kind) {
  const figure = make("figure");
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
  const inks = kind === "grad" ? [[194, 65, 12], [109, 40, 217]] : [[29, 78, 216], [180, 83, 9]];
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
