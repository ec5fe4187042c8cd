"""The rates of schedules from their definitions, epoch by epoch, for tests/scheduler_table.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

EPOCHS = 36
LRS = (0.5, 0.02)  # of the two groups
METRICS = [1 / (1 + n) if n < 8 else 0.125 + 0.01 * (n % 3) for n in range(EPOCHS)]

Rates = Callable[[float], Sequence[float]]  # the base rate -> the rates of epochs 0 … EPOCHS


def at_each(rate: Callable[[int, float], float]) -> Rates:
    """Rates that are a function of the epoch."""
    return lambda base: [rate(epoch, base) for epoch in range(EPOCHS + 1)]


# ---- functions that are options ----------------------------------------------------------------


def halved_each_ten(epoch: int) -> float:
    return float(0.5 ** (epoch // 10))


def inverse(epoch: int) -> float:
    return 1 / (1 + epoch)


def shrinking(epoch: int) -> float:
    return 1 - 0.5 / (epoch + 1)


def growing(epoch: int) -> float:
    return 1 + 0.01 * epoch


def damped(x: float) -> float:
    return 1 / (1 + x)


# ---- rates from their definitions ----------------------------------------------------------------


def product(factor: Callable[[int], float], epoch: int) -> float:
    return math.prod(factor(e) for e in range(1, epoch + 1))


def steps(base: float, gamma: float, milestones: Sequence[int], epoch: int) -> float:
    return base * math.prod(gamma for m in milestones if m <= epoch)


def between(start: float, end: float, share: float) -> float:
    return start * (1 - share) + end * share


def half_cosine(high: float, low: float, share: float) -> float:
    """From high (share 0) to low (share 1), as a squared cosine of the half angle."""
    return low + (high - low) * math.cos(math.pi * share / 2) ** 2


def restarts(base: float, low: float, first: int, times: int) -> list[float]:
    rates: list[float] = []
    length = first
    while len(rates) <= EPOCHS:
        rates += [half_cosine(base, low, n / length) for n in range(length)]
        length *= times
    return rates[: EPOCHS + 1]


def triangle(epoch: int, up: int, down: int) -> float:
    """Height in a cycle of `up` steps up and `down` steps down."""
    place = epoch % (up + down)
    return place / up if place <= up else (up + down - place) / down


def cycle(epoch: int, length: int) -> int:
    return 1 + epoch // length


def one_cycle(ends: Sequence[float], values: Sequence[float], way: Any, epoch: int) -> float:
    """Values at steps 0, ends[0], ends[1] …, and `way` between them."""
    start = 0.0
    for end, a, b in zip(ends, values, values[1:], strict=False):
        if epoch <= end or end == ends[-1]:
            share = (epoch - start) / (end - start)
            return float(way(a, b, share))
        start = end
    raise AssertionError


def plateau(
    base: float, factor: float, patience: int, better: Callable[[float, float], bool],
    worst: float, cooldown: int = 0, least: float = 0.0,
) -> list[float]:  # fmt: skip
    rates, best, bad, cooling = [base], worst, 0, 0
    for metric in METRICS:
        if better(metric, best):
            best, bad = metric, 0
        else:
            bad += 1
        if cooling:
            cooling, bad = cooling - 1, 0
        rate = rates[-1]
        if bad > patience:
            lower = max(rate * factor, least)
            rate = lower if rate - lower > 1e-8 else rate
            cooling, bad = cooldown, 0
        rates.append(rate)
    return rates


def swa(base: float, goal: float, epochs: int, way: Any) -> list[float]:
    return [way(base, goal, min(1, e / max(1, epochs))) for e in range(EPOCHS + 1)]


def cosine_way(a: float, b: float, share: float) -> float:
    return half_cosine(a, b, share)


def joined(base: float) -> list[float]:
    """LinearLR for 5 epochs, ExponentialLR until 20, then CosineAnnealingLR."""
    warm = [base * between(0.25, 1, min(e, 5) / 5) for e in range(5)]
    decay = [base * 0.9**e for e in range(15)]
    return warm + decay + [half_cosine(base, 0, e / 20) for e in range(17)]


def chained(base: float) -> list[float]:
    """The factors of ConstantLR and ExponentialLR and StepLR, multiplied."""
    return [base * (0.5 if e < 4 else 1) * 0.95**e * 0.5 ** (e // 10) for e in range(EPOCHS + 1)]
