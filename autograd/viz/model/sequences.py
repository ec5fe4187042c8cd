"""Ops that hold a whole loop, such as an LSTM over a sequence: the gradient by step inside."""

from __future__ import annotations

import numpy as np

from autograd.graph.formula import printed_rules
from autograd.graph.interpret import inputs_of
from autograd.viz.model.loops import Curve
from autograd.viz.model.model import Model, Step
from autograd.viz.model.numbers import rms

__all__ = ["sequence_curve"]

_LEAST = 3  # steps


def sequence_curve(model: Model, step: Step) -> Curve | None:
    """The rms gradient that reaches what is read at each step, whether it is asked for or not.

    It is what the rule of the op gives for its input x: (T, N, F), or the rows of all steps with
    the `sizes` of these.
    """
    params = step.node.parameters()
    if not {"sizes", "reverse"} <= params.keys() or step.op.inputs[0] != "x":
        return None
    inputs = tuple(inputs_of(step.node, model.values))
    if step.node not in model.cotangents:
        return None
    with np.errstate(all="ignore"):
        rules = printed_rules(
            step.op, inputs, params, model.cotangents[step.node], model.values[step.node]
        )
    if "x" not in rules or rules["x"].value is None:
        return None
    gradient = np.asarray(rules["x"].value)
    sizes = params["sizes"]
    parts = list(gradient) if sizes is None else np.split(gradient, np.cumsum(sizes)[:-1])
    return Curve(tuple(map(rms, parts))) if len(parts) >= _LEAST else None
