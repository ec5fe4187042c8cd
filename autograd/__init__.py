"""chaingrad: reverse-mode automatic differentiation that shows the chain rule.

Functions carry NumPy's and the array API standard's names side by side; given Tensors they record,
given arrays alone they compute with NumPy. `linalg` and `random` are namespaces of their own. The
names stand in `__init__.pyi`.

What holds for all functions is said here, and not again in their docstrings:

* `x`, `y` and the `xs` are Tensors, arrays, numbers or lists of them, of any shape where none is
  told. Those that do not broadcast where they must raise ShapeError, and text raises DTypeError.
* In shapes `...` stands for any number of axes (of several inputs: which broadcast), a letter for
  a length. `axis` counts from the end where it is negative; one out of range raises AxisError.
  A reduction takes one, several, or all (None), and with `keepdims` leaves length 1 there.
* The dtype is that of the inputs by NumPy's promotion, unless something else is told: "integers
  give floats" means booleans too. `dtype` is what comes out instead. `requires_grad` makes a leaf.
  `device` is "cpu" or None: all is done there.
* "Its derivative is 0 at 0" names the choice at a kink; docs/conventions.md has all of them.
* `rng` is a numpy.random.Generator, a seed, or None for the default generator.
"""

import builtins as _builtins
from typing import Any as _Any

from autograd.engine.lazy_names import attach as _attach
from autograd.engine.pickles import new as _new  # noqa: F401 (pickles find it here, and _rebuild)
from autograd.graph.verdict import bind_readers as _bind_readers
from autograd.kernels.parallel.waiting import let_blas_sleep as _let_blas_sleep
from autograd.system.late import when_imported as _when_imported
from autograd.system.memory import keep_freed_memory as _keep_freed_memory
from autograd.tensors.python_protocols import rebuild as _rebuild  # noqa: F401

__getattr__, __dir__, _names = _attach(
    __name__,
    late=(
        "autograd.array_api",
        "autograd.builtins",
        "autograd.compiler",
        "autograd.control",
        "autograd.core",
        "autograd.debugging",
        "autograd.differential_operators",
        "autograd.distributed",
        "autograd.functional",
        "autograd.gradcheck",
        "autograd.implicit",
        "autograd.graph",
        "autograd.grids",
        "autograd.misc",
        "autograd.numpy",
        "autograd.ode",
        "autograd.primitives",
        "autograd.profiling",
        "autograd.program",
        "autograd.scipy",
        "autograd.special",
        "autograd.test_util",
        "autograd.tracer",
        "autograd.transforms",
        "autograd.util",
        "autograd.viz",
        "autograd.wrap_util",
    ),
    # they see to their own arguments
    unchecked=(
        "Tensor",
        "dict",
        "doctor",
        "enable_grad",
        "explain",
        "isinstance",
        "list",
        "no_grad",
        "primitive",
        "profile",
        "stepper",
        "tuple",
        "type",
        "why",
    ),
)
# `from autograd import *` leaves Python's own `sum`, `bool` and `type` as they are
__all__ = [name for name in _names if not hasattr(_builtins, name)]


def _verify(graph: _Any, **options: _Any) -> _Any:
    from autograd.gradcheck.verify import verify  # late: few programs check a graph

    return verify(graph, **options)


def _precision(graph: _Any) -> _Any:
    from autograd.debugging.precision import precision

    return precision(graph)


def _memory(graph: _Any) -> _Any:
    from autograd.debugging.memory import memory

    return memory(graph)


def _offer_to_einops(backends: _Any) -> None:
    from autograd.interop.einops import offer  # late: few programs import einops

    offer(backends)


_when_imported("einops._backends", _offer_to_einops)
_bind_readers(verify=_verify, precision=_precision, memory=_memory)
_keep_freed_memory()
_let_blas_sleep()
