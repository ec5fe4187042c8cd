"""nn.torch: PyTorch's names with PyTorch's meaning, over autograd, nn and optim.

`import nn.torch as torch` is the line that a program changes.
"""

import sys as _sys
from typing import Any as _Any

from autograd.engine.lazy_names import attach as _attach
from autograd.engine.lazy_names import homes as _homes
from nn.torch import methods as _methods
from nn.torch import refusals as _refusals
from nn.torch.functions.creating import tensor as tensor  # in the place of the file of this name

_known, __dir__, __all__ = _attach(__name__, unchecked=tuple(_homes(f"{__file__[:-3]}.pyi")))


def _in_a_part(name: str) -> str | None:
    """What to write for a name that another part of this package has."""
    from nn.torch import nn  # late: only for the message

    for part in (nn.functional, nn):
        if not name.startswith("_") and name in dir(part):
            return f"there is {part.__name__.replace('nn.', '', 1)}.{name}"
    return None


def __getattr__(name: str) -> _Any:
    if name not in __all__:
        if name == "torch":
            return _sys.modules[__name__]  # as PyTorch names itself: `torch.torch.Tensor`
        if name.endswith("_") and name in vars(_methods.Tensor):
            return vars(_methods.Tensor)[name]  # `torch.relu_(x)`
        raise _refusals.missing("nn.torch", name, _in_a_part(name), __all__)
    return _known(name)
