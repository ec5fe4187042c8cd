"""keras.random: Keras' names over autograd's generators.

A `seed` is a whole number, which gives the same numbers at each call, a SeedGenerator, which goes
on, or None for the default generator, which `keras.utils.set_random_seed` sets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.generators import draw, generator
from autograd.errors import ArgumentError
from nn.init import trunc_normal_
from nn.keras.backend import standardize_dtype

__all__ = [
    "SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint",
    "shuffle", "truncated_normal", "uniform",
]  # fmt: skip


class SeedGenerator:
    """Random numbers that go on from call to call.

    >>> from nn import keras
    >>> seed = keras.random.SeedGenerator(0)
    >>> keras.random.normal((2,), seed=seed).shape
    (2,)
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        self.seed = int(draw("integers", 1, 2**31)) if seed is None else seed
        self.name = name or "seed_generator"
        self.rng = generator(self.seed)

    def next(self, ordered: bool = True) -> Any:
        """Two whole numbers that no call before has given."""
        return self.rng.integers(0, 2**32, 2)

    def get_config(self) -> dict[str, Any]:
        """The seed."""
        return {"seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A generator of that seed."""
        return cls(**config)


def _rng(seed: Any) -> Any:
    return seed.rng if isinstance(seed, SeedGenerator) else seed


def _dtype(dtype: Any) -> Any:
    return np.dtype(standardize_dtype(dtype))


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Numbers from the normal distribution.

    >>> from nn import keras
    >>> keras.random.normal((2, 3), stddev=0.0, mean=1.0, seed=0).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    return ag.normal(mean, stddev, tuple(shape), dtype=_dtype(dtype), rng=_rng(seed))


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Numbers from the normal distribution, of which two standard deviations are left."""
    low, high = mean - 2 * stddev, mean + 2 * stddev
    return trunc_normal_(
        ag.zeros(tuple(shape), dtype=_dtype(dtype)), mean, stddev, low, high, _rng(seed)
    )


def uniform(
    shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Numbers spread evenly from minval up to maxval; whole ones for a dtype of whole numbers."""
    if _dtype(dtype).kind in "iu":
        return randint(shape, minval, maxval, dtype, seed)
    return ag.uniform(minval, maxval, tuple(shape), dtype=_dtype(dtype), rng=_rng(seed))


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Whole numbers from minval up to but without maxval."""
    return ag.randint(minval, maxval, tuple(shape), dtype=_dtype(dtype), rng=_rng(seed))


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """For each row of logits (N, C), classes drawn by their probabilities: (N, num_samples)."""
    logits = np.asarray(ag.asarray(logits).detach())
    if logits.ndim != 2:
        raise ArgumentError(f"keras.random.categorical: logits are (N, C), got {logits.shape}")
    noise = draw("gumbel", size=(len(logits), num_samples, logits.shape[1]), rng=_rng(seed))
    return ag.asarray(np.argmax(logits[:, None] + noise, axis=-1).astype(_dtype(dtype)))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """x with its parts along an axis in random order."""
    x = ag.asarray(x)
    return ag.take(x, draw("permutation", x.shape[axis], rng=_rng(seed)), axis=axis)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Each element 0 with probability `rate`, else divided by 1 − rate."""
    inputs = ag.asarray(inputs)
    if rate <= 0:
        return inputs
    shape = inputs.shape if noise_shape is None else tuple(noise_shape)
    kept = draw("random", shape, rng=_rng(seed)) >= rate
    return inputs * (kept / (1 - rate) if rate < 1 else kept * 0.0).astype(inputs.dtype)


def _drawn(method: str, shape: Any, parameters: tuple[Any, ...], dtype: Any, seed: Any) -> Any:
    parameters = tuple(np.asarray(ag.asarray(p).detach(), np.float64) for p in parameters)
    numbers = generator(_rng(seed))
    return ag.asarray(getattr(numbers, method)(*parameters, tuple(shape)).astype(_dtype(dtype)))


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers from the gamma distribution of rate 1."""
    return _drawn("standard_gamma", shape, (alpha,), dtype, seed)


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers from the beta distribution."""
    return _drawn("beta", shape, (alpha, beta), dtype, seed)


def binomial(
    shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> Any:
    """How many of `counts` tries succeed."""
    numbers = generator(_rng(seed))
    found = numbers.binomial(
        np.asarray(ag.asarray(counts).detach()).astype(np.int64),
        np.asarray(ag.asarray(probabilities).detach()),
        tuple(shape),
    )
    return ag.asarray(found.astype(_dtype(dtype)))
