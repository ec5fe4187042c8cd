"""NumPy's random numbers: `import autograd.numpy.random as npr`. Draws have no derivative."""

from autograd.numpy.numpy_wrapper import face as _face

__getattr__, __dir__, __all__ = _face(__name__, "numpy.random", None)
