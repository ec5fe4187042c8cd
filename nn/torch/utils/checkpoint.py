"""nn.torch.utils.checkpoint: functions whose values are computed anew in the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd

__all__ = ["checkpoint", "checkpoint_sequential", "get_device_states", "set_device_states"]

_OPTIONS = (
    "use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug", "early_stop",
)  # fmt: skip


def checkpoint(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`function(*args)`, which keeps its arguments alone."""
    given = {n: value for n, value in kwargs.items() if n not in _OPTIONS}
    return autograd.checkpoint(function, kwargs.get("preserve_rng_state", True))(*args, **given)


def checkpoint_sequential(functions: Any, segments: int, input: Any, **kwargs: Any) -> Any:
    """The functions called one after the other, in segments of which each keeps its input alone."""
    functions = list(functions)
    length = max(len(functions) // segments, 1)
    starts = [k * length for k in range(segments) if k * length < len(functions)]
    for start, stop in zip(starts, [*starts[1:], len(functions)], strict=True):

        def segment(x: Any, part: Any = tuple(functions[start:stop])) -> Any:
            for function in part:
                x = function(x)
            return x

        is_last = stop == len(functions)  # whose values are needed at once
        input = segment(input) if is_last else checkpoint(segment, input, **kwargs)
    return input


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:
    """The GPUs that the arguments lie on, of which there are none, and their random states."""
    return [], []


def set_device_states(devices: Any, states: Any, **options: Any) -> None:
    """Nothing: there is no GPU."""
