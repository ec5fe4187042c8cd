// Tensors of a step: a map of the numbers, or of a sample, and of large ones how they are spread.

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const sized = (t) => (t.rms === "empty" ? t.rms : `rms ${t.rms}`);
const said = (t) => `${t.low} to ${t.high}` + (t.not ? `, ${t.not}` : "");

function tensorFigure(t, title, kind) {
  const figure = make("figure"), caption = make("figcaption");
  caption.append(make("b", "", title), `: ${t.shape}`);
  if (t.axes) caption.append(` (${t.axes.map((name, i) => name || `axis ${i}`).join(" × ")})`);
  caption.append(t.low === undefined ? `, ${sized(t)}` : `, ${t.low} to ${t.high}`);
  if (t.not) caption.append(make("span", "not", `, ${t.not}, the first at [${t.first.join(", ")}]`));
  figure.append(caption);
  if (t.cells) {
    const map = heatMap(t, kind), read = make("output", "mono", "\u00a0");
    read.setAttribute("aria-live", "off");
    figure.append(...laidOut(t), map, read);
  }
  if (t.histogram) figure.append(histogram(t, kind));
  if (!t.cells && t.low === undefined && t.rms !== undefined && t.rms !== "empty")
    figure.append(make("p", "muted", "Of so many ops, pages show the size alone."));
  return figure;
}

// In words: which axes go where, and of how much this is a sample.
function laidOut(t) {
  const { axes, every, count } = readMap(t), parts = [];
  const titles = axes.map((axis) => axis.title), [rows, columns] = titles.slice(-2);
  if (axes.length > 1) parts.push(`${rows} ↓, ${columns} →`);
  if (axes.length > 2) parts.unshift(`a map for each ${titles.slice(0, -2).join(", ")}`);
  const thinned = every.filter((axis) => axis.step > 1);
  if (thinned.length) {
    const steps = thinned.map((axis) => `every ${axis.step}${ending(axis.step)} of ${axis.title}`);
    const all = t.size.reduce((a, b) => a * b, 1);
    parts.push(`a sample, ${steps.join(", ")}: ${count.toLocaleString("en")} of ` +
      `${all.toLocaleString("en")} numbers`);
  }
  return parts.length ? [make("p", "muted", parts.join("; "))] : [];
}

const ending = (n) =>
  n % 100 > 10 && n % 100 < 14 ? "th" : { 1: "st", 2: "nd", 3: "rd" }[n % 10] ?? "th";

function histogram(t, kind) {
  const bins = [...t.histogram].map((digit) => parseInt(digit, 36)), wide = bins.length * 6;
  const chart = draw("svg", { class: `spread ${kind}`, width: wide, height: 54,
    viewBox: `0 0 ${wide} 54`, role: "img",
    "aria-label": `histogram of all, ${t.shape}, ${said(t)}` });
  bins.forEach((each, i) => {
    const height = (38 * each) / 35;
    chart.append(draw("rect", { x: 6 * i, y: 40 - height, width: 5, height, class: "plus" }));
  });
  chart.append(draw("text", { x: 0, y: 51, class: "tick" }, t.low));
  chart.append(draw("text", { x: wide, y: 51, class: "tick", "text-anchor": "end" }, t.high));
  return chart;
}
