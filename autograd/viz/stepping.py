"""stepper: the backward pass one op at a time, in the terminal or a notebook."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Self

from autograd.engine.arguments import spelled
from autograd.errors import ArgumentError
from autograd.graph.graph import Graph
from autograd.viz.model.model import Model, Step, build
from autograd.viz.model.numbers import one_line
from autograd.viz.model.steps import page_data
from autograd.viz.model.subject import recorded_of
from autograd.viz.picture import Picture

__all__ = ["Stepper", "stepper"]


class Stepper:
    """Walks over the ops in the order of the backward pass; `print` shows where it stands.

    `position` counts the ops that are done, from 0 to `len(stepper)`.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.position = 0
        self._data = page_data(model)
        self._steps = sorted(model.steps, key=lambda step: step.order)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be undone: the graph and every `.grad` are as they were."""

    def __len__(self) -> int:
        return len(self._steps)

    # ---- moving --------------------------------------------------------------------------------

    def next(self) -> Self:
        """Do one more op; at the end, stay there."""
        self.position = min(self.position + 1, len(self))
        return self

    def back(self) -> Self:
        """Undo one op; at the start, stay there."""
        self.position = max(self.position - 1, 0)
        return self

    def run_to(self, op: str) -> Self:
        """Go on until an op of this name, or the op that made the tensor of this name, is done."""
        for place in range(self.position, len(self)):
            step = self._steps[place]
            if op == step.op.name or any(card.name == op for card in step.outputs):
                self.position = place + 1
                return self
        left = dict.fromkeys(step.op.name for step in self._steps[self.position :])
        raise ArgumentError(
            f"no {op!r} is left to run to; from here on there are {', '.join(left) or 'no ops'}"
        )

    # ---- what it shows -------------------------------------------------------------------------

    @property
    def current(self) -> Step | None:
        """The op that was done last, or None at the start."""
        return self._steps[self.position - 1] if self.position else None

    @property
    def rules(self) -> dict[str, str]:
        """The rule of each input of the current op, as a formula in G, the upstream gradient."""
        return {row["input"]: row["rule"] for row in self._rows()}

    @property
    def gradients(self) -> dict[str, Any]:
        """What has reached each tensor so far, by name."""
        found = {card.name: card.gradient for card in self.model.outputs}
        for step in self._steps[: self.position]:
            for edge in step.edges:
                if edge.contribution is not None:
                    before = found.get(edge.source.name)
                    found[edge.source.name] = (
                        edge.contribution if before is None else before + edge.contribution
                    )
        return found

    def _rows(self) -> list[dict[str, Any]]:
        if not self.position:
            return []
        rows: list[dict[str, Any]] = self._data["steps"][self.position - 1]["rows"]
        return rows

    def html(self) -> str:
        """The page that steps through all of it."""
        return Picture(self.model).html()

    def __str__(self) -> str:
        if not self.position:
            names = ", ".join(card.name for card in self.model.outputs)
            note = f"\n        {self.model.note}" if self.model.note else ""
            return (
                f"0 / {len(self)}   forward is done; backward starts at {names}, with ∇ = 1{note}"
            )
        record = self._data["steps"][self.position - 1]
        where = "   ".join(filter(None, (record["where"], record["module"])))
        lines = [
            f"{self.position} / {len(self)}   ↩{record['order']} backward of {record['title']}"
        ]
        lines += [f"        {line}" for line in (where, one_line(self.model.note)) if line]
        g = "G = " if not record["others"] else ""  # of several outputs rules speak by name
        lines.append(f"        {g}∇{record['out']} = {self._shown(record['upstream'])}")
        lines += [f"        ∇{name} = {self._shown(value)}" for name, value in record["others"]]
        for row in record["rows"]:
            lines.append(f"   {row['input']}:  {row.get('local') or '∇ += ' + row['rule']}")
            product = f"{row['product']} = " if row.get("product") else ""
            lines.append(f"        {product}{self._shown(row['contribution'])}")
            if "sum" in row:
                lines.append(f"        {row['sum']}")
        return "\n".join(lines)

    def _shown(self, amount: Any) -> str:
        if not isinstance(amount, int):
            return str(amount)
        record = self._data["tensors"][amount]
        return f"{record['shape']}, rms {record['rms']}"

    def __repr__(self) -> str:
        return f"<Stepper at {self.position} of {len(self)}>"


@spelled
def stepper(loss: Any, names: Mapping[str, Any] | None = None) -> Stepper:
    """Step through the backward pass of a loss: `next`, `back`, `run_to`, and `print`.

    It runs on a replay of the graph, so nothing of it changes any `.grad`. Source lines are there
    if the loss was computed under `tracing`. `names` gives names to Tensors, such as `locals()`.

    >>> import autograd as ag
    >>> w = ag.Tensor(3.0, requires_grad=True)
    >>> p = w * 2
    >>> L = p + 1
    >>> with ag.stepper(L) as s:
    ...     print(s.run_to("multiply"))
    2 / 2   ↩2 backward of p = w × 2
            G = ∇p = 1
       w:  ∂p/∂w = 2
            1 × 2 = 2
    """
    if names is None:
        names = sys._getframe(2).f_locals
    graph = loss if isinstance(loss, Graph) else Graph(loss)
    return Stepper(build(graph, names, recorded_of(loss)))
