"""Modules over several processes (see autograd.distributed), under PyTorch's names."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
