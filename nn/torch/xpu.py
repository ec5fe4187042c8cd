"""torch.xpu: there is no such device."""

from __future__ import annotations

from typing import Any

from nn.torch import refusals


def is_available() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: Any) -> None:
    """Nothing: there is no generator of such a device."""


def empty_cache() -> None:
    """Nothing: there is no cache."""


manual_seed_all = manual_seed
synchronize = empty_cache


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.xpu", name, "there is the CPU alone; leave it out")
