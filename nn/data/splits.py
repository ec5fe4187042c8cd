"""Splits: a dataset cut at random into parts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.random import generator as numbers_of
from nn.data.dataset import Subset, TensorDataset, by_number
from nn.data.samplers import one_generator


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Any = None, *, rng: Any = None
) -> list[Subset]:
    """Split a dataset at random into parts of these lengths, or of these shares that sum to 1.

    Examples that shares leave over go to the parts in turn, as in PyTorch. The order is drawn from
    `generator`, or under its other name `rng`: a `numpy.random.Generator` or a seed.

    >>> import nn
    >>> import numpy as np
    >>> parts = nn.data.random_split(nn.data.TensorDataset(np.arange(10)), [0.7, 0.3], rng=0)
    >>> [len(part) for part in parts]
    [7, 3]
    """
    dataset = by_number(dataset, "random_split")
    size = len(dataset)
    counts = _counts(lengths, size)
    order = numbers_of(one_generator(rng, generator)).permutation(size)
    stops = np.cumsum([0, *counts])
    return [Subset(dataset, order[a:b]) for a, b in itertools.pairwise(stops)]


def train_test_split(
    *arrays: Any, test_size: float = 0.25, validation_size: float = 0.0, rng: Any = None
) -> list[tuple[Any, ...]]:
    """Split arrays at random into (train, test), or with `validation_size` (train, val, test).

    Each part is a tuple with a piece of every array. The sizes, `test_size` and `validation_size`,
    are shares between 0 and 1.

    >>> import nn
    >>> import numpy as np
    >>> train, test = nn.data.train_test_split(np.arange(8), np.arange(8) % 2, rng=0)
    >>> len(train[0]), len(test[1])
    (6, 2)
    """
    if not (0 < test_size < 1 and 0 <= validation_size < 1 and test_size + validation_size < 1):
        raise ArgumentError(
            f"test_size and validation_size are shares that leave something to train on, got "
            f"{test_size} and {validation_size}"
        )
    data = TensorDataset(*arrays)
    shares = [1 - test_size - validation_size, validation_size, test_size]
    counts = [round(share * len(data)) for share in shares[1:]]
    counts.insert(0, len(data) - sum(counts))
    parts = random_split(data, counts, rng=rng)
    kept = parts if validation_size else [parts[0], parts[2]]
    return [data.batch(part.indices) for part in kept]


def _counts(lengths: Sequence[float], size: int) -> list[int]:
    if math.isclose(sum(lengths), 1.0) and all(0 <= share <= 1 for share in lengths):
        counts = [math.floor(share * size) for share in lengths]
        for extra in range(size - sum(counts)):
            counts[extra % len(counts)] += 1
        return counts
    if sum(lengths) != size or any(n < 0 for n in lengths):
        raise ArgumentError(
            f"random_split: the lengths {list(lengths)} sum to {sum(lengths)}; they must sum to "
            f"the {size} examples, or as shares to 1"
        )
    return [int(n) for n in lengths]
