"""Comparisons, elementwise and of whole Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import ShapeError
from autograd.extend import raw
from nn.torch.functions.arithmetic import binary, same_dtype
from nn.torch.functions.calling import made, numbers

# ---- comparisons ---------------------------------------------------------------------------------

eq = binary(autograd.equal, "eq")
ne = not_equal = binary(autograd.not_equal, "ne")
lt = less = binary(autograd.less, "lt")
le = less_equal = binary(autograd.less_equal, "le")
gt = greater = binary(autograd.greater, "gt")
ge = greater_equal = binary(autograd.greater_equal, "ge")
logical_and = binary(autograd.logical_and, "logical_and", numbers=False)
logical_or = binary(autograd.logical_or, "logical_or", numbers=False)
logical_xor = binary(autograd.logical_xor, "logical_xor", numbers=False)


def isclose(
    input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Any:
    """Whether |input − other| <= atol + rtol · |other|, elementwise."""
    same_dtype("isclose", input, other)
    return autograd.isclose(input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(
    input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether all are close: True or False."""
    return bool(autograd.all(isclose(input, other, rtol, atol, equal_nan)))


def equal(input: Any, other: Any) -> bool:
    """Whether shapes and all numbers are equal: True or False."""
    return input.shape == other.shape and bool(np.all(raw(eq(input, other))))


def is_nonzero(input: Any) -> bool:
    """Whether the only element is not zero."""
    if input.size != 1:
        raise ShapeError(f"is_nonzero: a Tensor of shape {input.shape} has no one truth value")
    return bool(numbers(input, "is_nonzero"))


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Any:
    """Whether each element is among the test elements."""
    x, y = (np.asarray(v) if not hasattr(v, "dtype") else v for v in (elements, test_elements))
    return made(autograd.isin(x, y, assume_unique=assume_unique, invert=invert))
