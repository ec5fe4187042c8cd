"""nn.models: well-known networks, from the perceptron to a small GPT, ready to train."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
