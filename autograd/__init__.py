"""chaingrad: reverse-mode automatic differentiation that shows the chain rule.

Functions carry NumPy's and the array API standard's names side by side; given Tensors they record,
given arrays alone they compute with NumPy. `linalg` and `random` are namespaces of their own. The
names stand in `__init__.pyi`.
"""

from autograd.engine.late import attach as _attach
from autograd.kernels.parallel.waiting import let_blas_sleep as _let_blas_sleep
from autograd.system.memory import keep_freed_memory as _keep_freed_memory

__getattr__, __dir__, __all__ = _attach(
    __name__,
    late=("autograd.gradcheck", "autograd.profiling", "autograd.viz"),
    # they see to their own arguments
    unchecked=("Tensor", "enable_grad", "explain", "no_grad", "profile", "stepper", "why"),
)
_keep_freed_memory()
_let_blas_sleep()
