"""What ops give way to: whatever answers for itself, by the one method `__autograd_op__`.

A value whose type has that method is a symbol: it stands for numbers, as the symbols of a printed
rule do, and may trace, batch or write code. When an op is asked with one,

    symbol.__autograd_op__(op, inputs, params)

is called instead, with the inputs as they were given and the static parameters by name, and what
it returns is the result. This holds wherever the symbol stands: as any input, by position or by
name, in a list, among the parts of an index; beside Tensors, arrays and numbers alike; through
operators, methods and `np.f` too. The first of several symbols is asked. A composite is not asked
for: it runs, and the ops that it is made of give way.

No Tensor ever holds a symbol. Calls on Tensors, arrays and numbers alone pay nothing for this.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["KNOWN", "as_array", "is_symbolic", "symbol_in"]

# Types that ops never give way to: one look tells, where asking takes longer.
KNOWN = frozenset((
    np.ndarray, *np.sctypeDict.values(), int, float, bool, complex, str, slice, type(None),
    type(Ellipsis),
))  # fmt: skip


def is_symbolic(value: Any) -> bool:
    """Whether ops give way to a value."""
    return hasattr(type(value), "__autograd_op__")


def as_array(value: Any) -> Any:
    """The numbers of an index or a mask, outside the graph; a symbol as it is."""
    return value if is_symbolic(value) else np.asarray(value)


def symbol_in(value: Any, depth: int = 64) -> Any:
    """The value itself if ops give way to it, or the first such in lists and tuples; else None.

    >>> from autograd.graph.formula import Symbol
    >>> symbol_in((1.0, [2.0, Symbol("x", 3.0)]))
    x
    """
    kind = type(value)
    if kind in KNOWN:
        return None
    if kind is not tuple and kind is not list and is_symbolic(value):
        return value
    if depth and isinstance(value, (list, tuple)):
        for part in value:
            if type(part) not in KNOWN and (found := symbol_in(part, depth - 1)) is not None:
                return found
    return None
