"""KerasTensor: what stands for a tensor while a model is put together, and the calls that made it.

Every call of a layer on KerasTensors is a Node, kept by the layer and by its outputs; ops of
`autograd` on them are nodes too, by `__autograd_op__`. A functional model is such nodes in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import OPS, no_grad
from autograd.errors import ArgumentError, ArgumentTypeError, AutogradError
from nn.keras.naming import unique_name
from nn.keras.structure import flatten, leaves, mapped, packed

__all__ = [
    "History", "KerasTensor", "Node", "OpCall", "in_order", "is_symbolic", "lifted", "record",
    "run_nodes", "traced",
]  # fmt: skip


class History(NamedTuple):
    """Where a KerasTensor comes from."""

    operation: Any
    node_index: int
    tensor_index: int


class KerasTensor:
    """A tensor without numbers: its shape, with None for lengths not known yet, and its dtype.

    >>> from nn import keras
    >>> x = keras.Input((3,))
    >>> x.shape, x.dtype, (2 * x[:, :2]).shape
    ((None, 3), 'float32', (None, 2))
    """

    __array_ufunc__ = None

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape = tuple(shape)
        self.dtype = str(np.dtype(dtype))
        self.name = name or unique_name("keras_tensor")
        self._keras_history: Any = None

    @property
    def ndim(self) -> int:
        """The number of axes, with that of the batch."""
        return len(self.shape)

    @property
    def T(self) -> Any:
        """The axes in reverse."""
        return ag.transpose(self)

    def __autograd_op__(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return OpCall(op.name)(*inputs, **params)

    def __getitem__(self, key: Any) -> Any:
        return ag.getitem(self, key)

    def __neg__(self) -> Any:
        return ag.negative(self)

    def __abs__(self) -> Any:
        return ag.abs(self)

    def __repr__(self) -> str:
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, name={self.name}>"
        )

    def _refuse(self, *_: Any) -> Any:
        raise ArgumentTypeError(
            "a KerasTensor has no numbers: it stands for data that a model will be given; use "
            "layers, operators and keras.ops on it, and a Layer of your own for the rest"
        )

    __bool__ = __len__ = __iter__ = __array__ = __float__ = __int__ = _refuse


def _binary(name: str) -> tuple[Any, Any]:
    function = getattr(ag, name)
    return lambda a, b: function(a, b), lambda a, b: function(b, a)


for _sign, _name in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "matmul": "matmul",
    "pow": "power", "floordiv": "floor_divide", "mod": "remainder",
}.items():  # fmt: skip
    _forth, _back = _binary(_name)
    setattr(KerasTensor, f"__{_sign}__", _forth)
    setattr(KerasTensor, f"__r{_sign}__", _back)
for _sign, _name in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}.items():  # fmt: skip
    setattr(KerasTensor, f"__{_sign}__", _binary(_name)[0])


class Node:
    """One call of an operation on KerasTensors."""

    def __init__(self, operation: Any, args: Any, kwargs: Any, outputs: Any) -> None:
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs
        self.parents = [x for x in leaves((args, kwargs)) if isinstance(x, KerasTensor)]
        self.index = len(operation._inbound_nodes)
        self.single = not kwargs and len(args) == 1 and isinstance(args[0], KerasTensor)

    def run(self, values: dict[int, Any]) -> Any:
        """The call again, on the values of its KerasTensors."""

        def value(x: Any) -> Any:
            return values[id(x)] if isinstance(x, KerasTensor) else x

        if self.single:
            return self.operation(values[id(self.args[0])])
        args, kwargs = mapped(value, self.args), mapped(value, self.kwargs)
        return self.operation(*args, **kwargs)


def record(operation: Any, args: Any, kwargs: Any, outputs: Any) -> Any:
    """Note a call whose outputs are these KerasTensors, and give them out."""
    node = Node(operation, args, kwargs, outputs)
    operation._inbound_nodes.append(node)
    for number, x in enumerate(flatten(outputs)):
        x._keras_history = History(operation, node.index, number)
    return outputs


class OpCall:
    """An op of autograd, or a function, as an operation of a functional model."""

    def __init__(
        self, op: str, function: Callable[..., Any] | None = None, name: str | None = None
    ) -> None:
        self.op = op
        self.function = OPS[op].record if function is None else function
        self.name = name or unique_name(op)
        self._inbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not is_symbolic((args, kwargs)):
            if self.op == "concat" and args and not isinstance(args[0], (list, tuple)):
                args = (list(args),)
            return self.function(*args, **kwargs)
        return record(self, args, kwargs, traced(self, args, kwargs))

    def __repr__(self) -> str:
        return f"<{self.op}, name={self.name}>"


def lifted(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A function's result, on KerasTensors as one operation; `keras.ops` are called so."""
    if not is_symbolic((args, kwargs)):
        return function(*args, **kwargs)
    return OpCall(function.__name__, function)(*args, **kwargs)


