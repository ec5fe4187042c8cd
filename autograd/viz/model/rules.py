"""The rules of one op in the names of a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.graph.interpret import inputs_of
from autograd.viz.model.mathematics import mathematics
from autograd.viz.model.numbers import subscript, symbol
from autograd.viz.model.pullback import Pull, input_names

__all__ = ["Rules"]


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

    def summed(self, pull: Pull, source: str, value: Any) -> str:
        """The rule of an input, and the axes that it is summed over; else whose transpose it is.

        A real input of a complex output receives the real part.
        """
        rule, axes = self._written(pull.rule.text, gradient=self.is_complex), pull.summed
        if not rule:
            return f"(∂{self.out}/∂{symbol(source)})ᵀ{self.g}"
        if np.iscomplexobj(pull.rule.value) and not np.iscomplexobj(value) and rule != "0":
            rule = f"Re({rule})"
        rule = re.sub(r"^(Σ[₀-₉₋]*)\((\w+)\)$", r"\1 \2", rule)
        if not axes or rule == "0":
            return rule
        signs = "".join(map(subscript, axes))
        return f"Σ{signs} {rule}" if rule.isalnum() else f"Σ{signs} ({rule})"
