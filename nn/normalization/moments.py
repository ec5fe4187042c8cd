"""Mean and variance over the batches of several processes, as over one batch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.kernels.shares import share_here
from nn.normalization.ops import standardize

__all__ = ["moments"]


def moments(input: Any, axes: tuple[int, ...], group: Any = None) -> tuple[Tensor, Tensor, Tensor]:
    """The mean and variance over some axes and all processes of a group, and how many numbers.

    Each process sends its own (count, mean, variance), which are then joined everywhere in the
    order of the ranks: var = Σ n·(var + (mean − μ)²)/Σ n, after Chan, Golub and LeVeque, Updating
    formulae and a pairwise algorithm for computing sample variances (1979). Gradients flow back to
    the inputs of all processes. The axes stay, with length 1.
    """
    from autograd.distributed import ops  # what needs one process loads no more

    _, mean, var = standardize(input, axes=axes, eps=1.0)  # its moments alone, by the fused loop
    share = share_here()
    count = math.prod(input.shape[axis] for axis in axes) / (1 if share is None else share.holders)
    own = ag.concat([ag.ravel(mean), ag.ravel(var), np.full(1, count, mean.dtype)])
    every: Any = ops.all_gather(own, group=group)
    size = mean.size
    counts = every[:, -1:].detach()
    total = ag.sum(counts)
    weights = counts / total
    means, spreads = every[:, :size], every[:, size:-1]
    joint = ag.sum(weights * means, axis=0)
    spread = ag.sum(weights * (spreads + (means - joint) ** 2), axis=0)
    return ag.reshape(joint, mean.shape), ag.reshape(spread, mean.shape), total
