"""torch.utils.dlpack: Tensors that share memory with those of other libraries."""

from __future__ import annotations

from nn.torch.functions.creating import from_dlpack

__all__ = ["from_dlpack"]
