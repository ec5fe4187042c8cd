"""Functions of other libraries here, and ours there, with their gradients of any order."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
