"""NumPy's linear algebra: `from autograd.numpy.linalg import inv`. Tensors are recorded."""

from autograd.numpy.numpy_wrapper import face as _face

__getattr__, __dir__, __all__ = _face(__name__, "numpy.linalg", "autograd.numpy.eigenvectors")
