"""keras.models: Sequential, Model, and models saved and loaded."""

from autograd.engine.lazy_names import attach as _attach
from nn.keras.engine.old_names import with_old_names as _with_old_names

__getattr__, __dir__, __all__ = _attach(__name__)
__getattr__ = _with_old_names(__name__, __getattr__)
