// The elements of the picture by what they show; read again when another step of a loop is drawn.

function makeElements(data, svg) {
  const byKey = new Map();
  const copies = new Map(); // the boxes of a tensor: a leaf has one beside every op that uses it
  const lines = new Map(); // the gradient lines of an edge, which may be two beside a pill

  function read() {
    for (const each of [byKey, copies, lines]) each.clear();
    for (const node of svg.querySelectorAll("g[id]:not(.absent)")) byKey.set(node.id, node);
    for (const key of Object.keys(data.names)) copies.set(key, []);
    for (const node of svg.querySelectorAll("g.tensor:not(.absent)")) {
      const key = /^t\d+/.exec(node.id)[0];
      if (copies.has(key)) copies.get(key).push(node);
    }
    for (const node of svg.querySelectorAll("g.line.gradient[id]:not(.absent)")) {
      const key = node.id.slice(1).replace(/[ab]$/, "");
      if (!lines.has(key)) lines.set(key, []);
      lines.get(key).push(node);
    }
  }

  read();
  // An op that is folded away stands in the box of what it is folded into.
  const boxOf = (step) => byKey.get(step.key) ?? byKey.get(step.op);
  return { byKey, copies, lines, boxOf, read };
}
