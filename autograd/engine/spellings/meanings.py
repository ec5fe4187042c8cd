"""Functions that `dim=` tells to be PyTorch's, which give something else than NumPy's.

An axis of another name is understood where both mean the same; here NumPy has no `dim`, so that
who writes it means PyTorch's function, and would get NumPy's.
"""

from __future__ import annotations

from autograd.engine.spellings.spread import spread

__all__ = ["BY_NAME_ALONE", "OF_PYTORCH"]

_PAIR = "gives values and indices; write axis= for the values"

OF_PYTORCH = spread(
    {
        "max min": f"{_PAIR}, x.arg{{}}(axis) for the indices",
        "sort": f"{_PAIR}, x.argsort(axis) for the indices",
        "median": f"{_PAIR}, which are the mean of two in the middle here, the lower one there",
        "cummax cummin": _PAIR,
        "std var": "divides by N - 1; write correction=1 too for that, or axis= for N",
    }
)

# Those that PyTorch has something else for in third place, after x and the axis; NumPy a dtype.
BY_NAME_ALONE = dict.fromkeys(
    ("std", "var"),
    "the third argument is unbiased in PyTorch; write keepdims=True, or correction=1",
)
