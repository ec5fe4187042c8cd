"""nn.torch.utils: data in batches, and checkpoints of what is computed again."""

from __future__ import annotations

from nn.torch.absent import refusing, unknown
from nn.torch.utils import _pytree, checkpoint, data, dlpack, hooks, model_zoo, tensorboard

__all__ = ["_pytree", "checkpoint", "data", "dlpack", "hooks", "model_zoo", "tensorboard"]


__getattr__ = refusing(
    "torch.utils",
    unknown(__name__),
    {
        "cpp_extension": "an op of your own is a function in Python: autograd.extend.op",
        "mobile_optimizer": "there is no such target",
        "benchmark": "write timeit",
        "bottleneck": "write autograd.profiling",
    },
)
