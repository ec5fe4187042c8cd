"""Proving rules: formula and rule of an op compared as identities at random points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.op import OPS, Array
from autograd.errors import ArgumentError, AutogradError, GradcheckError
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.precise.calls import Call, calls_of
from autograd.gradcheck.precise.digits import context, digits, lifted, named_constants
from autograd.gradcheck.precise.exactly import exactly
from autograd.gradcheck.precise.slopes import values_of
from autograd.gradcheck.precise.tape import Tape, parts_of

__all__ = ["Claim", "Proof", "prove"]

_LOST = 10  # digits that a comparison may lose to cancellation
_NO_SAMPLES = "it has no samples that are smooth, whose ranges say where points are to be drawn"
_DOUBLE = 2.0**-47  # relative: what rounded constants of a formula leave
_FAULTS = (
    AutogradError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError,
    AssertionError, NotImplementedError,
)  # fmt: skip


class Claim(NamedTuple):
    """What was compared for one call, order and input, and what holds of it."""

    call: str  # the static parameters
    input: str
    order: int
    points: int
    error: float  # the largest difference, relative
    degree: int | None = None  # of the identity, if it is one of rational functions
    bound: float | None = None  # on the probability that a wrong rule passed
    wrong: str = ""  # the first point where it does not hold

    def text(self) -> str:
        """The claim as a line."""
        where = f"order {self.order}, by {self.input}" + (f", {self.call}" if self.call else "")
        if self.wrong:
            return f"WRONG  {where}: {self.wrong}"
        if self.bound is not None:
            return (
                f"{where}: exact in fractions at {self.points} points, an identity of degree "
                f"{self.degree} at most; a wrong rule passes with probability {self.bound:.0e}"
            )
        place = f"{self.points} points" if self.points > 1 else "a point, along a direction"
        return f"{where}: equal to {self.error:.0e} at {place}"


class Proof:
    """What `prove` found: true where all identities hold, and a text that says what is claimed."""

    __slots__ = ("claims", "digits", "name", "reason")

    def __init__(self, name: str, claims: Sequence[Claim], count: int, reason: str = "") -> None:
        self.name = name
        self.claims = tuple(claims)
        self.digits = count
        self.reason = reason  # why it cannot be proved

    def __bool__(self) -> bool:
        return not self.reason and not self.wrong

    @property
    def wrong(self) -> tuple[Claim, ...]:
        """The identities that do not hold."""
        return tuple(claim for claim in self.claims if claim.wrong)

    def __repr__(self) -> str:
        return f"<Proof: {self.summary()}>"

    def summary(self) -> str:
        """The verdict in a line."""
        if self.wrong:
            return f"the rule of {self.name} is wrong"
        if self.reason:
            return f"{self.name} cannot be proved: {self.reason}"
        return f"the rules of {self.name} hold"

    def __str__(self) -> str:
        lines = [f"prove: {self.summary()}", *(f"  {claim.text()}" for claim in self.claims)]
        numeric = [claim for claim in self.claims if claim.bound is None] if self else []
        if numeric:
            lines.append(
                f"  note: computed in {self.digits} digits; a rule that is wrong by an analytic "
                "function is seen with probability 1"
            )
        if each := [claim.points for claim in numeric if claim.points > 1]:
            part = math.ceil(100 * (1 - 0.01 ** (1 / min(each))))
            lines[-1] += f", one that is wrong on {part} % of the points or more with 0.99"
        if self and any(claim.bound is None and claim.error > 1e-30 for claim in self.claims):
            lines.append("  note: the formula has constants that are rounded to double precision")
        return "\n".join(lines)


def prove(
    op: Any,
    *,
    order: int = 2,
    points: int = 32,
    digits: int = 60,
    rng: int | np.random.Generator = 0,
    raise_exception: bool = True,
) -> Proof:
    """Compare the formula and the rules of an op as identities, at random points in many digits.

    `op` is a function of the library, one decorated with `autograd.extend.op`, or a name in
    `OPS`; it needs samples, whose ranges say where points are drawn (half of them; the other half
    are of all magnitudes). The rules are compared with differences of the formula in three times
    as many digits, up to the order; where both are quotients of polynomials, with its exact
    derivative in fractions, and then the bound on the probability that a wrong rule passes is that
    of Schwartz and Zippel.

    The Proof is true if all identities hold; a wrong one raises GradcheckError, unless
    `raise_exception` is False. What cannot be proved is false and has a `reason`.

    >>> import autograd as ag
    >>> prove(ag.tanh, points=8)
    <Proof: the rules of tanh hold>
    """
    found = _op_of(op)
    for name, value, least in (("order", order, 1), ("points", points, 1), ("digits", digits, 30)):
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            raise ArgumentError(
                f"prove: {name} must be a whole number of at least {least}, got {value!r}"
            )
    context()
    generator = np.random.default_rng(rng)
    claims: list[Claim] = []
    reasons: list[str] = []
    with np.errstate(all="ignore"), _named_constants():
        for call in calls_of(found, points, generator):
            try:
                claims += _claims(call, order, int(digits), generator)
            except _FAULTS as error:
                reasons.append(f"{error}".splitlines()[0] or type(error).__name__)
    reason = reasons[0] if reasons else ""
    if not claims and not reason:
        reason = "no rule" if not found.differentiable else _NO_SAMPLES
    proof = Proof(found.name, claims, int(digits), reason)
    if proof.wrong and raise_exception:
        raise GradcheckError(str(proof))
    return proof


def _op_of(op: Any) -> Any:
    known = OPS.get(op) if isinstance(op, str) else getattr(op, "op", op)
    if not hasattr(known, "rules") or not hasattr(known, "narrow"):
        raise ArgumentError(
            f"prove: {op!r} is no op: give a function such as autograd.tanh, one that "
            "autograd.extend.op has made, or its name; for other functions gradcheck has precision="
        )
    return known


@contextmanager
def _named_constants() -> Iterator[None]:
    token = named_constants.set(True)
    try:
        yield
    finally:
        named_constants.reset(token)


def _claims(call: Call, order: int, count: int, rng: np.random.Generator) -> list[Claim]:
    """What holds of one call, for each order and input."""
    names = [call.names[p] for p in call.positions]
    function = Function(call.run, call.inputs, call.positions, names)
    found = exactly(call, rng)
    claims = [
        Claim(call.params, name, 1, call.points, 0.0, degree, bound)
        for name, degree, bound in found
    ]
    level = 1
    while level <= order and not any(claim.wrong for claim in claims):
        if not (level == 1 and claims):
            claims += _compared(call, function, level, count, rng)
        level += 1
        if level <= order:
            u = [rng.uniform(0.5, 1.5, y.shape).astype(y.dtype)
                 for y in function.record().outputs]  # fmt: skip
            function = function.gradient(u)
    return claims


def _compared(
    call: Call, function: Function, level: int, count: int, rng: np.random.Generator
) -> list[Claim]:
    """Rules against differences, by one input after the other."""
    recording = function.record()
    f = values_of(function)
    size = recording.value.size
    w = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
    with digits(count):
        rules = Tape(recording, parts_of(function, lifted(function.x))).vjp(w)
    own = len(call.positions)
    claims = []
    for number, name in enumerate(function.names[:own]):
        block = slice(int(function.stops[number]), int(function.stops[number + 1]))
        d = np.zeros(function.size)
        d[block] = 1.0 if call.each else rng.uniform(0.5, 1.5, block.stop - block.start)
        with digits(3 * count):
            sides = _sides(f, lifted(function.x), lifted(d), w, count, call)
            p, along = rules[block], lifted(d[block])
            p = p * along if call.each else np.array([along.dot(p)], object)
            claims.append(_claim(call, name, level, (p, *sides), function.x[block], count))
    return claims


def _sides(
    f: Callable[[Array], Array], x: Array, d: Array, w: Array, count: int, call: Call
) -> tuple[Array, Array, Array]:
    """The slopes to the right and to the left, of each point or of all together; and sizes."""
    h = context().mpf(10) ** -count
    start = f(x)

    def summed(row: Array) -> Array:
        row = lifted(w) * row
        return row.reshape(-1, call.width).sum(axis=0) if call.each else row.sum(keepdims=True)

    right, left = (summed((f(x + d * (h * sign)) - start) / (h * sign)) for sign in (1, -1))
    return right, left, summed(np.abs(start) * np.sign(w))


def _claim(
    call: Call, name: str, level: int, sides: tuple[Array, ...], x: Array, count: int
) -> Claim:
    """Whether the rule is the slope wherever there is one."""
    error, used, wrong = 0.0, 0, ""
    tiny = context().mpf(10) ** (_LOST - count)
    least = context().mpf(10) ** (-3 * count // 2)  # of two steps, which a product of zeros takes
    for i, (p, right, left, value) in enumerate(zip(*sides, strict=True)):
        n = (right + left) / 2
        if not (n == n and p == p) or abs(right - left) > tiny * (abs(right) + abs(left) + 1):
            continue  # a kink, or a point outside of the domain
        used += 1
        size = max(abs(p), abs(n))
        floor = tiny * (abs(value) + abs(right - left)) + least
        apart = float(abs(p - n) / size) if abs(p - n) > floor else 0.0
        error = max(error, apart)
        if apart > _DOUBLE and not wrong:
            at = f" at {float(x[i])!r}" if call.each and x.size == call.width else ""
            wrong = (
                f"the rule gives {context().nstr(p, 17)}{at}, and the formula's slope is "
                f"{context().nstr(n, 17)}"
            )
    if 2 * used < len(sides[0]):
        raise GradcheckError("most of the points that are drawn have no slope")
    return Claim(call.params, name, level, used, max(error, 10.0 ** (_LOST - count)), wrong=wrong)
