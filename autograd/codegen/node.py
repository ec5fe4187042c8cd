"""Expressions: primitives and functions applied to typed values, each written once.

A node that exists is found again and not made twice, so common subexpressions are shared. Nodes
are strict: operands of one operation have one dtype (`values.py` promotes as NumPy does). Numbers
of Python take the dtype of the node beside them.
"""

from __future__ import annotations

import itertools
import math
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.codegen.primitives import COMPARISONS, PRIMITIVES
from autograd.errors import DTypeError

__all__ = [
    "BOOL", "DTYPES", "Node", "constant", "entry", "in_order", "library", "make", "rebuilt",
    "select", "shared",
]  # fmt: skip

BOOL = np.dtype(np.bool_)
HALF, SINGLE = np.dtype(np.float16), np.dtype(np.float32)
DTYPES = frozenset(np.dtype(c) for c in "?bBhHiIlLqQefd")
_AS_IT_IS = frozenset(("convert", "bitcast", "select"))  # also in half precision
_count = itertools.count()


class Node:
    """One operation of an expression. `data` tells what the operands do not."""

    __slots__ = ("__weakref__", "args", "data", "dtype", "number", "op")

    def __init__(self, op: str, args: tuple[Node, ...], dtype: np.dtype[Any], data: Any) -> None:
        self.op = op
        self.args = args
        self.dtype = dtype
        self.data = data
        self.number = next(_count)  # operands have smaller ones

    def __repr__(self) -> str:
        inside = [*map(repr, self.args), *([] if self.data is None else [str(self.data)])]
        return f"{self.op}({', '.join(inside)})"

    def __neg__(self) -> Node:
        return make("negative", self)

    def __abs__(self) -> Node:
        return make("absolute", self)

    def __invert__(self) -> Node:
        return make("not", self)

    def astype(self, dtype: Any) -> Node:
        return make("convert", self, dtype=np.dtype(dtype))

    def view(self, dtype: Any) -> Node:
        return make("bitcast", self, dtype=np.dtype(dtype))

    def __add__(self, other: Any) -> Node:
        return make("add", self, other)

    def __sub__(self, other: Any) -> Node:
        return make("subtract", self, other)

    def __mul__(self, other: Any) -> Node:
        return make("multiply", self, other)

    def __truediv__(self, other: Any) -> Node:
        return make("divide", self, other)

    def __radd__(self, other: Any) -> Node:
        return make("add", other, self)

    def __rsub__(self, other: Any) -> Node:
        return make("subtract", other, self)

    def __rmul__(self, other: Any) -> Node:
        return make("multiply", other, self)

    def __rtruediv__(self, other: Any) -> Node:
        return make("divide", other, self)

    def __and__(self, other: Any) -> Node:
        return make("and", self, other)

    def __or__(self, other: Any) -> Node:
        return make("or", self, other)

    def __xor__(self, other: Any) -> Node:
        return make("xor", self, other)

    def __lshift__(self, other: Any) -> Node:
        return make("left_shift", self, other)

    def __rshift__(self, other: Any) -> Node:
        return make("right_shift", self, other)

    def __lt__(self, other: Any) -> Node:
        return make("less", self, other)

    def __le__(self, other: Any) -> Node:
        return make("less_equal", self, other)

    def __gt__(self, other: Any) -> Node:
        return make("less", other, self)

    def __ge__(self, other: Any) -> Node:
        return make("less_equal", other, self)

    def equals(self, other: Any) -> Node:
        """Whether the numbers are the same; `==` compares nodes."""
        return make("equal", self, other)

    def differs(self, other: Any) -> Node:
        return make("not_equal", self, other)


_nodes: weakref.WeakValueDictionary[tuple[Any, ...], Node] = weakref.WeakValueDictionary()


def shared(op: str, args: tuple[Node, ...], dtype: np.dtype[Any], data: Any) -> Node:
    """The node of this, found or made."""
    key = (op, tuple(map(id, args)), dtype.str, data)
    found = _nodes.get(key)
    if found is None:
        found = _nodes[key] = Node(op, args, dtype, data)
    return found


def entry(number: int, dtype: Any) -> Node:
    """What a loop is given as its argument of this number."""
    return shared("entry", (), _known(np.dtype(dtype)), number)


def constant(value: Any, dtype: Any) -> Node:
    """A number, in a dtype."""
    dtype = _known(np.dtype(dtype))
    with np.errstate(over="ignore"):
        number = dtype.type(value)
    return shared("constant", (), dtype, number.tobytes())


def number_of(node: Node) -> Any:
    """The number that a constant is."""
    return np.frombuffer(node.data, node.dtype)[0]


