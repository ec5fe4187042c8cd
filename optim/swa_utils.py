"""Averages of a model's weights over the course of training, and what belongs to them.

The mean of the weights along the path of an optimizer (SWA), or a mean that forgets the past
exponentially (EMA), is often a better model than the last one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from autograd.engine.arguments import guard
from autograd.engine.diagnose import listed
from autograd.engine.outputs import wrap
from autograd.engine.trail import computed, step_capture
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import raw
from autograd.tensors.inplace import replace, write
from nn.module.module import Module
from nn.normalization.batch_norm_layers import BatchNorm
from optim.lr_scheduler.swa import SWALR

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Tensor, Tensor, int], Any]  # (average, value, number averaged) -> new average
Pairs = list[tuple[Tensor, Tensor]]
MultiAverage = Callable[[Sequence[Tensor], Sequence[Tensor], int], None]  # in place


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of those that the model had.

    Call `update_parameters(model)` after steps of the optimizer. The first call copies; later ones
    average, by default with equal weights (SWA). `avg_fn(average, value, number)` returns another
    average of one Tensor, and `multi_avg_fn(averages, values, number)` changes a list of them in
    place; see `get_ema_multi_avg_fn`. With `use_buffers` buffers are averaged as well, else those
    of the model are copied; then `update_bn` brings batch statistics up to date.

    Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging weights leads to wider
    optima and better generalization (2018); Polyak and Juditsky, Acceleration of stochastic
    approximation by averaging (1992).

    >>> import autograd as ag
    >>> import nn
    >>> import optim
    >>> model = nn.Linear(1, 1, bias=False)
    >>> averaged = optim.swa_utils.AveragedModel(model)
    >>> for value in (1.0, 2.0, 6.0):
    ...     model.weight.data = [[value]]
    ...     averaged.update_parameters(model)
    >>> averaged(ag.Tensor([[1.0]])).item()
    3.0
    >>> averaged.n_averaged
    Tensor(3, dtype=int64)
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ArgumentError("avg_fn and multi_avg_fn are two ways to say the same; give one")
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", Tensor(0))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take what the model has now into the average."""
        parameters = _pairs(self.module.named_parameters(), model.named_parameters())
        buffers = _pairs(self.module.named_buffers(), model.named_buffers())
        if step_capture() is None:
            self._take(parameters, buffers, int(self.n_averaged.item()))
            self.n_averaged = self.n_averaged + 1
            return
        pairs = [*parameters, *buffers]
        numbers = [tensor for pair in pairs for tensor in pair]
        count = len(parameters)
        found = computed(self._next, self.n_averaged, *numbers, decides=False, count=count)
        for (average, _), value in zip(pairs, found, strict=True):
            replace(average, value)
        with no_grad():
            replace(self.n_averaged, self.n_averaged + 1)

    def _next(self, number: Any, *numbers: Any, count: int) -> tuple[Any, ...]:
        """What averages become, given them and the values that come to them, in turns."""
        given = [wrap(np.array(value)) for value in numbers]
        pairs = list(zip(given[::2], given[1::2], strict=True))
        self._take(pairs[:count], pairs[count:], int(number))
        return tuple(raw(average) for average, _ in pairs)

    def _take(self, parameters: Pairs, buffers: Pairs, number: int) -> None:
        averaged = [*parameters, *buffers] if self.use_buffers else parameters
        copied = [] if self.use_buffers else buffers
        if number == 0:
            averaged, copied = [], [*parameters, *buffers]
        for average, value in copied:
            _set(average, value)
        with no_grad():
            self._average(averaged, number)

    def _average(self, pairs: list[tuple[Tensor, Tensor]], number: int) -> None:
        if self.multi_avg_fn is None:
            avg_fn = self.avg_fn or get_swa_avg_fn()
            for average, value in pairs:
                _set(average, avg_fn(average, value, number))
            return
        for dtype in dict.fromkeys(average.dtype for average, _ in pairs):
            same = [pair for pair in pairs if pair[0].dtype == dtype]
            averages, values = zip(*same, strict=True)
            self.multi_avg_fn(list(averages), list(values), number)


