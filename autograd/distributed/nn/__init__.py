"""Collectives with derivatives: each gives new Tensors, as `torch.distributed.nn` does."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
