"""What all steps of a loop take from, or give to, one place: a line, at the step that is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.viz.model.loops import Loop
from autograd.viz.model.model import Edge, Step

__all__ = ["Bundles"]


class Bundles:
    """Knows the lines between a loop and its surroundings that the drawn step has, too.

    A decoder that attends to all states of an encoder would have a line from each box of the one
    to each of the other, which say the same.
    """

    def __init__(self, loops: Sequence[Loop]) -> None:
        self.drawn = [loop.steps[loop.shown] for loop in loops if loop.is_chained]
        self.places: list[dict[Step, int]] = [
            {step: i for copy in loop.steps for i, step in enumerate(copy)}
            for loop in loops
            if loop.is_chained
        ]  # of a step in its copy

    def tells(self, edge: Edge) -> bool:
        """Whether the line of another edge stands for this one."""
        source, target = edge.source, edge.target
        if source.is_leaf:
            return False  # which docks at the drawn step
        for drawn, places in zip(self.drawn, self.places, strict=True):
            given, taken = places.get(source.maker) if source.maker else None, places.get(target)
            if (given is None) == (taken is None):
                continue  # inside the loop, or apart from it
            if taken is not None:
                target = drawn[taken]
            elif given is not None:
                outputs = {card.place: card for card in drawn[given].outputs}
                source = outputs.get(source.place, source)
        if source is edge.source and target is edge.target:
            return False
        return any(each.source is source for each in target.edges)
