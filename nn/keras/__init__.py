"""nn.keras: Keras' names with Keras' meaning, a face over autograd, nn and optim."""

from autograd.engine.lazy_names import attach as _attach
from nn.keras.engine.old_names import with_old_names as _with_old_names

__getattr__, __dir__, __all__ = _attach(__name__)
__getattr__ = _with_old_names(__name__, __getattr__)
__version__ = "3.15.1"  # the Keras whose names and meaning these are


def version() -> str:
    """The version of Keras whose names and meaning these are."""
    return __version__
