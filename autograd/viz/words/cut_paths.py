"""What a gradient would be with the paths that a detach of the tensor itself cut."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.node import Node, constant_value
from autograd.graph.formula import printed_rules
from autograd.graph.interpret import inputs_of
from autograd.sweep.cotangent import conjugate, unbroadcast
from autograd.viz.model.model import Model
from autograd.viz.model.pullback import input_names

__all__ = ["shares_cut"]


def shares_cut(model: Model, node: Node) -> Any:
    """The sum of what the inputs that are a detached copy of a leaf would have given it.

    None where there are others too: what was made of a copy outside the graph is not known.
    """
    found = None
    own = node.saved[0] if node.saved else None
    for step in model.steps:
        if step.node.extra is None or step.node.extra.choice != "detach":
            continue
        inputs = tuple(inputs_of(step.node, model.values))
        out, g = model.values[step.node], model.cotangents[step.node]
        with np.errstate(all="ignore"):
            rules = printed_rules(step.op, inputs, step.node.parameters(), g, out)
        for name, source in zip(input_names(step.node), step.node.inputs, strict=True):
            if type(source) is Node or source is None:
                continue
            if not _is_same(constant_value(source), own) or name not in rules:
                return None
            share = conjugate(unbroadcast(np.asarray(rules[name].value), node.shape))
            found = share if found is None else found + share
    return found


def _is_same(value: Any, own: Any) -> bool:
    """Whether it is the very number or memory of a leaf; equal ones may have come otherwise."""
    if value is own:
        return True
    if not isinstance(value, np.ndarray) or not isinstance(own, np.ndarray):
        return False
    return value.shape == own.shape and np.shares_memory(value, own)
