"""Gradients that travel in half precision: half the bytes, and what that costs said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.distributed.checks import member
from autograd.distributed.exchanges import all_reduced
from autograd.distributed.reductions import ReduceOp
from autograd.distributed.work import Work
from nn.parallel.buckets import GradBucket, average

_LARGEST = float(np.finfo(np.float16).max)


class ErrorFeedback:
    """What rounding to half precision has left out of gradients, to be added to the next ones.

    It is the state of `fp16_compress_hook`: nothing of a gradient is lost, but comes a step later.
    `relative_error` is the norm of what the last step left out, by that of its gradients (of this
    process), and `bytes_saved` is how much less has been handed to the network so far.
    `process_group` is that of the model.

    Source: Seide, Fu, Droppo, Li and Yu, 1-bit stochastic gradient descent and its application to
    data-parallel distributed training of speech DNNs (2014).

    >>> import nn
    >>> feedback = nn.parallel.ErrorFeedback()
    >>> feedback.relative_error, feedback.bytes_saved
    (0.0, 0)
    """

    def __init__(self, process_group: Any = None) -> None:
        self.process_group = process_group
        self.bytes_saved = 0
        self._left: dict[Any, Any] = {}  # by parameter: buckets are made anew after the first pass
        self._norms = np.zeros(2)  # squares: of what is left out, of the gradients

    @property
    def relative_error(self) -> float:
        """The norm of what the last step left out, by that of its gradients."""
        left, all_of_it = self._norms
        return math.sqrt(left / all_of_it) if all_of_it else 0.0

    def before(self, bucket: GradBucket) -> Any:
        """The gradients of a bucket, with what was left out of the last ones."""
        if bucket.index() == 0:
            self._norms[:] = 0
        flat = bucket.flat.copy()
        self._norms[1] += float(np.vdot(flat, flat))
        for parameter, place in _places(bucket, flat):
            left = self._left.get(parameter)
            if left is not None and left.shape == place.shape:
                place += left
        return flat

    def after(self, bucket: GradBucket, left: Any) -> None:
        """Keep what is left out; what is not finite is no error of rounding."""
        left = np.where(np.isfinite(left), left, 0)
        self._norms[0] += float(np.vdot(left, left))
        for parameter, place in _places(bucket, left):
            self._left[parameter] = place.copy()


def _places(bucket: GradBucket, flat: Any) -> Any:
    start = 0
    for parameter in bucket.parameters():
        yield parameter, flat[start : start + parameter.size]
        start += parameter.size


def fp16_compress_hook(state: Any, bucket: GradBucket) -> Work:
    """Average a bucket of gradients, which travel in half precision.

    For `model.register_comm_hook(state, fp16_compress_hook)`. With an `ErrorFeedback` as `state`
    what a rounding leaves out is added to the gradients of the next step; with a process group, or
    None for all processes, it is lost, as in PyTorch. Each number is divided by the number of
    processes, rounded to 11 bits (relative 2⁻¹¹, and nothing below 6e-8), summed in single
    precision, and the sum is rounded so once more; averages beyond 65504 are cut, and the
    rest is fed back. A `bucket` of half precision or complex numbers travels as it is.
    """
    feedback = state if isinstance(state, ErrorFeedback) else None
    group = member(state.process_group if feedback else state, "fp16_compress_hook")
    if bucket.dtype.kind != "f" or bucket.dtype.itemsize <= 2:
        return average(group, bucket)
    flat = bucket.flat if feedback is None else feedback.before(bucket)
    with np.errstate(over="ignore", invalid="ignore"):
        most = _LARGEST / group.size  # so that the sum is within reach too
        half = np.clip(flat / group.size, -most, most).astype(np.float16)
        if feedback is not None:
            feedback.after(bucket, flat - half.astype(bucket.dtype) * group.size)
            feedback.bytes_saved += bucket.nbytes - half.nbytes
    stages = all_reduced(group, half, ReduceOp.SUM, None)
    return group.run(f"{bucket.label}, halved", stages, lambda: half.astype(bucket.dtype))
