"""Symbol: what stands for the value of a node that has none yet; and how one is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from autograd.engine.missing import nearest
from autograd.engine.node import Node, next_number
from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.errors import (
    ArgumentError,
    AutogradError,
    DTypeError,
    MissingAttributeError,
    ShapeError,
    UnsupportedError,
)
from autograd.static.graph import Graph, default_session, get_default_graph
from autograd.static.shapes import Dimension, TensorShape, known_lengths, shown_shape
from autograd.static.types import dtype_of

__all__ = [
    "Operation", "Symbol", "apply", "as_constant", "build", "copied", "lifted",
    "session_or_default",
]  # fmt: skip

Shape = tuple[int | None, ...] | None  # None: not even the number of axes is known
_SIZES = (2, 3)  # what stands for an unknown length while shapes are found: it shows by changing
MIXED = ("cond", "while", "scan", "print", "assert")  # whose inputs are of any dtypes
_RANKS = range(5)  # the numbers of axes that stand for an unknown one


class Operation:
    """A node as what is run: of the fetches of a session, it gives None."""

    __slots__ = ("graph", "node")

    def __init__(self, node: Node, graph: Graph) -> None:
        self.node = node
        self.graph = graph

    @property
    def name(self) -> str:
        return str(self.node.name)

    @property
    def type(self) -> str:
        return self.node.op.name

    def run(self, feed_dict: Mapping[Any, Any] | None = None, session: Any = None) -> None:
        """Run it in a session, the default one unless another is given."""
        session_or_default(session).run(self, feed_dict)

    def __repr__(self) -> str:
        return f"<Operation {self.name!r} type={self.type}>"


Binary = Callable[[Any, Any], Any]


def _operators(name: str, label: str | None = None) -> tuple[Binary, Binary]:
    """An operator and its reflection."""

    def forward(self: Any, other: Any) -> Any:
        return apply(name, self, other, label=label)

    def reflected(self: Any, other: Any) -> Any:
        return apply(name, other, self, label=label)

    return forward, reflected


def _prefix(name: str) -> Callable[[Any], Any]:
    return lambda self: apply(name, self)


class Symbol:
    """The value that a node will have in a session's run, with what is known of its shape."""

    __slots__ = ("graph", "node")

    __array_priority__ = 1000

    def __init__(self, node: Node, graph: Graph) -> None:
        self.node = node
        self.graph = graph

    @property
    def name(self) -> str:
        return f"{self.node.name}:0"

    @property
    def op(self) -> Operation:
        return Operation(self.node, self.graph)

    @property
    def shape(self) -> Any:
        """The length of each axis, None where a run will tell; None for an unknown number of axes.

        >>> import autograd.static as tf
        >>> with tf.Graph().as_default():
        ...     x = tf.placeholder(tf.float32, [None, 2])
        >>> x.shape.as_list(), x.get_shape()[1].value
        ([None, 2], 2)
        """
        shape = self.node.shape
        if shape is None:
            return None
        return TensorShape(None if n is None else Dimension(n) for n in shape)

    def get_shape(self) -> Any:
        """The same as `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Say what is known of the lengths; what they are shows when a run has them."""
        given = known_lengths(shape)
        had = self.node.shape or (None,) * len(given)
        if len(had) != len(given) or any(None not in p and len({*p}) > 1 for p in zip(had, given)):  # noqa: B905
            raise ShapeError(f"{self!r} is not of shape {given}")
        known = tuple(b if a is None else a for a, b in zip(had, given, strict=True))
        self.node.spec = known, self.dtype

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.node.dtype

    @property
    def ndim(self) -> int | None:
        return None if self.node.shape is None else len(self.node.shape)

    def __getattr__(self, name: str) -> NoReturn:
        if name in ("backward", "grad", "requires_grad"):
            raise MissingAttributeError(
                f"{self!r} has no {name}: gradients(loss, [x]) gives symbols that session.run runs"
            )
        if name in ("numpy", "item", "tolist", "value", "data"):
            raise MissingAttributeError(
                f"{self!r} has no {name} before a session runs it: session.run({self.node.name})"
            )
        known = [] if name.startswith("_") else [n for n in dir(type(self)) if n[0] != "_"]
        raise MissingAttributeError(
            f"{type(self).__name__!r} has no attribute {name!r}{nearest(name, known)}"
        )

    def eval(self, feed_dict: Mapping[Any, Any] | None = None, session: Any = None) -> Any:
        """Its value in a session, the default one unless another is given."""
        return session_or_default(session).run(self, feed_dict)

    __add__, __radd__ = _operators("add")
    __sub__, __rsub__ = _operators("subtract", "sub")
    __mul__, __rmul__ = _operators("multiply", "mul")
    __truediv__, __rtruediv__ = _operators("divide", "truediv")
    __floordiv__, __rfloordiv__ = _operators("floor_divide", "floordiv")
    __mod__, __rmod__ = _operators("remainder", "mod")
    __pow__, __rpow__ = _operators("power", "pow")
    __matmul__, __rmatmul__ = _operators("matmul")
    __and__, __rand__ = _operators("bitwise_and", "and")
    __or__, __ror__ = _operators("bitwise_or", "or")
    __xor__, __rxor__ = _operators("bitwise_xor", "xor")
    __lt__, __gt__ = _operators("less")[0], _operators("greater")[0]
    __le__, __ge__ = _operators("less_equal")[0], _operators("greater_equal")[0]
    __neg__, __abs__, __invert__ = _prefix("negative"), _prefix("abs"), _prefix("bitwise_invert")

    def __getitem__(self, key: Any) -> Symbol:
        return apply("getitem", self, index=key)

    def __autograd_op__(self, op: Op, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Symbol:
        return build(op, inputs, params, op.name)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = {"true_divide": "divide"}.get(ufunc.__name__, ufunc.__name__)
        if method != "__call__" or kwargs or name not in OPS:
            raise UnsupportedError(
                f"np.{ufunc.__name__} of {self!r}: it has no value before a session runs; use the "
                "functions of autograd.static"
            )
        return apply(name, *inputs)

    def _has_no_value(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnsupportedError(
            f"{self!r} has no value before a session runs it: session.run({self.node.name}) gives "
            "one. A choice by a value is where(condition, a, b)."
        )

    __bool__ = __float__ = __int__ = __len__ = __iter__ = __array__ = _has_no_value
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<Symbol {self.name!r} shape={shown_shape(self.shape)} dtype={self.dtype}>"


def session_or_default(session: Any) -> Any:
    found = session or default_session.get()
    if found is None:
        raise ArgumentError("there is no default session: open one, `with Session():`, or name it")
    return found


# ---- building ------------------------------------------------------------------------------------


def apply(name: str, *inputs: Any, label: str | None = None, **params: Any) -> Symbol:
    """A new node: an op of the table on symbols, arrays and numbers."""
    op = OPS[name]
    sorted_inputs, statics = op.bind(inputs, params)
    return build(op, tuple(sorted_inputs), statics, label or name)


def copied(x: Any, label: str) -> Symbol:
    """The same value under another name."""
    is_truth = getattr(x, "dtype", None) == np.bool_
    return (
        apply("logical_or", x, False, label=label)
        if is_truth
        else apply("positive", x, label=label)
    )


def build(
    op: Op,
    inputs: Sequence[Any],
    params: Mapping[str, Any],
    name: str,
    spec: tuple[Shape, np.dtype[Any]] | None = None,
) -> Symbol:
    """A node of the graph that its inputs are of, and the symbol that stands for its value."""
    graph = _graph_of(inputs, name)
    given = lifted(inputs, op.name) if op.inputs else tuple(inputs)
    left = graph.left  # in variables, by what runs before
    sources = tuple(left.get(x.node, x.node) if isinstance(x, Symbol) else raw(x) for x in given)
    node = Node()
    node.op, node.number = op, next_number()
    node.inputs, node.params, node.saved = sources, tuple(params.values()), ()
    node.scope = node.extra = None
    node.spec = _inferred(op, given, params, name) if spec is None else spec
    symbol = Symbol(node, graph)
    graph.add(node, symbol, name)
    return symbol


def _graph_of(inputs: Sequence[Any], name: str) -> Graph:
    symbols = [x for x in _flat(inputs) if isinstance(x, Symbol)]
    graph = symbols[0].graph if symbols else get_default_graph()
    for symbol in symbols:
        if symbol.graph is not graph:
            raise ArgumentError(
                f"{name}: {symbol!r} is of another graph than {symbols[0]!r}; build both under "
                "one `with graph.as_default():`"
            )
    return graph


def _flat(inputs: Sequence[Any]) -> Any:
    return chain.from_iterable(x if isinstance(x, (list, tuple)) else (x,) for x in inputs)


def lifted(inputs: Sequence[Any], name: str) -> tuple[Any, ...]:
    """Numbers and arrays in the dtype of the symbols beside them, which must agree.

    A graph has no weak numbers: `x + 5` makes 5 what x is, and float32 + int32 is an error, as in
    TensorFlow, where PyTorch and NumPy promote.
    """
    dtypes = [x.dtype for x in inputs if isinstance(x, Symbol)]
    kinds = {d for d in dtypes if d.kind != "b"}
    if name in ("take", "take_along_axis", "reshaped", *MIXED):  # whose second input counts
        return tuple(x if isinstance(x, Symbol) else as_constant(x) for x in inputs)
    if len(kinds) > 1:
        shown = " and ".join(str(d) for d in dtypes)
        best = np.result_type(*[d for d in kinds if d.kind in "fc"] or kinds)
        raise DTypeError(f"{name}: the inputs are {shown}; cast(x, {best}) makes them alike")
    dtype = next(iter(kinds)) if kinds else None
    return tuple(x if isinstance(x, Symbol) or x is None else as_constant(x, dtype) for x in inputs)


def as_constant(value: Any, dtype: Any = None) -> Any:
    """An array of a constant: Python's floats are float32, its integers int32."""
    if isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype.kind in "US"):
        raise DTypeError(f"a constant is made of numbers, not text: {value!r:.60}")
    if isinstance(value, (list, tuple)) and any(isinstance(x, Symbol) for x in value):
        raise UnsupportedError("a list of symbols is no constant: stack([a, b]) joins them")
    array = np.asarray(raw(value))
    if dtype is not None:
        wanted = dtype_of(dtype)
        if array.dtype.kind in "fc" and wanted.kind in "iub" and np.any(array != np.floor(array)):
            raise DTypeError(f"{value!r:.60} is no {wanted}: cast the symbol beside it to float32")
        return array.astype(wanted)
    if isinstance(value, (np.ndarray, np.generic)):
        return np.array(array)  # who gave it may go on to write into it
    return array.astype({"f": np.float32, "i": np.int32}.get(array.dtype.kind, array.dtype))


def _inferred(
    op: Op, inputs: Sequence[Any], params: Mapping[str, Any], name: str
) -> tuple[Shape, np.dtype[Any]]:
    """Shape and dtype of a node, found by running its op on arrays of two sizes."""
    symbols = [x for x in inputs if isinstance(x, Symbol)]
    ranks = _RANKS if any(x.node.shape is None for x in symbols) else [0]
    unknown = len(ranks) > 1 or any(None in x.shape for x in symbols)
    sizes = list(_SIZES if unknown else _SIZES[:1])
    known = [n for x in inputs for n in getattr(x, "shape", None) or () if n is not None]
    found: dict[int, list[Any]] = {}  # by size
    errors = []
    for size in sizes:  # while it may grow: an open length may have to be that of another input
        for rank in ranks:
            trial = [_example(x, size, rank) for x in inputs]
            try:
                with np.errstate(all="ignore"):
                    out = np.asarray(raw(op.record(*trial, **params)))
                found.setdefault(size, []).append(out)
            except AutogradError as error:
                errors.append(error)
        if size not in found:
            sizes += [n for n in (1, *known) if unknown and n not in sizes]
    if not found:
        shapes = ", ".join(shown_shape(getattr(x, "shape", x)) for x in inputs)
        raise type(errors[0])(f"{name} of {shapes}: {errors[0]}") from None
    outs = [out for several in found.values() for out in several]
    if len({out.ndim for out in outs}) > 1:
        if len(ranks) == 1:
            raise UnsupportedError(f"{name}: its number of axes depends on what is fed")
        return None, outs[0].dtype
    unsure = {*found} if unknown and len(found) == 1 else set()  # such a length may be fed
    lengths = [{*n} for n in zip(*(out.shape for out in outs), strict=True)]
    shape = tuple(min(n) if len(n) == 1 and not n & unsure else None for n in lengths)
    return shape, outs[0].dtype


def _example(x: Any, size: int, rank: int) -> Any:
    if not isinstance(x, Symbol):
        return x
    fill: Callable[..., Any] = np.ones if x.dtype.kind in "fc" else np.zeros
    shape = (None,) * rank if x.node.shape is None else x.node.shape
    found = fill(tuple(size if n is None else n for n in shape), x.dtype)
    if found.ndim > 1 and x.dtype.kind in "fc":
        found += np.eye(*found.shape[-2:], dtype=x.dtype)  # of which there is an inverse
    return found
