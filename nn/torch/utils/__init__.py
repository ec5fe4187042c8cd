"""nn.torch.utils: data in batches, and checkpoints of what is computed again."""

from __future__ import annotations

from nn.torch.absent import refusing, unknown
from nn.torch.utils import checkpoint, data

__all__ = ["checkpoint", "data"]


__getattr__ = refusing(
    "torch.utils",
    unknown(__name__),
    {
        "tensorboard": "write what fit() returns, or nn.callbacks.CSVLogger, and nn.plot.history",
        "cpp_extension": "an op of your own is a function in Python: autograd.extend.op",
        "mobile_optimizer": "there is no such target",
        "benchmark": "write timeit",
        "model_zoo": "load a file of your own with torch.load",
        "bottleneck": "write autograd.profiling",
    },
)
