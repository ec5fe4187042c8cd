"""nn.torch.nn: modules that hold PyTorch's Parameters, made of the layers of nn."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
