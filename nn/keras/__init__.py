"""nn.keras: Keras' names with Keras' meaning, a face over autograd, nn and optim."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
