"""An iterator that is used up is an error wherever many Tensors, modules or batches are taken."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from optim import lr_scheduler, swa_utils


def itself(item: Any) -> Any:
    return item


def is_there(item: Any) -> bool:
    return item is not None


ITERATORS: dict[str, Callable[[list[Any]], Iterator[Any]]] = {
    "filter": lambda items: filter(is_there, items),
    "map": lambda items: map(itself, items),
    "iter": iter,
    "islice": lambda items: itertools.islice(items, len(items)),
    "chain": itertools.chain,
    "generator": lambda items: (item for item in items),
    "reversed": reversed,
}


def leaf() -> Tensor:
    w = Tensor([[3.0, 4.0]], requires_grad=True)
    (w * w).sum().backward()
    return w


def adam() -> optim.Optimizer:
    return optim.Adam([leaf()])


def fit(**options: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 1))
    model.compile("sgd", "mse", options.pop("metrics", ()))
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0, **options)


def loss() -> Tensor:
    return (leaf() * 2).sum()


# What takes many things, as a function of an iterator; each does something with a new one.
TAKERS: dict[str, Callable[[Any], Any]] = {
    "clip_grad_norm_": lambda it: nn.utils.clip_grad_norm_(it, 1.0),
    "clip_grad_value_": lambda it: nn.utils.clip_grad_value_(it, 1.0),
    "clip_grads_with_norm_": lambda it: nn.utils.clip_grads_with_norm_(it, 1.0, 10.0),
    "get_total_norm": lambda it: nn.utils.get_total_norm(it),
    "parameters_to_vector": lambda it: nn.utils.parameters_to_vector(it),
    "vector_to_parameters": lambda it: nn.utils.vector_to_parameters(ag.zeros(0), it),
    "add_param_group": lambda it: adam().add_param_group({"params": it}),
    "a group": lambda it: optim.SGD([{"params": it}]),
    "ParameterList": lambda it: nn.ParameterList(it),
    "ParameterList.extend": lambda it: nn.ParameterList().extend(it),
    "ModuleList": lambda it: nn.ModuleList(it),
    "ModuleList.extend": lambda it: nn.ModuleList().extend(it),
    "Sequential.extend": lambda it: nn.Sequential().extend(it),
    "ModuleDict": lambda it: nn.ModuleDict(it),
    "ParameterDict": lambda it: nn.ParameterDict(it),
    "ParameterDict.fromkeys": lambda it: nn.ParameterDict().fromkeys(it),
    "pad_sequence": lambda it: nn.utils.rnn.pad_sequence(it),
    "pack_sequence": lambda it: nn.utils.rnn.pack_sequence(it),
    "backward(inputs=)": lambda it: loss().backward(inputs=it),
    "grad of inputs": lambda it: ag.grad(loss(), it),
    "grad of outputs": lambda it: ag.grad(it, leaf()),
    "grad_outputs": lambda it: ag.grad(loss(), leaf(), it),
    "an average": lambda it: swa_utils.get_ema_multi_avg_fn()(it, [], 1),
    "an equal average": lambda it: swa_utils.get_swa_multi_avg_fn()(it, [], 1),
    "update_bn": lambda it: swa_utils.update_bn(it, nn.BatchNorm1d(2)),
    "MultiStepLR": lambda it: lr_scheduler.MultiStepLR(adam(), it),
    "ChainedScheduler": lambda it: lr_scheduler.ChainedScheduler(it),
    "SequentialLR": lambda it: lr_scheduler.SequentialLR(adam(), it, []),
    "metrics": lambda it: fit(metrics=it),
    "callbacks": lambda it: fit(callbacks=it),
    "ZeroRedundancyOptimizer": lambda it: optim.ZeroRedundancyOptimizer(it, optim.SGD, lr=0.1),
    **{
        f"{name} optimizer": lambda it, name=name: getattr(optim, name)(it)
        for name in optim.__all__
        if isinstance(kind := getattr(optim, name), type)
        and issubclass(kind, optim.Optimizer)
        and kind not in (optim.Optimizer, optim.ZeroRedundancyOptimizer)
    },
}
SAYS = re.compile("used up|is empty|at least one|no parameters|no sequences|0 grad_outputs")


@pytest.mark.parametrize("name", TAKERS)
def test_an_iterator_that_is_used_up_is_an_error(name: str) -> None:
    for make in ITERATORS.values():
        used = make([leaf(), leaf()])
        list(used)
        with pytest.raises((ValueError, ag.errors.BackwardError)) as caught:
            TAKERS[name](used)
        assert SAYS.search(str(caught.value)), caught.value


@pytest.mark.parametrize("kind", ITERATORS)
def test_a_new_iterator_does_what_a_list_does(kind: str) -> None:
    w = leaf()
    nn.utils.clip_grad_norm_(ITERATORS[kind]([w]), 1.0)
    assert w.grad.tolist() == [pytest.approx([0.6, 0.8])]
    assert [p.tolist() for p in optim.SGD(ITERATORS[kind]([w])).param_groups[0]["params"]]


def test_statistics_stay_when_the_loader_is_used_up() -> None:
    norm = nn.BatchNorm1d(1)
    norm(ag.Tensor([[1.0], [3.0]]))
    before = norm.running_mean.item()
    used: Iterator[Any] = iter([])
    with pytest.raises(ValueError, match="the list_iterator yields no batch"):
        swa_utils.update_bn(used, norm)
    assert norm.running_mean.item() == before != 0.0


def test_a_model_without_parameters_has_nothing_to_clip() -> None:
    assert nn.utils.clip_grad_norm_(nn.ReLU().parameters(), 1.0).item() == 0.0
    assert nn.utils.clip_grad_norm_([], 1.0).item() == 0.0


def test_callbacks_may_come_from_an_iterator() -> None:
    seen: list[int] = []
    watch = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    fit(callbacks=iter([watch]), epochs=2)
    assert seen == [0, 1]