def is_symbolic(structure: Any) -> bool:
    """Whether a KerasTensor is among the leaves."""
    return any(isinstance(x, KerasTensor) for x in leaves(structure))


_UNKNOWN = ((2, 48), (3, 52))  # the batch, and other lengths that are not known: tried with both


def traced(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """KerasTensors of what a function gives, found by calling it on zeros."""
    known = all(None not in x.shape for x in leaves((args, kwargs)) if isinstance(x, KerasTensor))
    with no_grad():
        runs = [_on_zeros(function, args, kwargs, *lengths) for lengths in _UNKNOWN[known:]]
    first, last = runs[0], runs[-1]
    shapes = [
        tuple(n if n == m else None for n, m in zip(np.shape(a), np.shape(b), strict=True))
        for a, b in zip(flatten(first), flatten(last), strict=True)
    ]
    made = [KerasTensor(shape, x.dtype) for shape, x in zip(shapes, flatten(first), strict=True)]
    return packed(first, made)


def _on_zeros(function: Any, args: Any, kwargs: Any, batch: int, length: int) -> Any:
    def zeros(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        first, *rest = x.shape or (1,)
        shape = [batch if first is None else first, *(length if n is None else n for n in rest)]
        return ag.Tensor(np.zeros(shape if x.shape else (), x.dtype))

    return function(*mapped(zeros, args), **mapped(zeros, kwargs))


def in_order(
    inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
) -> tuple[list[Node], list[Any]]:
    """The nodes from inputs to outputs, each after those it needs; and the operations by depth.

    The operations come in Keras' order: those farthest from the outputs first, and of those as far
    the ones that a walk from the outputs meets first. It is the order of a model's weights.
    """
    given = {id(x) for x in inputs}
    met: dict[int, int] = {}
    done: dict[int, Node] = {}
    stack: list[tuple[KerasTensor, bool]] = [(x, False) for x in reversed(outputs)]
    while stack:
        x, ready = stack.pop()
        node = _node_of(x)
        if id(node) in done:
            continue
        if ready:
            done[id(node)] = node
            continue
        met.setdefault(id(node.operation), len(met))
        stack.append((x, True))
        if id(x) not in given:
            if not node.parents:
                raise ArgumentError(
                    f"the outputs need the input {node.operation.name!r}, of shape {x.shape}, "
                    "which is not among the inputs of the Model"
                )
            stack += [(parent, False) for parent in reversed(node.parents)]
    for x in inputs:  # also those that nothing needs
        done.setdefault(id(_node_of(x)), _node_of(x))
    starts = {id(_node_of(x)) for x in inputs}
    nodes = [node for node in done.values() if id(node) not in starts]
    return nodes, _by_depth([*done.values()], starts, met)


def _by_depth(nodes: list[Node], starts: set[int], met: dict[int, int]) -> list[Any]:
    of_node: dict[int, int] = {}
    of_operation: dict[int, int] = {}
    operations = {id(node.operation): node.operation for node in nodes}
    for node in reversed(nodes):
        depth = max(of_node.get(id(node), 0), of_operation.get(id(node.operation), 0))
        of_node[id(node)] = of_operation[id(node.operation)] = depth
        for parent in () if id(node) in starts else map(_node_of, node.parents):
            of_node[id(parent)] = max(depth + 1, of_node.get(id(parent), 0))
    last = len(met)
    return sorted(
        operations.values(), key=lambda op: (-of_operation[id(op)], met.get(id(op), last))
    )


def _node_of(x: KerasTensor) -> Node:
    if x._keras_history is None:
        raise ArgumentError(f"{x.name}, of shape {x.shape}, comes from no layer and no keras.Input")
    node: Node = x._keras_history.operation._inbound_nodes[x._keras_history.node_index]
    return node


def run_nodes(nodes: Sequence[Node], values: dict[int, Any]) -> dict[int, Any]:
    """Run all calls in order, on the values of the inputs by identity; returns all values."""
    for node in nodes:
        try:
            result = node.run(values)
        except AutogradError as error:
            error.add_note(f"in the layer {node.operation.name!r}")
            raise
        if isinstance(node.outputs, KerasTensor):
            values[id(node.outputs)] = result
            continue
        for x, value in zip(flatten(node.outputs), flatten(result), strict=True):
            values[id(x)] = value
    return values
