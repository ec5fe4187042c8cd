"""`safe_where`: what was not chosen gets no cotangent at all, so that 0 · ∞ is no NaN there.

A sweep in its block carries, beside each cotangent, a mask of its structural zeros: numbers that
are zero whatever the values are, because an op chose something else. They begin at ops that choose
and go on through ops of which it is known what depends on what; where they are, the outcome of a
rule is zero. A zero that is a number, as in `x * 0`, is none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, TypeVar, overload

import numpy as np

from autograd.engine.modes import ModeChange, captures, capturing, current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.operands import raw, tensor_types
from autograd.engine.row import OPS
from autograd.engine.watch import Watch
from autograd.errors import TraceError
from autograd.graph.table import text_of
from autograd.sweep.cotangent import conform
from autograd.sweep.pull import input_name

__all__ = ["Acted", "SafeWhere", "safe_where"]

F = TypeVar("F", bound=Callable[..., Any])

# Their rules pass a cotangent on, or nothing: where nothing, something else was chosen. Linear ops
# (indexing, masked_fill, tril) are such too.
CHOOSING = frozenset({
    "abs", "clip", "cummax", "cummin", "fmax", "fmin", "hardshrink", "hardsigmoid", "hardtanh",
    "max", "max_pool", "maximum", "min", "minimum", "nan_to_num", "nanmax", "nanmin", "ranked",
    "relu", "relu6", "softshrink", "sort", "threshold", "topk", "where",
})  # fmt: skip
# Their slope is 0 everywhere, for real numbers.
CONSTANT = frozenset({
    "ceil", "floor", "floor_divide", "heaviside", "rint", "round", "sign", "step", "trunc",
})  # fmt: skip
# A row of what they give depends on the row of what they are given, along `axis`.
IN_ROWS = frozenset({
    "cumprod", "log_softmax", "logcumsumexp", "logsumexp", "prod", "softmax", "std", "var",
    "vector_norm",
})  # fmt: skip
# A matrix, or a number, of each matrix of a stack.
IN_STACKS = frozenset({"cholesky", "det", "expm", "inv", "pinv"})
# Sums of products of their inputs, beside those that are declared to be.
PRODUCTS = frozenset({"convolution", "linear"})


class Acted(NamedTuple):
    """One node at which NaN or infinities were put off."""

    op: str
    input: str
    module: str
    where: str | None
    zeros: int  # so many numbers became zero


class _Sweep(Watch):
    """One sweep: the structural zeros of each node's cotangent, as masks."""

    def __init__(self, acted: list[Acted]) -> None:
        self.acted = acted
        self.masks: dict[Node, Any] = {}
        self.draw = np.random.default_rng(0)

    def rule(self, node: Node, position: int | None, rule: Any, /, g: Any, *saved: Any) -> Any:
        found = rule(g, *saved)
        dead = None if type(g) is tuple else self._dead_of(node, g)
        if position is None:
            masks = self._joint_masks(node, rule, g, saved, dead)
            return [
                new if new is None or type(source) is not Node else self._cleaned(node, i, new, m)
                for i, (new, source, m) in enumerate(zip(found, node.inputs, masks, strict=True))
            ]
        mask = self._mask(node, node.inputs[position], rule, g, saved, dead)
        return self._cleaned(node, position, found, mask)

    def _dead_of(self, node: Node, g: Any) -> Any:
        """The structural zeros of a cotangent, which nothing has been added to."""
        dead = self.masks.get(node)
        if dead is None:
            return None
        dead = dead & (raw(g) == 0)
        return dead if dead.any() else None

    def _joint_masks(self, node: Node, rule: Any, g: Any, saved: Any, dead: Any) -> Sequence[Any]:
        count = len(node.inputs)
        if dead is not None and dead.all():
            return [True] * count
        if node.op.linear or node.op.name in CHOOSING | PRODUCTS or node.op.multilinear:
            if dead is None and not (node.op.linear or node.op.name in CHOOSING):
                return [None] * count
            shown = rule(self._alive(g, dead), *self._reads(node, saved))
            pairs = zip(shown, node.inputs, strict=True)
            return [
                None if s is None or type(x) is not Node else raw(conform(s, x)) == 0
                for s, x in pairs
            ]
        return [None] * count

    def _mask(self, node: Node, source: Node, rule: Any, g: Any, saved: Any, dead: Any) -> Any:
        """Where what the rule gives is zero, whatever the cotangent is where it is not."""
        op = node.op
        is_stair = op.name in CONSTANT and source.dtype.kind != "c"
        if is_stair or (dead is not None and dead.all()):
            return True
        chooses = op.name in CHOOSING or (op.linear and not op.elementwise)
        multiplies = (op.multilinear and not op.elementwise) or op.name in PRODUCTS
        if chooses or (dead is not None and multiplies):
            shown = rule(self._alive(g, dead), *self._reads(node, saved))
            return raw(conform(shown, source)) == 0
        if dead is None:
            return None
        if op.elementwise:
            return _shrunk(dead, source.shape)
        if op.name in IN_ROWS:
            return _in_rows(dead, source.shape, node.parameters().get("axis"))
        if op.name in IN_STACKS and source.shape[:-2] == dead.shape[: len(source.shape) - 2]:
            whole = dead.reshape(*source.shape[:-2], -1).all(-1)
            return np.broadcast_to(whole[..., None, None], source.shape)
        return None

    def _alive(self, g: Any, dead: Any) -> Any:
        """A cotangent that is zero at structural zeros alone, and by no chance elsewhere."""
        if type(g) is tuple:
            return tuple(self._alive(part, None) for part in g)
        value = raw(g)
        drawn = self.draw.uniform(1, 2, np.shape(value)).astype(value.dtype)
        return drawn if dead is None else np.where(dead, 0, drawn)

    def _reads(self, node: Node, saved: Any) -> list[Any]:
        """What a rule reads, raw; of products any numbers do, and show what depends on what."""
        if node.op.name in CHOOSING or node.op.linear:
            return [_all_raw(x) for x in saved]
        return [
            self.draw.uniform(1, 2, x.shape).astype(x.dtype)
            if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc"
            else x
            for x in map(_all_raw, saved)
        ]

    def _cleaned(self, node: Node, position: int, new: Any, mask: Any) -> Any:
        """What a rule gave, zero at the structural zeros, which go on to the input."""
        source = node.inputs[position]
        if mask is True:
            mask = np.ones(source.shape, bool)
        if mask is not None and not mask.any():
            mask = None
        if source not in self.masks:
            self.masks[source] = mask
        elif mask is not None and self.masks[source] is not None:
            self.masks[source] = self.masks[source] & mask
        else:
            self.masks[source] = None
        if mask is None:
            return new
        new = conform(new, source)
        value = raw(new)
        bad = int(np.count_nonzero(mask & ~np.isfinite(value)))
        if bad:
            module = repr(node.scope) if node.scope is not None else ""
            name = input_name(node, position)
            self.acted.append(Acted(node.op.name, name, module, node.where, bad))
        if type(new) in tensor_types:  # for the sweep after this one too
            return OPS["where"].record(mask, np.zeros((), value.dtype)[()], new)
        return np.where(mask, value.dtype.type(0), value) if bad else new


