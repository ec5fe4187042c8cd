"""Connectionist temporal classification: all alignments of a sequence with its labels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import in_single
from autograd.engine.modes import capturing
from autograd.engine.trail import choice, computed
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import Array, Sample, draw, here, op, raw, sample, samples
from autograd.kernels.recurrent import ctc as kernel
from autograd.ops.reduction.recurrence import shift
from nn.loss.reduction import (
    as_floats,
    as_tensor,
    check_reduction,
    looks_again,
    place_of,
    reduce,
)  # fmt: skip


def _earlier(x: Array, states: int, fill: float = 0) -> Array:
    """x one time earlier, and some states below: (T, N, L)."""
    x = shift(x, 0, fill)
    for _ in range(states):
        x = shift(x, 2, fill)
    return x


def _as_a_matrix(b: Array, stay: Array, step: Array, skip: Array, transposed: bool) -> Array:
    """The recurrence as (1 - W)⁻¹ b, with W the steps from all (t, s) to all others."""
    times, batch, states = b.shape
    out = np.empty_like(b)
    for n in range(batch):
        steps = np.zeros((times, states, times, states))
        for t in range(1, times):
            for s in range(states):
                for k, weight in enumerate((stay, step, skip)):
                    if s >= k:
                        steps[t, s, t - 1, s - k] = weight[t, n, s]
        matrix = np.eye(times * states) - steps.reshape(times * states, -1)
        solved = np.linalg.solve(matrix.T if transposed else matrix, b[:, n].ravel())
        out[:, n] = solved.reshape(times, states)
    return out


def d_bands(
    g: Array, stay: Array, step: Array, skip: Array, out: Array, transposed: bool
) -> tuple[Array, ...]:
    adjoint = _bands(g, stay, step, skip, not transposed)
    later, earlier = (out, adjoint) if transposed else (adjoint, out)
    return adjoint, *(later * _earlier(earlier, states) for states in range(3))


def _four(*shape: int) -> list[Any]:
    return [draw(*shape, seed=n) for n in range(4)]


@op(
    "hₜ = Wₜ hₜ₋₁ + bₜ",
    wide=True,
    joint=d_bands,
    real_only=True,
    samples=samples(
        lambda: sample(*_four(3, 2, 4), transposed=False),
        lambda: sample(*_four(3, 2, 4), transposed=True),
        lambda: sample(*_four(1, 1, 3), transposed=True),
        lambda: sample(*_four(2, 0, 3), transposed=False),
    ),
    reference=_as_a_matrix,
)
def _bands(b: Array, stay: Array, step: Array, skip: Array, /, transposed: bool = False) -> Array:
    """A linear recurrence over three neighbouring states; see the kernel."""
    return kernel.bands(b, stay, step, skip, transposed)


def d_log_bands(g: Array, e: Array, skip: Array, out: Array) -> Array:
    # The weight of each step into a state: its share in the sum, 0 where nothing is reached.
    scale = e - np.where(out == -np.inf, 0, out)
    stay, step, jump = (np.exp(_earlier(out, states, -math.inf) + scale) for states in range(3))
    return _bands(g, stay, step, np.where(skip, jump, 0), True)


def _by_addition(e: Array, skip: Array) -> Array:
    out = np.array(e)
    for t in range(1, len(out)):
        for n, s in np.ndindex(out.shape[1:]):
            terms = [out[t - 1, n, s - k] for k in range(3) if s >= k and (k < 2 or skip[n, s])]
            out[t, n, s] += np.logaddexp.reduce(terms)
    return out


_SKIP = np.array([[False, False, False, True, False], [False, True, True, False, True]])


def _gaps() -> Sample:
    weights = np.where(np.arange(5) < 2, draw(3, 2, 5), -np.inf)
    return sample(weights, _SKIP, label="out of reach", smooth=False)


@op(
    "log-sum over steps",
    wide=True,
    e=d_log_bands,
    real_only=True,
    samples=samples(
        lambda: sample(draw(3, 2, 5), _SKIP),
        lambda: sample(draw(1, 2, 5), _SKIP),
        lambda: sample(draw(2, 0, 5), _SKIP[:0]),
        _gaps,
    ),
    reference=_by_addition,
)
def _log_bands(e: Array, skip: Array, /) -> Array:
    """The log-weights of all paths into each state; see the kernel."""
    return kernel.log_bands(e, skip)


@checked
@in_single
@for_reals
def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """-log of the probability of the labels under all their alignments with the input; reduced.

    `log_probs` holds log-probabilities over the classes, of which `blank` is the one between
    labels. `targets` (N, S) are labels, padded; or all of them in one row, one sequence after the
    other. `input_lengths` and `target_lengths` (N,) say how much of each is meant. Where the input
    is too short for its labels the loss is infinite, or 0 with `zero_infinity`. The mean is over
    the batch, after each loss is divided by the number of its labels.

    Source: Graves, Fernández, Gomez and Schmidhuber, Connectionist temporal classification (2006).

    Shape: (T, N, C), (N, S) or (ΣS,), (N,) and (N,), or (T, C), (S,), () and () -> (), or (N,) with
    reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> even = ag.log(ag.full((2, 1, 2), 0.5))
    >>> nn.functional.ctc_loss(even, ag.Tensor([[1]]), [2], [1])
    Tensor(0.2876821, dtype=float32)
    """
    check_reduction(reduction)
    log_probs = _log_probabilities(log_probs, blank)
    single = log_probs.ndim == 2
    if single:
        log_probs = ag.expand_dims(log_probs, 1)
    times, batch, classes = log_probs.shape
    states, skip, lengths, counts = computed(
        _states, *map(as_tensor, (targets, input_lengths, target_lengths)), batch=batch,
        times=times, single=single, classes=classes, blank=blank, trims=capturing() is None,
    )  # fmt: skip
    e = ag.take_along_axis(log_probs, states[None], axis=2)
    start = np.zeros((times, 1, states.shape[1]), bool)
    start[:1, :, 2:] = True  # a path begins with the first blank or the first label
    paths = _log_bands(ag.where(start, -np.inf, e), skip)
    losses = _final(paths, lengths, counts)
    if capturing() or not lengths.all():
        # an empty input has one alignment with no labels, and none with any
        losses = ag.where(lengths == 0, np.where(counts > 0, np.inf, 0.0), losses)
    if zero_infinity:
        losses = ag.where(np.isinf(choice(losses)), 0, losses)
    if reduction == "mean":
        losses = losses / np.maximum(counts, 1).astype(losses.dtype)
    return reduce("ctc_loss", losses[0] if single else losses, reduction)


def _states(
    targets: Array,
    input_lengths: Array,
    target_lengths: Array,
    batch: int,
    times: int,
    single: bool,
    classes: int,
    blank: int,
    trims: bool,
) -> tuple[Array, ...]:
    """The labels with blanks around them, where one may be skipped, and how many are meant."""
    lengths = _lengths("input_lengths", input_lengths, batch, times, "log_probs have")
    labels, counts = _padded(targets, target_lengths, batch, single, classes, blank, trims)
    states = np.full((batch, 2 * labels.shape[1] + 1), blank)
    states[:, 1::2] = labels
    skip = np.zeros(states.shape, bool)  # from a label to the next, unless they are the same
    skip[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    return states, skip, lengths, counts


def _final(paths: Any, lengths: Array, counts: Array) -> Any:
    """-log of what ends in the last label or in the blank behind it: (N,)."""
    rows = np.arange(len(counts))
    last = ag.stack([paths[lengths - 1, rows, 2 * counts],
                     paths[lengths - 1, rows, np.maximum(2 * counts - 1, 0)]])  # fmt: skip
    exists = np.stack([np.ones(len(counts), bool), counts > 0])
    return -ag.logsumexp(ag.where(exists, last, -np.inf), axis=0)


def _log_probabilities(log_probs: Any, blank: int) -> Any:
    log_probs = as_floats(log_probs)
    if log_probs.ndim not in (2, 3) or not log_probs.shape[0]:
        raise ShapeError(
            "ctc_loss: log_probs must be (T, N, C) or (T, C), with T at least 1, got "
            f"{log_probs.shape}{here()}"
        )
    if not 0 <= blank < log_probs.shape[-1]:
        raise ArgumentError(
            f"ctc_loss: blank is {blank}, and log_probs {log_probs.shape} have classes 0 to "
            f"{log_probs.shape[-1] - 1}{here()}"
        )
    most = math.sqrt(np.finfo(log_probs.dtype).eps)
    postponed = looks_again(lambda x: x > most, log_probs)
    largest = raw(log_probs).max(initial=-np.inf)
    if not postponed and largest > most:
        raise ArgumentError(
            f"ctc_loss: log_probs must hold log-probabilities, and the largest is {largest:.4g}.\n"
            f"  Logits go through log_softmax(x, -1) first.{here()}"
        )
    return log_probs


def _lengths(name: str, given: Any, batch: int, most: int, what: str) -> Array:
    """One integer from 0 to `most` for each sequence."""
    lengths = np.atleast_1d(np.asarray(given))
    if lengths.shape != (batch,):
        raise ShapeError(
            f"ctc_loss: {name} are {np.shape(given)}; for a batch of {batch} they must be "
            f"({batch},){here()}"
        )
    if lengths.dtype.kind not in "iu" and lengths.size:
        raise DTypeError(f"ctc_loss: {name} must be integers, not {lengths.dtype}{here()}")
    wrong = np.flatnonzero((lengths < 0) | (lengths > most))
    if wrong.size:
        raise ArgumentError(
            f"ctc_loss: {name}[{wrong[0]}] is {lengths[wrong[0]]}; {what} length {most}, so it "
            f"must lie between 0 and {most}{here()}"
        )
    return lengths.astype(np.int64)


def _padded(
    targets: Array,
    target_lengths: Array,
    batch: int,
    single: bool,
    classes: int,
    blank: int,
    trims: bool,
) -> tuple[Array, Array]:
    """The labels as (N, S), with blanks where there are none, and their numbers (N,).

    S is the most that any has, where it `trims`; a program keeps its shapes.
    """
    if targets.dtype.kind not in "iu":
        raise DTypeError(
            f"ctc_loss: targets are class indices (integers), not {targets.dtype}.\n"
            f"  Write targets.astype('int64').{here()}"
        )
    in_a_row = targets.ndim == 1 and not single
    given = targets[None] if targets.ndim == 1 else targets
    if given.ndim != 2 or (not in_a_row and len(given) != batch):
        raise ShapeError(
            f"ctc_loss: targets must be ({batch}, S), or all labels in one row; they are "
            f"{targets.shape}{here()}"
        )
    counts = _lengths("target_lengths", target_lengths, batch, given.shape[1], "targets have")
    if in_a_row and counts.sum() != given.shape[1]:
        raise ShapeError(
            f"ctc_loss: targets are {targets.shape}, one row, and target_lengths add up to "
            f"{counts.sum()}{here()}"
        )
    starts = np.cumsum(counts) - counts if in_a_row else np.zeros(batch, int)
    columns = np.arange(counts.max(initial=0) if trims else given.shape[1])
    used = columns < counts[:, None]
    places = np.where(used, columns + starts[:, None], 0)
    rows = np.zeros((batch, 1), int) if in_a_row else np.arange(batch)[:, None]
    labels = np.where(used, given[rows, places], blank) if used.size else used.astype(int)
    wrong = np.argwhere(used & ((labels < 0) | (labels >= classes) | (labels == blank)))
    if len(wrong):
        n, s = wrong[0]
        place = (places[n, s],) if targets.ndim == 1 else (n, places[n, s])
        label, at = place_of(targets, place)
        raise ArgumentError(
            f"ctc_loss: label {label} at {at.replace('target', 'targets')} must be a class, 0 to "
            f"{classes - 1}, and not the blank {blank}{here()}"
        )
    return labels, counts
