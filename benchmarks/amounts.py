"""What a step of a workload has to do at least, counted from the graph that chaingrad records.

Products, bytes, functions such as tanh, and calls follow from the shapes of the graph's operations
and from what their rules read; nothing is measured here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from library import open_library
from workloads import Workload

import autograd as ag
from autograd.engine.node import Node, constant_value

VIEWS = {
    "output", "reshape", "getitem", "swapaxes", "matrix_transpose", "transpose", "split",
}  # fmt: skip
FUNCTIONS = {"tanh": "tanh", "sigmoid": "exp", "exp": "exp", "gelu": "tanh"}


class Product(NamedTuple):
    """A stack of so many (M, K) @ (K, N)."""

    rows: int
    depth: int
    columns: int
    stack: int = 1

    @property
    def operations(self) -> float:
        return 2.0 * self.rows * self.depth * self.columns * self.stack


@dataclass
class Amounts:
    """Of one step."""

    products: Counter[Product] = field(default_factory=Counter)
    direct: float = 0.0  # operations of convolutions as they are defined
    fewest: float = 0.0  # the same, by Winograd's algorithm where that has fewer
    functions: Counter[str] = field(default_factory=Counter)  # numbers to evaluate them at
    # bytes read and written, by the size of what they go over (to the next power of two)
    traffic: Counter[int] = field(default_factory=Counter)
    fused: Counter[int] = field(default_factory=Counter)  # the same, where loops are fused
    nodes: int = 0  # recorded
    calls: Counter[str] = field(default_factory=Counter)  # of NumPy, on "arrays" or on "numbers"

    def passes(self, node: Node, *arrays: Any) -> None:
        """A call that reads and writes these."""
        self.calls["numbers" if isinstance(node.spec, type) else "arrays"] += 1
        self.moves(sum(map(size_in_bytes, arrays)))

    def moves(self, moved: int, held: int = 0) -> None:
        """Bytes that are moved, of arrays that take so many: as many, if each is met once."""
        counted(self.traffic, moved, held)


def counted(traffic: Counter[int], moved: int, held: int = 0) -> None:
    if moved:
        traffic[1 << ((held or moved) - 1).bit_length()] += moved


def amounts(workload: Workload) -> Amounts:
    """Those of a workload's step."""
    outputs, optimizers = taken(workload)
    found = Amounts()
    uses: Counter[Node] = Counter()
    nodes = list(ag.Graph(*outputs)) if outputs else []
    for node in nodes:
        if node.is_leaf:
            continue
        found.nodes += 1
        uses.update(i for i in node.inputs if type(i) is Node)
        count_node(found, node, workload.records)
    if workload.records:
        for node, times in uses.items():  # a gradient that comes from several places is added up
            for _ in range(times - 1):
                found.passes(node, node, node, node)
    count_fused(found, nodes, workload.records)
    for optimizer in optimizers:
        count_update(found, optimizer)
    return found


def count_fused(found: Amounts, nodes: list[Node], backward: bool) -> None:
    """What passes between products and the loops between them, once each, and so its cotangents.

    In a loop nothing moves but what it begins with and what it ends in: leaves, what products give
    to it, and what it gives to products. These read their own operands in their own time.
    """
    by_loop = {n: not n.is_leaf and not makes_products(n) for n in nodes if n.op.name not in VIEWS}
    met = {
        source
        for node, is_loop in by_loop.items()
        for source in map(shown, node.inputs)
        if type(source) is Node and not node.is_leaf and is_loop != by_loop[source]
    }
    for node in met:
        counted(found.fused, (1 + backward) * size_in_bytes(node))


def shown(value: Any) -> Any:
    """What a view shows; anything else as it is."""
    while type(value) is Node and value.op.name in VIEWS:
        value = value.inputs[0]
    return value


def makes_products(node: Node) -> bool:
    """Whether most of an operation is products: it is no part of a loop."""
    inputs = [constant_value(i) for i in node.inputs]
    return node.op.name == "convolution" or any(products_of(node.op.name, node, inputs, False))


def taken(workload: Workload) -> tuple[list[Any], list[Any]]:
    """Take a step: the Tensors that it ended in, and its optimizers."""
    library = open_library("chaingrad")
    asked: list[Any] = []
    optimizers: list[Any] = []

    def grad(output: Any, *args: Any, **options: Any) -> Any:
        asked.append(output)
        return ag.grad(output, *args, **options)

    def watched(kind: Any) -> Any:
        return lambda *args, **options: optimizers.append(kind(*args, **options)) or optimizers[-1]

    library.grad = grad
    kinds = library.optim
    library.optim = SimpleNamespace(SGD=watched(kinds.SGD), Adam=watched(kinds.Adam))
    assert workload.prepare is not None
    result = workload.prepare(library, **workload.sizes)()
    return (asked[-1:] or ([] if result is None else [result])), optimizers


def size_in_bytes(value: Any) -> int:
    """Of an array, or of what a node gives."""
    if type(value) is Node:
        specs = value.spec if type(value.spec) is list else [value.spec]
        return sum(math.prod(s[0]) * s[1].itemsize for s in specs if type(s) is tuple)
    return int(getattr(value, "nbytes", 0))


