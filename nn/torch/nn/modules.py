"""nn.torch.nn.modules: the classes of nn.torch.nn again, by their rooms in PyTorch.

`from torch.nn.modules.batchnorm import _BatchNorm` is `torch.nn.modules.batchnorm._BatchNorm`
here: all rooms hold all classes.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from autograd.errors import MissingAttributeError

_ROOMS = (
    "activation", "adaptive", "batchnorm", "channelshuffle", "container", "conv", "distance",
    "dropout", "flatten", "fold", "instancenorm", "lazy", "linear", "loss", "module",
    "normalization", "padding", "pixelshuffle", "pooling", "rnn", "sparse", "transformer",
    "upsampling", "utils",
)  # fmt: skip
_HIDDEN = {  # what programs ask for in isinstance
    "_BatchNorm": ("nn.normalization.batch_norm_layers", "BatchNorm"),
    "_ConvNd": ("nn.convolution.base", "ConvolutionBase"),
    "_InstanceNorm": ("nn.normalization.instance_norm_layers", "_InstanceNorm"),
    "_DropoutNd": ("nn.dropout.layers", "_Dropout"),
    "_Loss": ("nn.loss.layers", "Loss"),
    "_NormBase": ("nn.normalization.running", "RunningNorm"),
}


def _single(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 1)


def _pair(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 2)


def _triple(x: Any) -> tuple[Any, ...]:
    return _repeated(x, 3)


def _repeated(x: Any, n: int) -> tuple[Any, ...]:
    """A number n times, or a sequence as a tuple."""
    return tuple(x) if hasattr(x, "__iter__") else (x,) * n


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return sys.modules[__name__]
    if name in _HIDDEN:
        from nn.torch.nn.layers import layer

        room, kind = _HIDDEN[name]
        return layer(getattr(importlib.import_module(room), kind))
    if name.startswith("_"):
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("nn.torch.nn"), name)


sys.modules.update({f"{__name__}.{room}": sys.modules[__name__] for room in _ROOMS})
