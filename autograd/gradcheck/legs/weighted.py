"""One direction, outputs weighted: the least that tells a wrong rule, where time is short."""

from __future__ import annotations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.legs.choices import choices
from autograd.gradcheck.legs.directions import drawn
from autograd.gradcheck.numeric.decisions import AGREES, FAILS, KINK, UNKNOWN
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.ladder import unit_steps
from autograd.gradcheck.numeric.rounding import rounding_of_gradients

__all__ = ["weighted"]

_BESIDE = 0.05  # how far beside a kink to look, in steps of a coordinate


def weighted(
    function: Function, recording: Recording, u: Array, rng: np.random.Generator, chooses: bool
) -> int:
    """The verdict on the slopes of <u, f>, and of a random weighting, along a random direction.

    `recording` is of f at its inputs. Where it is at a kink the slopes a little beside are judged,
    and with `chooses` its choice too. A failure is a suspicion, for all of gradcheck to bear out.
    """
    with np.errstate(all="ignore"):
        status = _judged(function, recording, function.x, u, rng)
        if status in (AGREES, UNKNOWN):
            return status
        beside = _beside(function, u, rng)
        if beside == FAILS or not chooses:
            return beside
        found = choices(recording, rng)
        return FAILS if found.wrong or not found.kinked else beside


def _beside(function: Function, u: Array, rng: np.random.Generator) -> int:
    shift = drawn(unit_steps(function.x), rng)
    for step in (_BESIDE, -_BESIDE):  # one of the two may leave the domain
        x = function.x + step * shift
        try:
            status = _judged(function, function.record(x), x, u, rng)
        except FAILURES:
            continue
        return FAILS if status == FAILS else KINK
    return UNKNOWN


def _judged(
    function: Function, recording: Recording, x: Array, u: Array, rng: np.random.Generator
) -> int:
    judge = Judge(function, x, "bracket", rng)
    largest = np.max(np.abs(u), initial=0.0)
    scale = (
        2.0 ** -np.floor(np.log2(largest)) if largest else 1.0
    )  # u may be tiny: late in training
    other = rng.choice([-1.0, 1.0], u.size)
    rows = np.stack([scale * recording.vjp(u), recording.vjp(other)])
    weights = np.stack([scale * u, other])
    judge.mixed(weights)

    def rounds(d: Array, outputs: Array | None = None, least: bool = False) -> Array:
        us, still = (part if outputs is None else part[outputs] for part in (weights, rows))
        return np.asarray(rounding_of_gradients(recording, us, rng, still, least) @ np.abs(d))

    judge.rounds = rounds
    d = drawn(judge.unit, rng)
    status = judge.judge(d, rows @ d).status
    return next((s for s in (FAILS, KINK, UNKNOWN) if np.any(status == s)), AGREES)
