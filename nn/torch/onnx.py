"""torch.onnx: nothing is exported, and what asks whether it is has that answer."""

from __future__ import annotations

from typing import Any

from nn.torch import refusals


def is_in_onnx_export() -> bool:
    """False."""
    return False


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.onnx", name, "models are not exported here")
