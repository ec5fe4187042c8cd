"""nn.torch.nn: modules that hold PyTorch's Parameters, made of the layers of nn."""

from typing import Any as _Any

from autograd.engine.lazy_names import attach as _attach
from autograd.engine.lazy_names import homes as _homes
from nn.torch.absent import refusing as _refusing
from nn.torch.nn import layers as _layers  # noqa: F401 (which what is set on modules asks for)

# What the names stand for checks its arguments, where it hands them on to.
_NAMES = tuple(_homes(f"{__file__.rpartition('.')[0]}.pyi"))
_found, __dir__, __all__ = _attach(__name__, unchecked=_NAMES)
_REFUSED = {
    "CrossMapLRN2d": "write LocalResponseNorm, which computes the same",
    "LinearCrossEntropyOptions": "leave options= out",
    "qat": "there are no quantized numbers",
    "quantized": "there are no quantized numbers",
    "intrinsic": "there are no quantized numbers",
    "factory_kwargs": "give dtype= to the layers",
}
__getattr__: _Any = _refusing("torch.nn", _found, _REFUSED)
