"""Planted mistakes: wrong rules for gradcheck to find, each with the pattern it must be given."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.samples import draw
from autograd.errors import GradcheckError
from autograd.gradcheck import gradcheck

Make = Callable[[], tuple[Any, ...]]


class Mistakes(list[Any]):
    """A table of functions that make (f, *inputs), with what the report must say of each."""

    def enter(self, pattern: str, order: int = 1) -> Callable[[Make], Make]:
        """Enter a function in the table; the report must match the pattern."""

        def entered(make: Make) -> Make:
            self.append(pytest.param(make, pattern, order, id=make.__name__))
            return make

        return entered


def planted(rule: Callable[..., Any], forward: Callable[[Any], Any] = np.sin) -> Any:
    """An op of one input with the given rule; its forward is sin unless told otherwise."""

    def planted(x: Any, /) -> Any:
        return forward(x)

    return op("planted", x=rule)(planted)


def tensor(*shape: int, low: float = -2.0, high: float = 2.0, dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(draw(*shape, low=low, high=high, away_from=(0.0,)).astype(dtype))


def verdict(f: Any, inputs: tuple[Any, ...], order: int = 1) -> tuple[bool, str]:
    """Whether f passes, and what the report says."""
    try:
        report = gradcheck(f, *inputs, order=order, raise_exception=False)
    except GradcheckError as error:
        return False, str(error)
    return bool(report), str(report)


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def assert_caught(make: Make, pattern: str, order: int) -> None:
    """The report fails, and says what the mistake is."""
    f, *inputs = make()
    passes, text = verdict(f, tuple(inputs), order)
    assert not passes, text
    assert re.search(pattern, text), f"{pattern!r} is not in\n{text}"