def _all_raw(value: Any) -> Any:
    return tuple(map(_all_raw, value)) if type(value) is tuple else raw(value)


def _shrunk(dead: Any, shape: tuple[int, ...]) -> Any:
    """Of an input that was repeated: dead where all its copies are."""
    lead = dead.ndim - len(shape)
    if lead < 0:
        return None
    axes = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1))
    return np.logical_and.reduce(dead, axis=axes, keepdims=True).reshape(
        np.broadcast_shapes(shape, dead.shape[lead:]) if not axes else shape
    )


def _in_rows(dead: Any, shape: tuple[int, ...], axis: Any) -> Any:
    axes = tuple(range(len(shape))) if axis is None else np.atleast_1d(axis)
    axes = tuple(int(a) % len(shape) for a in axes) if shape else ()
    if dead.shape == shape:
        return np.broadcast_to(np.logical_and.reduce(dead, axis=axes, keepdims=True), shape)
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return np.broadcast_to(dead.reshape(kept), shape) if dead.size == np.prod(kept) else None


class _Masks(Watch):
    """Looks on at each sweep with masks of its own."""

    sees_bodies = True  # which it refuses

    def __init__(self, acted: list[Acted]) -> None:
        self.acted = acted

    def at_sweep(self, order: Sequence[Node]) -> Watch | None:
        if captures and capturing():
            raise TraceError(
                "safe_where: what is chosen depends on the values, and a traced call would keep "
                "the choices of the trace.\n  Differentiate outside of ag.compile, ag.trace, "
                "vmap, cond, while_loop and scan, or make the branch safe itself: "
                "ag.where(ok, f(ag.where(ok, x, 1)), 0)."
            )
        if any(node.op.name == "compiled" for node in order):
            raise TraceError(
                "safe_where: the graph holds a compiled call, whose branches cannot be seen.\n"
                "  Call the compiled function inside the block, which runs it op by op."
            )
        return _Sweep(self.acted)


