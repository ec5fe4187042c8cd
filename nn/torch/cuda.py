"""torch.cuda: there is no GPU, and what programs ask about it has that answer."""

from __future__ import annotations

from typing import Any

from autograd.errors import UnsupportedError
from nn.torch import amp as amp
from nn.torch import refusals


def is_available() -> bool:
    """False."""
    return False


def is_initialized() -> bool:
    """False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: Any) -> None:
    """Nothing: there is no generator of a GPU."""


manual_seed_all = manual_seed


def empty_cache() -> None:
    """Nothing: there is no cache."""


def synchronize(device: Any = None) -> None:
    """Nothing: all is done when a function returns."""


def memory_allocated(device: Any = None) -> int:
    """0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated
reset_peak_memory_stats = ipc_collect = synchronize


def _refused(name: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(f"torch.cuda.{name}: there is no GPU here; leave it out")

    call.__name__ = name
    call.__doc__ = "Refused: there is no GPU."
    return call


current_device, set_device, device, get_device_name, get_device_properties = map(
    _refused,
    ("current_device", "set_device", "device", "get_device_name", "get_device_properties"),
)
get_device_capability, Stream, Event, stream, current_stream = map(
    _refused, ("get_device_capability", "Stream", "Event", "stream", "current_stream")
)


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.cuda", name, "there is no GPU here; leave it out")
