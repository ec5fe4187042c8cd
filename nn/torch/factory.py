"""What PyTorch's constructors take beside: `device=`, where there is one, and its dtypes."""

from __future__ import annotations

from typing import Any

from autograd.engine.dtypes import as_dtype
from autograd.errors import StateError

__all__ = ["on_cpu", "plain_dtype", "rng_of"]


def on_cpu(device: Any) -> None:
    """Refuse a device that is not the processor; chaingrad computes there alone."""
    if device is None:
        return
    kind = str(getattr(device, "type", device)).partition(":")[0]
    if kind != "cpu":
        raise StateError(
            f"there is no device {kind!r}: everything is computed on the processor; write "
            '"cpu", or torch.device("cuda" if torch.cuda.is_available() else "cpu")'
        )


def plain_dtype(dtype: Any) -> Any:
    """NumPy's dtype of one of PyTorch's; None stays None."""
    return None if dtype is None else as_dtype(dtype)


def rng_of(generator: Any) -> Any:
    """NumPy's generator of one of PyTorch's; None stands for the default one."""
    return getattr(generator, "numpy", generator)
