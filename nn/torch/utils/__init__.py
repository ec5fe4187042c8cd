"""nn.torch.utils: data in batches, and checkpoints of what is computed again."""

from __future__ import annotations

from typing import Any

from nn.torch.absent import refusing
from nn.torch.utils import checkpoint, data

__all__ = ["checkpoint", "data"]


def _unknown(name: str) -> Any:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__getattr__ = refusing(
    "torch.utils",
    _unknown,
    {
        "tensorboard": "write what fit() returns, or nn.callbacks.CSVLogger, and nn.plot.history",
        "cpp_extension": "an op of your own is a function in Python: autograd.extend.op",
        "mobile_optimizer": "there is no such target",
        "benchmark": "write timeit",
        "model_zoo": "load a file of your own with torch.load",
        "bottleneck": "write autograd.profiling",
    },
)
