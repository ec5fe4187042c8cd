"""Parametrizations: the law of each map, what is trained and saved, copies, removal, messages."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.gradcheck import gradcheck_module
from nn.utils import parametrizations as P
from nn.utils import parametrize

X = np.random.default_rng(0).standard_normal((5, 3))


class Doubled(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 2

    def right_inverse(self, x: Any) -> Any:
        return x / 2


class Symmetric(nn.Module):
    def forward(self, x: Any) -> Any:
        return ag.triu(x) + ag.triu(x, 1).mT


class RankOne(nn.Module):
    def forward(self, x: Any, y: Any) -> Any:
        return ag.outer(x, y)

    def right_inverse(self, z: Any) -> Any:
        return z[:, 0], z[0] / z[0, 0]


class Wider(nn.Module):
    def forward(self, x: Any) -> Any:
        return ag.concat([x, x])


def linear(rows: int = 4, columns: int = 3) -> Any:
    return nn.Linear(columns, rows, dtype="float64", rng=1)


APPLY = {
    "weight_norm": lambda layer: P.weight_norm(layer),
    "weight_norm of all": lambda layer: P.weight_norm(layer, dim=None),
    "weight_norm of columns": lambda layer: P.weight_norm(layer, dim=1),
    "spectral_norm": lambda layer: P.spectral_norm(layer, rng=2),
    "spectral_norm of a vector": lambda layer: P.spectral_norm(layer, "bias"),
    "cayley": lambda layer: P.orthogonal(layer, orthogonal_map="cayley"),
    "matrix_exp": lambda layer: P.orthogonal(layer, orthogonal_map="matrix_exp"),
    "householder": lambda layer: P.orthogonal(layer),
    "bare householder": lambda layer: P.orthogonal(layer, use_trivialization=False),
    "old weight_norm": lambda layer: nn.utils.weight_norm(layer),
    "old spectral_norm": lambda layer: nn.utils.spectral_norm(layer, rng=2),
}
NEW = [name for name in APPLY if not name.startswith("old")]
ROWS = pytest.mark.parametrize("name", APPLY)


# ---- what each computes --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in APPLY if "spectral_norm" not in name])
def test_gradients_agree_with_finite_differences(name: str) -> None:
    layer = APPLY[name](linear(3, 2))
    report = gradcheck_module(layer, Tensor(X[:2, :2]), order=2, raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("apply", [P.spectral_norm, nn.utils.spectral_norm])
def test_spectral_norm_differentiates_with_its_vectors_fixed(apply: Any) -> None:
    """Where power iteration has come to rest that is the whole gradient; to first order only."""
    layer = apply(linear(), n_power_iterations=100, rng=0)
    assert gradcheck_module(layer, Tensor(X))
    assert ag.gradcheck(lambda b: P.spectral_norm(linear(), "bias").parametrizations.bias[0](b),
                        Tensor(X[0]), order=2)  # fmt: skip


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("old", [False, True])
def test_weight_norm_starts_with_the_weight_and_the_magnitudes_are_its_norms(
    dim: int | None, old: bool
) -> None:
    layer = linear()
    weight = layer.weight.numpy().copy()
    (nn.utils.weight_norm if old else P.weight_norm)(layer, dim=dim)
    np.testing.assert_allclose(layer.weight.detach(), weight, rtol=1e-14)
    magnitudes = layer.weight_g if old else layer.parametrizations.weight.original0
    axes = None if dim is None else 1 - dim
    np.testing.assert_allclose(
        magnitudes.detach(), np.linalg.norm(weight, axis=axes, keepdims=dim is not None)
    )


@pytest.mark.parametrize("apply", [P.spectral_norm, nn.utils.spectral_norm])
def test_spectral_norm_makes_the_first_singular_value_one(apply: Any) -> None:
    layer = apply(linear(), n_power_iterations=200, rng=0)
    layer(Tensor(X))
    first = np.linalg.svd(layer.weight.detach().numpy(), compute_uv=False)[0]
    assert first == pytest.approx(1, rel=1e-9)


def test_power_iteration_goes_on_in_training_alone() -> None:
    layer = P.spectral_norm(linear(), rng=0).eval()
    u = layer.parametrizations.weight[0]._u
    before = u.numpy().copy()
    layer(Tensor(X))
    np.testing.assert_array_equal(u, before)
    layer.train()(Tensor(X))
    assert not np.array_equal(u, before)
    assert layer.parametrizations.weight[0]._u is u


def test_a_graph_outlives_the_next_power_iteration() -> None:
    layer = P.spectral_norm(linear(), rng=0)
    first = layer(Tensor(X)).sum()
    second = layer(Tensor(X + 1)).sum()
    (first - second).backward()
    assert np.any(layer.parametrizations.weight.original.grad.numpy())


MAPS = ["matrix_exp", "cayley", "householder"]


@pytest.mark.parametrize("shape", [(4, 4), (5, 2), (2, 5)], ids=str)
@pytest.mark.parametrize("trivial", [True, False])
@pytest.mark.parametrize("name", MAPS)
def test_orthogonal_weights_are_and_stay_orthonormal(
    name: str, trivial: bool, shape: tuple[int, int]
) -> None:
    layer = linear(*shape)
    if not trivial and name != "householder":
        with pytest.raises(ValueError, match="cannot be inverted"):
            P.orthogonal(layer, orthogonal_map=name, use_trivialization=False)
        return
    P.orthogonal(layer, orthogonal_map=name, use_trivialization=trivial)
    steps = optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(3):
        w = layer.weight.detach().numpy()
        product = w.T @ w if shape[0] >= shape[1] else w @ w.T
        np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-13)
        ag.sum(layer(Tensor(np.ones((1, shape[1])))) ** 3).backward()
        steps.step()


@pytest.mark.parametrize("shape", [(4, 4), (5, 2), (2, 5)], ids=str)
@pytest.mark.parametrize("trivial", [True, False])
def test_an_orthogonal_weight_starts_as_it_is(trivial: bool, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    tall = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))[0]
    weight = tall if shape[0] >= shape[1] else tall.T
    layer = linear(*shape)
    layer.weight.data = weight
    P.orthogonal(layer, orthogonal_map="householder", use_trivialization=trivial)
    np.testing.assert_allclose(layer.weight.detach(), weight, atol=1e-14)
    layer.weight = -weight
    np.testing.assert_allclose(layer.weight.detach(), -weight, atol=1e-14)


def test_orthogonal_matrices_may_come_in_stacks() -> None:
    module = nn.Module()
    module.weight = nn.Parameter(np.random.default_rng(0).standard_normal((2, 4, 3)))
    P.orthogonal(module)
    w = module.weight.detach()
    np.testing.assert_allclose(w.mT @ w, np.broadcast_to(np.eye(3), (2, 3, 3)), atol=1e-14)


# ---- the machinery -------------------------------------------------------------------------------


def test_the_original_stays_the_same_parameter_and_is_what_is_trained() -> None:
    layer = linear(3)
    weight = layer.weight
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert layer.parametrizations.weight.original is weight
    assert weight.name == "parametrizations.weight.original"
    assert [name for name, _ in layer.named_parameters()] == [
        "bias", "parametrizations.weight.original"
    ]  # fmt: skip
    ag.sum(layer(Tensor(X))).backward()
    assert np.any(weight.grad.numpy())


def test_parametrizations_apply_in_a_row_and_an_assignment_goes_back() -> None:
    layer = linear(3)
    start = layer.weight.numpy().copy()
    for _ in range(2):
        parametrize.register_parametrization(layer, "weight", Doubled())
    np.testing.assert_allclose(layer.weight.detach(), 2 * start)
    layer.weight = np.ones((3, 3))
    np.testing.assert_array_equal(layer.weight.detach(), np.ones((3, 3)))
    np.testing.assert_array_equal(
        layer.parametrizations.weight.original.detach(), np.full((3, 3), 0.25)
    )


def test_several_originals_of_the_first_parametrization() -> None:
    layer = parametrize.register_parametrization(linear(3), "weight", RankOne())
    assert [n for n, _ in layer.named_parameters()][1:] == [
        "parametrizations.weight.original0", "parametrizations.weight.original1"
    ]  # fmt: skip
    assert np.linalg.matrix_rank(layer.weight.detach()) == 1
    layer.weight = np.ones((3, 3))
    np.testing.assert_array_equal(layer.weight.detach(), np.ones((3, 3)))


def test_a_buffer_may_be_parametrized() -> None:
    module = nn.Module()
    module.register_buffer("scale", ag.asarray(np.ones(2)))
    parametrize.register_parametrization(module, "scale", Doubled())
    assert list(module.state_dict()) == ["parametrizations.scale.original"]
    np.testing.assert_array_equal(module.scale, np.ones(2))


def test_cached_evaluates_once_and_keeps_gradients_apart() -> None:
    layer = P.weight_norm(linear())
    with parametrize.cached():
        with ag.no_grad():
            assert not layer.weight.requires_grad
        with parametrize.cached():
            first = layer.weight
        assert first is layer.weight
        assert first.requires_grad
    assert first is not layer.weight


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))],
                         ids=["deepcopy", "pickle"])  # fmt: skip
@pytest.mark.parametrize("name", NEW)
def test_a_copy_is_parametrized_by_itself(name: str, copied: Any) -> None:
    layer = APPLY[name](linear()).eval()
    layer(Tensor(X))
    other = copied(layer)
    np.testing.assert_array_equal(layer(Tensor(X)).detach(), other(Tensor(X)).detach())
    tensor = next(iter(layer.parametrizations))
    parametrize.remove_parametrizations(other, tensor)
    assert parametrize.is_parametrized(layer, tensor)
    assert not parametrize.is_parametrized(other)
    np.testing.assert_array_equal(layer(Tensor(X)).detach(), other(Tensor(X)).detach())


@ROWS
def test_a_saved_state_gives_the_same_outputs(name: str) -> None:
    layer = APPLY[name](linear())
    other = APPLY[name](nn.Linear(3, 4, dtype="float64", rng=9))
    layer(Tensor(X))
    other.load_state_dict(layer.state_dict())
    y, z = (module.eval()(Tensor(X)).detach() for module in (layer, other))
    np.testing.assert_array_equal(y, z)


def test_a_state_of_the_older_weight_norm_loads() -> None:
    older = nn.Sequential(nn.utils.weight_norm(linear()))
    layer = nn.Sequential(P.weight_norm(nn.Linear(3, 4, dtype="float64", rng=9)))
    layer.load_state_dict(older.state_dict())
    np.testing.assert_array_equal(layer(Tensor(X)).detach(), older(Tensor(X)).detach())


@ROWS
def test_removal_leaves_an_ordinary_layer_of_the_same_outputs(name: str) -> None:
    layer = APPLY[name](linear()).eval()
    expected = layer(Tensor(X)).detach().numpy()
    tensor = "bias" if "vector" in name else "weight"
    if name == "old weight_norm":
        nn.utils.remove_weight_norm(layer)
    elif name == "old spectral_norm":
        nn.utils.remove_spectral_norm(layer)
    else:
        parametrize.remove_parametrizations(layer, tensor)
    assert type(layer) is nn.Linear
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    assert isinstance(getattr(layer, tensor), nn.Parameter)
    np.testing.assert_allclose(layer(Tensor(X)).detach(), expected, rtol=1e-14)
    layer(Tensor(X)).sum().backward()
    assert layer.weight.grad is not None


def test_removal_may_go_back_to_the_original() -> None:
    layer = linear(3)
    weight, start = layer.weight, layer.weight.numpy().copy()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert layer.weight is weight
    assert weight.name == "weight"
    np.testing.assert_array_equal(weight, start)


def test_two_tensors_of_a_module_come_and_go_apart() -> None:
    layer = P.weight_norm(P.spectral_norm(linear(), "bias"))
    assert type(layer).__name__ == "ParametrizedLinear"
    parametrize.remove_parametrizations(layer, "bias")
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    parametrize.remove_parametrizations(layer, "weight")
    assert parametrize.type_before_parametrizations(layer) is type(layer) is nn.Linear


def test_the_repr_shows_the_parametrizations() -> None:
    assert repr(P.weight_norm(nn.Linear(2, 3))) == (
        "ParametrizedLinear(\n  in_features=2, out_features=3, bias=True\n"
        "  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n"
        "      (0): _WeightNorm()\n    )\n  )\n)"
    )


def test_a_parametrization_follows_the_mode_of_its_module() -> None:
    layer = P.spectral_norm(linear().eval())
    assert not any(module.training for module in layer.modules())


# ---- messages ------------------------------------------------------------------------------------


def register(parametrization: Any, name: str = "weight", layer: Any = None) -> Any:
    return parametrize.register_parametrization(layer or linear(3), name, parametrization)


MESSAGES = [
    (
        lambda: register(Doubled(), "weigth"),
        ValueError,
        "Linear has no parameter or buffer 'weigth'; it has weight, bias",
    ),
    (
        lambda: register(Wider()),
        ValueError,
        r"makes \(3, 3\) float64 into \(6, 3\) float64: shape and dtype must stay, unless unsafe",
    ),
    (
        lambda: register(Wider(), layer=register(Doubled())),
        ValueError,
        r"makes \(3, 3\) float64 into \(6, 3\) float64",
    ),
    (
        lambda: setattr(register(Symmetric()), "weight", np.ones((3, 3))),
        TypeError,
        "Symmetric has no right_inverse, so a value cannot be assigned",
    ),
    (
        lambda: parametrize.remove_parametrizations(linear(), "weight"),
        ValueError,
        "Linear has no parametrization of 'weight'",
    ),
    (
        lambda: parametrize.remove_parametrizations(P.weight_norm(linear()), "weight", False),
        ValueError,
        "weight depends on 2 tensors, so there is no one original to go back to",
    ),
    (
        lambda: P.weight_norm(nn.LazyLinear(3)),
        ValueError,
        "weight of LazyLinear has no shape yet: call the module once before it is parametrized",
    ),
    (
        lambda: P.orthogonal(linear(), "bias"),
        ValueError,
        r"orthogonal: bias is \(4,\); it must be a matrix",
    ),
    (
        lambda: P.orthogonal(linear(), orthogonal_map="cayly"),
        ValueError,
        "orthogonal_map must be .* did you mean 'cayley'",
    ),
    (
        lambda: P.spectral_norm(linear(), n_power_iterations=0),
        ValueError,
        "n_power_iterations must be at least 1, got 0",
    ),
    (
        lambda: P.spectral_norm(linear(), "gain"),
        ValueError,
        "Linear has no parameter or buffer 'gain'",
    ),
    (
        lambda: nn.utils.weight_norm(nn.utils.weight_norm(linear())),
        ValueError,
        "weight_norm of 'weight' is there already",
    ),
    (
        lambda: nn.utils.weight_norm(linear(), "gain"),
        ValueError,
        "weight_norm: Linear has no parameter 'gain'; it has weight, bias",
    ),
    (
        lambda: nn.utils.spectral_norm(nn.LazyLinear(3)),
        ValueError,
        "spectral_norm: weight of LazyLinear has no shape yet",
    ),
    (
        lambda: nn.utils.spectral_norm(linear(), n_power_iterations=0),
        ValueError,
        "n_power_iterations must be at least 1, got 0",
    ),
    (
        lambda: nn.utils.remove_spectral_norm(linear()),
        ValueError,
        "Linear has no spectral_norm of 'weight'",
    ),
    (
        lambda: parametrize.ParametrizationList([], linear().weight),
        ValueError,
        "needs one parametrization at least",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), MESSAGES)
def test_bad_input_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_refused_parametrization_changes_nothing() -> None:
    layer = linear(3)
    before = layer.state_dict()
    with pytest.raises(ValueError, match="shape and dtype must stay"):
        register(Wider(), layer=layer)
    assert type(layer) is nn.Linear
    assert list(layer.state_dict()) == ["weight", "bias"]
    np.testing.assert_array_equal(layer.weight, before["weight"])
