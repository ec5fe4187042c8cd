"""What of a network its picture shows: gradients, costs, or names and shapes alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograd.viz.model.costs import Costs
from autograd.viz.model.model import Step
from autograd.viz.model.numbers import number
from autograd.viz.scene.scene import Row
from autograd.viz.scene.style import EDGE, MUTED, OP_NOTE, PARAM, Text

__all__ = ["Looks"]

_WORDS = 112  # the width of what is written left of a bar


@dataclass(frozen=True, slots=True)
class Looks:
    """The choices that every box of a picture reads."""

    grads: bool = True
    costs: Costs | None = None
    shapes: bool = False  # names and shapes alone, a line each

    @property
    def main(self) -> int:
        """The width of the main column."""
        return 184 if self.shapes else 236

    @property
    def dock(self) -> int:
        """The width of the cards beside the ops."""
        return 148 if self.shapes else 190

    @property
    def size(self) -> int:
        """Of the letters of a name."""
        return 12 if self.shapes else 14

    def cost_rows(self, steps: Iterable[Step], width: float, is_dark: bool) -> tuple[Row, ...]:
        """`31 % of time` and a bar of that length; nothing where costs are not shown."""
        if self.costs is None:
            return ()
        share = self.costs.share(steps)
        bar = width - _WORDS - 24
        full, rest, ink = (OP_NOTE, PARAM, OP_NOTE) if is_dark else (MUTED, EDGE, MUTED)
        filled = max(1, round(bar * share))
        said = Text(f"{number(100 * share, 2)} % of {self.costs.by}", 10, ink, width=_WORDS)
        cells = (said, Text("", width=filled), Text("", width=max(1, round(bar) - filled)))
        return (
            Row((), 4),
            Row(cells, 10, part="cost", fills=("", full, rest)),
            Row((), 8),
        )
