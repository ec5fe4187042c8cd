"""nn.torch.autograd: gradients, and functions with a backward of one's own."""

from autograd.engine.lazy_names import attach as _attach
from autograd.engine.lazy_names import homes as _homes

__getattr__, __dir__, __all__ = _attach(__name__, unchecked=tuple(_homes(f"{__file__[:-3]}.pyi")))
