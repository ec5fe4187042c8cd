"""Which units of an activation are dead or saturated: they pass next to nothing on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.viz.model.model import Card, Edge, Model
from autograd.viz.model.numbers import number, rms
from autograd.viz.words.places import Finding, place_of
from autograd.viz.words.weak_links import (
    SATURATED,
    SATURATING,
    broken_link,
    is_linear,
    is_where_it_should_be,
    on_the_way,
    turning_point,
)

__all__ = ["dead_units", "quiet_units"]

_QUIET = 0.75  # of the units: less is what a ReLU does
_DECAYING = {"exp", "exp2", "expm1", "gaussian", "logaddexp", "logaddexp2"}  # as they should
_CHANCE = 5e-3  # that so many units of a sound ReLU, which is off for half of what comes, are off


def dead_units(model: Model, card: Card) -> list[str]:
    """The activations on the way most of whose units pass nothing, where the gradient shows it."""
    gradient = np.asarray(card.gradient)
    if not gradient.ndim or np.mean(gradient == 0) < _QUIET:
        return []
    found = [quiet_units(model, edge) for edge in on_the_way(model, card)]
    return [each for each in found if each is not None and each.kind == "dead"]


def quiet_units(model: Model, edge: Edge) -> Finding | None:
    """What is to be told of an elementwise op that bends, if most of its units are quiet."""
    op, out = edge.target.op, edge.target.outputs[0]
    if edge.contribution is None or not op.elementwise or is_linear(edge) or out.shape == ():
        return None
    upstream, passed = np.abs(np.asarray(out.gradient)), _passed(edge)
    if upstream.shape != passed.shape or not np.any(upstream):
        return None
    if not np.any(passed):
        return broken_link(model, edge)
    if op.name in _DECAYING:
        return None
    saturates = op.name in SATURATING
    if saturates and is_where_it_should_be(edge):
        return None
    share = (_saturated_share(model, upstream, passed) if saturates
             else _dead_share(edge, upstream, passed))  # fmt: skip
    if share < _QUIET:
        return None
    word = "saturated" if saturates else "dead"
    lead = f"{number(100 * share, 3)} %"
    how = "derivative below 1e−3" if saturates else "derivative 0 for all of the batch"
    text = f"{place_of(edge.target)}: {lead} of its units are {word} ({how})"
    return Finding(text, word, edge.target.where, [edge.target], f"{lead} {word}")


def _passed(edge: Edge) -> Any:
    """The size of what comes to each element, by this op or by another that goes on where it stops.

    A PReLU is made of two ReLUs, each of which is off where the other is on.
    """
    whole, own = (np.abs(np.asarray(g)) for g in (edge.source.gradient, edge.contribution))
    return np.fmax(whole, own) if len(edge.source.uses) > 1 and whole.shape == own.shape else own


def _saturated_share(model: Model, upstream: Any, passed: Any) -> float:
    """Of the elements; none where what follows makes up for it, as the log of a sigmoid does."""
    quiet = (passed < SATURATED * upstream) & (upstream > 0)
    seed = max(rms(each.gradient) for each in model.outputs)
    if rms(passed[quiet]) >= SATURATED * seed:
        return 0.0
    return float(np.sum(quiet) / np.sum(upstream > 0))


def _dead_share(edge: Edge, upstream: Any, passed: Any) -> float:
    """Of the units; none at a minimum."""
    share = max(_quiet_share(upstream, passed, axis) for axis in _of_units(upstream.ndim))
    return share if share >= _QUIET and not turning_point(edge) else 0.0


def _of_units(ndim: int) -> tuple[int, ...]:
    """The axis of the units: features of rows, channels of images, either of what has three."""
    return (1, 2) if ndim == 3 else (min(1, ndim - 1),)


def _quiet_share(upstream: Any, passed: Any, axis: int) -> float:
    """Of the units that an upstream gradient reaches, those that are quiet for all of the batch.

    None are where that may be chance.
    """
    over = tuple(each for each in range(upstream.ndim) if each != axis)
    reached = np.max(upstream, axis=over) > 0
    quiet = np.max(passed, axis=over) == 0
    units, count = int(np.sum(reached)), int(np.sum(quiet & reached))
    one = 0.5 ** (upstream.size // max(reached.size, 1))  # that a sound unit is off all the time
    if units > 64 or not units:
        return count / max(units, 1)
    tail = sum(math.comb(units, k) * one**k * (1 - one) ** (units - k)
               for k in range(count, units + 1))  # fmt: skip
    return count / units if tail <= _CHANCE else 0.0
