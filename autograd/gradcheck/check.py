"""gradcheck and gradgradcheck: the settings, and one run of the legs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.engine.missing import unexpected
from autograd.engine.modes import Mode, as_given, current_mode, set_mode
from autograd.errors import ArgumentError, GradcheckError
from autograd.gradcheck.inputs import label, name_of, positions_of, value_of
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.report.report import Report
from autograd.gradcheck.run import Run

__all__ = ["check", "gradcheck", "gradgradcheck", "refuse_unknown"]


def gradcheck(
    f: Callable[..., Any],
    *inputs: Any,
    wrt: int | Sequence[int] | None = None,
    order: int = 1,
    probes: int = 8,
    kinks: str = "bracket",
    layouts: bool = True,
    rng: int | np.random.Generator = 0,
    full: bool = False,
    precision: int | None = None,
    grad: Callable[..., Any] | None = None,
    raise_exception: bool = True,
) -> Report:
    """Check the gradients that f's graph gives: against differences, and for what all must obey.

    f takes the inputs, as Tensors where they are numbers, and returns a Tensor or several. Every
    floating and complex input is checked, or those at the positions `wrt`. All of it happens in
    double precision and on copies; inputs of lower precision are checked in their own dtype too.

    The Jacobian is compared element by element up to 500 input elements, and 4 million of its own,
    or with `full`; beyond, `probes` random directions stand for it, compared element by element
    over the outputs, which miss an error with probability 2^-probes at most. An element fails if it
    is more than ten times the claimed error away from the numeric one, and ladders of other steps
    bear it out; what that error cannot tell apart, where it is more than 1 %, is inconclusive and
    does not fail.

    At a kink the gradient must lie between the one-sided slopes (`kinks="bracket"`), may be
    anything ("skip"), or fails ("error"). `layouts` also tries other memory layouts. `order=2` also
    checks the gradient of the gradient, and so on.

    What stays undecided is decided in 50 digits, if mpmath is installed, f runs on such numbers,
    and it takes no more than seconds; with a `precision`, a number of digits, everything is.

    With `grad` f is a function of plain arrays, and grad(*inputs) is what is checked: the gradient
    by the one input that is checked, or a tuple of them; of an f that gives an array the Jacobian.

    The Report is true if nothing failed; a failure raises GradcheckError with the report as its
    text, unless `raise_exception` is False. What cannot be checked at all always raises it.

    >>> import autograd as ag
    >>> print(gradcheck(lambda x: (x**3).sum(), ag.Tensor([1.0, 2.0], dtype="float64")))
    gradcheck: 2 of 2 elements agree
    >>> import numpy as np
    >>> print(gradcheck(lambda x: np.sum(x**3), np.array([1.0, 2.0]), grad=lambda x: 3 * x**2))
    gradcheck: 2 of 2 elements agree
    """
    if kinks not in ("bracket", "skip", "error"):
        raise ArgumentError(f"kinks is {kinks!r}; it is 'bracket', 'skip' or 'error'")
    checked = f
    if grad is not None:
        from autograd.gradcheck.foreign import told_of, with_gradient

        if order != 1:
            raise ArgumentError("grad= is checked to order 1; write f of Tensors for more")
        plain = with_gradient(f, grad, inputs, wrt)
        checked, inputs, wrt = plain.run, tuple(plain.inputs), plain.positions
    report = check(
        checked, inputs, wrt, order, probes, kinks, layouts, rng, full, precision=precision
    )
    report = report if grad is None else told_of(report, name_of(grad, "grad"))
    return report.raise_() if raise_exception else report


def check(
    f: Callable[..., Any],
    inputs: Sequence[Any],
    wrt: int | Sequence[int] | None = None,
    order: int = 1,
    probes: int = 8,
    kinks: str = "bracket",
    layouts: bool = True,
    rng: int | np.random.Generator = 0,
    full: bool = False,
    quick: bool = False,
    precision: int | None = None,
) -> Report:
    """See `gradcheck`. With `quick` the report says only whether it fails, not where and why."""
    if not callable(f):
        raise GradcheckError(
            f"gradcheck: the first argument is the function to check, got {type(f).__name__}"
        )
    _check_count("order", order)
    _check_count("probes", probes)
    if precision is not None:
        _check_count("precision", precision, 20)
        from autograd.gradcheck.precise.digits import context  # late: few need it

        context()
    positions = positions_of(inputs, wrt)
    names = [label(f, inputs, p) for p in positions]
    function = Function(f, [value_of(x) for x in inputs], positions, names)
    generator = np.random.default_rng(rng)
    seed = str(rng) if isinstance(rng, int) else "of the given generator"
    run = Run(name_of(f), kinks, probes, full, generator, seed, quick, check, precision)
    token, around = as_given.set(True), current_mode()
    set_mode(Mode(traces=around.traces))  # whatever records, or looks on, around
    try:
        with np.errstate(all="ignore"):  # steps may leave the domain; that is seen in the values
            run.first_order(function, [inputs[p] for p in positions], layouts)
            for level in range(2, order + 1):
                if run.wrong:
                    why = "the derivative before it is wrong"
                    run.notes.append(f"order {level} not checked: {why}")
                    break
                function = run.higher_order(function, level)
    finally:
        set_mode(around)
        as_given.reset(token)
    return run.report()


def _check_count(name: str, value: Any, least: int = 1) -> None:
    """None would compare nothing, and pass."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise GradcheckError(
            f"gradcheck: {name} must be a whole number of at least {least}, got {value!r}"
        )


def refuse_unknown(where: str, options: Iterable[str], *own: str) -> None:
    """Raise where one of the options is none of gradcheck's; `own` are those of the caller."""
    parameters = inspect.signature(gradcheck).parameters.values()
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    for name in options:
        if name not in known:
            raise unexpected(where, name, [*own, *known])


def gradgradcheck(f: Callable[..., Any], *inputs: Any, **options: Any) -> Report:
    """Check gradients and the gradients of gradients: `gradcheck` of f with order 2.

    The `inputs` and `options` are those of `gradcheck`.

    >>> import autograd as ag
    >>> bool(gradgradcheck(lambda x: (x**3).sum(), ag.Tensor([1.0, 2.0], dtype="float64")))
    True
    """
    refuse_unknown("gradgradcheck", options)
    return gradcheck(f, *inputs, **({"order": 2} | options))
