"""What native code is written from: operands, and passes over them inside loops over outer axes.

Numbers that differ from run to run are no part of it, so one text serves all shapes: where each
operand begins, the lengths, the strides in bytes. They stand in an array of int64, in this order:
of each operand where it begins, and which address it lies at; the outer lengths, the outer strides
(axis by axis, of all operands); of each pass its lengths and its strides (axis by axis, of the
pass's operands); numbers of the formula.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.codegen.node import Node

__all__ = ["INDEX", "NUMBER", "Pass", "Place", "Plan"]

NUMBER, INDEX = -1, -2  # slots: among the numbers themselves; nowhere, but counting


class Place(NamedTuple):
    """How an operand lies along the innermost axis of a pass."""

    operand: int
    dtype: np.dtype[Any]
    step: str  # "one": side by side, "none": the same number, "any": so many bytes apart
    # (or of what counts places: "index", and "still" where the place is the same)
    kind: str = ""  # of a result that is reduced: "sum", "max", ...


class Pass(NamedTuple):
    """Expressions over some axes; their entries are the inputs, by their numbers."""

    roots: tuple[Node, ...]
    inputs: tuple[Place, ...]
    outputs: tuple[Place, ...]  # of each root
    axes: int  # 0: over one number
    narrow: bool  # number by number: what is done seldom, as less code


class Plan(NamedTuple):
    """All that the code depends on."""

    operands: tuple[str, ...]  # "array", "number" (which is among the numbers), "index"
    before: tuple[Pass, ...]
    axes: int  # the outer ones
    inner: tuple[Pass, ...]
    after: tuple[Pass, ...]
    lanes: int
    scales: bool  # whether the processor multiplies by powers of 2 in one step
    is_far: bool = False  # whether arrays lie further away than in a cache
