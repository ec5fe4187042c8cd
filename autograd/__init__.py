# fmt: off
# isort: skip_file
"""chaingrad: reverse-mode automatic differentiation that shows the chain rule.

Functions carry NumPy's and the array API standard's names side by side; given Tensors they record,
given arrays alone they compute with NumPy. `linalg` and `random` are namespaces of their own.

What holds for all functions is said here, and not again in their docstrings:

* `x`, `y` and the `xs` are Tensors, arrays, numbers or lists of them, of any shape where none is
  told. Those that do not broadcast where they must raise ShapeError, and text raises DTypeError.
* In shapes `...` stands for any number of axes (of several inputs: which broadcast), a letter for
  a length. `axis` counts from the end where it is negative; one out of range raises AxisError.
  A reduction takes one, several, or all (None), and with `keepdims` leaves length 1 there.
* The dtype is that of the inputs by NumPy's promotion, unless something else is told: "integers
  give floats" means booleans too. `dtype` is what comes out instead. `requires_grad` makes a leaf.
* "Its derivative is 0 at 0" names the choice at a kink; docs/conventions.md has all of them.
* `rng` is a numpy.random.Generator, a seed, or None for the default generator.
"""

import importlib
from typing import TYPE_CHECKING, Any

from autograd import errors, ops, random
from autograd.engine.arguments import guard
from autograd.create import (
    arange, empty, empty_like, eye, from_numpy, full, full_like, identity, linspace, logspace,
    meshgrid, ones, ones_like, tensor, zeros, zeros_like,
)
from autograd.sweep.anomaly import detect_anomaly
from autograd.sweep.differentiate import backward, grad
from autograd.engine.dtypes import get_default_dtype, set_default_dtype
from autograd.gradcheck import (
    gradcheck, gradcheck_module, gradgradcheck, numerical_grad, numerical_jacobian,
)
from autograd.graph.graph import Graph
from autograd.kernels.parallel.threads import get_num_threads, set_num_threads
from autograd.kernels.parallel.waiting import let_blas_sleep
from autograd.system.memory import keep_freed_memory
from autograd.engine.modes import (
    enable_grad, is_grad_enabled, no_grad, scope, set_grad_enabled, tracing,
)
from autograd.engine.op import OPS
from autograd.ops.activation.piecewise import (
    celu, elu, hardshrink, hardsigmoid, hardswish, hardtanh, leaky_relu, prelu, relu, relu6, selu,
    softshrink, threshold,
)
from autograd.ops.elementwise.arithmetic import (
    add, divide, multiply, negative, positive, pow, power, square, subtract, true_divide,
)
from autograd.ops.shape.axes import (
    flip, fliplr, flipud, matrix_transpose, moveaxis, permute, permute_dims, roll, rot90, swapaxes,
    transpose,
)
from autograd.ops.special.bessel import i0, i1
from autograd.ops.elementwise.bitwise import (
    bitwise_and, bitwise_count, bitwise_invert, bitwise_left_shift, bitwise_not, bitwise_or,
    bitwise_right_shift, bitwise_xor, invert, left_shift, right_shift,
)
from autograd.ops.elementwise.compare import (
    equal, greater, greater_equal, isclose, isfinite, isinf, isnan, isneginf, isposinf, less,
    less_equal, logical_and, logical_not, logical_or, logical_xor, not_equal,
)
from autograd.ops.elementwise.complex import angle, conj, conjugate, imag, real
from autograd.ops.reduction.cumulative import (
    cummax, cummin, cumprod, cumsum, cumulative_prod, cumulative_sum, diff, logcumsumexp, trapezoid,
)
from autograd.ops.shape.diagonals import diag, diagonal, trace, tril, triu
from autograd.ops.product.einsum import einsum
from autograd.ops.elementwise.exponential import (
    acosh, arccosh, arcsinh, arctanh, asinh, atanh, cosh, exp, exp2, expm1, log, log10, log1p, log2,
    sinh, tanh, where,
)
from autograd.ops.elementwise.extremes import (
    clip, fmax, fmin, logaddexp, logaddexp2, maximum, minimum,
)
from autograd.ops.special.gamma import digamma, gammaln, lgamma, polygamma
from autograd.ops.indexing.index import getitem, put_at, setitem
from autograd.ops.shape.join import (
    array_split, cat, chunk, column_stack, concat, concatenate, dsplit, dstack, hsplit, hstack,
    split, stack, unbind, unstack, vsplit, vstack,
)
from autograd.ops.reduction.nan import nanmax, nanmean, nanmin, nansum
from autograd.ops.indexing.pad import pad, repeat, repeat_interleave, tile, zero_pad
from autograd.ops.elementwise.powers import cbrt, float_power, hypot, lerp, reciprocal, sqrt
from autograd.ops.product.products import cross, dot, linear, matmul, outer, vdot, vecdot
from autograd.ops.reduction.quantile import median, percentile, quantile
from autograd.ops.shape.rank import (
    atleast_1d, atleast_2d, atleast_3d, expand_dims, flatten, ravel, squeeze, unflatten, unsqueeze,
)
from autograd.ops.reduction.recurrence import linear_recurrence
from autograd.ops.reduction.reduce import amax, amin, logsumexp, max, mean, min, prod, ptp, sum
from autograd.ops.elementwise.rounding import (
    around, ceil, divmod, fix, floor, floor_divide, fmod, frexp, ldexp, mod, modf, remainder, rint,
    round, trunc,
)
from autograd.ops.indexing.scatter import (
    gather, index_add, index_select, masked_fill, masked_select, scatter, scatter_add,
)
from autograd.ops.reduction.search import (
    all, any, argmax, argmin, argwhere, bincount, count_nonzero, flatnonzero, nonzero, searchsorted,
    unique, unique_values,
)
from autograd.ops.shape.shape import astype, broadcast_arrays, broadcast_to, clone, copy, reshape
from autograd.ops.elementwise.signs import (
    abs, absolute, copysign, fabs, heaviside, nan_to_num, nextafter, sign, signbit, spacing, step,
)
from autograd.ops.activation.smooth import (
    expit, gelu, log_sigmoid, logit, logsigmoid, mish, sigmoid, silu, softplus, softsign, swish,
    tanhshrink,
)
from autograd.ops.activation.softmax import glu, log_softmax, maxout, softmax, softmin
from autograd.ops.reduction.sort import TopK, argsort, sort, topk
from autograd.ops.special.error_function import (
    entr, erf, erfc, erfinv, gaussian, ndtr, ndtri, xlogy,
)
from autograd.ops.reduction.statistics import average, std, var
from autograd.ops.indexing.take import (
    add_along_axis, add_at, put_along_axis, take, take_along_axis,
)
from autograd.ops.product.tensor_products import inner, kron, tensordot
from autograd.ops.elementwise.trigonometric import (
    acos, arccos, arcsin, arctan, arctan2, asin, atan, atan2, cos, deg2rad, degrees, rad2deg,
    radians, sin, sinc, tan,
)
from autograd.random import bernoulli, manual_seed, normal, rand, randint, randn, randperm, uniform
from autograd.tensors.tensor import Tensor, asarray
from autograd.transforms.forward_mode import jvp
from autograd.ops import linalg

