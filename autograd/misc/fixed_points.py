"""Fixed points of iterations, differentiated by the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.core import defvjp, make_vjp, primitive
from autograd.vspace import vspace

__all__ = ["fixed_point"]


@primitive
def fixed_point(
    f: Callable[[Any], Callable[[Any], Any]],
    a: Any,
    x0: Any,
    distance: Callable[[Any, Any], Any],
    tol: float,
) -> Any:
    """The x with f(a)(x) = x that the iteration from `x0` comes to, a function of `a`.

    It ends where `distance(x, previous)` is not above `tol`. Its gradient takes a second iteration,
    however many steps the first one took.

    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> root = lambda a: fixed_point(
    ...     lambda a: lambda x: (x + a / x) / 2.0, a, 1.0, lambda x, y: np.abs(x - y), 1e-12
    ... )
    >>> print(f"{root(2.0):.6f} {grad(root)(2.0):.6f}")
    1.414214 0.353553
    """
    step = f(a)
    x, previous = step(x0), x0
    while distance(x, previous) > tol:
        x, previous = step(x), x
    return x


def _pullback(ans: Any, f: Any, a: Any, x0: Any, distance: Any, tol: float) -> Any:
    """The cotangent u of x solves u = g + uᵀ∂f/∂x, another fixed point."""
    by_a, _ = make_vjp(lambda a: f(a)(ans), a)

    def iteration(given: Any) -> Callable[[Any], Any]:
        a, x, g = given
        by_x, _ = make_vjp(f(a), x)
        return lambda u: vspace(x).add(by_x(u), g)

    def pull(g: Any) -> Any:
        zeros = vspace(x0).zeros()
        return by_a(fixed_point(iteration, (a, ans, g), zeros, distance, tol))

    return pull


defvjp(fixed_point, None, _pullback, None)
