"""Solutions of equations, differentiated by the implicit function theorem.

What a solver does on its way to a solution is no part of its derivative. Where F(x, θ) = 0, that is
dx = −(∂F/∂x)⁻¹ (∂F/∂θ) dθ. From a solution two Newton steps lead nowhere else; but as they are
recorded, the first of them has the first derivative of x by θ, and the second all up to the third.

Reference: efficient and modular implicit differentiation (Blondel et al., 2022).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.modes import capturing, enable_grad, is_grad_enabled, no_grad
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    ScalarFunctionError,
    ShapeError,
    SingularMatrixError,
    SolverError,
)
from autograd.functional.derivatives import grad
from autograd.functional.matrices import jacobian
from autograd.graph.pytree import flat
from autograd.ops.linalg import solve
from autograd.tensors.tensor import Tensor

__all__ = ["fixed_point", "minimum", "root"]

Function = Callable[..., Any]
Solver = Callable[[Callable[[Any], Any], Any], Any]


@spelled
def root(
    f: Function, x0: Any, *args: Any, solver: Solver | None = None, tol: float | None = None
) -> Tensor:
    """The x for which f(x, *args) is zero, near x0; its derivatives by `args` are those of x.

    f gives as many numbers as x has. Derivatives up to the third, also by what f closes over, hold
    where ∂f/∂x can be inverted. `solver(f, x0)` finds the x, with arrays (Newton's method with
    smaller steps where they do not help, without one; `scipy.optimize.root` may be called in it).
    SolverError if |f| is above `tol` at what it found: a thousandth of the root of the precision,
    relative to |f(x0)| + 1, unless it is given.

    Shape: of x0 any -> the same.

    >>> import autograd as ag
    >>> a = ag.Tensor(2.0, requires_grad=True)
    >>> x = ag.implicit.root(lambda x, a: x**2 - a, 1.0, a)
    >>> x.backward()
    >>> round(x.item(), 4), round(a.grad.item(), 4)  # √2, 1/(2 √2)
    (1.4142, 0.3536)
    """
    return _root("root", f, x0, args, solver, tol)


def _root(what: str, f: Function, x0: Any, args: Any, solver: Solver | None, tol: Any) -> Tensor:
    """The root, for a function of this module."""
    _refuse_in_trace(what)
    x0 = _start(what, x0, args)

    def at(x: Any) -> Any:
        y = np.asarray(raw(f(wrap(np.asarray(x, x0.dtype)), *args)))
        _check_value(what, y, x0.shape)
        return y

    with no_grad():
        first = at(x0)
        found = _newton(f, x0, args) if solver is None else solver(at, x0)
        found = np.asarray(raw(found), x0.dtype).reshape(x0.shape)
        _check(what, at(found), first, tol)
    return _recorded(what, f, found, args)


@spelled
def fixed_point(
    f: Function, x0: Any, *args: Any, solver: Solver | None = None, tol: float | None = None
) -> Tensor:
    """The x for which f(x, *args) is x, near x0; as `root` of f(x) − x.

    Without a `solver(f, x0)` f is called until nothing changes (f must draw together), and from
    where that ends Newton's method goes on.

    Shape: of x0 any -> the same.

    >>> import autograd as ag
    >>> a = ag.Tensor(2.0, requires_grad=True)
    >>> x = ag.implicit.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, a)
    >>> x.backward()
    >>> round(x.item(), 4), round(a.grad.item(), 4)
    (1.4142, 0.3536)
    """
    start = _start("fixed_point", x0, args)

    def left(x: Any, *args: Any) -> Any:
        y = f(x, *args)
        _check_value("fixed_point", raw(y), start.shape)
        return y - x

    def repeated(_: Any, x: Any) -> Any:
        def once(x: Any) -> Any:
            y = np.asarray(raw(f(wrap(np.asarray(x, start.dtype)), *args)))
            _check_value("fixed_point", y, start.shape)
            return y

        return _newton(left, _repeat(once, x), args) if solver is None else solver(once, x)

    return _root("fixed_point", left, start, args, repeated, tol)


@spelled
def minimum(
    f: Function, x0: Any, *args: Any, solver: Solver | None = None, tol: float | None = None
) -> Tensor:
    """The x at which f(x, *args), a real number, is least, near x0; as `root` of its gradient.

    `solver(f, x0)` finds the x, with arrays; without one it is Newton's method on the gradient,
    which SolverError says of if it ends where f is not least. Derivatives hold up to the third
    where the Hessian can be inverted.

    Shape: of x0 any -> the same.

    >>> import autograd as ag
    >>> a = ag.Tensor([1.0, 3.0], requires_grad=True)
    >>> x = ag.implicit.minimum(lambda x, a: ((x - a**2) ** 2).sum(), [0.0, 0.0], a)
    >>> x.sum().backward()
    >>> x.detach(), a.grad
    (Tensor([1., 9.], dtype=float32), Tensor([2., 6.], dtype=float32))
    """
    if not callable(f):
        raise ArgumentTypeError(f"minimum: f is a function of x, not {type(f).__name__}")
    start = _start("minimum", x0, args)
    slope = grad(_number_of(f))

    def solved(_: Any, x: Any) -> Any:
        if solver is None:
            return _newton(slope, x, args)
        return solver(lambda x: np.asarray(raw(f(wrap(np.asarray(x, start.dtype)), *args))), x)

    found = _root("minimum", slope, start, args, solved, tol)
    with no_grad():
        value = raw(found)
        curves = raw(jacobian(lambda x: slope(x, *args))(wrap(value))).reshape(
            value.size, value.size
        )
        if value.size and np.linalg.eigvalsh(curves)[0] < 0:
            raise SolverError(
                "minimum: the gradient is zero where f bends down: a saddle or a maximum; begin "
                "elsewhere, or give a solver"
            )
    return found


def _check_value(what: str, y: Any, shape: tuple[int, ...]) -> None:
    """That a function gives as many numbers as it takes."""
    if getattr(y, "dtype", None) is None or y.dtype.kind not in "biufc":
        raise ArgumentTypeError(
            f"{what}: f gave {_kind_of(y)} for x of {shape}: a Tensor of as many numbers"
        )
    if y.shape != shape:
        raise ShapeError(f"{what}: f gave {y.shape} for x of {shape}: as many numbers")


def _kind_of(y: Any) -> str:
    inner = y.item() if isinstance(y, np.ndarray) and y.dtype == object and not y.ndim else y
    return "None" if inner is None else type(inner).__name__


def _number_of(f: Function) -> Function:
    """The function, which gives one real number."""

    @functools.wraps(f, updated=())
    def number(*args: Any) -> Any:
        y = f(*args)
        value = raw(y)
        if type(y) not in tensor_types or value.size != 1 or value.dtype.kind != "f":
            told = f"{value.dtype} of {value.shape}" if hasattr(value, "dtype") else _kind_of(y)
            raise ScalarFunctionError(
                f"minimum: f gives one real number, a Tensor, and this one gave {told}: sum it up"
            )
        return y

    return number


def _refuse_in_trace(what: str) -> None:
    if (capture := capturing()) is not None:
        capture.refuse(
            f"ag.implicit.{what}, whose solver looks at numbers, and finds others at another run "
            "or for another example; solve outside, one after the other"
        )


def _start(what: str, x0: Any, args: Any) -> Any:
    """Where to begin, as an array of the precision that x will have."""
    if any(isinstance(a, (str, bytes)) for a in args):
        raise ArgumentTypeError(f"{what}: args are Tensors, arrays and numbers")
    given = [raw(a) for a in (x0, *flat(list(args))) if hasattr(raw(a), "dtype")]
    x0 = np.asarray(raw(x0) if type(x0) in tensor_types else Tensor(x0)._value)
    kinds = [v.dtype for v in (*given, x0) if v.dtype.kind in "fc"]
    dtype = np.dtype(np.result_type(x0.dtype, *kinds) if kinds else np.float64)
    if dtype.kind not in "fc":
        raise ArgumentError(f"{what}: x0 is {x0.dtype}; write it as floats")
    return x0.astype(dtype)


_SLOPES = {  # what must have an inverse, and why it may have none
    "root": ("the slope ∂f/∂x", "a multiple root, or fewer equations than unknowns"),
    "fixed_point": ("the slope of f(x) - x", "points beside it are kept too"),
    "minimum": ("the Hessian of f", "points beside it are as low"),
}
_LEFT = {"root": "|f|", "fixed_point": "|f(x) - x|", "minimum": "the norm of the gradient"}


def _recorded(what: str, f: Function, found: Any, args: Any) -> Tensor:
    """A solution, with two steps of Newton's that are recorded."""
    x: Any = wrap(found)
    if not is_grad_enabled():
        return x  # type: ignore[no-any-return]
    size, shape = found.size, found.shape
    with enable_grad():
        for _ in range(2):
            y = f(x, *args)
            slopes = jacobian(f)(x, *args)
            try:
                step = solve(slopes.reshape((size, size)), y.reshape((size,)))
            except SingularMatrixError:
                slope, reason = _SLOPES[what]
                raise SolverError(
                    f"{what}: {slope} has no inverse at the solution, so that it has no derivative "
                    f"by args: {reason}; under ag.no_grad() it is found without one"
                ) from None
            x = x - step.reshape(shape)
    if x._node is None:
        return wrap(found)  # type: ignore[no-any-return]
    return found + (x - x.detach())  # type: ignore[no-any-return]  # the solver's own numbers