def make(op: str, *operands: Any, dtype: np.dtype[Any] | None = None, data: Any = None) -> Node:
    """A primitive or a function of operands, at least one of which is a node."""
    args: tuple[Node, ...] = operands
    for o in operands:
        if type(o) is not Node:
            beside = next(n.dtype for n in operands if type(n) is Node)
            args = tuple([n if type(n) is Node else constant(n, beside) for n in operands])
            break
    if dtype is None:
        own = args[0].dtype
        for a in args:
            if a.dtype != own:
                shown = ", ".join(str(a.dtype) for a in args)
                raise DTypeError(f"{op}: operands of one dtype are needed, got {shown}")
        dtype = BOOL if op in COMPARISONS else own
        if own == HALF and op not in _AS_IT_IS:  # as NumPy: computed in single precision, rounded
            found = make(op, *[a.astype(SINGLE) for a in args], data=data)
            return found if dtype == BOOL else found.astype(HALF)
    if op in ("convert", "bitcast"):
        if args[0].dtype == _known(dtype):
            return args[0]
        if op == "convert" and HALF in (dtype, args[0].dtype) and SINGLE not in (
            dtype, args[0].dtype
        ):  # fmt: skip
            return _to_single(args[0]).astype(dtype)
        data = dtype.str
    for a in args:
        if a.op == "constant":
            return _folded(op, args, dtype, data) or shared(op, args, dtype, data)
    return shared(op, args, dtype, data)


def _to_single(x: Node) -> Node:
    """A number in single precision, from which it is rounded to half as if it came from there.

    Of a double what does not fit leaves its trace in the last bit.
    """
    near = x.astype(SINGLE)
    if x.dtype != np.float64:
        return near
    back = near.astype(np.float64)
    bits = near.view(np.int32)
    bits = select(abs(x) < abs(back), bits - 1, bits)
    return select(back.equals(x) | ~(abs(x) < np.inf), near, (bits | 1).view(SINGLE))


def select(condition: Node, x: Any, y: Any) -> Node:
    """x where the condition holds, else y."""
    beside = x if isinstance(x, Node) else y
    yes, no = (v if isinstance(v, Node) else constant(v, beside.dtype) for v in (x, y))
    if yes is no:
        return yes
    if condition.op == "constant":
        return yes if number_of(condition) else no
    return make("select", condition, yes, no, dtype=yes.dtype)


def library(name: str, *args: Node, where: Node | None = None) -> Node:
    """A function of the C library, called where it is asked for; 0 elsewhere."""
    where = constant(True, BOOL) if where is None else where
    if args[0].dtype == HALF:
        args = (args[0].astype(SINGLE), *args[1:])
        return library(name, *args, where=where).astype(HALF)
    return shared("call", (where, *args), args[0].dtype, name)


def _folded(op: str, args: tuple[Node, ...], dtype: np.dtype[Any], data: Any) -> Node | None:
    """The number that a primitive gives for numbers; None if it is no such."""
    if op == "multiply":
        for x, y in (args, args[::-1]):
            if y.op == "constant" and number_of(y) == 1:
                return x
    if op in ("and", "or") and dtype == BOOL:
        for x, y in (args, args[::-1]):
            if y.op == "constant":
                return x if bool(number_of(y)) == (op == "and") else y
    if op == "divide" and args[1].op == "constant" and dtype.kind == "f":
        per = 1 / float(number_of(args[1])) if number_of(args[1]) else math.nan
        if abs(math.frexp(per)[0]) == 0.5 and 1e-30 < abs(per) < 1e30:  # exact
            return make("multiply", args[0], constant(per, dtype))
    if op not in PRIMITIVES or op == "fma" or any(a.op != "constant" for a in args):
        return None
    values = [number_of(a) for a in args]
    given = (dtype,) if op in ("convert", "bitcast") else ()
    with np.errstate(all="ignore"):
        return constant(PRIMITIVES[op](*values, *given), dtype)


def _known(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype not in DTYPES:
        raise DTypeError(f"generated loops have no {dtype}: use float32 or float64")
    return dtype


def rebuilt(node: Node, known: dict[int, Node]) -> Node:
    """The node with others in the place of those whose numbers are known."""
    todo = [node]
    while todo:
        at = todo[-1]
        left = [] if at.number in known else [a for a in at.args if a.number not in known]
        if left:
            todo += left
            continue
        todo.pop()
        if at.number not in known:
            args = tuple([known[a.number] for a in at.args])
            known[at.number] = at if args == at.args else shared(at.op, args, at.dtype, at.data)
    return known[node.number]


def in_order(roots: Iterable[Node]) -> list[Node]:
    """All nodes that the roots are made of, operands first; in an order that they alone decide."""
    found: dict[int, Node] = {}
    for root in roots:
        todo = [] if root.number in found else [root]
        while todo:
            node = todo[-1]
            for a in node.args:
                if a.number not in found:
                    todo.append(a)
                    break
            else:
                todo.pop()
                found[node.number] = node
    return list(found.values())