def get_swa_avg_fn() -> Average:
    """The mean with equal weights, as a function of one Tensor.

    >>> import autograd as ag
    >>> from optim.swa_utils import get_swa_avg_fn
    >>> get_swa_avg_fn()(ag.Tensor([3.0]), ag.Tensor([6.0]), 2)
    Tensor([4.], dtype=float32)
    """

    def swa_update(averaged_param: Tensor, current_param: Tensor, num_averaged: int) -> Any:
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return swa_update


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """decay · average + (1 − decay) · value, as a function of one Tensor.

    >>> import autograd as ag
    >>> from optim.swa_utils import get_ema_avg_fn
    >>> get_ema_avg_fn(0.75)(ag.Tensor([4.0]), ag.Tensor([8.0]), 1)
    Tensor([5.], dtype=float32)
    """

    def ema_update(averaged_param: Tensor, current_param: Tensor, num_averaged: int) -> Any:
        return decay * averaged_param + (1 - decay) * current_param

    return ema_update


def get_swa_multi_avg_fn() -> MultiAverage:
    """The mean with equal weights, for lists of Tensors, of which the first is changed in place.

    >>> import autograd as ag
    >>> from optim.swa_utils import get_swa_multi_avg_fn
    >>> average = ag.Tensor([3.0])
    >>> get_swa_multi_avg_fn()([average], [ag.Tensor([6.0])], 2)
    >>> average
    Tensor([4.], dtype=float32)
    """

    def swa_update(
        averaged_param_list: Sequence[Tensor],
        current_param_list: Sequence[Tensor],
        num_averaged: int,
    ) -> None:
        _move(averaged_param_list, current_param_list, 1 / (num_averaged + 1))

    return swa_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """decay · average + (1 − decay) · value, for lists of Tensors; the first is changed in place.

    >>> import nn
    >>> from optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
    >>> ema = AveragedModel(nn.Linear(2, 1), multi_avg_fn=get_ema_multi_avg_fn(0.99))
    """

    def ema_update(
        ema_param_list: Sequence[Tensor], current_param_list: Sequence[Tensor], num_averaged: int
    ) -> None:
        _move(ema_param_list, current_param_list, 1 - decay)

    return ema_update


def update_bn(loader: Iterable[Any], model: Module) -> None:
    """Compute the statistics of the batch-norm layers anew, as means over all of the data.

    `loader` yields batches, or tuples whose first item is one; the model is called on each, in
    training mode and without recording. Momentum and mode are afterwards as they were. A loader
    that yields nothing, such as an iterator that is used up, is an error.

    >>> import autograd as ag
    >>> import nn
    >>> import optim
    >>> averaged = optim.swa_utils.AveragedModel(nn.BatchNorm1d(1))
    >>> optim.swa_utils.update_bn([ag.Tensor([[1.0], [3.0]])], averaged)
    >>> averaged.module.running_mean
    Tensor([2.], dtype=float32)
    """
    norms = [module for module in model.modules() if isinstance(module, BatchNorm)]
    if not norms:
        return
    batches = iter(loader)
    first = next(batches, None)
    if first is None:
        raise ArgumentError(
            f"update_bn: the {type(loader).__name__} yields no batch, so there are no statistics; "
            "is it an iterator that is used up?"
        )
    momenta = [norm.momentum for norm in norms]
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.train()
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean over all batches
        with no_grad():
            for batch in itertools.chain([first], batches):
                model(batch[0] if isinstance(batch, (list, tuple)) else batch)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for module, mode in modes:
            module.training = mode


def _pairs(
    averages: Iterator[tuple[str, Any]], values: Iterator[tuple[str, Any]]
) -> list[tuple[Tensor, Tensor]]:
    """Each average with the value of the same name, which must be of the same shape."""
    own, given = dict(averages), dict(values)
    for name in own.keys() | given.keys():
        ours, theirs = (held[name].shape if name in held else None for held in (own, given))
        if ours != theirs:
            raise ShapeError(
                f"the model is not the one that is averaged: {name} is {theirs or 'missing'} in "
                f"it, and {ours or 'missing'} in the average"
            )
    return [(own[name], given[name]) for name in own]


def _set(average: Tensor, value: Any) -> None:
    with no_grad():
        array = np.asarray(raw(value))
    if average.dtype.kind in "iu" and array.dtype.kind == "f":
        array = array.astype(np.float32)  # so that 2.9999999999 counts as 3
    write(average, array.astype(average.dtype, copy=False))


def _move(averages: Sequence[Tensor], values: Sequence[Tensor], share: float) -> None:
    """Move each average by a share of the way to its value."""
    pairs = zip(listed("averages", averages), listed("values", values), strict=True)
    for average, value in pairs:
        way = (raw(value) - raw(average)) * share
        _set(average, raw(average) + way)


guard(__name__, __all__)
