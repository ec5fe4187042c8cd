// Numbers as the picture shows them, and the elements of a tensor's record.

// As `number` of model/numbers.py; elements came rounded to the digits that are shown.
function numberText(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const rounded = Number.isInteger(value) ? value : +value.toPrecision(4);
  const size = Math.abs(rounded);
  if (size >= 1e-3 && size < 1e5) return String(rounded).replace("-", "−");
  const [mantissa, power] = value.toExponential(3).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${+power}`.replaceAll("-", "−");
}

// The inverse of `_packed` (model/tensors.py).
function unpacked(bytes, width) {
  if (width === 8) return new Float64Array(bytes.buffer);
  if (width === 4) return new Float32Array(bytes.buffer);
  const whole = new Uint8Array((bytes.length / 3) * 4);
  for (let i = 0; i < bytes.length; i += 3) whole.set(bytes.subarray(i, i + 3), (i / 3) * 4 + 1);
  return new Float32Array(whole.buffer);
}

// What a map shows of a tensor: { axes, columns, cells, size, text(cell), place(cell) }.
// `axes` are those with more than one element, as { name, step, count }; of a vector the map has lines.
function readMap(t) {
  const all = unpacked(Uint8Array.from(atob(t.cells), (c) => c.charCodeAt(0)), t.bytes ?? 3);
  const isComplex = t.kind === "c", count = isComplex ? all.length / 2 : all.length;
  const every = t.size.map((length, i) => {
    const step = t.steps?.[i] ?? 1, name = t.axes?.[i] ?? "";
    return { name, title: name || `axis ${i}`, length, step, count: Math.ceil(length / step) };
  });
  const axes = every.filter((axis) => axis.count > 1);
  const sizes = isComplex
    ? Float64Array.from({ length: count }, (_, i) => Math.hypot(all[i], all[count + i]))
    : all;

  const text = (i) => {
    if (t.kind === "b") return all[i] ? "true" : "false";
    if (!isComplex) return numberText(all[i]);
    const imaginary = all[count + i];
    const sign = imaginary < 0 ? "−" : "+";
    return `${numberText(all[i])} ${sign} ${numberText(Math.abs(imaginary))}i`;
  };

  // The indices of a cell in the whole tensor.
  const place = (i) => {
    const found = [];
    for (const axis of [...every].reverse()) {
      found.unshift((i % axis.count) * axis.step);
      i = Math.floor(i / axis.count);
    }
    return found;
  };

  const isNamed = every.some((axis) => axis.name);
  const where = (i) => {
    const at = place(i), plain = `[${at.join(", ")}]`;
    if (!isNamed) return plain;
    return `${plain} ${at.map((n, k) => (every[k].name ? `${every[k].name} ${n}` : n)).join(", ")}`;
  };
  return { axes, every, count, sizes, text, place, where };
}
