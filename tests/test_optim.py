"""Optimizers against a plain transcription of the published formulas; groups, state, errors."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.errors import MutationError, ShapeError, StateDictError
from optim.lr_scheduler import CosineAnnealingLR, LRScheduler, StepLR

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


# ---- the formulas, written out whole and slowly ------------------------------------------------


def sgd_by_hand(
    p: Any, grads: Any, lr: float, momentum: float = 0.0, dampening: float = 0.0,
    weight_decay: float = 0.0, nesterov: bool = False, maximize: bool = False,
) -> Any:  # fmt: skip
    buffer = None
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        if momentum:
            buffer = g if buffer is None else momentum * buffer + (1 - dampening) * g
            g = g + momentum * buffer if nesterov else buffer
        p = p - lr * g
    return p


def adam_by_hand(
    p: Any, grads: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8, weight_decay: float = 0.0, amsgrad: bool = False, maximize: bool = False,
    decoupled: bool = False,
) -> Any:  # fmt: skip
    m = v = largest = np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        largest = np.maximum(largest, v)
        m_hat = m / (1 - betas[0] ** t)
        v_hat = (largest if amsgrad else v) / (1 - betas[1] ** t)
        p = p - lr * m_hat / (np.sqrt(v_hat) + eps)
    return p


def adamw_by_hand(p: Any, grads: Any, weight_decay: float = 1e-2, **options: Any) -> Any:
    return adam_by_hand(p, grads, weight_decay=weight_decay, decoupled=True, **options)


RULES: list[tuple[Any, Callable[..., Any], dict[str, Any]]] = [
    (optim.SGD, sgd_by_hand, {"lr": 0.1}),
    (optim.SGD, sgd_by_hand, {"lr": 0.1, "weight_decay": 0.3}),
    (optim.SGD, sgd_by_hand, {"lr": 0.1, "weight_decay": 0.3, "maximize": True}),
    (optim.SGD, sgd_by_hand, {"lr": 0.1, "momentum": 0.9}),
    (optim.SGD, sgd_by_hand, {"lr": 0.1, "momentum": 0.9, "dampening": 0.4}),
    (optim.SGD, sgd_by_hand, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (optim.Adam, adam_by_hand, {}),
    (optim.Adam, adam_by_hand, {"lr": 0.1, "betas": (0.7, 0.8), "eps": 1e-2}),
    (optim.Adam, adam_by_hand, {"lr": 0.1, "weight_decay": 0.3}),
    (optim.Adam, adam_by_hand, {"lr": 0.1, "amsgrad": True, "betas": (0.9, 0.5)}),
    (optim.Adam, adam_by_hand, {"lr": 0.1, "maximize": True, "betas": (0.0, 0.0)}),
    (optim.AdamW, adamw_by_hand, {}),
    (optim.AdamW, adamw_by_hand, {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True}),
    (optim.AdamW, adamw_by_hand, {"lr": 0.1, "weight_decay": 0.3, "maximize": True}),
]
KINDS = [
    pytest.param(optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}, id="SGD"),
    pytest.param(optim.Adam, {"lr": 0.1, "amsgrad": True}, id="Adam"),
    pytest.param(optim.AdamW, {"lr": 0.1}, id="AdamW"),
]


def rule_id(value: Any) -> str:
    return value.__name__ if callable(value) else ",".join(map(str, value)) or "defaults"


@pytest.mark.parametrize(("make", "by_hand", "options"), RULES, ids=rule_id)
def test_ten_steps_of_two_groups_follow_the_published_formula(
    make: Any, by_hand: Any, options: dict[str, Any]
) -> None:
    params = parameters()
    start = [p.numpy().copy() for p in params]
    groups = [{"params": params[:3]}, {"params": params[3:], "lr": 0.02}]
    optimizer = make(groups, **options)
    for step in range(10):
        give_gradients(params, step)
        optimizer.step()
    for i, p in enumerate(params):
        own = options if i < 3 else options | {"lr": 0.02}
        expected = by_hand(start[i], [gradients(step)[i] for step in range(10)], **own)
        np.testing.assert_allclose(p.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("make", "options"), KINDS)
def test_float32_stays_float32_and_gradients_are_left_alone(make: Any, options: Any) -> None:
    params = parameters("float32")
    optimizer = make(params, **options, weight_decay=0.1, maximize=True)
    give_gradients(params, 0)
    before = [p.grad.numpy().copy() for p in params]
    optimizer.step()
    for p, g in zip(params, before, strict=True):
        assert p.dtype == np.float32
        np.testing.assert_array_equal(p.grad.numpy(), g)
        assert all(v.dtype == np.float32 for n, v in optimizer.state[p].items() if n != "step")


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_of_value_and_gradient_does_not_matter(order: str) -> None:
    rng = np.random.default_rng(0)
    value, grad = rng.standard_normal((2, 90, 80))
    p = Tensor(np.array(value, order=order), requires_grad=True)
    p.grad = Tensor(np.array(grad, order="F"))
    optim.Adam([p], lr=0.1).step()
    np.testing.assert_allclose(p.numpy(), adam_by_hand(value, [grad], lr=0.1), rtol=1e-12)


def test_complex_parameters_are_updated_as_pairs_of_reals() -> None:
    p = Tensor(np.array([1 + 2j, 3 - 1j]), requires_grad=True)
    p.grad = Tensor(np.array([0.5 - 1j, 2 + 3j]))
    optim.Adam([p], lr=0.1).step()
    pairs = adam_by_hand(np.array([1.0, 2, 3, -1]), [np.array([0.5, -1, 2, 3])], lr=0.1)
    np.testing.assert_allclose(p.numpy().view(float), pairs, rtol=1e-12)


@pytest.mark.parametrize(("make", "options"), KINDS)
def test_a_parameter_without_gradient_is_skipped_and_keeps_its_own_steps(
    make: Any, options: Any
) -> None:
    params, alone = parameters(), parameters()
    optimizer = make(params, **options)
    for step in range(6):
        give_gradients(params, step)
        if step % 2:
            params[0].grad = None
        before = params[0].numpy().copy()
        optimizer.step()
        if step % 2:
            np.testing.assert_array_equal(params[0].numpy(), before)
    second = make(alone[:1], **options)
    for step in (0, 2, 4):
        alone[0].grad = Tensor(gradients(step)[0])
        second.step()
    np.testing.assert_allclose(params[0].numpy(), alone[0].numpy(), rtol=1e-12)


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


@pytest.mark.parametrize("shape", [(3,), (90, 90)])
def test_a_graph_recorded_before_a_step_raises_when_it_goes_back(shape: Any) -> None:
    w = Tensor(np.ones(shape), requires_grad=True, name="w")
    optimizer = optim.SGD([w], lr=0.1)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(MutationError, match="w was changed in place"):
        loss.backward()


# ---- state -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "options"), KINDS)
@pytest.mark.parametrize("way", ["state_dict", "pickle", "deepcopy"])
def test_a_saved_optimizer_goes_on_as_the_original_would(make: Any, options: Any, way: str) -> None:
    params, twins = parameters(), parameters()
    optimizer = make([{"params": params[:2], "lr": 0.3}, {"params": params[2:]}], **options)
    for step in range(3):
        give_gradients(params, step)
        optimizer.step()
    if way == "state_dict":
        for twin, p in zip(twins, params, strict=True):
            twin.data = p
        other = make([{"params": twins[:2]}, {"params": twins[2:]}])
        other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    else:
        both = (optimizer, params)
        other, twins = pickle.loads(pickle.dumps(both)) if way == "pickle" else copy.deepcopy(both)
    for step in range(3, 5):
        for opt, tensors in ((optimizer, params), (other, twins)):
            give_gradients(tensors, step)
            opt.step()
    for p, twin in zip(params, twins, strict=True):
        np.testing.assert_array_equal(twin.numpy(), p.numpy())
    assert other.param_groups[0]["lr"] == 0.3


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


def test_a_parameter_that_changes_its_shape_is_an_error() -> None:
    (p,) = parameters(shapes=[(2,)])
    optimizer = optim.Adam([p])
    give_gradients([p], 0)
    optimizer.step()
    p.data = np.zeros(3)
    give_gradients([p], 0)
    with pytest.raises(ShapeError, match=r"exp_avg of p0 is \(2,\), and the parameter is \(3,\)"):
        optimizer.step()


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
    cases = [
        (other.state_dict(), r"exp_avg of p0 is \(2, 4\), and should be \(2, 3\)"),
        (narrow.state_dict(), "group 0 has 1 parameters in the state, 2 here"),
        (split.state_dict(), "2 parameter groups in the state, 1 here"),
        (optim.SGD(params).state_dict(), "group 0 lacks betas, eps: of another"),
        (stray, "state of an unknown parameter 9"),
    ]
    for state, message in cases:
        with pytest.raises(StateDictError, match=message) as caught:
            optimizer.load_state_dict(state)
        assert "nothing was loaded" in str(caught.value)
        after = optimizer.state_dict()
        assert after["param_groups"] == before["param_groups"]
        np.testing.assert_array_equal(after["state"][0]["exp_avg"], before["state"][0]["exp_avg"])


# ---- construction ------------------------------------------------------------------------------


def leaf() -> Tensor:
    return Tensor([1.0], requires_grad=True, name="w")


def used_up() -> Any:
    generator = (p for p in [leaf()])
    list(generator)
    return generator


BAD_PARAMS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (list, ValueError, "list of parameters is empty"),
    (lambda: [{"params": []}], ValueError, "list of parameters is empty"),
    (used_up, ValueError, r"generator of parameters is used up; call model.parameters\(\) again"),
    (lambda: [leaf()] * 2, ValueError, "w is given twice"),
    (lambda: [{"params": g} for g in [[leaf()] * 1] * 2], ValueError, "w is given twice"),
    (lambda: leaf(), TypeError, "a list of Tensors, not one"),
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
]


@pytest.mark.parametrize(("make", "error", "message"), BAD_PARAMS)
def test_parameters_that_make_no_sense(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        optim.SGD(make())


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (optim.SGD, {"lr": -0.1}, "lr must not be negative, got -0.1"),
        (optim.SGD, {"lr": math.nan}, "lr must not be negative, got nan"),
        (optim.SGD, {"momentum": -1}, "momentum must not be negative"),
        (optim.SGD, {"weight_decay": -1}, "weight_decay must not be negative"),
        (optim.SGD, {"nesterov": True}, "nesterov needs a momentum"),
        (optim.Adam, {"eps": -1}, "eps must not be negative"),
        (optim.Adam, {"betas": (0.9, 1.0)}, "betas must be two numbers"),
        (optim.AdamW, {"lr": -1}, "lr must not be negative"),
    ],
)
def test_options_that_make_no_sense(kind: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind([leaf()], **options)
    with pytest.raises(ValueError, match=message):
        kind([{"params": [leaf()], **options}])


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


# ---- schedules ---------------------------------------------------------------------------------


def scheduled(make: Callable[[Any], LRScheduler], epochs: int) -> list[list[float]]:
    first, second = parameters(shapes=[(2,), (3,)])
    optimizer = optim.SGD([{"params": [first]}, {"params": [second], "lr": 0.1}], lr=1.0)
    schedule = make(optimizer)
    rates = [schedule.get_last_lr()]
    for _ in range(epochs):
        schedule.step()
        rates.append(schedule.get_last_lr())
    return rates


def test_step_lr_multiplies_every_step_size_epochs() -> None:
    rates = scheduled(lambda optimizer: StepLR(optimizer, 2, gamma=0.5), 4)
    expected = [[1, 0.1], [1, 0.1], [0.5, 0.05], [0.5, 0.05], [0.25, 0.025]]
    np.testing.assert_allclose(rates, expected, rtol=1e-15)


def test_cosine_annealing_goes_down_half_a_cosine() -> None:
    rates = scheduled(lambda optimizer: CosineAnnealingLR(optimizer, 4, eta_min=0.1), 4)
    half = math.sqrt(0.5)
    shares = [1, (1 + half) / 2, 0.5, (1 - half) / 2, 0]
    np.testing.assert_allclose(rates, [[0.1 + 0.9 * s, 0.1] for s in shares], rtol=1e-14)


def test_a_schedule_resumes_where_it_was_saved() -> None:
    optimizer = optim.SGD([leaf()], lr=1.0)
    schedule = StepLR(optimizer, 1, gamma=0.5)
    schedule.step()
    other = StepLR(optim.SGD([leaf()], lr=1.0), 7)
    other.load_state_dict(schedule.state_dict())
    other.step()
    assert other.get_last_lr() == [0.25]
    again = StepLR(optimizer, 1, gamma=0.5, last_epoch=1)
    assert again.get_last_lr() == [0.25]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda o: StepLR(o, 0), ValueError, "step_size must be at least 1, got 0"),
        (lambda o: CosineAnnealingLR(o, 0), ValueError, "T_max must be at least 1, got 0"),
        (lambda o: StepLR([o], 1), TypeError, "belongs to an Optimizer, got list"),
        (lambda o: StepLR(o, 1, last_epoch=3), ValueError, "group 0 has no initial_lr"),
        (lambda o: LRScheduler(o), NotImplementedError, r"LRScheduler has no lr_after\(\)"),
        (lambda o: StepLR(o, 1).load_state_dict({}), StateDictError, "lacks last_epoch, base_lrs"),
    ],
)
def test_schedules_that_make_no_sense(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make(optim.SGD([leaf()], lr=1.0))
