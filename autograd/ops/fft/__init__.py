"""Fourier transforms: the namespace `autograd.fft`, with NumPy's names and signatures."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, late=())
