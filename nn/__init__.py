"""nn: layers, losses and initial values, with PyTorch's names; they stand in `__init__.pyi`."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
