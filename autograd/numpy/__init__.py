"""NumPy's namespace for functions that are differentiated: `import autograd.numpy as np`.

Every name of NumPy is here. Given arrays, its functions are NumPy's own; given Tensors, which the
arguments of a function are while it is being differentiated, they record, or raise a TypeError that
says what to write. Names and meaning are those of HIPS autograd.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> grad(lambda x: np.sum(np.array([x[0], x[1] ** 2])))(np.array([2.0, 3.0]))
array([1., 6.])
"""

from autograd.numpy.numpy_wrapper import face as _face

__getattr__, __dir__, __all__ = _face(__name__, "numpy")
