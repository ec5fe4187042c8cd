"""Data in batches: datasets, samplers, a loader, splits, and transforms for images."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
