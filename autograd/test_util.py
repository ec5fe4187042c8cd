"""Gradients against differences, by HIPS' names: `check_grads(f)(x)`.

`autograd.gradcheck` looks harder, and says what is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from autograd.core import make_jvp, make_vjp
from autograd.errors import ArgumentError, GradcheckError
from autograd.vspace import vspace
from autograd.wrap_util import get_name, unary_to_nary

__all__ = [
    "check_equivalent", "check_grads", "check_jvp", "check_vjp", "combo_check",
    "make_numerical_jvp", "scalar_close",
]  # fmt: skip

TOL = RTOL = EPS = 1e-6


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers `a` and `b` are within 1e-6, absolutely or relatively.

    >>> scalar_close(1.0, 1.0 + 1e-7)
    True
    """
    return bool(abs(a - b) < TOL or abs(a - b) / abs(a + b) < RTOL)


def make_numerical_jvp(f: Callable[[Any], Any], x: Any) -> Callable[[Any], Any]:
    """The function from a vector to the derivative of `f` at `x` along it, by differences.

    >>> round(make_numerical_jvp(lambda x: 2.0 * x, 1.0)(1.0), 6)
    2.0
    """
    of_x, of_y = vspace(x), vspace(f(x))

    def push(v: Any) -> Any:
        up = f(of_x.add(x, of_x.scalar_mul(v, EPS / 2)))
        down = f(of_x.add(x, of_x.scalar_mul(v, -EPS / 2)))
        return of_y.scalar_mul(of_y.add(up, of_y.scalar_mul(down, -1.0)), 1.0 / EPS)

    return push


def check_vjp(f: Callable[[Any], Any], x: Any) -> None:
    """Raise where the pullback of `f` at `x` disagrees with differences, in a random direction.

    >>> check_vjp(lambda x: x * x, 3.0)
    """
    pullback, y = make_vjp(f, x)
    of_x, of_y = vspace(x), vspace(y)
    v, w = of_x.randn(), of_y.randn()
    pulled = of_x.covector(pullback(of_y.covector(w)))
    if vspace(pulled) != of_x:
        raise GradcheckError(f"the VJP of {get_name(f)} is in {vspace(pulled)}, and x in {of_x}")
    exact = of_x.inner_prod(v, pulled)
    numeric = of_y.inner_prod(w, make_numerical_jvp(f, x)(v))
    if not scalar_close(numeric, exact):
        raise GradcheckError(
            f"Derivative (VJP) check of {get_name(f)} failed with arg {x}:\n"
            f"analytic: {exact}\nnumeric:  {numeric}"
        )


def check_jvp(f: Callable[[Any], Any], x: Any) -> None:
    """Raise where the pushforward of `f` at `x` disagrees with differences.

    >>> check_jvp(lambda x: x * x, 3.0)
    """
    v = vspace(x).randn()
    check_equivalent(make_jvp(f, x)(v)[1], make_numerical_jvp(f, x)(v), f"JVP of {get_name(f)}: ")


def check_equivalent(x: Any, y: Any, what: str = "") -> None:
    """Raise where `x` and `y` are of different spaces, or differ in a random direction.

    `what` begins the message.

    >>> check_equivalent([1.0, 2.0], [1.0, 2.0])
    """
    of_x, of_y = vspace(x), vspace(y)
    if of_x != of_y:
        raise GradcheckError(f"{what}VSpace mismatch:\nx: {of_x}\ny: {of_y}")
    v = of_x.randn()
    if not scalar_close(of_x.inner_prod(x, v), of_x.inner_prod(y, v)):
        raise GradcheckError(f"{what}Value mismatch:\nx: {x}\ny: {y}")


@unary_to_nary
def check_grads(
    f: Callable[[Any], Any], x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2
) -> None:
    """Raise where derivatives of a function, up to an order, disagree with differences.

    `modes` are forward and reverse mode, which are checked within each other too.
    """
    if unknown := set(modes) - {"fwd", "rev"}:
        raise ArgumentError(f"check_grads: modes are 'fwd' and 'rev', not {sorted(unknown)}")
    for mode in ("fwd", "rev"):
        if mode not in modes:
            continue
        check = check_jvp if mode == "fwd" else check_vjp
        check(f, x)
        if order < 2:
            continue

        def along(x: Any, v: Any, mode: str = mode) -> Any:
            return make_jvp(f, x)(v)[1] if mode == "fwd" else make_vjp(f, x)[0](v)

        along.__name__ = f"{'jvp' if mode == 'fwd' else 'vjp'}_{get_name(f)}"
        v = vspace(x if mode == "fwd" else f(x)).randn()
        check_grads(along, (0, 1), modes, order=order - 1)(x, v)


def combo_check(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., None]:
    """Check the gradients of `fun` for all combinations of the arguments that are listed.

    `args` and `kwargs` are those of check_grads; the function that comes out takes a list of values
    for each argument of `fun`.

    >>> combo_check(lambda x, y: x * y, (0, 1))([1.0, 2.0], [3.0])
    """

    def check(*lists: Sequence[Any], **options: Sequence[Any]) -> None:
        for values in itertools.product(*lists):
            for chosen in itertools.product(*options.values()):
                given = dict(zip(options, chosen, strict=True))
                check_grads(fun, *args, **kwargs)(*values, **given)

    return check
