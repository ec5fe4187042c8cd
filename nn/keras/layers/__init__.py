"""keras.layers: layers with Keras' names, options, layouts and initial weights."""

from autograd.engine.lazy_names import attach as _attach
from nn.keras.engine.old_names import with_old_names as _with_old_names
from nn.keras.engine.refused import with_refusals as _with_refusals

__getattr__, __dir__, __all__ = _attach(__name__)
__getattr__ = _with_old_names(__name__, _with_refusals(__name__, __getattr__))
