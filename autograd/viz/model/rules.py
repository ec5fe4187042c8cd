"""The rules of one op in the names of a picture, written when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.graph.interpret import inputs_of
from autograd.sweep.pull import input_name
from autograd.viz.model.local import Local, locals_of
from autograd.viz.model.mathematics import mathematics
from autograd.viz.model.numbers import subscript, symbol
from autograd.viz.model.pullback import Pull, input_names

__all__ = ["Derivatives", "Rules"]


class Derivatives:
    """What an op's rules say of its inputs, by their positions.

    Of a large graph few boxes are drawn, so nothing is written before a picture has room for it.
    """

    def __init__(
        self,
        node: Node,
        values: dict[Node, Any],
        g: Any,
        pulls: Mapping[int, Pull],
        names: Mapping[int, Any],
        outs: Mapping[int, Any],
    ) -> None:
        self._of = node, values, g
        self._names, self._outs = names, outs  # the cards, by position and by number
        self._pulls = {
            position: (pull.rule.text, np.iscomplexobj(pull.rule.value), pull.summed)
            for position, pull in pulls.items()
        }
        self._written: dict[int, str] = {}

    @cached_property
    def _rules(self) -> Rules:
        names, outs = (
            {place: card.name for place, card in cards.items()}
            for cards in (self._names, self._outs)
        )
        return Rules(*self._of, names, outs)

    @cached_property
    def _locals(self) -> dict[str, Local]:
        node, values, _ = self._of
        inputs, out = tuple(inputs_of(node, values)), values[node]
        if isinstance(out, tuple) or any(np.ndim(value) for value in (out, *inputs)):
            return {}
        with np.errstate(all="ignore"):
            return locals_of(node.op, inputs, node.parameters(), out)

    def rule(self, position: int) -> str:
        """What an input receives, in G and the names of the picture."""
        if position not in self._written:
            card = self._names[position]
            text = self._rules.summed(*self._pulls[position], card.name, card.value)
            self._written[position] = text
        return self._written[position]

    def local(self, position: int) -> Local | None:
        """∂out/∂in, of an op on numbers that has one output."""
        return self._locals.get(input_name(self._of[0], position))

    def derivative(self, position: int, conjugated: bool = False) -> str:
        """The same as a formula; where it is complex, its conjugate if asked for."""
        local = self.local(position)
        if local is None:
            return ""
        return self._rules.of(local.rule.text, conjugated and np.iscomplexobj(local.value))


class Rules:
    """Writes the rules of a node; inputs without a name are literal numbers."""

    def __init__(
        self,
        node: Node,
        values: dict[Node, Any],
        g: Any,
        names: Mapping[int, str],
        outs: Mapping[int, str],
    ) -> None:
        names = {i: symbol(name) for i, name in names.items()}
        outs = {i: symbol(name) for i, name in outs.items()}
        own, inputs, out = input_names(node), inputs_of(node, values), values[node]
        self.op = node.op
        every = (*inputs, *(out if isinstance(out, tuple) else (out,)))
        self.arrays = any(np.ndim(value) > 0 for value in every)
        self.literals = {name for i, name in enumerate(own) if i not in names}
        self.names = {own[i]: name for i, name in names.items()}
        self.values = dict(zip(own, inputs, strict=True)) | {"out": out, "g": g}
        if node.op.variadic:
            self.values[node.op.inputs[0]] = list(inputs)
        self.is_complex = any(map(np.iscomplexobj, every))
        if isinstance(out, tuple):
            alone = len(outs) == 1
            self.names |= {f"out[{i}]": outs.get(i, f"out{subscript(i)}") for i in range(len(out))}
            self.names |= {f"g[{i}]": "G" if alone else f"∇{name}" for i, name in outs.items()}
            self.out = next(iter(outs.values())) if alone else f"({', '.join(outs.values())})"
            self.g = "G" if alone else f"(∇{', ∇'.join(outs.values())})"
        else:
            self.out, self.g = outs[0], "G"
            self.names |= {"g": "G", "out": self.out}

    def of(self, text: str, conjugated: bool = False) -> str:
        """A printed formula in mathematics; nothing where it is a program."""
        return self._written(text, conjugated=conjugated)

    def _written(self, text: str, **options: bool) -> str:
        return mathematics(
            text, self.names, self.values, self.op,
            literals=self.literals, arrays=self.arrays, **options,
        )  # fmt: skip

    def summed(
        self, text: str, is_complex: bool, axes: tuple[int, ...], source: str, value: Any
    ) -> str:
        """The rule of an input, and the axes that it is summed over; else whose transpose it is.

        A real input of a complex output receives the real part.
        """
        rule = self._written(text, gradient=self.is_complex)
        if not rule:
            return f"(∂{self.out}/∂{symbol(source)})ᵀ{self.g}"
        if is_complex and not np.iscomplexobj(value) and rule != "0":
            rule = f"Re({rule})"
        rule = re.sub(r"^(Σ[₀-₉₋]*)\((\w+)\)$", r"\1 \2", rule)
        if not axes or rule == "0":
            return rule
        signs = "".join(map(subscript, axes))
        return f"Σ{signs} {rule}" if rule.isalnum() else f"Σ{signs} ({rule})"
