"""Names of the inside of PyTorch that libraries ask, each with the answer that is true here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.errors import StateError
from autograd.extend import raw

_C = SimpleNamespace(
    _are_functorch_transforms_active=lambda: False, _get_tracing_state=lambda: None
)


class SymInt:
    """A length that is not known yet: there are none."""


class SymFloat:
    """A number that is not known yet: there are none."""


def _assert_async(input: Any, assert_msg: str = "") -> None:
    """Raise where a condition does not hold."""
    if not np.all(raw(input)):
        raise StateError(assert_msg or "an assertion about a Tensor does not hold")


def _check(cond: bool, message: Any = None) -> None:
    """Raise where a condition does not hold."""
    if not cond:
        raise StateError(message() if callable(message) else "a condition does not hold")
