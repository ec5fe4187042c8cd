"""The onnx package, which is asked for when a model is written or read."""

from __future__ import annotations

import importlib
from typing import Any

from autograd.errors import MissingPackageError

__all__ = ["library"]


def library(part: str = "") -> Any:
    """The package `onnx`, or a part of it such as "helper"."""
    try:
        return importlib.import_module(f"onnx.{part}" if part else "onnx")
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            "models are written and read with onnx, which is not here:  pip install onnx"
        ) from error
