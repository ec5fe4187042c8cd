"""The values of a graph as they were when it was recorded, and words for what was changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.engine.mutation import changed_inputs, recorded_number
from autograd.engine.node import Node
from autograd.graph.graph import Graph
from autograd.viz.model.numbers import amount, number, rms

__all__ = ["Recorded"]

_ROUNDING = 64  # of a replay beside the recording
_NAMED = 3  # of arrays that were changed; the others are counted


class Recorded:
    """What is known of the recording: 0-d leaves as they were, and what the outputs were.

    Of arrays that were written to only that is known; the picture is of a replay with what they
    hold now, and says so. `outputs` are the values that the outputs had, where someone has them.
    """

    def __init__(self, graph: Graph, outputs: Sequence[Any] = ()) -> None:
        self.graph = graph
        self.outputs = outputs
        self.leaves: dict[Node, Any] = {}
        self.changed: list[tuple[Node, str]] = []
        for leaf in graph.leaves:
            if leaf.extra is not None and leaf.extra.past:
                self._look_at(leaf)

    def _look_at(self, leaf: Node) -> None:
        uses = [n.number for n in self.graph.nodes if leaf in n.inputs] or [leaf.number]
        found = [recorded_number(leaf, use) for use in uses]
        now = leaf.saved[0]
        if all(value is now or _equal(value, now) for value in found):
            return  # or it is again what it was
        if any(value is None for value in found):
            self.changed.append((leaf, "was changed after the recording"))
        elif any(value != found[0] for value in found):
            steps = _told_apart(list(dict.fromkeys(found)))
            self.changed.append((leaf, f"was changed between its uses ({steps})"))
        else:
            self.leaves[leaf] = found[0]

    def note(self, values: Mapping[Node, Any], names: Mapping[Node, str]) -> str:
        """What a picture of these values says of changes; nothing where there were none."""
        found = [
            f"{names[leaf]} changed since ({_told_apart([old, leaf.saved[0]])}), "
            "shown as it was recorded"
            for leaf, old in self.leaves.items()
        ]
        found += [f"{names[leaf]} {what}" for leaf, what in self.changed]
        if changed := changed_inputs(self.graph.nodes):
            found.append(_all_changed(changed))
        for node, old in zip(self.graph.outputs, self.outputs, strict=False):
            if not _is_same(values[node], old):
                found.append(
                    f"{names[node]} was {amount(old)} when it was recorded, and is "
                    f"{amount(values[node])} replayed"
                    + ("" if found else ": what it was made of was changed since")
                )
        return "; ".join(dict.fromkeys(found))


def _all_changed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} was changed after the recording, these are its values now"
    most = _NAMED if len(names) > _NAMED + 1 else len(names) - 1
    rest = names[most] if most == len(names) - 1 else f"{len(names) - most} others"
    shown = f"{', '.join(names[:most])} and {rest}"
    return f"{shown} were changed after the recording, these are their values now"


def _equal(old: Any, new: Any) -> bool:
    return old is not None and bool(old == new or (old != old and new != new))


def _told_apart(values: Sequence[Any]) -> str:
    """`2 → 2.00001`: in as many digits as it takes to see the change."""
    texts = [number(value) for value in values]
    for digits in range(5, 18):
        if all(one != other for one, other in pairwise(texts)):
            break
        texts = [number(value, digits) for value in values]
    return " → ".join(texts)


def _is_same(new: Any, old: Any) -> bool:
    new, old = np.asarray(new), np.asarray(old)
    if new.dtype.kind not in "fc" or new.shape != old.shape:
        return bool(np.array_equal(new, old))
    slack = _ROUNDING * float(np.finfo(new.dtype).eps) ** 0.75  # sums in another order
    with np.errstate(all="ignore"):
        return bool(np.allclose(new, old, rtol=slack, atol=slack * rms(old), equal_nan=True))
