"""nn.torch.utils.checkpoint: functions whose values PyTorch computes anew in the backward pass.

Here they are kept, so the result is the same and the memory is not saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["checkpoint", "checkpoint_sequential", "get_device_states", "set_device_states"]

_OPTIONS = (
    "use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug", "early_stop",
)  # fmt: skip


def checkpoint(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`function(*args)`."""
    return function(*args, **{n: value for n, value in kwargs.items() if n not in _OPTIONS})


def checkpoint_sequential(functions: Any, segments: int, input: Any, **kwargs: Any) -> Any:
    """The functions called one after the other."""
    for function in functions:
        input = function(input)
    return input


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:
    """The GPUs that the arguments lie on, of which there are none, and their random states."""
    return [], []


def set_device_states(devices: Any, states: Any, **options: Any) -> None:
    """Nothing: there is no GPU."""
