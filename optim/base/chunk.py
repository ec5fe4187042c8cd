"""Chunks: how an optimizer goes over its parameters, as flat arrays in blocks that stay in cache.

An update rule of some ten elementwise passes is bound by memory when each pass goes over a whole
large array, and by Python when each runs on an array of ten numbers. So a large parameter is
updated block by block where it lies, and small ones are gathered side by side into one block,
updated together, and put back. The optimizer's state lies side by side likewise; what `state[p]`
shows are views into it. Rules see flat real arrays only, and write into them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.mutation import mutated
from autograd.errors import ShapeError
from autograd.extend import raw
from autograd.kernels.optimizers import BLOCK_BYTES
from autograd.tensors.display import label
from autograd.tensors.inplace import own, read_together, window, write_together
from autograd.tensors.living import let_go, take_anew

__all__ = ["Chunk", "Kept", "Numbers", "Rule", "State", "as_real", "make_chunks", "new_scratch"]

SMALL_BYTES = 1 << 14  # gathered; copying is cheaper than ten calls up to about this size

State = dict[Tensor, dict[str, Any]]
Kept = Mapping[str, float]  # names of arrays -> the value that their elements start from
Numbers = dict[str, Any]  # a parameter's counts: its steps, products of rates
_NOTHING: frozenset[str] = frozenset()
Rule = Callable[[Any, Any, Sequence[Any], Sequence[Any]], None]  # (value, grad, state, scratch)


class Chunk:
    """One large parameter, or several small ones whose numbers and kinds of state agree.

    It is kept from step to step, with the room that small ones are gathered in.
    """

    __slots__ = (
        "arrays", "dtype", "entries", "fresh", "gathered", "names", "numbers", "params", "places",
        "shapes", "views",
    )  # fmt: skip

    def __init__(self, params: list[Tensor], kept: Kept, numbers: Numbers, state: State) -> None:
        first = state[params[0]]
        self.params = params
        self.entries = [state[p] for p in params]
        self.names = names = tuple(kept)
        self.dtype = params[0].dtype
        self.shapes = [p.shape for p in params]
        self.numbers: Numbers = {name: first.get(name, start) for name, start in numbers.items()}
        self.fresh = frozenset(name for name in names if name not in first)
        sizes = [p.size for p in params]
        stops = np.cumsum(sizes).tolist()
        self.places = [slice(b - n, b) for n, b in zip(sizes, stops, strict=True)]
        self.arrays = [self._room(first.get(name), stops[-1], kept[name]) for name in names]
        self.views = [
            (entry, name, _adopted(entry, p, name, view))
            for name, array in zip(names, self.arrays, strict=True)
            for entry, p, view in zip(self.entries, params, self._parts(array), strict=True)
        ]
        self._note_numbers()
        self.gathered: list[tuple[Any, list[Any]]] = []  # values and gradients, whole and in parts

    def _parts(self, flat: Any) -> list[Any]:
        """The places of the parameters in a flat array, in their shapes."""
        places = zip(self.places, self.shapes, strict=True)
        return [flat[place].reshape(shape) for place, shape in places]

    def _room(self, old: Any, size: int, start: float) -> Any:
        """A flat array for one kind of state: the one there is, if it is for one parameter."""
        value: Any = None if old is None or len(self.params) > 1 else raw(old)
        fits = isinstance(value, np.ndarray) and value.flags.c_contiguous
        fits = fits and value.shape == self.params[0].shape and value.dtype == self.dtype
        if fits:
            return value.reshape(-1)
        room = np.zeros(size, self.dtype)
        if start and old is None:
            as_real(room).fill(start)
        return room

    def _note_numbers(self) -> None:
        for name, number in self.numbers.items():
            for entry in self.entries:
                entry[name] = number

    def is_current(self, state: State, kept: Kept) -> bool:
        """Whether parameters and state are still what the chunk was made for."""
        if tuple(kept) != self.names:
            return False
        numbers = self.numbers.items()
        for p, shape, entry in zip(self.params, self.shapes, self.entries, strict=True):
            value = raw(p)
            if value.shape != shape or value.dtype != self.dtype or state[p] is not entry:
                return False
            for name, number in numbers:
                if entry.get(name) != number:
                    return False
        for entry, name, shown in self.views:  # noqa: SIM110 (all() would make a generator)
            if entry.get(name) is not shown:
                return False
        return True

    def update(self, rule: Rule, scratch: Sequence[Any]) -> None:
        """Run the rule over the parameters, and note what has changed."""
        first = self.params[0]
        # no name for the value here: it counts as one more reference to it
        is_run = len(self.params) == 1 and isinstance(raw(first), np.ndarray)
        if is_run and raw(first).flags.c_contiguous:
            views = let_go(first)
            grad, whole = first.grad, own(first)
            assert grad is not None
            self._run(rule, whole.reshape(-1), raw(grad).reshape(-1), scratch)
            mutated(whole, first.name)
            take_anew(views)
        else:
            self._update_gathered(rule, scratch)
        self.fresh = _NOTHING
        self._note_numbers()

    def _update_gathered(self, rule: Rule, scratch: Sequence[Any]) -> None:
        if not self.gathered:
            whole = [np.empty(self.places[-1].stop, self.dtype) for _ in range(2)]
            self.gathered = [(flat, self._parts(flat)) for flat in whole]
        (value, values), (grad, grads) = self.gathered
        read_together(self.params, values)
        read_together([p.grad for p in self.params], grads)
        self._run(rule, value, grad, scratch)
        write_together(self.params, values)

    def _run(self, rule: Rule, value: Any, grad: Any, scratch: Sequence[Any]) -> None:
        arrays = self.arrays
        if self.dtype.kind == "c":
            value, grad, *arrays = map(as_real, (value, grad, *arrays))
        block = len(scratch[0]) if scratch else value.size
        if value.size <= block:
            rule(value, grad, arrays, [s[: value.size] for s in scratch])
            return
        for start in range(0, value.size, block):
            part = slice(start, start + block)
            v = value[part]
            rule(v, grad[part], [a[part] for a in arrays], [s[: v.size] for s in scratch])


def make_chunks(
    params: Iterable[Tensor], kept: Kept, numbers: Numbers, state: State
) -> list[Chunk]:
    """Large parameters alone; small ones of the same dtype, numbers and state together."""
    alone: list[list[Tensor]] = []
    together: dict[Any, list[list[Tensor]]] = {}
    for p in params:
        entry = state.setdefault(p, {})
        if raw(p).nbytes > SMALL_BYTES:
            alone.append([p])
            continue
        counts = (entry.get(name, start) for name, start in numbers.items())
        key = (p.dtype, *counts, *(name in entry for name in kept))
        runs = together.setdefault(key, [[]])
        if sum(raw(q).nbytes for q in runs[-1]) + raw(p).nbytes > BLOCK_BYTES:
            runs.append([])
        runs[-1].append(p)
    packed = [run for runs in together.values() for run in runs]
    return [Chunk(run, kept, numbers, state) for run in alone + packed]


def new_scratch(dtype: np.dtype[Any], count: int) -> list[Any]:
    """Room for a rule's intermediate results, one block each.

    A rule without any is a kernel that goes through whole arrays in its own way.
    """
    real = np.dtype(dtype).type(0).real.dtype
    return [np.empty(BLOCK_BYTES // real.itemsize, real) for _ in range(count)]


def _adopted(entry: dict[str, Any], p: Tensor, name: str, view: Any) -> Tensor:
    """Move a parameter's state into its place, and let the public state show that place."""
    old = entry.get(name)
    if old is not None:
        if old.shape != p.shape:
            raise ShapeError(
                f"{name} of {label(p)} is {old.shape}, and the parameter is {p.shape} now; "
                "make a new optimizer after changing the shape of a parameter"
            )
        if not np.may_share_memory(view, raw(old)):
            view[...] = raw(old)
    shown: Tensor = window(view)
    entry[name] = shown
    return shown


def as_real(array: Any) -> Any:
    """Complex numbers as pairs of reals, which is how they are updated."""
    return array.view(array.real.dtype) if array.dtype.kind == "c" else array
