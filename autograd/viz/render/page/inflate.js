// The inverse of deflate (RFC 1951): the bytes that were packed.

function inflated(packed) {
  let out = new Uint8Array(8 * packed.length), size = 0, at = 0, held = 0, count = 0;
  const bits = (n) => {
    for (; count < n; count += 8) held |= packed[at++] << count;
    const value = held & ((1 << n) - 1);
    held >>>= n;
    count -= n;
    return value;
  };
  const room = (more) => {
    if (size + more <= out.length) return;
    const larger = new Uint8Array(2 * out.length + more);
    larger.set(out);
    out = larger;
  };
  // Codes of the same length are numbers in a row, in the order of their symbols.
  const codes = (lengths) => {
    const counts = new Uint16Array(16), next = new Uint16Array(17);
    for (const n of lengths) if (n) counts[n]++;
    for (let n = 1; n < 16; n++) next[n + 1] = next[n] + counts[n];
    const symbols = new Uint16Array(lengths.length);
    lengths.forEach((n, symbol) => { if (n) symbols[next[n]++] = symbol; });
    return { counts, symbols };
  };
  const read = ({ counts, symbols }) => {
    let code = 0, first = 0, before = 0;
    for (let n = 1; n < 16; n++) {
      code |= bits(1);
      if (code - first < counts[n]) return symbols[before + code - first];
      before += counts[n];
      first = (first + counts[n]) << 1;
      code <<= 1;
    }
    throw new Error("the data of this page are damaged");
  };
  const spans = (extras, least) => extras.map((extra) => {
    const span = [least, extra];
    least += 1 << extra;
    return span;
  });
  const LENGTHS = spans([...Array(28).keys()].map((i) => Math.max(0, (i >> 2) - 1)), 3);
  LENGTHS.push([258, 0]);
  const DISTANCES = spans([...Array(30).keys()].map((i) => Math.max(0, (i >> 1) - 1)), 1);
  const span = ([least, extra]) => least + bits(extra);

  const fixed = () => [
    codes([...Array(288).keys()].map((i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
    codes(Array(30).fill(5)),
  ];
  const told = () => {
    const literals = bits(5) + 257, distances = bits(5) + 1, known = bits(4) + 4;
    const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    const own = Array(19).fill(0);
    for (const place of order.slice(0, known)) own[place] = bits(3);
    const table = codes(own), lengths = [];
    while (lengths.length < literals + distances) {
      const symbol = read(table);
      if (symbol < 16) lengths.push(symbol);
      else if (symbol === 16) lengths.push(...Array(3 + bits(2)).fill(lengths.at(-1)));
      else lengths.push(...Array(symbol === 17 ? 3 + bits(3) : 11 + bits(7)).fill(0));
    }
    return [codes(lengths.slice(0, literals)), codes(lengths.slice(literals))];
  };
  const stored = () => {
    held = count = 0;
    const length = packed[at] | (packed[at + 1] << 8);
    room(length);
    out.set(packed.subarray(at + 4, at + 4 + length), size);
    at += 4 + length;
    size += length;
  };
  const block = ([literals, distances]) => {
    for (let symbol = read(literals); symbol !== 256; symbol = read(literals)) {
      room(258);
      if (symbol < 256) out[size++] = symbol;
      else {
        const length = span(LENGTHS[symbol - 257]), back = span(DISTANCES[read(distances)]);
        for (let i = 0; i < length; i++, size++) out[size] = out[size - back];
      }
    }
  };
  for (let isLast = 0; !isLast; ) {
    isLast = bits(1);
    const kind = bits(2);
    if (kind) block(kind === 1 ? fixed() : told());
    else stored();
  }
  return out.subarray(0, size);
}
