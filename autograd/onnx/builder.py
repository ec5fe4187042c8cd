"""The writer of a model: nodes, and constants, each with a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ExportError
from autograd.onnx.lengths import Lengths
from autograd.onnx.library import library
from autograd.onnx.loops import Loops
from autograd.onnx.sizes import Size, Varying, product
from autograd.onnx.values import Value, broadcast, real
from autograd.onnx.varying import Constants

__all__ = ["Builder"]

# In these widths runtimes have few operators; int64 holds their numbers, and a cast wraps as
# NumPy's arithmetic does.
_NARROW = frozenset(map(np.dtype, ("int8", "int16", "uint8", "uint16", "uint32", "bool")))


class Builder(Loops, Lengths, Constants):
    """Nodes and initialisers of a graph that is being written."""

    def __init__(self, opset: int, lengths: Sequence[Sequence[int]] = ((),)) -> None:
        super().__init__()
        self.opset = opset
        self.lengths = lengths  # of the axes that may have any, in each trace
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.inputs: list[Value] = []  # where the lengths are read from
        self.places: list[tuple[int, int]] = []  # of each length: which input, which axis
        self.resized: dict[str, Any] = {}  # what Resize made, from what, by which factors
        self.functions: dict[Any, Any] = {}  # of custom ops
        self.readers: dict[str, Any] = {}  # of each name the first node that reads it
        self.asked: dict[Any, int] = {}  # of nodes with several results, the last that is read
        self.scope = ""
        self.metadata: dict[str, str] = {}
        self._names: dict[str, int] = {}
        self._constants: dict[Any, Value] = {}

    # ---- names, nodes and constants ------------------------------------------------------------

    def unique(self, name: str) -> str:
        """A name that nothing else has."""
        count = self._names.get(name, 0)
        self._names[name] = count + 1
        return f"{name}_{count}" if count else name

    def node(self, kind: str, inputs: Sequence[Any], outputs: int = 1, **attributes: Any) -> Any:
        """The names of what a new node gives."""
        helper = library("helper")
        if "domain" not in attributes:
            self._check_kind(kind)
        name = self.unique(f"{self.scope}/{kind}" if self.scope else kind)
        names = [f"{name}:{k}" if outputs > 1 else f"{name}:0" for k in range(outputs)]
        given = ["" if x is None else x.name for x in inputs]
        while given and not given[-1]:
            given.pop()
        attributes = {k: v for k, v in attributes.items() if v is not None}
        made = helper.make_node(kind, given, names, name=name, **attributes)
        for key, text in self.metadata.items():
            made.metadata_props.add(key=key, value=text)
        self.nodes.append(made)
        return names

    def is_asked(self, node: Any, number: int) -> bool:
        """Whether anything reads a result of a node from this number on."""
        return self.asked.get(node, -1) >= number

    def _check_kind(self, kind: str) -> None:
        defs = library("defs")
        if not defs.has(kind, max_inclusive_version=self.opset):
            first = min(s.since_version for s in defs.get_all_schemas_with_history()
                        if s.name == kind and not s.domain)  # fmt: skip
            raise ExportError(f"{kind} is there since opset {first}; export with opset={first}")

    def op(self, kind: str, *inputs: Any, shape: Any, dtype: Any, **attributes: Any) -> Value:
        """What an operator with one result gives."""
        (name,) = self.node(kind, inputs, **attributes)
        return self.note(Value(self, name, shape, real(dtype)))

    def ops(self, kind: str, *inputs: Any, specs: Any, **attributes: Any) -> tuple[Value, ...]:
        """What an operator with several results gives; a spec is (shape, dtype)."""
        names = self.node(kind, inputs, len(specs), **attributes)
        return tuple(
            self.note(Value(self, n, s, d)) for n, (s, d) in zip(names, specs, strict=True)
        )

    def constant(self, value: Any, dtype: Any = None, name: str = "constant") -> Value:
        """An initialiser; equal small arrays are one."""
        if type(value) is Value:
            return value if dtype is None else value.astype(dtype)
        if type(value) is Size:
            found = self.number(value)
            return found if dtype is None else found.astype(dtype)
        if type(value) is Varying:
            found = self._varying(value)
            return found if dtype is None else found.astype(dtype)
        if value is None:
            raise ExportError("a part of it is not there")
        array = np.asarray(value, dtype)
        real(array.dtype)
        if not array.flags.c_contiguous:
            array = array.copy(order="C")
        key = (array.dtype, array.shape, array.tobytes()) if array.nbytes < 1 << 12 else id(value)
        if key in self._constants and name == "constant":
            return self._constants[key]
        name = self.unique(name)
        self.initializers.append((name, array))
        found = Value(self, name, array.shape, array.dtype)
        if array.nbytes < 1 << 12:
            self._constants[key] = found
        return found

    def operand(self, x: Any, like: Any = None) -> Value:
        """An operand: a value, or a number in the dtype of the other operand."""
        if type(x) is Size:
            x = self.number(x)
        if type(x) is Value:
            return x
        if like is not None and isinstance(x, (bool, int, float)):
            return self.constant(x, np.result_type(like, x))
        return self.constant(x)

    # ---- elementwise ---------------------------------------------------------------------------

    def cast(self, x: Any, dtype: Any) -> Value:
        """A value in another dtype."""
        x, dtype = self.operand(x), real(dtype)
        if x.dtype == dtype:
            return x
        if x.dtype.kind == "f" and dtype.kind == "b":  # runtimes differ about 0.5
            return self.compare("Equal", self.compare("Equal", x, 0.0), np.False_)
        to = library("helper").np_dtype_to_tensor_dtype(dtype)
        return self.op("Cast", x, shape=x.shape, dtype=dtype, to=to)

    def unary(self, kind: str, x: Any, **attributes: Any) -> Value:
        """An operator of one value."""
        x = self.operand(x)
        if x.dtype in _NARROW:
            return self.unary(kind, self.cast(x, np.int64), **attributes).astype(x.dtype)
        return self.op(kind, x, shape=x.shape, dtype=x.dtype, **attributes)

    def unary_bool(self, kind: str, x: Any, **attributes: Any) -> Value:
        """IsNaN or IsInf: of whole numbers nothing is."""
        x = self.operand(x)
        if x.dtype.kind != "f":
            return self.expand(self.constant(np.False_), x.shape)
        return self.op(kind, x, shape=x.shape, dtype=bool, **attributes)

    def pair(self, x: Any, y: Any, dtype: Any = None) -> tuple[Value, Value, np.dtype[Any]]:
        """Two operands in their common dtype."""
        x, y = self._alike(x, y)
        dtype = np.result_type(x.dtype, y.dtype) if dtype is None else np.dtype(dtype)
        return x.astype(dtype), y.astype(dtype), dtype

    def _alike(self, x: Any, y: Any) -> tuple[Value, Value]:
        like = next((v.dtype for v in (x, y) if hasattr(v, "dtype")), None)
        return self.operand(x, like), self.operand(y, like)

    def binary(self, kind: str, x: Any, y: Any, **attributes: Any) -> Value:
        """An arithmetic operator of two values, which broadcast."""
        x, y, dtype = self.pair(x, y)
        shape = broadcast([x.shape, y.shape])
        if dtype in _NARROW:
            wide = x.astype(np.int64), y.astype(np.int64)
            return self.op(kind, *wide, shape=shape, dtype=np.int64, **attributes).astype(dtype)
        return self.op(kind, x, y, shape=shape, dtype=dtype, **attributes)

    def compare(self, kind: str, x: Any, y: Any) -> Value:
        """A comparison of two values."""
        x, y, dtype = self.pair(x, y)
        if dtype in _NARROW and not (dtype.kind == "b" and kind == "Equal"):
            x, y = x.astype(np.int64), y.astype(np.int64)
        return self.op(kind, x, y, shape=broadcast([x.shape, y.shape]), dtype=bool)

    def logic(self, kind: str, *values: Any) -> Value:
        """And, Or, Xor or Not, of truth values."""
        given = [self.cast(v, bool) for v in values]
        return self.op(kind, *given, shape=broadcast([v.shape for v in given]), dtype=bool)

    def where(self, condition: Any, x: Any, y: Any) -> Value:
        """x where the condition holds, else y."""
        condition = self.cast(condition, bool)
        x, y, dtype = self.pair(x, y)
        shape = broadcast([condition.shape, x.shape, y.shape])
        if dtype in _NARROW - {np.dtype("uint8")}:
            wide = x.astype(np.int64), y.astype(np.int64)
            return self.op("Where", condition, *wide, shape=shape, dtype=np.int64).astype(dtype)
        return self.op("Where", condition, x, y, shape=shape, dtype=dtype)

    # ---- shapes --------------------------------------------------------------------------------

    def reshape(self, x: Any, shape: Sequence[Any]) -> Value:
        """A value in another shape; of one length that is not known the rest tells."""
        x, shape = self.operand(x), tuple(shape)
        if -1 in shape:
            known = product([n for n in shape if n != -1])
            shape = tuple(product(x.shape) // known if n == -1 else n for n in shape)
        if shape == x.shape:
            return x
        if 0 in shape and not any(type(n) is Size for n in shape):
            return self.constant(np.zeros(shape, x.dtype))
        open_ = [a for a, n in enumerate(shape) if type(n) is Size]
        if len(open_) == 1 and 0 not in shape:
            given = self.constant(np.array([-1 if a in open_ else n for a, n in enumerate(shape)],
                                           np.int64))  # fmt: skip
        else:
            given = self.shape_of(shape)
        return self.op("Reshape", x, given, shape=shape, dtype=x.dtype,
                       allowzero=1 if 0 in shape else None)  # fmt: skip

    def expand(self, x: Any, shape: Sequence[Any]) -> Value:
        """A value, broadcast to a shape."""
        x, shape = self.operand(x), tuple(shape)
        if shape == x.shape:
            return x
        if 0 in shape and not any(type(n) is Size for n in shape):
            return self.constant(np.zeros(shape, x.dtype))
        return self.op("Expand", x, self.shape_of(shape), shape=shape, dtype=x.dtype)

    def transpose(self, x: Any, axes: Sequence[int]) -> Value:
        """A value with its axes in another order."""
        x = self.operand(x)
        axes = [int(a) % x.ndim for a in axes]
        if axes == list(range(x.ndim)):
            return x
        return self.op("Transpose", x, shape=[x.shape[a] for a in axes], dtype=x.dtype, perm=axes)

    def concat(self, values: Sequence[Any], axis: int) -> Value:
        """Values side by side along an axis."""
        values = [self.operand(v) for v in values]
        dtype = np.result_type(*(v.dtype for v in values))
        axis %= values[0].ndim
        lengths: Any = 0
        for v in values:
            lengths = v.shape[axis] + lengths
        shape = (*values[0].shape[:axis], lengths, *values[0].shape[axis + 1 :])
        cast = [v.astype(dtype) for v in values]
        return self.op("Concat", *cast, shape=shape, dtype=dtype, axis=axis)

    def sliced(self, x: Value, axis: int, start: Any, stop: Any, step: int = 1,
               length: Any = None) -> Value:  # fmt: skip
        """A window on a value along one axis; `length` is what it has there then."""
        axis %= x.ndim
        if length is None:
            length = stop - start
        shape = (*x.shape[:axis], length, *x.shape[axis + 1 :])
        ends = [self.shape_of([n]) for n in (start, stop, axis, step)]
        return self.op("Slice", x, *ends, shape=shape, dtype=x.dtype)

    def matmul(self, x: Any, y: Any) -> Value:
        """The product of matrices, or stacks of them."""
        x, y, dtype = self.pair(x, y)
        shape = (*broadcast([x.shape[:-2], y.shape[:-2]]), x.shape[-2], y.shape[-1])
        return self.op("MatMul", x, y, shape=shape, dtype=dtype)

    def reduce(self, kind: str, x: Any, axes: Any = None, keepdims: bool = False) -> Value:
        """A reduction over some axes, or all."""
        x = self.operand(x)
        axes = tuple(range(x.ndim)) if axes is None else tuple(a % x.ndim for a in axes)
        shape = [1 if a in axes else n for a, n in enumerate(x.shape) if keepdims or a not in axes]
        if not axes:
            return x
        if x.dtype in _NARROW:
            return self.reduce(kind, x.astype(np.int64), axes, keepdims).astype(x.dtype)
        along = np.array(axes, np.int64)
        own: Any = {"shape": shape, "dtype": x.dtype, "keepdims": int(keepdims)}
        if self.opset < 18 and kind != "ReduceSum":  # they were an attribute
            return self.op(kind, x, axes=along, **own)
        return self.op(kind, x, self.constant(along), **own)
