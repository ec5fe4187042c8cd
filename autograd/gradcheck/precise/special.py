"""Special functions of our own ops on one number each: by mpmath, or in more digits."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from autograd.gradcheck.precise.digits import context

__all__ = ["SCALARS"]


def _differences(values: Callable[[int], Any], n: int, derivatives: int) -> Any:
    """(fₙ₋₁ − 2fₙ + fₙ₊₁) / 2, as many times over as there are derivatives."""
    order = 2 * derivatives
    terms = [
        (-1) ** j * math.comb(order, j) * values(abs(n + derivatives - j)) for j in range(order + 1)
    ]
    return context().fsum(terms) / 2**derivatives


def _scaled_i(n: Any, derivatives: Any, x: Any) -> Any:
    c, n, derivatives = context(), int(n), int(derivatives)
    size, sign = abs(x), (-1 if x < 0 else 1) ** (n + derivatives)
    if not x and (n + derivatives) % 2 != n % 2:
        return c.zero
    return sign * c.exp(-size) * _differences(lambda k: c.besseli(k, size), n, derivatives)


@functools.lru_cache(maxsize=64)
def _first_two(x: Any, prec: int) -> tuple[Any, Any]:
    """K₀ and K₁, which take mpmath long; both sides of an identity ask for them at one place."""
    return context().besselk(0, x), context().besselk(1, x)


def _bessel_k(most: int, x: Any) -> list[Any]:
    """Those of orders 0 to `most`."""
    found = list(_first_two(x, context().prec))
    for k in range(1, most):
        found.append(found[-2] + 2 * k / x * found[-1])
    return found


def _scaled_k(n: Any, derivatives: Any, x: Any) -> Any:
    c, n, derivatives = context(), int(n), int(derivatives)
    orders = _bessel_k(n + derivatives, x)
    return (-1) ** derivatives * c.exp(x) * _differences(lambda k: orders[k], n, derivatives)


def _spherical(n: Any, x: Any) -> Any:
    c, n = context(), int(n)
    if not x:
        return c.mpf(n == 0)
    found = c.sqrt(c.pi / (2 * abs(x))) * c.besselj(n + c.mpf(0.5), abs(x))
    return -found if x < 0 and n % 2 else found


def _erfc_integral(n: Any, x: Any) -> Any:
    c = context()
    with c.workprec(c.prec + 64 + (2 * c.mag(x) * int(n + 1) if abs(x) > 1 else 0)):
        if x > 1000:  # where erfc is 0 in any range of exponents
            square, total = 1 / (2 * x * x), c.one
            for k in range(61, 0, -2):
                total = 1 - k * square * total
            here = total / (c.sqrt(c.pi) * x)
        else:
            here = c.exp(x * x) * c.erfc(x)
        before = 2 / c.sqrt(c.pi)
        for k in range(1, int(n) + 1):
            before, here = here, (before - 2 * x * here) / (2 * k)
    return +here


def _log_ndtr(x: Any) -> Any:
    c = context()
    if x < -1000:
        return c.log(_erfc_integral(0, -x / c.sqrt(2)) / 2) - x * x / 2
    return c.log1p(-c.erfc(x / c.sqrt(2)) / 2) if x > 0 else c.log(c.erfc(-x / c.sqrt(2)) / 2)


def _hazard(x: Any) -> Any:
    c = context()
    left = c.sqrt(2 / c.pi) / _erfc_integral(0, -x / c.sqrt(2)) if x < 0 else None
    return left if left is not None else c.npdf(x) / (1 - c.erfc(x / c.sqrt(2)) / 2)


def _excess(x: Any) -> Any:
    c, t = context(), -x / context().sqrt(2)
    if x > 0:
        return x + _hazard(x)
    return c.sqrt(2) * _erfc_integral(1, t) / _erfc_integral(0, t)


def _gamma_density(a: Any, x: Any) -> Any:
    c = context()
    return c.exp((a - 1) * c.log(x) - x - c.loggamma(a))


def _jacobi(n: Any, alpha: Any, beta: Any, growth: Any, x: Any) -> Any:
    """By the recurrence of its degrees, and that at 1."""
    if n < 0:
        return context().zero
    before, here = context().one, (alpha + 1) + (alpha + beta + 2) * (x - 1) / 2
    at_1 = alpha + 1 if n else context().one
    for k in range(2, int(n) + 1):
        t = 2 * k + alpha + beta
        raised = (t - 1) * (t * (t - 2) * x + alpha * alpha - beta * beta) * here
        lowered = 2 * (k + alpha - 1) * (k + beta - 1) * t * before
        before, here = here, (raised - lowered) / (2 * k * (k + alpha + beta) * (t - 2))
        at_1 = at_1 * (k + alpha) / k
    return (here if n else before) / at_1 * (1 + growth * n)


def _laguerre(n: Any, alpha: Any, x: Any) -> Any:
    if n < 0:
        return context().zero
    before, here = context().one, 1 + alpha - x
    for k in range(1, int(n)):
        before, here = here, ((2 * k + 1 + alpha - x) * here - (k + alpha) * before) / (k + 1)
    return here if n else before


def _hermite(n: Any, scale: Any, x: Any) -> Any:
    if n < 0:
        return context().zero
    before, here = context().one, scale * x
    for k in range(1, int(n)):
        before, here = here, scale * (x * here - k * before)
    return here if n else before


def _incomplete(upper: bool) -> Callable[..., Any]:
    def call(a: Any, x: Any) -> Any:
        c = context()
        ends = (x, c.inf) if upper else (c.zero, x)
        return c.gammainc(a, *ends, regularized=True)

    return call


SCALARS: dict[str, Callable[..., Any]] = {
    "bessel_j": lambda n, x: context().besselj(int(n), x),
    "bessel_y": lambda n, x: -context().inf if not x else context().bessely(int(n), x),
    "spherical": _spherical,
    "scaled_i": _scaled_i,
    "scaled_k": _scaled_k,
    "erfc_integral": _erfc_integral,
    "log_ndtr": _log_ndtr,
    "normal_hazard": _hazard,
    "normal_excess": _excess,
    "gamma_density": _gamma_density,
    "igamma": _incomplete(upper=False),
    "igammac": _incomplete(upper=True),
    "zeta": lambda s, q: context().zeta(s, q),
    "hyp1f1": lambda a, b, x: context().hyp1f1(a, b, x),
    "jacobi": _jacobi,
    "laguerre": _laguerre,
    "hermite": _hermite,
}
