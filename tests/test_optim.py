"""What all optimizers share: groups, state, steps, errors. (Each one's: test_optim_table.py.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.errors import InPlaceError, StateDictError
from optim.shaped import ShapedOptimizer

SHAPES = [(3, 4), (5,), (), (0,), (70, 80), (130, 140)]  # packed, 0-d, empty, alone, many blocks


def parameters(dtype: str = "float64", shapes: Any = SHAPES, seed: int = 0) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    return [
        Tensor(np.asarray(rng.standard_normal(shape)).astype(dtype), True, name=f"p{i}")
        for i, shape in enumerate(shapes)
    ]


def gradients(step: int, shapes: Any = SHAPES) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(100 + step)
    return [np.asarray(rng.standard_normal(shape)) for shape in shapes]


def give_gradients(params: list[Tensor], step: int) -> None:
    for p, g in zip(params, gradients(step, [p.shape for p in params]), strict=True):
        p.grad = Tensor(g.astype(p.dtype))


def test_options_may_change_between_steps() -> None:
    p = parameters(shapes=[(3,)])[0]
    optimizer = optim.SGD([p], lr=0.1)
    start = p.numpy().copy()
    give_gradients([p], 0)
    optimizer.step()
    optimizer.param_groups[0].update(lr=0.5, momentum=0.9, dampening=0.5)
    optimizer.step()
    g = gradients(0, [(3,)])[0]
    np.testing.assert_allclose(p.numpy(), start - 0.6 * g, rtol=1e-12)


def test_small_parameters_are_updated_together_as_if_each_were_alone() -> None:
    """Twenty of 16 KB: more than one block of what is gathered."""
    together, apart = (parameters(shapes=[(2000,)] * 20) for _ in range(2))
    optimizers = [optim.Adam(together), *(optim.Adam([p]) for p in apart)]
    for step in range(2):
        give_gradients(together, step)
        give_gradients(apart, step)
        for optimizer in optimizers:
            optimizer.step()
    for p, q in zip(together, apart, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


def test_a_closure_runs_with_recording_on_and_its_loss_is_returned() -> None:
    w = Tensor(2.0, requires_grad=True)
    optimizer = optim.SGD([w], lr=0.25)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = w * w
        loss.backward()
        return loss

    with ag.no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert w.item() == 1.0


def test_zero_grad_forgets_or_zeroes() -> None:
    params = parameters(shapes=[(2,)])
    optimizer = optim.SGD(params)
    give_gradients(params, 0)
    optimizer.zero_grad(set_to_none=False)
    assert params[0].grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert params[0].grad is None


# ---- state -------------------------------------------------------------------------------------


def test_state_dict_has_the_format_of_pytorch() -> None:
    params = parameters(shapes=[(2, 3), (), (4,)])
    optimizer = optim.Adam([{"params": params[:2]}, {"params": params[2:], "lr": 0.1}])
    give_gradients(params, 0)
    params[1].grad = None
    optimizer.step()
    saved = optimizer.state_dict()
    assert saved.keys() == {"state", "param_groups"}
    assert saved["state"].keys() == {0, 2}
    assert saved["state"][0].keys() == {"step", "exp_avg", "exp_avg_sq"}
    assert saved["state"][0]["step"] == 1
    assert saved["state"][0]["exp_avg"].shape == (2, 3)
    assert [group["params"] for group in saved["param_groups"]] == [[0, 1], [2]]
    assert saved["param_groups"][1]["lr"] == 0.1
    snapshot = saved["state"][0]["exp_avg"].numpy().copy()
    optimizer.step()
    np.testing.assert_array_equal(saved["state"][0]["exp_avg"].numpy(), snapshot)


def test_state_of_pytorch_loads() -> None:
    p = Tensor([1.0, 2.0], requires_grad=True, dtype="float64")
    options = {"lr": 0.1, "momentum": 0.5, "dampening": 0.5, "weight_decay": 0, "nesterov": False}
    buffer = np.array([4.0, 8.0])
    optimizer = optim.SGD([p], lr=9.0)
    optimizer.load_state_dict(
        {
            "state": {0: {"momentum_buffer": buffer}},
            "param_groups": [{**options, "maximize": False, "foreach": None, "params": [0]}],
        }
    )
    p.grad = Tensor([2.0, 2.0])
    optimizer.step()
    np.testing.assert_allclose(p.numpy(), [1 - 0.1 * 3, 2 - 0.1 * 5], rtol=1e-15)
    np.testing.assert_array_equal(buffer, [4.0, 8.0])
    adam = optim.Adam([p])
    entry = {"step": np.float32(7), "exp_avg": buffer, "exp_avg_sq": buffer}
    adam.load_state_dict({"state": {0: entry}, "param_groups": adam.state_dict()["param_groups"]})
    adam.step()
    assert adam.state[p]["step"] == 8


def test_state_may_be_replaced_between_steps() -> None:
    params = parameters(shapes=[(2,), (3,)])
    optimizer = optim.SGD(params, lr=1.0, momentum=0.5)
    give_gradients(params, 0)
    optimizer.step()
    optimizer.state[params[0]]["momentum_buffer"] = Tensor(np.array([10.0, 20.0]))
    before, g = params[0].numpy().copy(), params[0].grad.numpy()
    optimizer.step()
    np.testing.assert_allclose(params[0].numpy(), before - (np.array([5.0, 10.0]) + g))


def test_parameters_may_change_their_dtype_between_steps() -> None:
    net = nn.Linear(2, 2, rng=0)
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    for dtype in ("float32", "float64"):
        net.to(dtype)
        give_gradients(list(net.parameters()), 0)
        optimizer.step()
    assert net.weight.dtype == np.float64
    assert optimizer.state[net.weight]["exp_avg"].dtype == np.float64
    assert optimizer.state[net.weight]["step"] == 2


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    params = parameters(shapes=[(2, 3), (3,)])
    optimizer = optim.Adam(params, lr=0.1)
    give_gradients(params, 0)
    optimizer.step()
    before = optimizer.state_dict()
    others = parameters(shapes=[(2, 4), (3,)])
    other = optim.Adam(others, lr=0.5)
    give_gradients(others, 0)
    other.step()
    narrow = optim.Adam(parameters(shapes=[(2, 3)]))
    split = optim.Adam([{"params": [p]} for p in parameters(shapes=[(2, 3), (3,)])])
    stray = {"state": {9: {}}, "param_groups": before["param_groups"]}
    negative = {"state": {}, "param_groups": [{**before["param_groups"][0], "lr": -1}]}
    cases = [
        (other.state_dict(), r"exp_avg of p0 is \(2, 4\), and should be \(2, 3\)"),
        (narrow.state_dict(), "group 0 has 1 parameters in the state, 2 here"),
        (split.state_dict(), "2 parameter groups in the state, 1 here"),
        (
            optim.SGD(params).state_dict(),
            "group 0 lacks amsgrad, betas, eps and has dampening, momentum, nesterov: of another",
        ),
        (stray, "state of an unknown parameter 9"),
        (negative, "group 0: Adam: lr must not be negative, got -1"),
    ]
    for state, message in cases:
        with pytest.raises(StateDictError, match=message) as caught:
            optimizer.load_state_dict(state)
        assert "nothing was loaded" in str(caught.value)
        after = optimizer.state_dict()
        assert after["param_groups"] == before["param_groups"]
        np.testing.assert_array_equal(after["state"][0]["exp_avg"], before["state"][0]["exp_avg"])


def test_what_is_no_state_of_an_optimizer_says_so() -> None:
    optimizer = optim.SGD([leaf()])
    with pytest.raises(StateDictError, match=r"no state of an optimizer.*: \['weight', 'bias'\]"):
        optimizer.load_state_dict(nn.Linear(1, 1).state_dict())


def test_a_switch_that_an_older_state_lacks_stays_as_it_is() -> None:
    params = parameters(shapes=[(2,)])
    optimizer = optim.AdamW(params, lr=0.1, maximize=True)
    saved = optim.AdamW(params, lr=0.5).state_dict()
    for name in ("maximize", "decoupled_weight_decay"):
        del saved["param_groups"][0][name]
    optimizer.load_state_dict(saved)
    group = optimizer.param_groups[0]
    assert (group["lr"], group["maximize"], group["decoupled_weight_decay"]) == (0.5, True, True)


def test_a_group_of_adamw_that_couples_its_decay_is_adams() -> None:
    params = [parameters(shapes=[(2,)]) for _ in range(2)]
    coupled = [{"params": params[0], "decoupled_weight_decay": False}]
    make = (optim.AdamW(coupled, lr=0.1), optim.Adam(params[1], lr=0.1, weight_decay=0.01))
    for optimizer, mine in zip(make, params, strict=True):
        give_gradients(mine, 0)
        optimizer.step()
    np.testing.assert_array_equal(params[0][0], params[1][0])


def test_numbers_of_a_state_are_part_of_what_is_updated_together() -> None:
    """Two small parameters of one group, the second of which joins when the rate has changed."""
    first, second = parameters(shapes=[(2,), (2,)])
    optimizer = optim.ASGD([first, second], lr=0.1)
    give_gradients([first, second], 0)
    second.grad = None
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.5
    give_gradients([first, second], 1)
    before = [p.numpy().copy() for p in (first, second)]
    optimizer.step()
    etas = (0.1 / (1 + 1e-4 * 0.1) ** 0.75, 0.5)
    for p, old, eta in zip((first, second), before, etas, strict=True):
        np.testing.assert_allclose(
            p.numpy(), old * (1 - 1e-4 * eta) - eta * p.grad.numpy(), rtol=1e-12
        )


@pytest.mark.parametrize("name", ["Adafactor", "Muon"])
def test_whole_parameters_may_change_their_dtype_between_steps(name: str) -> None:
    net = nn.Linear(3, 2, bias=False, rng=0)
    optimizer = getattr(optim, name)(net.parameters())
    for dtype in ("float32", "float64"):
        net.to(dtype)
        give_gradients([net.weight], 0)
        optimizer.step()
    arrays = [v for v in optimizer.state[net.weight].values() if isinstance(v, Tensor)]
    assert arrays
    assert {a.dtype for a in arrays} == {net.weight.dtype} == {np.dtype("float64")}


@pytest.mark.parametrize("make", [optim.Adam, optim.Adafactor])
def test_arrays_of_the_state_are_not_written_into(make: Any) -> None:
    params = parameters(shapes=[(2, 2)])
    optimizer = make(params)
    give_gradients(params, 0)
    optimizer.step()
    arrays = [v for v in optimizer.state[params[0]].values() if isinstance(v, Tensor)]
    for array in arrays:
        with pytest.raises(InPlaceError):
            array[0] = 1.0


# ---- construction ------------------------------------------------------------------------------


def leaf() -> Tensor:
    return Tensor([1.0], requires_grad=True, name="w")


def used_up() -> Any:
    generator = (p for p in [leaf()])
    list(generator)
    return generator


BAD_PARAMS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        list,
        ValueError,
        r"list of parameters is empty.*\n.* plain list .*: nn\.ModuleList\(layers\)",
    ),
    (lambda: [{"params": []}], ValueError, "list of parameters is empty"),
    (used_up, ValueError, r"generator of parameters is used up; call model.parameters\(\) again"),
    (lambda: [leaf()] * 2, ValueError, "w is given twice"),
    (lambda: [{"params": g} for g in [[leaf()] * 1] * 2], ValueError, "w is given twice"),
    (lambda: leaf(), TypeError, "a list of Tensors, not one"),
    (lambda: {leaf()}, TypeError, "params is a set, which has no order"),
    (lambda: nn.ReLU(), TypeError, r"params is a ReLU; write model.parameters\(\)"),
    (lambda: 3, TypeError, "an iterable of Tensors, got int"),
    (lambda: {"params": [leaf()]}, TypeError, "params is a dict"),
    (lambda: [np.ones(3)], TypeError, "parameter 0 is a ndarray, not a Tensor"),
    (lambda: nn.Linear(1, 1).named_parameters(), TypeError, "a tuple, .* without names"),
    (lambda: [leaf() * 2], ValueError, "is the result of multiply; only a leaf"),
    (lambda: [Tensor([1.0], name="x")], ValueError, r"0 \(x\) does not require grad"),
    (lambda: [{"lr": 0.1}], ValueError, "needs the key 'params'"),
    (lambda: [{"params": [leaf()]}, leaf()], TypeError, "a parameter group is a dict, got Tensor"),
    (lambda: [{"params": [leaf()], "weight_deacy": 1}], ValueError, "did you mean 'weight_decay'"),
    (lambda: [{"params": [leaf()], "wd": 1}], ValueError, "it is spelled 'weight_decay'"),
    (lambda: [{"params": [leaf()], "learning_rate": 1}], ValueError, "it is spelled 'lr'"),
    (lambda: [{"params": [leaf()], "LR": 1}], ValueError, "it is spelled 'lr'"),
]


@pytest.mark.parametrize(("make", "error", "message"), BAD_PARAMS)
def test_parameters_that_make_no_sense(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        optim.SGD(make())


def test_a_frozen_parameter_of_a_model_may_be_given_and_is_left_alone() -> None:
    net = nn.Linear(2, 1, rng=0)
    net.weight.requires_grad_(False)
    before = net.weight.numpy().copy()
    optimizer = optim.SGD(net.parameters(), lr=1.0)
    net(Tensor([[1.0, 2.0]])).sum().backward()
    optimizer.step()
    np.testing.assert_array_equal(net.weight.numpy(), before)


def test_add_param_group_gives_the_defaults_to_a_group() -> None:
    first, second = parameters(shapes=[(2,), (3,)])
    optimizer = optim.SGD([first], lr=0.5)
    optimizer.add_param_group({"params": [second], "mine": "kept"})
    assert optimizer.param_groups[1]["lr"] == 0.5
    assert optimizer.param_groups[1]["mine"] == "kept"
    assert "Parameter Group 1\n    dampening: 0.0" in repr(optimizer)


@pytest.mark.parametrize("method", ["_arrays", "_rule"])
def test_an_optimizer_without_a_rule_says_so(method: str) -> None:
    base = optim.Optimizer([leaf()], {"lr": 0.1, "weight_decay": 0})
    args = (base.param_groups[0], {}, frozenset())[: 1 if method == "_arrays" else 3]
    with pytest.raises(NotImplementedError, match="Optimizer"):
        getattr(base, method)(*args)


class Heavy(optim.Optimizer):
    """Momentum, in the way that PyTorch's users write an optimizer."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(count=0, velocity=ag.zeros_like(p.detach()))
                state["count"] += 1
                state["velocity"] = 0.5 * state["velocity"] + p.grad
                with ag.no_grad():
                    p -= group["lr"] * state["velocity"]


def test_an_optimizer_that_writes_its_own_step_is_saved_and_loaded() -> None:
    (p,), (twin,) = parameters(shapes=[(3,)]), parameters(shapes=[(3,)])
    first, second = Heavy([p], lr=0.1), Heavy([twin], lr=0.3)
    give_gradients([p], 0)
    first.step()
    twin.data = p
    second.load_state_dict(first.state_dict())
    assert second.state[twin]["count"] == 1
    for optimizer, q in ((first, p), (second, twin)):
        give_gradients([q], 1)
        optimizer.step()
    np.testing.assert_array_equal(twin.numpy(), p.numpy())
    with pytest.raises(ValueError, match="lr must not be negative"):
        Heavy([p], lr=-1.0)


@pytest.mark.parametrize(("method", "count"), [("_state_shapes", 2), ("_updated", 5)])
def test_an_optimizer_of_whole_parameters_without_an_update_says_so(
    method: str, count: int
) -> None:
    base = ShapedOptimizer([leaf()], {"lr": 0.1, "weight_decay": 0})
    with pytest.raises(NotImplementedError, match="ShapedOptimizer"):
        getattr(base, method)(*[None] * count)