class SafeWhere(ModeChange):
    """What `safe_where` gives: a context manager and decorator that lists where it acted."""

    __slots__ = ("_watch", "acted")

    def __init__(self) -> None:
        super().__init__(traces=True)
        self.acted: list[Acted] = []
        self._watch = _Masks(self.acted)

    def __enter__(self) -> SafeWhere:  # type: ignore[override]
        super().__enter__()
        mode = current_mode()
        others = tuple(w for w in mode.watches if type(w) is not _Masks)
        set_mode(mode.replace(watches=(*others, self._watch)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)

    def __str__(self) -> str:
        """A table, one line a node, in the order in which the sweeps came to them."""
        if not self.acted:
            return "safe_where had nothing to do"
        rows: Iterable[tuple[str, ...]] = (
            (a.op, a.input, str(a.zeros), a.module, a.where or "") for a in self.acted
        )
        return text_of([("op", "input", "zeros", "module", "line"), *rows], names=(4,))


@overload
def safe_where(function: None = None) -> SafeWhere: ...
@overload
def safe_where(function: F) -> F: ...
def safe_where(function: Callable[..., Any] | None = None) -> Any:
    """Let no cotangent at all go to what was not chosen: a context manager, and a decorator.

    In `ag.where(x > 0, ag.sqrt(x), 0)` the root at 0 is not chosen, and its gradient is 0 · ∞,
    which is NaN. Where a sweep runs in the block, that zero is structural: it stays zero whatever
    the slope is. Such zeros begin at where, maximum, minimum, clip, abs (at 0), relu and its like,
    reductions by max and min, sort, max_pool, indexing and masks, and at staircases such as sign;
    they go through elementwise ops, products, reductions and shapes. Other ops are taken to need
    all of their cotangent. A factor that happens to be 0 is no choice, and 0 · ∞ stays NaN there.

    The object lists in `acted`, and in words by `str`, where a NaN or an infinity became a zero.
    Gradients of gradients are safe where each of the sweeps runs in a block. `function` is what is
    decorated.

    >>> import autograd as ag
    >>> import numpy as np
    >>> x = ag.Tensor([0.0, 4.0], requires_grad=True)
    >>> with ag.safe_where() as safe, np.errstate(all="ignore"):
    ...     ag.where(x > 0, ag.sqrt(x), 0).sum().backward()
    >>> x.grad
    Tensor([0.  , 0.25], dtype=float32)
    >>> [(a.op, a.zeros) for a in safe.acted]
    [('sqrt', 1)]
    """
    change = SafeWhere()
    return change if function is None else change(function)
