"""What is wrong in low precision alone, as a finding."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.gradcheck.naming.case import Case
from autograd.gradcheck.naming.patterns import factor
from autograd.gradcheck.report.finding import Entry, Finding

__all__ = ["low_finding"]


def low_finding(
    case: Case, found: Any, mine: list[int], number: int, start: int, dtype: str
) -> Finding:
    """The elements of one input that are wrong in its own dtype alone."""
    like = case.function.checked[number]
    width = 2 if like.dtype.kind == "c" else 1
    entries = tuple(
        Entry(
            tuple(int(k) for k in np.unravel_index((i - start) // width, like.shape)),
            float(found.gradient[i]),
            float(found.expected[i]),
            float(found.error[i]),
        )
        for i in mine
    )
    what = factor(found.gradient[mine], found.expected[mine], [])
    pattern = "wrong in low precision alone; the formula is right in float64"
    return case.finding(
        "float32",
        number,
        entries=entries,
        wrong=len({e.index for e in entries}),
        total=like.size,
        dtype=dtype,
        pattern=f"{what}, {pattern}" if what else pattern,
        where=None if case.quick else case.blamed.node,
    )
