"""nn.metrics: numbers that tell how good outputs are, with Keras' names."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
