"""nn.torch: PyTorch's names with PyTorch's meaning, over autograd, nn and optim.

`import nn.torch as torch` is the line that a program changes.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
