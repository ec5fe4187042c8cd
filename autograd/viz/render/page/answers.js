// Reads answers: numbers, `2*e`, `1/3`, `√2`, `(3, 4)`. A small parser, which runs nothing.

const LONGEST_ANSWER = 200; // characters
const FUNCTIONS = {
  sqrt: Math.sqrt, "√": Math.sqrt, exp: Math.exp, ln: Math.log, log: Math.log, abs: Math.abs,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh,
  tanh: Math.tanh, sigmoid: (x) => 1 / (1 + Math.exp(-x)), "σ": (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0), log2: Math.log2, log10: Math.log10,
};
const CONSTANTS = {
  pi: [Math.PI, 0], "π": [Math.PI, 0], e: [Math.E, 0], i: [0, 1], "∞": [Infinity, 0],
  inf: [Infinity, 0], infinity: [Infinity, 0], nan: [NaN, 0],
};
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// What is typed in one of many ways, in one.
function plainAnswer(text) {
  const digit = (c) => (c === "⁻" ? "-" : RAISED.indexOf(c));
  const up = (part) => `^(${[...part].map(digit).join("")})`;
  const sign = { "−": "-", "–": "-", "—": "-", "﹣": "-", "·": "*", "⋅": "*", "×": "*", "∙": "*",
    "∗": "*", "•": "*", "÷": "/", "∕": "/", "⁄": "/", "[": "(", "]": ")" };
  return text.replace(/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, up).normalize("NFKC").trim()
    .replace(/\*\*/g, "^").replace(/(\d),(\d)/g, "$1.$2") // a decimal comma
    .replace(/./gu, (c) => sign[c] ?? c);
}

// Complex numbers as [real, imaginary].
const times = ([a, b], [c, d]) => (b || d ? [a * c - b * d, a * d + b * c] : [a * c, 0]);

function over([a, b], [c, d]) {
  if (!b && !d) return [a / c, 0];
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
}

function powered(base, exponent) {
  const [n, imaginary] = exponent;
  if (imaginary) throw new Error("a complex exponent is not read here");
  if (!base[1]) return [base[0] ** n, 0];
  if (!Number.isInteger(n) || Math.abs(n) > 64)
    throw new Error("only whole powers of complex numbers are read here");
  let result = [1, 0];
  for (let i = 0; i < Math.abs(n); i++) result = times(result, base);
  return n < 0 ? over([1, 0], result) : result;
}

// The number that an answer says, as [real, imaginary]; throws an Error that says what is not read.
// `names` is a Map from names to numbers; they come before functions and constants.
function readNumber(answer, names) {
  if (answer.length > LONGEST_ANSWER) throw new Error("that is too long to be read");
  const text = plainAnswer(answer).replace(/^.*=/, ""); // `∂L/∂e = −6` says −6
  const known = new Map(Object.entries(CONSTANTS));
  for (const [name, value] of names) known.set(plainAnswer(name), value);
  const words = [...known.keys(), ...Object.keys(FUNCTIONS)].filter((w) => !/^[\d.]/.test(w));
  words.sort((a, b) => b.length - a.length);
  let at = 0, isMeant = false; // that it is none: ∞, NaN, or a name that stands for one
  const blank = () => { while (/\s/.test(text[at] ?? "")) at++; };
  const peek = () => (blank(), text[at] ?? "");
  const take = (sign) => peek() === sign && (at++, true);

  function sum() {
    let value = product();
    for (;;) {
      const sign = take("+") ? 1 : take("-") ? -1 : 0;
      if (!sign) return value;
      const term = product();
      value = [value[0] + sign * term[0], value[1] + sign * term[1]];
    }
  }

  function product() {
    let value = signed();
    for (;;) {
      if (take("*")) value = times(value, signed());
      else if (take("/")) value = over(value, signed());
      else if (peek() && !"+-)^".includes(peek())) value = times(value, power()); // 2e, 3(x + 1)
      else return value;
    }
  }

  function signed() {
    if (take("-")) return times([-1, 0], signed());
    return take("+") ? signed() : power();
  }

  function power() {
    const base = atom();
    return take("^") ? powered(base, signed()) : base;
  }

  function bracketed() {
    const value = sum();
    if (!take(")")) throw new Error("a bracket is not closed");
    return value;
  }

  function atom() {
    blank();
    if (take("(")) return bracketed();
    const number = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(text.slice(at));
    if (number) {
      at += number[0].length;
      return [Number(number[0]), 0];
    }
    const rest = text.slice(at), word = words.find((each) => rest.startsWith(each)) ??
      words.find((each) => rest.toLowerCase().startsWith(each));
    if (!rest) throw new Error("something is missing at the end");
    if (!word) throw new Error(`“${/^[\p{L}\p{N}_]+|./u.exec(rest)[0]}” is no number and no name here`);
    at += word.length;
    const isCall = word in FUNCTIONS && peek() === "("; // a tensor may be named after its op
    if (known.has(word) && !isCall) {
      isMeant ||= !known.get(word).every(Number.isFinite);
      return known.get(word);
    }
    const [real, imaginary] = take("(") ? bracketed() : power();
    if (imaginary) throw new Error(`“${word}” of a complex number is not read here`);
    return [FUNCTIONS[word](real), 0];
  }

  if (!peek()) throw new Error("write a number, such as 3, −0.5, 1/3 or 2*e");
  const value = sum();
  if (peek()) throw new Error(`“${text.slice(at)}” is not understood`);
  if (!isMeant && !value.every(Number.isFinite)) // 1/0, log(0), √(−1)
    throw new Error(`“${text.trim()}” is no number; write ∞ or NaN where that is meant`);
  return value;
}

// The lengths of the axes that an answer says: (3, 4), 3x4, 3×4, [3 4], (3,), (), scalar.
function readShape(answer) {
  const text = answer.normalize("NFKC").toLowerCase().replace(/^.*(=|\bis\b)/, "")
    .replace(/^\s*(torch\.size|tensorshape|shape)\s*\((.*)\)\s*$/, "$2").trim();
  if (/^(\(\s*\)|\[\s*\]|scalar|number|a (scalar|number)|0-?d)$/.test(text)) return [];
  const inside = text.replace(/^[([{]\s*(.*?)\s*,?\s*[)\]}]$/, "$1").replace(/,$/, "");
  if (!/^\d+(\s*[x×*·,;\s]\s*\d+)*$/.test(inside))
    throw new Error("write the lengths of the axes, such as (3, 4), 3x4, or () for a number");
  return inside.match(/\d+/g).map(Number);
}

// Whether an answer says a number: to half a percent, or rounded to the digits that are written.
function isNear(said, right, slack, written) {
  const [a, b] = said, [c, d] = right;
  if ([c, d].some(Number.isNaN)) return [a, b].some(Number.isNaN);
  if (![c, d].every(Number.isFinite)) return a === c && b === d;
  const apart = Math.hypot(a - c, b - d);
  if (apart <= Math.max(0.005 * Math.hypot(c, d), slack)) return true;
  const digits = /^[-+]?(\d*)\.(\d+)$/.exec(plainAnswer(written));
  const enough = digits && (digits[1] + digits[2]).replace(/^0+/, "").length > 1;
  return Boolean(enough) && apart <= 0.5 * 10 ** -digits[2].length * (1 + 1e-9);
}