def _check(what: str, left: Any, first: Any, tol: float | None) -> None:
    most = float(np.max(np.abs(left), initial=0.0))
    scale = float(np.max(np.abs(first), initial=0.0)) + 1.0
    limit = 1e-3 * float(np.sqrt(np.finfo(left.dtype).eps)) * scale if tol is None else tol
    if left.dtype.itemsize <= 4 and tol is None:
        limit *= 100
    if not most <= limit:
        raise SolverError(
            f"{what}: no solution was found: {_LEFT[what]} is {most:.3g} where the solver ended, "
            f"and may be {limit:.3g}; begin nearer, give a solver, or another tol"
        )


def _repeat(f: Callable[[Any], Any], x: Any, turns: int = 200) -> Any:
    for _ in range(turns):
        new = f(x)
        if np.allclose(new, x, rtol=4 * np.finfo(x.dtype).eps, atol=0):
            return new
        x = new
    return x


def _newton(f: Function, x: Any, args: Any, turns: int = 100) -> Any:
    """Newton's method, in smaller steps where a whole one makes |f| larger."""
    y = raw(f(wrap(x), *args))
    for _ in range(turns):
        norm = np.linalg.norm(y)
        if not np.isfinite(norm) or norm == 0:
            break
        slopes = raw(jacobian(f)(wrap(x), *args)).reshape(x.size, x.size)
        step = np.linalg.lstsq(slopes, y.reshape(x.size), rcond=None)[0].reshape(x.shape)
        part, new, values = 1.0, x - step, raw(f(wrap(x - step), *args))
        while not np.linalg.norm(values) < norm and part > 1e-4:
            part /= 2
            new = x - part * step
            values = raw(f(wrap(new), *args))
        if not np.linalg.norm(values) < norm:
            break
        x, y = np.asarray(new, x.dtype), values
    return x
