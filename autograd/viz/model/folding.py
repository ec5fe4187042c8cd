"""Folding: what comes again and again with the same ops on the same shapes is shown once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from autograd.viz.model.groups import Group, Item, Signatures, boxes_of, steps_of
from autograd.viz.model.loops import Loop, best_start, cycle, loop_of, same_weights, segments
from autograd.viz.model.model import Model, Step
from autograd.viz.model.repeats import runs

__all__ = ["Repeats"]

_LEAST = 3  # times that make a loop
_STEPS, _SAVED = 5, 12  # times that it has in a smaller picture, and boxes that it spares


@dataclass(frozen=True, slots=True)
class _Folded:
    """What a loop was made of, so that another of its times can be drawn."""

    loop: Loop
    copies: list[list[Item]]
    is_module: bool
    only_time: bool


class Repeats:
    """Folds what comes again, from the inside out. `shown` says which time of a loop is drawn."""

    def __init__(self, model: Model, shown: Mapping[str, int]) -> None:
        self.model = model
        self.shown = shown
        self.folded: dict[str, _Folded] = {}

    def turned(self, root: Group, key: str, copy: int) -> Group:
        """The same tree with another time of a loop drawn."""
        if root.key == key and root.loop is not None:
            known = self.folded[key]
            loop = replace(known.loop, shown=copy)
            return self._arranged(replace(known, loop=loop))
        items = [
            self.turned(item, key, copy) if isinstance(item, Group) and not item.is_sealed else item
            for item in root.items
        ]
        return replace(root, items=items)

    def fold(self, group: Group, only_time: bool = False) -> None:
        """In a picture that is not too large `only_time`: long loops over the same weights."""
        for inner in group.items:
            if isinstance(inner, Group) and not inner.is_sealed and inner.loop is None:
                self.fold(inner, only_time)
        before = len(group.items)
        if before < _LEAST:
            return
        for signatures in (Signatures(), Signatures(any_shape=True)):
            self._fold_row(group, signatures, only_time)
            if len(group.items) < before:
                return

    def _fold_row(self, group: Group, signatures: Signatures, only_time: bool) -> None:
        items, at = group.items, 0
        folded: list[Item] = []
        inside = [_in_order(item) for item in items]
        for begin, period, end in _found([signatures.of(item) for item in items], inside):
            copies = [items[i : i + period] for i in range(begin, end, period)]
            steps = [[s for each in inside[i : i + period] for s in each]
                     for i in range(begin, end, period)]  # fmt: skip
            for first, last in segments(steps):
                start = begin + first * period
                new = self._repeated(copies[first:last], steps[first:last],
                                     f"{group.key}r{start}", only_time)  # fmt: skip
                if new is not None:
                    folded += [*items[at:start], new]
                    at = begin + last * period
        group.items = folded + items[at:]

    def _repeated(
        self, copies: list[list[Item]], steps: list[list[Step]], key: str, only_time: bool
    ) -> Group | None:
        """One time, with a box for those before and one for those after; None if not worth it."""
        first, times = copies[0], len(copies)
        spared = (times - 1) * sum(map(boxes_of, first)) - 2
        if times < (_STEPS if only_time else _LEAST) or spared < (_SAVED if only_time else 2):
            return None
        is_module = len(first) == 1 and isinstance(first[0], Group) and first[0].times == 1
        loop = loop_of(first[0].key if is_module else key, steps, self.model)
        if only_time and (loop.kind == "block" or not (loop.is_chained or _shares(steps))):
            return None
        loop.shown = min(self.shown.get(loop.key, loop.shown), loop.times - 1)
        self.folded[loop.key] = _Folded(loop, copies, is_module, only_time)
        return self._arranged(self.folded[loop.key])

    def _arranged(self, folded: _Folded) -> Group:
        loop, copies = folded.loop, folded.copies
        group = Group(loop.key, None, copies[loop.shown], label=loop.kind)
        if folded.is_module:
            inner, last = (copy[0] for copy in (copies[loop.shown], copies[-1]))
            assert isinstance(inner, Group)
            group.scope, group.items = inner.scope, inner.items
            group.label = loop.name = _from_to(copies[0][0], last)
        else:
            self.fold(group, folded.only_time)  # loops inside of a step
        now = loop.shown
        parts = [(0, now), (now + 1, loop.times)]
        before, after = (_sealed(loop, copies, *part) for part in parts)
        if not loop.is_chained:  # side by side
            rest = Group(f"{loop.key}b", None, [*before.items, *after.items], False,
                         f"{loop.times - 1} more", is_sealed=True)  # fmt: skip
            before, after = Group("", None), rest
        group.items = [each for each in (before, *group.items, after) if _is_any(each)]
        group.loop = loop
        return group


def _found(row: list[int], inside: list[list[Step]]) -> Iterator[tuple[int, int, int]]:
    """(begin, period, end) of what repeats in a row: whole copies of whole steps."""
    found = runs(row)
    starts = [start for start, _, _ in found]
    at = 0
    for (start, period, times), most in zip(found, [*starts[1:], len(row)], strict=False):
        end = start + period * times
        while end < most and row[end] == row[end - period]:
            end += 1
        start = max(at, start)
        if end - start < _LEAST * period:
            continue
        ops = [[s for each in inside[i : i + period] for s in each]
               for i in range(start, end - period + 1, period)]  # fmt: skip
        period *= cycle(ops)
        begin = best_start(inside, start, period, end)
        at = begin + (end - begin) // period * period
        yield begin, period, at


def _shares(steps: list[list[Step]]) -> bool:
    return bool(same_weights(steps[0], steps[1]))


def _is_any(item: Item) -> bool:
    return not isinstance(item, Group) or bool(item.items)


def _sealed(loop: Loop, copies: list[list[Item]], first: int, end: int) -> Group:
    items = [item for copy in copies[first:end] for item in copy]
    key = f"{loop.key}{'a' if not first else 'b'}"
    return Group(key, None, items, False, loop.span(first, end), is_sealed=True)


def _in_order(item: Item) -> list[Step]:
    return sorted(steps_of(item), key=lambda step: -step.order)


def _from_to(first: Item, last: Item) -> str:
    """`0 … 79`, of modules in a row; the name of one that is called again and again."""
    names = [item.scope.name for item in (first, last) if isinstance(item, Group) and item.scope]
    return " … ".join(dict.fromkeys(names))
