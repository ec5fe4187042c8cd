"""Copies of layers whose weights are computed, or that have hooks, at any time of their life."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from nn.utils import parametrizations, parametrize
from tests.layers import CASES
from tests.layers.case import Call, Case, flatten
from tests.test_layers import run


class Nothing:
    """A hook that changes nothing, and can be pickled."""

    def __call__(self, *given: Any) -> None:
        return None


class Double(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2


def is_matrix(p: Any) -> bool:
    """Whether it has a norm to be divided by."""
    return p.ndim > 1 and bool(p.numpy().any())


def every_matrix(change: Callable[[Any, str], Any]) -> Callable[[Any], Any]:
    def changed(layer: Any) -> Any:
        for module in list(layer.modules()):
            for name, p in list(module.named_parameters(recurse=False)):
                if is_matrix(p):
                    change(module, name)
        return layer

    return changed


def hooked(layer: Any) -> Any:
    layer.register_forward_pre_hook(Nothing())
    layer.register_forward_hook(Nothing())
    layer.register_full_backward_hook(Nothing())
    layer.register_full_backward_pre_hook(Nothing())
    return layer


WRAPS: dict[str, Callable[[Any], Any]] = {
    "weight_norm": every_matrix(nn.utils.weight_norm),
    "spectral_norm": every_matrix(nn.utils.spectral_norm),
    "both": every_matrix(lambda m, n: nn.utils.spectral_norm(nn.utils.weight_norm(m, n), n + "_v")),
    "parametrized weight_norm": every_matrix(parametrizations.weight_norm),
    "parametrized spectral_norm": every_matrix(parametrizations.spectral_norm),
    "orthogonal": every_matrix(parametrizations.orthogonal),
    "of one's own": every_matrix(
        lambda m, n: parametrize.register_parametrization(m, n, Double())
    ),
    "hooks": hooked,
}  # fmt: skip


def first_of_each() -> list[Case]:
    """A case of each class that has a matrix, without those that write into it."""
    found: dict[str, Case] = {}
    for case in CASES:
        if "max_norm" in case.kwargs:
            continue
        if any(map(is_matrix, case.make().parameters())):
            found.setdefault(case.name, case)
    return list(found.values())


def averaged(layer: Any) -> Any:
    average = optim.swa_utils.AveragedModel(layer)
    for _ in range(2):
        average.update_parameters(layer)
    return average.module.train(layer.training)


WAYS: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda layer: pickle.loads(pickle.dumps(layer)),
    "AveragedModel": averaged,
    "deepcopy of a copy": lambda layer: copy.deepcopy(copy.deepcopy(layer)),
}


def backward(layer: Any, arrays: Any) -> None:
    outputs = [y for y in flatten(Call(layer, arrays, [])()) if y.requires_grad]
    sum((ag.abs(y).sum() for y in outputs), Tensor(0.0)).backward()


def without_grad(layer: Any, arrays: Any) -> None:
    with ag.no_grad():
        Call(layer, arrays, [])()


LIVES: dict[str, Callable[[Any, Any], Any]] = {
    "new": lambda layer, arrays: None,
    "forward": lambda layer, arrays: Call(layer, arrays, [])(),
    "backward": backward,
    "no_grad": without_grad,
    "eval": lambda layer, arrays: Call(layer.eval(), arrays, [])(),
}


def check_copy(layer: Any, arrays: Any, way: Callable[[Any], Any]) -> None:
    """A copy gives the same outputs and gradients as the layer, and shares nothing with it."""
    twin = way(layer)
    assert twin.state_dict().keys() == layer.state_dict().keys()
    assert not {*map(id, twin.parameters())} & {*map(id, layer.parameters())}
    for one, two in zip(run(twin, arrays), run(layer, arrays), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12)
    layer.zero_grad()
    twin.zero_grad()
    for each in (layer, twin):
        nn.manual_seed(0)
        backward(each, arrays)
    for p, q in zip(layer.parameters(), twin.parameters(), strict=True):
        assert (p.grad is None) is (q.grad is None)
        if p.grad is not None:
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-9, atol=1e-9)
    before = [p.numpy().copy() for p in layer.parameters()]
    with ag.no_grad():
        for q in twin.parameters():
            q += 1
    for p, value in zip(layer.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.numpy(), value)


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in first_of_each()])
def test_a_layer_is_copied_at_any_time(case: Case, wrap: str) -> None:
    lives = LIVES if case.name == "Linear" else ["backward"]
    for life in lives:
        for way in WAYS.values():
            layer, arrays = WRAPS[wrap](case.make()), case.arrays()
            LIVES[life](layer, arrays)
            check_copy(layer, arrays, way)


@pytest.mark.parametrize("kind", ["weight_norm", "spectral_norm"])
def test_a_copy_knows_how_to_become_plain_again(kind: str) -> None:
    for way in WAYS.values():
        layer = getattr(nn.utils, kind)(
            nn.Linear(3, 2, rng=0), **{"rng": 0} if "sp" in kind else {}
        )
        layer(ag.ones(3)).sum().backward()
        twin = way(layer)
        assert not twin.weight.requires_grad, "a value, till the next call computes it"
        plain = getattr(nn.utils, f"remove_{kind}")(twin)
        assert list(plain.state_dict()) == ["bias", "weight"]
        assert "weight_" + ("g" if kind == "weight_norm" else "u") in layer.state_dict()
        np.testing.assert_allclose(plain(ag.ones(3)).numpy(), layer.eval()(ag.ones(3)).numpy())


def test_a_whole_model_under_norms_is_copied_after_training() -> None:
    model = nn.Sequential(
        nn.utils.weight_norm(nn.Linear(3, 4, rng=0)), nn.Tanh(),
        parametrizations.spectral_norm(nn.Linear(4, 2, rng=1)),
    )  # fmt: skip
    model.compile("adam", "mse")
    x = np.ones((5, 3), "float32")
    model.fit(x, np.zeros((5, 2)), epochs=2, verbose=0)
    for way in WAYS.values():
        np.testing.assert_allclose(way(model).predict(x), model.predict(x), rtol=1e-6)
    fresh = nn.Sequential(
        nn.utils.weight_norm(nn.Linear(3, 4)), nn.Tanh(),
        parametrizations.spectral_norm(nn.Linear(4, 2)),
    )  # fmt: skip
    fresh.load_state_dict(model.state_dict())
    np.testing.assert_allclose(fresh.predict(x), model.predict(x), rtol=1e-6)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("wrap", [name for name in WRAPS if name != "both"])
def test_recurrent_layers_take_computed_weights(kind: Any, wrap: str) -> None:
    layer = WRAPS[wrap](kind(3, 4, num_layers=2, bidirectional=True, rng=0)).eval()
    x = ag.ones((2, 1, 3))
    found = layer(x)[0]
    found.sum().backward()
    assert all(p.grad is not None for p in layer.parameters())
    plain = kind(3, 4, num_layers=2, bidirectional=True).eval()
    plain.load_state_dict({name: getattr(layer, name) for name in plain.state_dict()})
    np.testing.assert_allclose(plain(x)[0].numpy(), found.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("wrap", [name for name in WRAPS if name != "both"])
@pytest.mark.parametrize("name", ["MultiheadAttention", "LinearCrossEntropyLoss", "Transformer"])
def test_a_weight_that_is_read_without_a_call_is_computed_too(name: str, wrap: str) -> None:
    """PyTorch's hooks do not run there: the weight stays as it was, and gets no gradient."""
    case = next(case for case in CASES if case.name == name)
    layer = WRAPS[wrap](case.make())
    backward(layer, case.arrays())
    assert {n for n, p in layer.named_parameters() if p.grad is None} == set()
