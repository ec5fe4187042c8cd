"""Operators from functions to their derivatives: `grad(f)`, `jacobian(f)`, `make_vjp(f)`.

Each takes a function and `argnum`, the number of the positional argument to differentiate by (or a
tuple of some), and gives a function of the same arguments. Arguments and results may be nested
lists, tuples and dicts; what is given by keyword is not differentiated by. Arrays give arrays, in
their own dtype (Python floats: float64), and Tensors give Tensors, whose graphs go on. All of them
nest. Names and meaning are those of HIPS autograd.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
