// What Python has and JavaScript calls otherwise, for the layout, which is written in Python
// (autograd/viz/layout) and comes into the page by render/javascript.py.

const py = (() => {
  const same = (key) => (Array.isArray(key) ? JSON.stringify(key) : key); // tuples are equal by value

  class Dict {
    constructor(make) {
      this.map = new Map();
      this.make = make;
    }
    has(key) { return this.map.has(same(key)); }
    get(key) {
      const found = this.map.get(same(key));
      if (found) return found[1];
      if (!this.make) throw new Error(`no key ${key}`);
      const value = this.make();
      this.set(key, value);
      return value;
    }
    set(key, value) {
      const found = this.map.get(same(key));
      if (found) found[1] = value;
      else this.map.set(same(key), [key, value]);
    }
    *[Symbol.iterator]() { for (const [key] of this.map.values()) yield key; }
  }

  class Group extends Dict { // a set
    add(key) { this.set(key, true); }
  }

  class Options {
    constructor(given) { Object.assign(this, given); }
  }
  const split = (given) => {
    const options = given.at(-1) instanceof Options ? given.pop() : {};
    return [given, options];
  };

  const iter = (x) => x;
  const list = (x = []) => [...x];
  const truth = (x) =>
    Array.isArray(x) ? x.length > 0 : x instanceof Dict ? x.map.size > 0 : Boolean(x);
  const dict = (pairs = []) => {
    const made = new Dict();
    for (const [key, value] of pairs instanceof Dict ? $items(pairs) : pairs) made.set(key, value);
    return made;
  };
  const set = (values = []) => {
    const made = new Group();
    for (const value of values) made.add(value);
    return made;
  };
  const $items = (d) => [...d.map.values()].map(([key, value]) => [key, value]);

  function compare(a, b) {
    if (!Array.isArray(a)) return a < b ? -1 : a > b ? 1 : 0;
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compare(a[i], b[i]);
      if (order) return order;
    }
    return a.length - b.length;
  }
  const eq = (a, b) =>
    Array.isArray(a) && Array.isArray(b)
      ? a.length === b.length && a.every((each, i) => eq(each, b[i]))
      : a === b;
  const at = (x, i) => (i < 0 ? x.length + i : i);
  const get = (x, key) => {
    if (x instanceof Dict) return x.get(key);
    const place = at(x, key);
    if (!(place in x)) throw new Error(`no element ${key}`);
    return x[place];
  };
  const put = (x, key, value) => {
    if (x instanceof Dict) x.set(key, value);
    else x[at(x, key)] = value;
  };
  const has = (key, x) => (x instanceof Dict ? x.has(key) : [...x].some((each) => eq(each, key)));

  function sort(values, { key = (x) => x, reverse = false } = {}) {
    const keyed = values.map((value) => [key(value), value]);
    keyed.sort((a, b) => compare(a[0], b[0]) * (reverse ? -1 : 1));
    return keyed.map(([, value]) => value);
  }
  const extreme = (sign) => (...given) => {
    const [rest, { key = (x) => x, default: fallback }] = split(given);
    let best, most;
    const values = rest.length === 1 ? rest[0] : rest;
    let isEmpty = true;
    for (const value of values) {
      const rank = key(value);
      if (isEmpty || sign * compare(rank, most) > 0) [best, most] = [value, rank];
      isEmpty = false;
    }
    if (isEmpty && fallback === undefined) throw new Error("of nothing there is no extreme");
    return isEmpty ? fallback : best;
  };
  function slice(x, start, end, step) {
    const length = x.length, down = step !== null && step < 0;
    const inside = (i, none) =>
      i === null ? none : Math.max(down ? -1 : 0, Math.min(down ? length - 1 : length, at(x, i)));
    const [first, last] = [inside(start, down ? length - 1 : 0), inside(end, down ? -1 : length)];
    const found = [];
    for (let i = first; down ? i > last : i < last; i += step ?? 1) found.push(x[i]);
    return found;
  }
  const merge = (a, b) => {
    if (!(a instanceof Dict)) return a | b;
    for (const [key, value] of $items(b)) a.set(key, value);
    return a;
  };
  const copy = (a) => merge(a instanceof Group ? new Group() : new Dict(a.make), a);
  const mod = (a, b) => ((a % b) + b) % b;

  return {
    Options, iter, list, tuple: list, truth, bool: truth, dict, set, frozenset: set, get, put, has,
    slice, merge, mod, eq,
    defaultdict: (make) => new Dict(make),
    lacks: (key, x) => !has(key, x), ne: (a, b) => !eq(a, b),
    lt: (a, b) => compare(a, b) < 0, le: (a, b) => compare(a, b) <= 0,
    gt: (a, b) => compare(a, b) > 0, ge: (a, b) => compare(a, b) >= 0,
    add: (a, b) => (Array.isArray(a) ? [...a, ...b] : a + b),
    grow: (a, b) => (Array.isArray(a) ? (a.push(...b), a) : a + b),
    sub: (a, b) => {
      if (!(a instanceof Dict)) return a - b;
      return set([...a].filter((key) => !b.has(key)));
    },
    mul: (a, b) => (Array.isArray(a) ? Array.from({ length: b }, () => a).flat(1) : a * b),
    div: (a, b) => a / b, floordiv: (a, b) => Math.floor(a / b), pow: (a, b) => a ** b,
    or: (a, b) => (a instanceof Dict ? merge(copy(a), b) : a | b),
    and: (a, b) => (a instanceof Dict ? set([...a].filter((key) => b.has(key))) : a & b),
    either: (a, rest) => (truth(a) ? a : rest()), both: (a, rest) => (truth(a) ? rest() : a),
    len: (x) => (x instanceof Dict ? x.map.size : x.length),
    min: extreme(-1), max: extreme(1),
    sum: (values, start = 0) => {
      for (const value of values) start = start + +value;
      return start;
    },
    any: (values) => { for (const value of values) if (truth(value)) return true; return false; },
    all: (values) => { for (const value of values) if (!truth(value)) return false; return true; },
    abs: Math.abs, sqrt: Math.sqrt, inf: Infinity, hypot: Math.hypot, ceil: Math.ceil,
    floor: Math.floor, log: Math.log, int: Math.trunc, float: Number, str: String,
    round: (x, digits = 0) => {
      if (digits) return Number(x.toFixed(digits));
      const low = Math.floor(x); 
      return x - low === 0.5 ? low + mod(low, 2) : Math.round(x);
    },
    range: (a, b, step = 1) => {
      const [first, last] = b === undefined ? [0, a] : [a, b];
      return Array.from({ length: Math.max(0, Math.ceil((last - first) / step)) }, (_, i) => first + i * step);
    },
    enumerate: (...given) => {
      const [[values, start = 0], options] = split(given);
      return [...values].map((value, i) => [i + (options.start ?? start), value]);
    },
    zip: (...given) => {
      const lists = split(given)[0].map((each) => [...each]);
      return Array.from({ length: Math.min(...lists.map((l) => l.length)) }, (_, i) => lists.map((l) => l[i]));
    },
    map: (call, ...lists) => [...lists[0]].map((value, i) => call(value, ...lists.slice(1).map((l) => l[i]))),
    sorted: (...given) => { const [[values], options] = split(given); return sort([...values], options); },
    reversed: (values) => [...values].reverse(),
    pairwise: (values) => { const all = [...values]; return all.slice(1).map((value, i) => [all[i], value]); },
    next: (values, fallback) => {
      for (const value of values) return value;
      if (fallback === undefined) throw new Error("nothing comes next");
      return fallback;
    },
    fromkeys: (keys, value = null) => dict([...keys].map((key) => [key, value])),
    $items, $keys: (d) => [...d], $values: (d) => [...d.map.values()].map(([, value]) => value),
    $get: (d, key, fallback = null) => (d.has(key) ? d.get(key) : fallback),
    $setdefault: (d, key, value = null) => { if (!d.has(key)) d.set(key, value); return d.get(key); },
    $update: merge, $copy: (x) => (Array.isArray(x) ? [...x] : copy(x)),
    $add: (s, key) => s.add(key), $discard: (s, key) => s.map.delete(same(key)),
    $append: (l, value) => { l.push(value); }, $extend: (l, values) => { l.push(...values); },
    $insert: (l, place, value) => { l.splice(place, 0, value); },
    $pop: (x, key = -1) => {
      if (Array.isArray(x)) return x.splice(at(x, key), 1)[0];
      const value = x.get(key);
      x.map.delete(same(key));
      return value;
    },
    $remove: (l, value) => { l.splice(l.findIndex((each) => eq(each, value)), 1); },
    $index: (l, value) => l.findIndex((each) => eq(each, value)),
    $count: (l, value) => l.filter((each) => eq(each, value)).length,
    $reverse: (l) => { l.reverse(); },
    $sort: (l, options) => { l.splice(0, l.length, ...sort(l, options)); },
  };
})();