if TYPE_CHECKING:
    from autograd.profiling import profile
    from autograd.viz import explain, stepper, why

__all__ = [  # noqa: RUF022 (wrapped by width)
    "OPS", "Graph", "Tensor", "TopK", "abs", "absolute", "acos", "acosh", "add", "add_along_axis",
    "add_at", "all", "amax", "amin", "angle", "any", "arange", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argsort", "argwhere", "around",
    "array_split", "asarray", "asin", "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d",
    "atleast_2d", "atleast_3d", "average", "backward", "bernoulli", "bincount", "bitwise_and",
    "bitwise_count", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "broadcast_arrays", "broadcast_to", "cat", "cbrt", "ceil",
    "celu", "chunk", "clip", "clone", "column_stack", "concat", "concatenate", "conj", "conjugate",
    "copy", "copysign", "cos", "cosh", "count_nonzero", "cross", "cummax", "cummin", "cumprod",
    "cumsum", "cumulative_prod", "cumulative_sum", "deg2rad", "degrees", "detect_anomaly", "diag",
    "diagonal", "diff", "digamma", "divide", "divmod", "dot", "dsplit", "dstack", "einsum", "elu",
    "empty", "empty_like", "enable_grad", "entr", "equal", "erf", "erfc", "erfinv", "errors", "exp",
    "exp2", "expand_dims", "expit", "explain", "expm1", "eye", "fabs", "fix", "flatnonzero",
    "flatten", "flip", "fliplr", "flipud", "float_power", "floor", "floor_divide", "fmax", "fmin",
    "fmod", "frexp", "from_numpy", "full", "full_like", "gammaln", "gather", "gaussian", "gelu",
    "get_default_dtype", "get_num_threads", "getitem", "glu", "grad", "gradcheck",
    "gradcheck_module", "gradgradcheck", "greater", "greater_equal", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "heaviside", "hsplit", "hstack", "hypot", "i0", "i1", "identity",
    "imag", "index_add", "index_select", "inner", "invert", "is_grad_enabled", "isclose",
    "isfinite", "isinf", "isnan", "isneginf", "isposinf", "jvp", "keep_freed_memory", "kron",
    "ldexp", "leaky_relu", "left_shift", "lerp", "less", "less_equal", "lgamma", "linalg", "linear",
    "linear_recurrence", "linspace", "log", "log10", "log1p", "log2", "log_sigmoid", "log_softmax",
    "logaddexp", "logaddexp2", "logcumsumexp", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logit", "logsigmoid", "logspace", "logsumexp", "manual_seed", "masked_fill",
    "masked_select", "matmul", "matrix_transpose", "max", "maximum", "maxout", "mean", "median",
    "meshgrid", "min", "minimum", "mish", "mod", "modf", "moveaxis", "multiply", "nan_to_num",
    "nanmax", "nanmean", "nanmin", "nansum", "ndtr", "ndtri", "negative", "nextafter", "no_grad",
    "nonzero", "normal", "not_equal", "numerical_grad", "numerical_jacobian", "ones", "ones_like",
    "ops", "outer", "pad", "percentile", "permute", "permute_dims", "polygamma", "positive", "pow",
    "power", "prelu", "prod", "profile", "ptp", "put_along_axis", "put_at", "quantile", "rad2deg",
    "radians", "rand", "randint", "randn", "random", "randperm", "ravel", "real", "reciprocal",
    "relu", "relu6", "remainder", "repeat", "repeat_interleave", "reshape", "right_shift", "rint",
    "roll", "rot90", "round", "scatter", "scatter_add", "scope", "searchsorted", "selu",
    "set_default_dtype", "set_grad_enabled", "set_num_threads", "setitem", "sigmoid", "sign",
    "signbit", "silu", "sin", "sinc", "sinh", "softmax", "softmin", "softplus", "softshrink",
    "softsign", "sort", "spacing", "split", "sqrt", "square", "squeeze", "stack", "std", "step",
    "stepper", "subtract", "sum", "swapaxes", "swish", "take", "take_along_axis", "tan", "tanh",
    "tanhshrink", "tensor", "tensordot", "threshold", "tile", "topk", "trace", "tracing",
    "transpose", "trapezoid", "tril", "triu", "true_divide", "trunc", "unbind", "unflatten",
    "uniform", "unique", "unique_values", "unsqueeze", "unstack", "var", "vdot", "vecdot", "viz",
    "vsplit", "vstack", "where", "why", "xlogy", "zero_pad", "zeros", "zeros_like",
]

guard(__name__, [n for n in __all__ if n not in ("Tensor", "no_grad", "enable_grad")])
keep_freed_memory()
let_blas_sleep()


def __getattr__(name: str) -> Any:
    """Load the parts that few programs need when they are first named."""
    if name == "viz":
        return importlib.import_module("autograd.viz")
    if name in ("explain", "stepper", "why"):
        return getattr(importlib.import_module("autograd.viz"), name)
    if name == "profile":
        return importlib.import_module("autograd.profiling").profile
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")
