"""nn.torch.utils.checkpoint: functions whose values PyTorch computes anew in the backward pass.

Here they are kept, so the result is the same and the memory is not saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["checkpoint", "checkpoint_sequential"]

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
