"""Channels standardised: over the batch, or in each sample by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.modes import captures, capturing
from autograd.engine.trail import computed, written_outside
from autograd.errors import ArgumentError
from autograd.extend import raw
from autograd.kernels.shares import share_here
from autograd.tensors.inplace import replace
from nn.module.checks import check_channels, check_floating
from nn.normalization.moments import moments
from nn.normalization.ops import pair, standardize, standardize_by


@checked
def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel of (N, C, ...) less its mean, by √(var + eps), times weight, plus bias.

    In training, mean and variance are those of the batch, and `running_mean` and `running_var`
    (C,), where they are given, move towards them: running = (1 − momentum)·running +
    momentum·batch, where the variance is the unbiased one. Otherwise the running ones are used.

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift (2015).

    Shape: (N, C, *) -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> x = ag.Tensor([[1.0], [3.0]])
    >>> nn.functional.batch_norm(x, None, None, training=True, eps=0.0)
    Tensor([[-1.],
            [ 1.]], dtype=float32)
    """
    shape = check_floating("batch_norm", input, 2)
    check_channels(
        "batch_norm",
        shape,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
    if not training:
        return _by_running("batch_norm", input, running_mean, running_var, weight, bias, eps)
    share = share_here()
    if share is not None and share.joint:
        return by_all(input, running_mean, running_var, weight, bias, momentum, eps)
    count = shape[0] * math.prod(shape[2:])
    _check_count(count, shape)
    weight, bias = pair(weight, bias)
    axes = (0, *range(2, len(shape)))
    y, mean, var = standardize(input, weight, bias, axes=axes, eps=eps)
    if count:
        move(running_mean, mean, momentum, (-1,))
        move(running_var, var, momentum, (-1,), count / (count - 1))
    return y


def by_all(
    input: Any, mean: Any, var: Any, weight: Any, bias: Any, momentum: float, eps: float,
    group: Any = None,
) -> Any:  # fmt: skip
    """`batch_norm` in training, of the batches of all processes of a group as of one batch."""
    shape = np.shape(input)
    axes = (0, *range(2, len(shape)))
    of_all, spread, count = moments(input, axes, group)
    if not captures or not capturing():
        _check_count(raw(count).item(), shape)
    inverse = 1 / ag.sqrt(spread + eps)
    y = standardize_by(
        input, of_all, inverse, *(_for_channels(n, len(shape)) for n in (weight, bias))
    )
    move(mean, of_all.detach(), momentum, (-1,))
    move(var, (spread * (count / (count - 1))).detach(), momentum, (-1,))
    return y


def _check_count(count: float, shape: tuple[int, ...]) -> None:
    if count == 1:
        raise ArgumentError(
            f"batch_norm: input is {shape}: one value for each channel has no variance.\n"
            "  Train on more than one, or call eval() to use the running statistics."
            f"{here()}"
        )


@checked
def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel of each sample of (N, C, ...) less its own mean, by its own deviation.

    `running_mean` and `running_var`, if given, move towards the average over the batch by
    `momentum`; they are used in place of the input's own if `use_input_stats` is False. `weight`,
    `bias` and `eps` are those of `batch_norm`.

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing ingredient for fast
    stylization (2016).

    Shape: (N, C, *) -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.instance_norm(ag.Tensor([[[1.0, 3.0]]]), eps=0.0)
    Tensor([[[-1.,  1.]]], dtype=float32)
    """
    shape = check_floating("instance_norm", input, 3)
    check_channels(
        "instance_norm",
        shape,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
    if not use_input_stats:
        return _by_running("instance_norm", input, running_mean, running_var, weight, bias, eps)
    count = math.prod(shape[2:])
    if count == 1:
        raise ArgumentError(
            f"instance_norm: input is {shape}: one value for each channel of a sample has no "
            f"variance{here()}"
        )
    weight, bias = pair(weight, bias)
    behind = (1,) * (len(shape) - 2)
    y, mean, var = standardize(
        input,
        None if weight is None else ag.reshape(weight, (-1, *behind)),
        None if bias is None else ag.reshape(bias, (-1, *behind)),
        axes=tuple(range(2, len(shape))),
        eps=eps,
    )
    if count and shape[0]:
        flat = shape[:2]
        move(running_mean, mean, momentum, flat)
        move(running_var, var, momentum, flat, count / (count - 1))
    return y


def _for_channels(numbers: Any, ndim: int) -> Any:
    """(C,) as (1, C, 1, ...)."""
    return None if numbers is None else ag.reshape(numbers, (1, -1, *(1,) * (ndim - 2)))


def _by_running(
    name: str, input: Any, mean: Any, var: Any, weight: Any, bias: Any, eps: float
) -> Any:
    if mean is None or var is None:
        missing = "running_mean" if mean is None else "running_var"
        raise ArgumentError(
            f"{name}: {missing} is None, so there is nothing to standardise by but the input's own "
            f"mean and variance: ask for them with "
            f"{'training' if name == 'batch_norm' else 'use_input_stats'}=True{here()}"
        )
    inverse = 1 / ag.sqrt(var + eps)
    return standardize_by(
        input, *(_for_channels(n, np.ndim(input)) for n in (mean, inverse, weight, bias))
    )


def move(
    running: Any, batch: Any, momentum: float, flat: tuple[int, ...], unbiased: float | None = None
) -> None:
    """A running statistic, moved towards that of the batch: of the mean over samples, if any.

    A Tensor gets a new array, as optimizers' state does not: graphs that have recorded the old one
    (in eval mode) stay as they are.
    """
    if running is None:
        return
    if captures:  # computed() knows, but asking it costs as much as the average
        options = {"flat": flat, "unbiased": unbiased}
        new = computed(_running_average, running, batch, momentum, decides=False, **options)
    else:
        new = _running_average(raw(running), raw(batch), momentum, flat, unbiased)
    if isinstance(running, Tensor):
        replace(running, new)
    else:
        written_outside("a change of running statistics that are an array, no Tensor")
        running[...] = new


def _running_average(
    old: Any, batch: Any, momentum: Any, flat: tuple[int, ...], unbiased: float | None
) -> Any:
    rest, share = 1 - momentum, momentum
    if hasattr(share, "astype"):  # a share that a traced call has computed, in double precision
        rest, share = rest.astype(old.dtype), share.astype(old.dtype)
    batch = batch.reshape(flat)
    if batch.ndim > 1:
        batch = np.mean(batch, axis=0)
    if unbiased is not None:
        batch = batch * unbiased
    return (rest * old + share * batch).astype(old.dtype, copy=False)
