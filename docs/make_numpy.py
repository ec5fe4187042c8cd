"""Write docs/numpy.md: what becomes of each function and method of NumPy's on Tensors.

Nothing is listed here: what records, and how, is what the protocol itself answers with
(`verdict` of autograd/tensors/numpy_protocol.py), and what to write instead is what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd.engine.missing import Missing
from autograd.engine.spellings.numpy import NUMPY
from autograd.tensors.numpy_protocol import public_name, verdict

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "numpy.md"
SPACES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}
RENAMED = {"in1d": "np.isin", "trapz": "np.trapezoid"}  # of NumPy 2.1 to 2.3

WORDS = {
    "records": "recorded{}",
    "values": "a value without derivative{}",
    "steps": "a value without derivative, as Tensors outside the graph",
    "answers": "an answer about the Tensor, no number that a gradient could belong to",
    "writes": "writes into the Tensor, as part of the graph",
    "unseen": "NumPy does not ask: a Tensor leaves the graph, with a warning",
}

INTRODUCTION = """\
# NumPy's functions on Tensors

A function of NumPy's that is given a Tensor is recorded: its value is NumPy's, and a gradient flows
back through it. Names, positions and keywords of arguments are NumPy's too.

```python
>>> import numpy as np
>>> import autograd as ag
>>> x = ag.Tensor([[3.0, 1.0], [2.0, 5.0]], requires_grad=True)
>>> y = np.mean(np.exp(-x), axis=1, keepdims=True).sum() + np.linalg.det(x)
>>> y.requires_grad
True
>>> np.cov(x, bias=True).requires_grad, np.interp(0.3, [0.0, 1.0], x[0])
(True, Tensor(2.4, dtype=float32, op=where))

```

Ufuncs take `out=`, `where=` and `dtype=`, and have their methods; reductions take `where=` and
`initial=`. Where `where=` is False nothing is computed, so that no NaN comes into a gradient:

```python
>>> z = ag.Tensor([4.0, 0.0, -1.0], requires_grad=True)
>>> logs = np.log(z, where=z > 0, out=ag.zeros(3))
>>> ag.grad(logs.sum(), z)[0]
Tensor([0.25, 0.  , 0.  ], dtype=float32)
>>> np.multiply.outer(z, [1.0, 2.0]).shape, np.sum(z, where=[True, False, True], initial=1.0).item()
((3, 2), 4.0)

```

**Writing.** `np.copyto`, `np.put`, `np.fill_diagonal` and `out=` write into a Tensor as `x[i] = v`
does, as part of the graph. An array keeps no gradient: to write into one what requires grad raises,
where NumPy asks.

```python
>>> np.add(z, 1.0, out=np.zeros(3, np.float32))
Traceback (most recent call last):
    ...
autograd.errors.UnsupportedError: out= is an array, which keeps no gradient, and ...

```

**What leaves the graph.** NumPy does not look into lists, and does not ask where it makes arrays:
`np.array(x)`, `np.mean([s, s])`, `np.full(2, s)`, `a[i] = s`, `float(s)`, `math.sin(s)`. There a
Tensor becomes plain numbers. If it requires grad, that is told once for each line, as a
`GradientLostWarning`. Lists of Tensors are joined by `ag.stack([s, s])` or `ag.tensor([s, s])`, and
all functions of `autograd` take them; `from autograd import numpy as np` is a NumPy that looks into
lists. To leave on purpose, say so (`x.numpy()`, `x.item()`, `x.detach()`), or turn the warning off:

```python
>>> import warnings
>>> from autograd.errors import GradientLostWarning
>>> s = ag.Tensor(2.0, requires_grad=True)
>>> ag.mean([s, s]).requires_grad
True
>>> with warnings.catch_warnings():
...     warnings.simplefilter("ignore", GradientLostWarning)
...     float(np.mean([s, s]))
2.0

```

Printing, plotting and comparing are no loss, and do not warn. SciPy's ufuncs, such as
`scipy.special.expit`, are recorded where `autograd` has a function of their name, and raise
otherwise; others of its functions turn Tensors to arrays first, and warn. Those that record are in
[from_hips.md](from_hips.md).

The tables are made by [make_numpy.py](make_numpy.py) from what the code declares; names are those
of NumPy 2.1 to 2.4. Each function that is recorded is an op of the table (`ag.OPS`), or made of
ops: tests hold its value against NumPy's, and its first and second derivatives against differences.
"""


class Row(NamedTuple):
    """A name of NumPy's, and what becomes of it."""

    name: str
    what: str


def functions(space: str) -> Iterator[Row]:
    """The functions and ufuncs of a namespace."""
    module: Any = SPACES[space]
    names = {n for n in dir(module) if n[0] != "_" and n != "test"}
    names |= set(RENAMED) if space == "np" else set()
    for name in sorted(names):
        function = getattr(module, name, None) if name not in RENAMED else None
        if name in RENAMED:
            yield Row(f"{space}.{name}", f"the older name of `{RENAMED[name]}`")
        elif callable(function) and not isinstance(function, type):
            yield Row(f"{space}.{name}", told(function, name))


def told(function: Any, name: str) -> str:
    """What becomes of a function."""
    word = verdict(function)
    if word == "refused":
        return f"raises. {NUMPY.get(name, '')}"
    ours = public_name(function)
    return WORDS[word].format(f", as `ag.{ours}`" if ours else "")


def methods() -> Iterator[Row]:
    """The methods and attributes of arrays."""
    for name in sorted(n for n in dir(np.ndarray) if n[0] != "_"):
        mine = vars_of(ag.Tensor).get(name)
        if mine is None:
            yield Row(f"x.{name}", f"not there: `x.numpy().{name}`")
        elif isinstance(mine, Missing):
            yield Row(f"x.{name}", f"raises. {mine.instead}")
        else:
            op = getattr(mine, "op", None)
            word = "records" if op is None or op.differentiable else "values"
            plain = op is None
            yield Row(f"x.{name}", "there" if plain else WORDS[word].format(""))


def vars_of(kind: type) -> dict[str, Any]:
    """All attributes of a class, those of its bases too."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        found |= vars(base)
    return found


def table(rows: Iterator[Row]) -> str:
    """Rows as Markdown."""
    lines = ["| name | what becomes of it |", "|---|---|"]
    lines += [f"| `{row.name}` | {row.what} |" for row in rows]
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    titles = {"np": "Functions", "np.linalg": "Linear algebra", "np.fft": "Fourier transforms"}
    parts += [f"## {titles[space]}\n\n{table(functions(space))}\n" for space in SPACES]
    parts.append(f"## Methods and attributes\n\n{table(methods())}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
