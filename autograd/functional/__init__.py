"""Functions of functions: derivatives of all orders and of batches, over nested containers.

The names are JAX's and PyTorch's (`torch.func`), and their meaning is. Leaves are Tensors, arrays
and numbers in nested tuples, lists, dicts and dataclasses, or a module, whose parameters they are.
Arrays give arrays, Tensors give Tensors; within each other the functions nest to any order.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
