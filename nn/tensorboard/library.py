"""tensorboardX, which writes the files, and is loaded when a writer is made."""

from __future__ import annotations

import importlib
from typing import Any

from autograd.errors import MissingPackageError

__all__ = ["library"]


def library(part: str = "") -> Any:
    """tensorboardX, or a part of it, such as "proto.graph_pb2"."""
    try:
        return importlib.import_module(f"tensorboardX.{part}" if part else "tensorboardX")
    except ImportError:
        raise MissingPackageError(
            "TensorBoard's files are written by tensorboardX:  pip install tensorboardX"
        ) from None
