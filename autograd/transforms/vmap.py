"""vmap: a function of one example becomes one of a batch, by rules that follow from its ops.

The function is traced on one example, with all derivatives that it asks for, and its graph is run
on the batch: by the one interpreter, where every op that depends on an example has one more axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial, update_wrapper
from typing import Any

import numpy as np

from autograd.control.draws import drawn_for
from autograd.control.structure import as_tensor, filled, named
from autograd.control.trace import Traced
from autograd.engine.modes import capturing, no_grad
from autograd.engine.node import Node
from autograd.engine.operands import faced, raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import COMPUTED, INPUT, OUTPUT
from autograd.engine.trail import computed
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    AutogradError,
    ShapeError,
    TraceError,
)
from autograd.graph.body import Body
from autograd.graph.interpret import interpret
from autograd.graph.naming import HELD
from autograd.graph.pytree import mapped, nested
from autograd.graph.replay import run_in
from autograd.transforms.batching.batch import Batch
from autograd.transforms.batching.call import do
from autograd.transforms.batching.run import batched
from autograd.transforms.example import traced_on_one

__all__ = ["Vmapped", "end", "vmap"]

RANDOMNESS = ("error", "different", "same")


def vmap(
    f: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    randomness: str = "error",
) -> Vmapped:
    """The function of a batch that does to all examples at once what `f` does to one.

    `in_axes` says along which axis the examples of each argument lie: a number, None for what is
    the same for all of them, or a tuple of such, one for each argument, where a list, tuple or dict
    of them goes with an argument of that structure. `out_axes` says where they lie in the results.
    Keyword arguments are the same for all examples. Arguments and results are Tensors, arrays and
    numbers, in nested tuples, lists and dicts; results are Tensors. As `jax.vmap`.

    Gradients flow through it, and f may ask for derivatives and be `vmap(...)` itself. `randomness`
    says whether f may draw: "different" numbers for each example, or the "same" (PyTorch's names).
    An op without a rule for batches runs on one example after the other; `looped` names these after
    a call. A Python branch on the value of a Tensor raises TraceError: write ag.where.

    Shape: of one example what f takes and gives; of a batch one axis more.

    Reference: automatic batching as in JAX (Bradbury et al., 2018).

    >>> import autograd as ag
    >>> rows, x = ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), ag.Tensor([1.0, 10.0])
    >>> ag.vmap(ag.dot, in_axes=(0, None))(rows, x)
    Tensor([21., 43.], dtype=float32)
    >>> ag.vmap(ag.functional.grad(lambda x: (x**3).sum()))(rows)
    Tensor([[ 3., 12.],
            [27., 48.]], dtype=float32)
    """
    return Vmapped(f, in_axes, out_axes, randomness)


class Vmapped:
    """A function of a batch, made by `vmap`."""

    def __init__(self, f: Callable[..., Any], in_axes: Any, out_axes: Any, randomness: str) -> None:
        if not callable(f):
            raise ArgumentTypeError(f"vmap: f is a function of one example, not {type(f).__name__}")
        if randomness not in RANDOMNESS:
            raise ArgumentError(
                f"vmap: randomness is one of {', '.join(RANDOMNESS)}, not {randomness!r}"
            )
        for name, axes in (("in_axes", in_axes), ("out_axes", out_axes)):
            _check_axes(name, axes, axes)
        self.f, self.in_axes, self.out_axes = f, in_axes, out_axes
        self.randomness = randomness
        self.looped: dict[str, str | None] = {}  # ops that ran example by example, and where
        update_wrapper(self, f, updated=())

    def _examples(self, args: tuple[Any, ...]) -> tuple[list[Any], list[Any], int]:
        """The leaves of the arguments with their names, their axes, the number of examples."""
        given = named(args, "args")
        axes = [
            None if x is None else a
            for a, (_, x) in zip(_axes_of(self.in_axes, args), given, strict=True)
        ]
        leaves = [(name, _leaf(x, a, name)) for a, (name, x) in zip(axes, given, strict=True)]
        return leaves, axes, _size(leaves, axes)

    def axes_and_size(self, args: tuple[Any, ...]) -> tuple[list[Any], int]:
        """The axis of examples of each leaf of the arguments, and how many examples there are."""
        return self._examples(args)[1:]

    def axes_of_results(self, results: Any) -> list[Any]:
        """The axis of examples of each leaf of the results, None for what has none."""
        return list(_spread(self.out_axes, results, "out_axes"))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves, axes, size = self._examples(args)
        fronts = [_front(x, axis) for (_, x), axis in zip(leaves, axes, strict=True)]
        moving = [x for x, axis in zip(fronts, axes, strict=True) if axis is not None]
        kept: list[Any] = []
        on_tape: list[bool] = []  # results that gradients flow from

        def one(*given: Any) -> list[Any]:
            each = iter(given)
            parts = [x if a is None else next(each) for x, a in zip(fronts, axes, strict=True)]
            result = self.f(*filled(args, iter(parts)), **kwargs)
            kept[:] = [nested(lambda y: None if y is None else 0, result)]
            ends = [
                as_tensor(y, f"vmap: {n} of f")
                for n, y in named(result, "the result")
                if y is not None
            ]
            on_tape[:] = [y._node is not None for y in ends]
            return [*ends, *capturing().faults]

        names = [name for (name, _), axis in zip(leaves, axes, strict=True) if axis is not None]
        found, capture = traced_on_one(one, [_first(x) for x in moving], names)
        like = kept.pop()  # the structure of the result, without its Tensors
        capture.check_leaks()
        operands = [*found.closed, *map(Batch, moving), *self._draws(found, size)]
        self.looped.clear()
        look = partial(self._look, fronts, axes, args, kwargs)
        values = _run(found.body, len(on_tape), operands, size, self.looped, look)
        values = [y if flows else _cut(y) for y, flows in zip(values, on_tape, strict=True)]
        ends = _out_axes(self.out_axes, like, values)
        xs = [x for _, x in leaves]
        done = iter([faced(xs, end(y, a, size)) for y, a in zip(values, ends, strict=True)])
        return nested(lambda y: None if y is None else next(done), like)

    def _look(self, fronts: Any, axes: Any, args: Any, kwargs: Any, fault: Any) -> None:
        """Raise what f does of the first example that gives a function what it does not take."""
        wrong = fault.value if type(fault) is Batch else fault
        capture = capturing()
        if capture is not None and capture.checks(do("any", wrong)):
            return
        for k in np.flatnonzero(raw(wrong))[:1].tolist():
            parts = [x if a is None else x[k] for x, a in zip(fronts, axes, strict=True)]
            try:
                with no_grad():
                    self.f(*filled(args, iter(parts)), **kwargs)
            except AutogradError as error:
                error.add_note(f"in example {k} of the batch")
                raise
            raise ArgumentError(f"vmap: f was given wrong values in example {k} of the batch")

    def _draws(self, found: Traced, size: int) -> list[Any]:
        """The operand of random numbers, where f draws."""
        if not found.sites:
            return []
        if self.randomness == "error":
            raise TraceError(
                "vmap: f draws random numbers; say whether they are to be "
                'randomness="different" for each example, or the "same"'
            )
        if self.randomness == "same":
            return [do("getitem", x, index=0) for x in drawn_for(found.sites, [0], found.width)]
        return [Batch(x) for x in drawn_for(found.sites, range(size), found.width)]


# ---- arguments -----------------------------------------------------------------------------------


def _check_axes(name: str, axes: Any, part: Any) -> None:
    """That axes are whole numbers, or None, in containers."""
    if isinstance(part, (tuple, list, dict)):
        for inner in part.values() if isinstance(part, dict) else part:
            _check_axes(name, axes, inner)
    elif isinstance(part, bool) or not (part is None or isinstance(part, int)):
        raise _no_axes(name, axes)


def _no_axes(name: str, axes: Any) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"vmap: {name} is {axes!r:.60}: an axis is a whole number or None, or a container of "
        "them of the structure of its argument"
    )


def _axes_of(in_axes: Any, args: tuple[Any, ...]) -> list[Any]:
    """The axis of each leaf."""
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)
    if isinstance(in_axes, tuple) and len(in_axes) != len(args):
        raise ArgumentError(
            f"vmap: in_axes has {len(in_axes)} parts, and there are {len(args)} arguments"
        )
    return list(_spread(in_axes, args, "in_axes"))


def _spread(axes: Any, tree: Any, name: str) -> Iterator[Any]:
    """An axis for each leaf of a tree, where one for a container is for all in it."""
    if axes is None or (isinstance(axes, int) and not isinstance(axes, bool)):
        yield from [axes] * len(named(tree, ""))
    elif isinstance(axes, dict) and isinstance(tree, dict) and axes.keys() == tree.keys():
        for key in tree:
            yield from _spread(axes[key], tree[key], f"{name}[{key!r}]")
    elif (
        isinstance(axes, (tuple, list))
        and isinstance(tree, (tuple, list))
        and len(axes) == len(tree)
    ):
        for number, (part, its) in enumerate(zip(axes, tree, strict=True)):
            yield from _spread(part, its, f"{name}[{number}]")
    else:
        raise _no_axes(name, axes)


def _size(leaves: Sequence[tuple[str, Any]], axes: Sequence[Any]) -> int:
    """How many examples there are."""
    sizes = {}
    for (name, x), axis in zip(leaves, axes, strict=True):
        if axis is None:
            continue
        if not -x.ndim <= axis < x.ndim:
            raise ShapeError(f"vmap: {name} is {x.shape}, and has no axis {axis} of examples")
        sizes[name] = x.shape[axis]
    if not sizes:
        raise ArgumentError("vmap: no argument has an axis of examples (in_axes is None for all)")
    if len({*sizes.values()}) > 1:
        shown = ", ".join(f"{name} has {count}" for name, count in sizes.items())
        raise ShapeError(f"vmap: the numbers of examples differ: {shown}")
    return int(next(iter(sizes.values())))


def _front(x: Any, axis: int | None) -> Any:
    return x if not axis or axis == -x.ndim else do("moveaxis", x, source=axis, destination=0)


def _leaf(x: Any, axis: int | None, name: str) -> Any:
    """An argument as a Tensor; what is no array and has no axis of examples stays as it is."""
    is_number = isinstance(x, (np.ndarray, np.generic, float, complex))
    return x if axis is None and not is_number else as_tensor(x, f"vmap: {name}")


def _first(x: Any) -> Any:
    """A value for the trace, in which values mean nothing."""
    value = raw(x)
    first = np.array(value[0]) if len(value) else np.ones(value.shape[1:], value.dtype)
    twin = faced((x,), wrap(first if first.ndim else first[()]))
    return twin if x._node is None else twin.requires_grad_()


# ---- the run -------------------------------------------------------------------------------------


def _run(
    body: Body,
    count: int,
    operands: Sequence[Any],
    size: int,
    looped: dict[str, str | None],
    look: Callable[[Any], None],
) -> list[Any]:
    """The first outputs, some of them a Batch; gradients flow where they did in the trace.

    The others say of examples whether they are wrong, and are looked at before anything goes on.
    """
    faults = {*body.outputs[count:]}
    sources = (INPUT, *HELD)
    values: dict[Node, Any] = dict(zip(body.inputs, operands, strict=True))
    values |= {n: n.saved[0] for n in body.nodes if n.op in sources and n not in values}
    plain = run_in(values)

    def value_of(x: Any) -> Any:
        return values[x] if type(x) is Node else x

    def step(node: Node, inputs: list[Any]) -> Any:
        value = given(node, inputs)
        if node in faults:
            look(value)
        return value

    def given(node: Node, inputs: list[Any]) -> Any:
        params = node.parameters()
        if node.extra is not None and node.extra.is_linked:
            params = {name: mapped(value_of, p) for name, p in params.items()}
        if node.op is not COMPUTED and node.op.name != "out":
            flows = body.flows.get(node) or (False,) * len(inputs)
            inputs = [x if f else _cut(x) for x, f in zip(inputs, flows, strict=True)]
        if _has_batch(inputs) or _has_batch(list(params.values())):
            if node.op is OUTPUT:
                return inputs[0][node.params[0]]
            return batched(node.op, inputs, params, size, looped, node)
        if node.op is COMPUTED:
            return computed(node.params[0], *map(_cut, inputs), decides=False)
        return plain(node, inputs)

    interpret([n for n in body.nodes if n not in values], values, step)
    return [values[node] for node in body.outputs[:count]]


def _has_batch(value: Any) -> bool:
    if type(value) is Batch:
        return True
    if type(value) is slice:
        return _has_batch([value.start, value.stop, value.step])
    return type(value) in (tuple, list) and any(map(_has_batch, value))


def _cut(x: Any) -> Any:
    if type(x) is Batch:
        return Batch(_cut(x.value))
    return x.detach() if type(x) in tensor_types else x


def _out_axes(out_axes: Any, like: Any, values: Sequence[Any]) -> list[Any]:
    each = zip(_spread(out_axes, like, "out_axes"), named(like, ""), strict=True)
    axes = [axis for axis, (_, y) in each if y is not None]
    for axis, y in zip(axes, values, strict=True):
        if axis is None and type(y) is Batch:
            raise ArgumentError(
                "vmap: out_axes is None for a result that differs from example to example"
            )
    return axes


def end(y: Any, axis: int | None, size: int) -> Any:
    """A result with the axis of examples where it is wanted."""
    value = y.value if type(y) is Batch else y
    if axis is None:
        return value if type(value) in tensor_types else wrap(value)
    if type(y) is not Batch:
        value = do("broadcast_to", value, shape=(size, *np.shape(raw(value))))
    rank = np.ndim(raw(value))
    if not -rank <= axis < rank:
        raise ShapeError(f"vmap: a result of {rank - 1} axes has no axis {axis} in out_axes")
    value = do("moveaxis", value, source=0, destination=axis) if axis not in (0, -rank) else value
    return value if type(value) in tensor_types else wrap(value)
