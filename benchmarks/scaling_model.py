"""How long a step of data-parallel training takes on many machines: a model of latency and width.

A message of n bytes takes α + n·β; reducing n bytes takes n·γ. The all-reduces are those of
Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH (2005),
and of Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations
(2009). Gradients come in backward order, and each bucket is on its way once it is whole and the one
before it is through. Nothing here is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = [
    "NETWORKS", "REDUCTIONS", "STRATEGIES", "Network", "Work", "efficiency", "fit", "machines",
    "step_seconds",
]  # fmt: skip

BUCKET = 25 << 20  # bytes, as in DistributedDataParallel
FIRST = 1 << 20
FORWARD = 1 / 3  # of a step's time: backward is about twice as long
GROUP = 8  # machines of a rack, for reductions in two levels


class Network(NamedTuple):
    """Seconds for a message, for each byte of it, and to reduce a byte."""

    latency: float
    per_byte: float
    per_reduced: float = 1e-10


NETWORKS = {  # latencies are those that vendors and users of such networks report
    "10 Gb/s": Network(25e-6, 8 / 10e9),
    "100 Gb/s": Network(5e-6, 8 / 100e9),
}


class Work(NamedTuple):
    """What one machine does: seconds of a step, bytes of gradients, seconds of the optimizer."""

    seconds: float
    nbytes: float
    optimizer: float = 0.0


def ring(size: float, count: int, net: Network) -> float:
    """Each machine talks to the next: little to send, and a latency for each machine."""
    share = (count - 1) / count * size
    return 2 * (count - 1) * net.latency + 2 * share * net.per_byte + share * net.per_reduced


def tree(size: float, count: int, net: Network) -> float:
    """Reduced to one and sent back, in pairs: few latencies, and all bytes each time."""
    rounds = math.ceil(math.log2(count))
    return rounds * (2 * net.latency + 2 * size * net.per_byte + size * net.per_reduced)


def hierarchical(size: float, count: int, net: Network) -> float:
    """A ring in each group of machines, and rings over the groups for the parts."""
    inner = min(GROUP, count)
    outer = math.ceil(count / inner)
    found = ring(size, inner, net) if inner > 1 else 0.0
    return found + (ring(size / inner, outer, net) if outer > 1 else 0.0)


Reduction = Callable[[float, int, Network], float]
REDUCTIONS: dict[str, Reduction] = {"ring": ring, "tree": tree, "hierarchical": hierarchical}


class Strategy(NamedTuple):
    """How gradients travel."""

    reduction: Reduction
    overlaps: bool = True
    halved: bool = False  # float16
    shared: bool = False  # ZeRO: states shared out


STRATEGIES = {
    "ring": Strategy(ring),
    "tree": Strategy(tree),
    "hierarchical": Strategy(hierarchical),
    "ring, no overlap": Strategy(ring, overlaps=False),
    "hierarchical, float16": Strategy(hierarchical, halved=True),
    "hierarchical, ZeRO": Strategy(hierarchical, shared=True),
}


def buckets(nbytes: float) -> list[float]:
    """The bytes of each bucket, the first a small one."""
    found, left = [], nbytes
    while left > 0:
        found.append(min(left, BUCKET if found else FIRST))
        left -= found[-1]
    return found


def exposed(work: Work, times: Sequence[float], sizes: Sequence[float], overlaps: bool) -> float:
    """The seconds of exchanges that no computing hides."""
    if not overlaps:
        return sum(times)
    compute = work.seconds - work.optimizer
    end, done = 0.0, 0.0
    for seconds, size in zip(times, sizes, strict=True):
        done += size
        ready = compute * (FORWARD + (1 - FORWARD) * done / work.nbytes)
        end = max(end, ready) + seconds
    return max(0.0, end - compute)


def step_seconds(work: Work, count: int, net: Network, strategy: Strategy) -> float:
    """How long a step takes on so many machines, each with a batch of its own."""
    if count == 1:
        return work.seconds
    sizes = buckets(work.nbytes)
    sent = [size / (2 if strategy.halved else 1) for size in sizes]
    times = [strategy.reduction(size, count, net) for size in sent]
    saved = 0.0
    if strategy.shared:  # half of each all-reduce, and the parameters come back after the step
        times = [seconds / 2 for seconds in times]
        saved = work.optimizer * (1 - 1 / count)
    beyond = exposed(work, times, sizes, strategy.overlaps)
    if strategy.shared:
        beyond += sum(strategy.reduction(size, count, net) for size in sizes) / 2
    return work.seconds - saved + beyond


def efficiency(work: Work, count: int, net: Network, strategy: Strategy) -> float:
    """The samples a second of all, by those of as many machines that exchange nothing."""
    return work.seconds / step_seconds(work, count, net, strategy)


def machines(work: Work, net: Network, strategy: Strategy, least: float = 0.5) -> int:
    """The largest power of two, to 1,024, with so much of the efficiency left."""
    found = 1
    for power in range(1, 11):
        if efficiency(work, 2**power, net, strategy) < least:
            break
        found = 2**power
    return found


def fit(
    measured: dict[int, float], messages: dict[int, float] | None = None
) -> tuple[float, float]:
    """α and β of times by bytes, by least squares of relative errors; none is negative.

    With `messages`, how many one behind the other each size takes, α is that of a message.
    """
    counts = messages or dict.fromkeys(measured, 1.0)
    weights = [(counts[n] / t, n / t) for n, t in measured.items()]
    aa, ab, bb = (sum(w[i] * w[j] for w in weights) for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b = (sum(w[i] for w in weights) for i in (0, 1))
    det = aa * bb - ab * ab
    alpha, beta = (a * bb - b * ab) / det, (aa * b - ab * a) / det
    if alpha < 0:
        return 0.0, b / bb
    return (a / aa, 0.0) if beta < 0 else (alpha, beta)
