"""Our own ops on precise values: their forward, or what stands in its place.

A forward in double precision may be an approximation by coefficients, guard against overflow, or
call a kernel. Where mpmath has the function, or a formula is short, it stands here by the op's
name; what can do neither is refused by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.errors import AutogradError, UnsupportedError
from autograd.gradcheck.precise import linalg
from autograd.gradcheck.precise.digits import context
from autograd.gradcheck.precise.functions import apply, normal
from autograd.gradcheck.precise.places import PLACES
from autograd.gradcheck.precise.value import Precise, bind, wrapped

__all__ = ["OWN"]

_FAULTS = (
    TypeError, ValueError, AttributeError, LookupError, AssertionError, RuntimeError,
)  # fmt: skip
_running: ContextVar[tuple[str, ...]] = ContextVar("ops that run", default=())


def run_op(op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """What an op gives for precise values."""
    if op.name in _running.get():  # a kernel that gives way to a symbol once more
        raise UnsupportedError("it asks for itself")
    token = _running.set((*_running.get(), op.name))
    try:
        return _run(op, inputs, params)
    finally:
        _running.reset(token)


def _run(op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
    inputs = tuple([getattr(x, "_value", x) for x in inputs])  # a Tensor would answer for itself
    try:
        return OWN.get(op.name, op.narrow)(*inputs, **params)
    except UnsupportedError as error:
        why = f": {error}"
    except _FAULTS as error:
        if isinstance(error, AutogradError):
            raise
        why = f" ({type(error).__name__}: {error})"
    is_kernel = op.narrow.__module__.startswith("nn.") and callable(op.reference)
    for plain in (False, True) if is_kernel else ():
        # its reference is independent: formulas, or loops over single numbers
        given = [x.numbers if plain and type(x) is Precise else x for x in inputs]
        with suppress(*_FAULTS):
            return normal(op.reference(*given, **params))
    raise UnsupportedError(f"{op.name} runs in double precision only{why}")


def _mapped(name: str) -> Callable[..., Any]:
    return lambda *inputs: apply(name, *inputs)


def _softplus(x: Any, beta: Any = 1.0, threshold: Any = 20.0) -> Any:
    return np.where(x * beta > threshold, x, apply("softplus", x * beta) / beta)


def _gelu(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        inner = np.sqrt(2 / _pi()) * (x + 0.044715 * x * x * x)
        return x * (1 + np.tanh(inner)) / 2
    return x * apply("ndtr", x)


def _gelu_slope(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        scale = np.sqrt(2 / _pi())
        t = np.tanh(scale * (x + 0.044715 * x * x * x))
        return (1 + t) / 2 + x * (1 - t * t) / 2 * scale * (1 + 3 * 0.044715 * x * x)
    return apply("ndtr", x) + x * np.exp(-x * x / 2) / np.sqrt(2 * _pi())


def _pi() -> Any:
    return wrapped(+context().pi)


def _most(x: Any, axis: Any) -> Any:
    """The largest along an axis, with it; 0 of nothing."""
    some = x if x.size else np.sum(x, axis=axis, keepdims=True)
    most = np.max(some, axis=axis, keepdims=True) if some.size else some
    return np.where(np.isfinite(most), most, 0) if some.dtype.kind == "f" else most


def _softmax(x: Any, axis: Any = -1) -> Any:
    terms = np.exp(x - _most(x, axis))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    most = _most(x, axis)
    total = np.log(np.sum(np.exp(x - most), axis=axis, keepdims=True)) + most
    if keepdims:
        return total
    axis = tuple(range(x.ndim)) if axis is None else axis
    return np.squeeze(total, axis=axis)


def _log_softmax(x: Any, axis: Any = -1) -> Any:
    return x - _logsumexp(x, axis, keepdims=True)


OWN: dict[str, Callable[..., Any]] = {
    name: _mapped(name)
    for name in (
        "sigmoid", "gaussian", "erf", "erfc", "erfinv", "ndtr", "ndtri", "gammaln", "digamma",
        "log_ndtr", "normal_hazard", "normal_excess",
        "gamma_density", "igamma", "igammac", "zeta", "hyp1f1",
        "sinc", "exp", "expm1", "log", "log1p", "log2", "exp2", "log10", "sinh", "cosh", "tanh",
        "sin", "cos", "tan", "sqrt", "cbrt", "hypot", "logaddexp", "logaddexp2", "square",
        "reciprocal", "positive",
    )
} | {
    "asinh": _mapped("arcsinh"),
    "acosh": _mapped("arccosh"),
    "atanh": _mapped("arctanh"),
    "asin": _mapped("arcsin"),
    "acos": _mapped("arccos"),
    "atan": _mapped("arctan"),
    "atan2": _mapped("arctan2"),
    "divide": _mapped("divide"),
    "quotient": _mapped("divide"),
    "softplus": _softplus,
    "logsigmoid": lambda x: -apply("softplus", -x),
    "silu": lambda x: x * apply("sigmoid", x),
    "mish": lambda x: x * np.tanh(apply("softplus", x)),
    "gelu": _gelu,
    "gelu_slope": _gelu_slope,
    "tanhshrink": lambda x: x - np.tanh(x),
    "one_less_square": lambda x: 1 - x * x,
    "i0": lambda x: apply("bessel", 0, x),
    "i1": lambda x: apply("bessel", 1, x),
    "polygamma": lambda x, n: apply("polygamma", n, x),
    "bessel_i": lambda x, n: apply("bessel", n, x),
    "bessel_j": lambda x, n: apply("bessel_j", n, x),
    "bessel_y": lambda x, n: apply("bessel_y", n, x),
    "spherical_bessel": lambda x, n: apply("spherical", n, x),
    "scaled_bessel_i": lambda x, n, derivatives=0: apply("scaled_i", n, derivatives, x),
    "scaled_bessel_k": lambda x, n, derivatives=0: apply("scaled_k", n, derivatives, x),
    "erfc_integral": lambda x, n: apply("erfc_integral", n, x),
    "entr": lambda x: np.where(x > 0, -x * np.log(np.where(x > 0, x, 1)), 0),
    "jacobi": lambda x, n, alpha, beta, growth: apply("jacobi", n, alpha, beta, growth, x),
    "laguerre": lambda x, n, alpha: apply("laguerre", n, alpha, x),
    "hermite": lambda x, n, scale: apply("hermite", n, scale, x),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "inv": linalg.inv,
    "solve": linalg.solve,
    "det": linalg.det,
    "cholesky": linalg.cholesky,
    "cofactor": linalg.cofactor,
    "cofactor_slope": linalg.cofactor_slope,
    "slogdet": linalg.slogdet,
    "expm": linalg.expm,
    "solve_triangular": linalg.solve_triangular,
    "transform": lambda x, axis: linalg.fourier(x, axis, -1),
    "transform_back": lambda x, axis: linalg.fourier(x, axis, 1),
    "convolve": linalg.convolve,
} | PLACES  # fmt: skip


bind("op", run_op)