def count_update(found: Amounts, optimizer: Any) -> None:
    """Value and gradient are read, and the value is written; each array of the state both.

    A compiled step does the same: gradients are there after it, for who looks at them.
    """
    moved = held = 0
    for group in optimizer.param_groups:
        for p in group["params"]:
            kept = sum(np.shape(value) == p.shape for value in optimizer.state[p].values())
            moved += (3 + 2 * kept) * p._value.nbytes
            held += (2 + kept) * p._value.nbytes
            found.calls["arrays"] += 1
    found.moves(moved, held)
    counted(found.fused, moved, held)


def count_node(found: Amounts, node: Node, backward: bool) -> None:
    """An operation forward, and the rule of every input that needs a gradient."""
    name = node.op.name
    inputs = [constant_value(i) for i in node.inputs]
    if name in VIEWS:
        return
    products = list(products_of(name, node, inputs, backward))
    found.products.update(products)
    if name == "convolution":
        count_convolution(found, node, inputs, backward)
    count_functions(found, node, inputs)
    in_cache = bool(products)  # timed with the product
    found.passes(node, *(() if in_cache else (*inputs, node)))
    known = dict(zip(node.op.inputs, inputs, strict=False), out=node)
    rules = [  # what each reads and writes
        ([known[n] for n in node.op.saves[of] if n in known], [value])
        for of, value in zip(node.op.inputs, inputs, strict=False)
        if type(value) is Node and backward
    ]
    if node.op.joint and rules:
        rules = [(rules[0][0], [value for _, written in rules for value in written])]
    for read, written in rules:
        if not (node.op.linear and not read and written[0].shape == node.shape):  # handed on as is
            found.passes(node, *(() if in_cache else (node, *read, *written)))


def count_functions(found: Amounts, node: Node, inputs: list[Any]) -> None:
    name = node.op.name
    if name in FUNCTIONS:
        found.functions[FUNCTIONS[name]] += math.prod(node.shape)
    elif name in ("lstm", "lstm_cell"):
        found.functions["exp"] += 5 * math.prod(shape(inputs[0])[:-1]) * shape(inputs[4])[1]
    elif name == "attention":
        found.functions["exp"] += math.prod(shape(inputs[0])[:-1]) * seen_by(node, inputs)


def shape(value: Any) -> tuple[int, ...]:
    return value.shape if type(value) is Node else np.shape(value)


def products_of(name: str, node: Node, inputs: list[Any], backward: bool) -> Iterator[Product]:
    """The matrix products of an operation, and of the rules of inputs that need a gradient."""
    needs = [type(i) is Node and backward for i in inputs]
    if name in ("linear", "matmul"):
        *batch, depth = shape(inputs[0])
        columns = node.shape[-1]
        rows = math.prod(batch)
        yield Product(rows, depth, columns)
        if needs[0]:
            yield Product(rows, columns, depth)
        if needs[1]:
            yield Product(columns, rows, depth)
    elif name == "attention":
        *stack, length, width = shape(inputs[0])
        seen = seen_by(node, inputs)
        inner = Product(length, width, seen, math.prod(stack))
        outer = Product(length, seen, width, math.prod(stack))
        yield from (inner, outer)
        if any(needs):
            yield from (inner, outer, outer, outer)
    elif name in ("lstm", "lstm_cell"):
        yield from of_lstm(inputs, needs)


def seen_by(node: Node, inputs: list[Any]) -> int:
    """Keys that a query sees, on average."""
    length = shape(inputs[1])[-2]
    return length // 2 if node.parameters()["causal"] else length


def of_lstm(inputs: list[Any], needs: list[bool]) -> Iterator[Product]:
    """What hangs on the state is made step by step, the rest of all steps at once."""
    x, _, _, w_ih, w_hh = map(shape, inputs[:5])
    length, rows = (x[0], x[1]) if len(x) == 3 else (1, x[0])
    gates, size = w_hh
    every = length * rows
    yield Product(every, w_ih[1], gates)
    yield from [Product(rows, size, gates)] * length
    if any(needs):
        yield from (Product(gates, every, w_ih[1]), Product(gates, every, size))
        yield from [Product(rows, gates, size)] * (length if any(needs[1:3]) else length - 1)
    if needs[0]:
        yield Product(every, gates, w_ih[1])


def count_convolution(found: Amounts, node: Node, inputs: list[Any], backward: bool) -> None:
    """Forward, and the same once for every gradient: by x, by the weight."""
    outputs, channels, *kernel = shape(inputs[1])
    batch, _, *places = node.shape
    times = 1 + sum(type(i) is Node and backward for i in inputs[:2])
    direct = 2.0 * math.prod(node.shape) * channels * math.prod(kernel)
    stride, _, dilation, groups = node.params
    plain = kernel == [3, 3] and stride == dilation == (1, 1) and groups == 1
    tiles = batch * math.prod(-(-n // 4) for n in places)
    # F(4x4, 3x3): 36 products a tile, and what Lavin and Gray count for its transforms
    winograd = tiles * (72.0 * channels * outputs + 156 * channels + 90 * outputs)
    found.direct += times * direct
    found.fewest += times * (min(direct, winograd) if plain else direct)
