"""Sample inputs: what every op declares beside its rules, and every generic test runs on.

A sample is one call of the op. `samples=` of an op is a function without arguments, so that no
array is made when the package is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Sample", "Samples", "draw", "elementwise", "sample", "samples"]


class Sample(NamedTuple):
    """One call: the inputs, the static parameters, and what may be asked of it."""

    inputs: tuple[Any, ...]
    params: dict[str, Any] = MappingProxyType({})  # type: ignore[assignment]
    label: str = ""
    smooth: bool = True  # False at a kink or jump: the value is checked, no finite difference

    def __str__(self) -> str:
        shapes = ",".join(str(np.shape(x)).replace(" ", "") for x in self.inputs)
        # functions by name: an address would differ from process to process
        params = (f"{k}={getattr(v, '__name__', v)}" for k, v in self.params.items())
        return self.label or "-".join([shapes, *params])


Samples = Callable[[], Iterator[Sample]]


def sample(*inputs: Any, label: str = "", smooth: bool = True, **params: Any) -> Sample:
    """A Sample, written like the call."""
    return Sample(inputs, params, label, smooth)


def samples(*makers: Callable[[], Sample]) -> Samples:
    """Samples from functions that make one each: `samples(lambda: sample(draw(2, 3), axis=0))`."""
    return lambda: (make() for make in makers)


def draw(
    *shape: int,
    low: float = -2.0,
    high: float = 2.0,
    away_from: Sequence[float] = (),
    seed: Any = 0,
    complex_: bool = False,
) -> np.ndarray[Any, Any]:
    """Distinct float64 values spread over [low, high], at least 5 % of it from each of `away_from`.

    >>> draw(3, low=0.0, high=1.0).shape
    (3,)
    """
    import zlib  # late: samples are drawn by tests alone

    key = zlib.crc32(repr((shape, low, high, seed)).encode())
    rng = np.random.default_rng(key)
    count = int(np.prod(shape))
    # one value in each of `count` equal cells, so that no two nearly tie
    cells = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / max(count, 1)
    values = low + (high - low) * rng.permutation(cells)
    gap = 0.05 * (high - low)
    for point in away_from:
        near = np.abs(values - point) < gap
        side = np.where(values[near] < point, -gap, gap)
        values[near] = point + side * rng.uniform(1, 2, near.sum())
    values = values.reshape(shape)
    if complex_:
        return values + 1j * draw(*shape, low=low, high=high, seed=(seed, "imag"))
    return values


def elementwise(
    *domains: tuple[float, float],
    away_from: Sequence[float] = (),
    kinks: Sequence[Any] = (),
    complex_: bool = False,
) -> Samples:
    """Samples of an elementwise op, one domain per input: plain, 0-d, empty, and broadcast.

    `kinks` are values (or tuples, one per input) where the op has no derivative. With `complex_`
    the op also takes complex values.
    """
    count = len(domains)

    def arrays(shapes: Sequence[tuple[int, ...]], seed: str, complex_: bool = False) -> list[Any]:
        return [
            draw(*shape, low=low, high=high, away_from=away_from, seed=(seed, i), complex_=complex_)
            for i, (shape, (low, high)) in enumerate(zip(shapes, domains, strict=True))
        ]

    def make() -> Iterator[Sample]:
        yield Sample(tuple(arrays([(2, 3)] * count, "plain")), label="plain")
        yield Sample(tuple(arrays([()] * count, "0-d")), label="0-d")
        yield Sample(tuple(arrays([(0, 3)] * count, "empty")), label="empty")
        if count > 1:
            shapes = [(3, 1), (2,), (4, 1, 1)][:count]
            yield Sample(tuple(arrays(shapes, "broadcast")), label="broadcast")
        if complex_:
            yield Sample(tuple(arrays([(2, 3)] * count, "complex", True)), label="complex")
        if kinks:
            points = np.array([k if isinstance(k, tuple) else (k,) * count for k in kinks], float)
            yield Sample(tuple(points.T.copy()), label="kinks", smooth=False)

    return make
