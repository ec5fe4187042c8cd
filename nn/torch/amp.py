"""torch.amp: mixed precision, which is full precision here: nothing is scaled, nothing is cast."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]


class autocast:
    """A context manager and a decorator: everything keeps the precision that it has."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Whatever is asked for."""

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return functools.wraps(function)(lambda *args, **kwargs: function(*args, **kwargs))


class GradScaler:
    """Scales by 1: gradients in full precision need no more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._scale = 1.0

    def scale(self, outputs: Any) -> Any:
        """The loss itself."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Nothing: gradients are not scaled."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """The step of the optimizer."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Nothing: the scale stays 1."""

    def get_scale(self) -> float:
        """1."""
        return self._scale

    def is_enabled(self) -> bool:
        """Whether losses are scaled: no."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state_dict: Any) -> None:
        """Nothing to take back."""


def custom_fwd(function: Any = None, **options: Any) -> Any:
    """The function itself."""
    return function if function is not None else (lambda f: f)


custom_bwd = custom_fwd
