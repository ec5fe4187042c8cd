"""Laws that every optimizer of the table keeps, and each one's steps against its formula."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autograd as ag
import optim
from autograd import Tensor
from autograd.errors import DTypeError, MutationError, ShapeError, StateDictError
from tests.layouts import LAYOUTS, NOT_TO_BE_WRITTEN, plain_copy
from tests.optim_reference import REFERENCES
from tests.optim_table import BY_NAME, PUBLIC, ROWS, Row, gradients, run, start, tensors

EVERY = [pytest.param(row, id=f"{n}-{row}") for n, row in enumerate(ROWS)]
ONCE = [pytest.param(row, id=row.name) for row in BY_NAME]
REAL_ONLY = ("Muon", "Adafactor")


def test_every_optimizer_is_in_the_table() -> None:
    assert {row.name for row in ROWS} | {"LBFGS"} == {*PUBLIC}
    assert REFERENCES.keys() | {"LBFGS"} == {*PUBLIC}


@pytest.mark.parametrize("row", EVERY)
def test_ten_steps_of_two_groups_follow_the_published_formula(row: Row) -> None:
    arrays = start(row.shapes)
    params = tensors(arrays)
    optimizer = row.make(params)
    run(optimizer, params, range(10))
    for i, p in enumerate(params):
        group = next(g for g in optimizer.param_groups if any(p is q for q in g["params"]))
        options = {name: group[name] for name in optimizer.defaults}
        grads = [gradients(row.shapes, step)[i] for step in range(10)]
        expected = REFERENCES[row.name](arrays[i], grads, **options)
        np.testing.assert_allclose(p.numpy(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("row", EVERY)
def test_float32_stays_float32_and_gradients_are_left_alone(row: Row) -> None:
    params = tensors(start(row.shapes), np.float32)
    optimizer = row.make(params)
    run(optimizer, params, range(2))
    for p, g in zip(params, gradients(row.shapes, 1), strict=True):
        assert p.dtype == np.float32
        np.testing.assert_array_equal(p.grad.numpy(), g.astype(np.float32))
        arrays = [v for v in optimizer.state.get(p, {}).values() if isinstance(v, Tensor)]
        assert all(v.dtype == np.float32 for v in arrays)


# A sign may turn where there is nothing left to tell it.
@pytest.mark.parametrize("row", [p for p in EVERY if p.values[0].name not in ("Rprop", "Lion")])
def test_float32_is_near_to_float64(row: Row) -> None:
    """A step adds errors of some ten roundings, relative to the parameter and to the step."""
    single, double = tensors(start(row.shapes), np.float32), tensors(start(row.shapes))
    for params in (single, double):
        run(row.make(params), params, range(1))
    for p, q, before in zip(single, double, start(row.shapes), strict=True):
        size = 1.0 + np.abs(before) + 100 * np.abs(q.numpy() - before)
        assert np.all(np.abs(p.numpy() - q.numpy()) <= 20 * 2.0**-24 * size)


@pytest.mark.parametrize("way", ["state_dict", "pickle", "deepcopy"])
@pytest.mark.parametrize("row", EVERY)
def test_a_saved_optimizer_goes_on_bit_for_bit(row: Row, way: str) -> None:
    params = tensors(start(row.shapes))
    optimizer = row.make(params)
    run(optimizer, params, range(3))
    if way == "state_dict":
        twins = tensors([p.numpy() for p in params])
        other = getattr(optim, row.name)([{"params": g["params"]} for g in row.groups(twins)])
        other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    else:
        both = (optimizer, params)
        other, twins = pickle.loads(pickle.dumps(both)) if way == "pickle" else copy.deepcopy(both)
    run(optimizer, params, range(3, 6))
    run(other, twins, range(3, 6))
    for p, twin in zip(params, twins, strict=True):
        np.testing.assert_array_equal(twin.numpy(), p.numpy())
    assert [{name: g[name] for name in optimizer.defaults} for g in other.param_groups] == [
        {name: g[name] for name in optimizer.defaults} for g in optimizer.param_groups
    ]


@pytest.mark.parametrize("row", [p for p in EVERY if p.values[0].options.get("maximize")])
def test_to_maximize_is_to_minimize_the_negative(row: Row) -> None:
    ups, downs = tensors(start(row.shapes)), tensors(start(row.shapes))
    up = row.make(ups)
    down = Row(row.name, {**row.options, "maximize": False}, row.second).make(downs)
    for step in range(4):
        for p, q, g in zip(ups, downs, gradients(row.shapes, step), strict=True):
            p.grad, q.grad = Tensor(g), Tensor(-g)
        up.step()
        down.step()
    for p, q in zip(ups, downs, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


@pytest.mark.parametrize("row", EVERY)
def test_a_parameter_without_gradient_rests_and_keeps_its_own_steps(row: Row) -> None:
    params, alone = tensors(start(row.shapes)), tensors(start(row.shapes))
    optimizer, second = row.make(params), row.make(alone)
    for step in range(6):
        for p, g in zip(params, gradients(row.shapes, step), strict=True):
            p.grad = Tensor(g)
        if step % 2:
            params[0].grad = None
        before = params[0].numpy().copy()
        optimizer.step()
        if step % 2:
            np.testing.assert_array_equal(params[0].numpy(), before)
        else:
            alone[0].grad = Tensor(gradients(row.shapes, step)[0])
            second.step()
    np.testing.assert_allclose(params[0].numpy(), alone[0].numpy(), rtol=1e-13, atol=1e-13)
    assert alone[1] not in second.state


@pytest.mark.parametrize("row", ONCE)
def test_how_value_and_gradient_lie_in_memory_does_not_matter(row: Row) -> None:
    for name, lay in LAYOUTS.items():
        value, grad = start([(50, 41), (50, 41)])  # large enough for compiled kernels
        grad = lay(grad)
        plain, other = tensors([value, value])
        other.data = value if name in NOT_TO_BE_WRITTEN else lay(value)
        plain.grad, other.grad = Tensor(plain_copy(grad)), ag.asarray(grad)
        for p in (plain, other):
            getattr(optim, row.name)([p], lr=0.1).step()
        np.testing.assert_allclose(other.numpy(), plain.numpy(), rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("row", [p for p in EVERY if p.values[0].name not in REAL_ONLY])
def test_complex_parameters_are_updated_as_pairs_of_reals(row: Row) -> None:
    (pairs,) = tensors(start([(4, 6)]))
    p = Tensor(pairs.numpy().copy().view(complex), requires_grad=True)
    ours, others = (getattr(optim, row.name)([x], **row.options) for x in (p, pairs))
    for step in range(3):
        (g,) = gradients([(4, 6)], step)
        pairs.grad, p.grad = Tensor(g), Tensor(g.view(complex))
        ours.step()
        others.step()
    np.testing.assert_array_equal(p.numpy().view(float), pairs.numpy())


@pytest.mark.parametrize("name", REAL_ONLY)
def test_complex_parameters_are_refused_where_they_have_no_meaning(name: str) -> None:
    p = Tensor(np.ones((2, 2)) * 1j, requires_grad=True, name="z")
    with pytest.raises(
        DTypeError, match=rf"{name} takes real parameters only, and z is complex128"
    ):
        getattr(optim, name)([p])


@pytest.mark.parametrize("row", ONCE)
def test_a_closure_runs_with_recording_on_and_its_loss_is_returned(row: Row) -> None:
    w = Tensor([[2.0]], requires_grad=True)
    optimizer = getattr(optim, row.name)([w], lr=0.25)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with ag.no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert w.item() < 2.0


@pytest.mark.parametrize("row", ONCE)
@pytest.mark.parametrize("shape", [(2, 2), (90, 90)])
def test_a_graph_recorded_before_a_step_raises_when_it_goes_back(row: Row, shape: Any) -> None:
    w = Tensor(np.ones(shape), requires_grad=True, name="w")
    optimizer = getattr(optim, row.name)([w], lr=0.1)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(MutationError, match="w was changed in place"):
        loss.backward()


@pytest.mark.parametrize("row", EVERY)
def test_options_of_the_groups_may_change_between_steps(row: Row) -> None:
    params = tensors(start(row.shapes))
    optimizer = row.make(params)
    run(optimizer, params, range(2))
    twins = tensors([p.numpy() for p in params])
    other = row.make(twins)
    other.load_state_dict(optimizer.state_dict())
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    run(optimizer, params, [2])
    run(other, twins, [2])
    moved = [not np.array_equal(p.numpy(), q.numpy()) for p, q in zip(params, twins, strict=True)]
    keeps_its_rate = row.name in ("Rprop", "ASGD")  # in the state, so that the next step has it
    assert any(moved) != (keeps_its_rate)


@pytest.mark.parametrize("row", EVERY)
def test_the_repr_shows_each_group_with_its_options(row: Row) -> None:
    params = tensors(start(row.shapes))
    optimizer = row.make(params)
    text = repr(optimizer)
    assert text.startswith(f"{row.name} (\nParameter Group 0\n")
    assert "Parameter Group 1\n" in text
    for name in optimizer.defaults:
        assert text.count(f"\n    {name}: ") == 2


@pytest.mark.parametrize("name", PUBLIC)
def test_every_docstring_has_a_source_with_its_year_and_an_example(name: str) -> None:
    text = getattr(optim, name).__doc__
    source = text[text.index("\n    Source: ") :]
    assert ">>> " in source
    assert any(f"({year})" in source for year in range(1950, 2030))


OTHERS = [
    pytest.param(row, other, id=f"{other.name} in {row.name}")
    for row in BY_NAME
    for other in BY_NAME
    if other.name != row.name
]


@pytest.mark.parametrize("fresh", [False, True], ids=["used", "fresh"])
@pytest.mark.parametrize(("row", "other"), OTHERS)
def test_the_state_of_another_optimizer_is_refused_and_changes_nothing(
    row: Row, other: Row, fresh: bool
) -> None:
    params, strangers = tensors(start([(2, 3)])), tensors(start([(2, 3)]))
    momentum = {"momentum": 0.9} if other.name == "SGD" else {}
    optimizer = getattr(optim, row.name)(params, lr=0.1)
    stranger = getattr(optim, other.name)(strangers, lr=0.5, **momentum)
    run(optimizer, params, range(2))
    if not fresh:
        run(stranger, strangers, range(2))
    before = optimizer.state_dict()
    with pytest.raises(StateDictError, match="nothing was loaded") as caught:
        optimizer.load_state_dict(stranger.state_dict())
    assert "of another optimizer?" in str(caught.value)
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    assert repr(after["state"]) == repr(before["state"])


@pytest.mark.parametrize(("row", "other"), OTHERS)
def test_a_state_that_does_not_say_its_kind_is_told_by_its_options(row: Row, other: Row) -> None:
    """PyTorch's states: Adam's with decoupled decay and AdamW's are the same to the last key."""
    params = tensors(start([(2, 3)]))
    optimizer, stranger = (getattr(optim, each.name)(params, lr=0.1) for each in (row, other))
    run(stranger, params, range(2))
    state = stranger.state_dict()
    for group in state["param_groups"]:
        del group["optimizer"], group["param_names"]
    if {row.name, other.name} == {"Adam", "AdamW"}:
        optimizer.load_state_dict(state)
        assert optimizer.param_groups[0]["decoupled_weight_decay"] is (other.name == "AdamW")
        return
    with pytest.raises(StateDictError, match=r"of another optimizer"):
        optimizer.load_state_dict(state)


@pytest.mark.parametrize("row", BY_NAME)
def test_states_are_matched_by_name(row: Row) -> None:
    """Layers of one shape, defined in another order, keep their own moments."""
    arrays = start([(3, 3)] * 3)
    momentum = {"momentum": 0.9} if row.name in ("SGD", "RMSprop") else {}
    params = tensors(arrays)
    others = tensors([p.numpy() for p in params])
    optimizer = getattr(optim, row.name)([{"params": params}], lr=0.1, **momentum)
    twin = getattr(optim, row.name)([others[2], others[0], others[1]], lr=0.1, **momentum)
    run(optimizer, params, range(2))
    for p, q in zip(params, others, strict=True):
        q.data = p.numpy().copy()
    state = optimizer.state_dict()
    assert state["param_groups"][0]["param_names"] == ["p0", "p1", "p2"]
    twin.load_state_dict(state)
    assert "param_names" not in twin.param_groups[0]
    run(optimizer, params, [2])
    run(twin, others, [2])
    for p, q in zip(params, others, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


@pytest.mark.parametrize("row", BY_NAME)
def test_names_that_differ_are_refused_and_without_them_the_position_counts(row: Row) -> None:
    params, others = tensors(start([(3, 3)] * 2)), tensors(start([(3, 3)] * 2))
    others[1].name = "elsewhere"
    optimizer, twin = (getattr(optim, row.name)(each) for each in (params, others))
    run(optimizer, params, range(2))
    state = optimizer.state_dict()
    with pytest.raises(StateDictError, match="other parameters: p1 in the state, elsewhere here"):
        twin.load_state_dict(state)
    del state["param_groups"][0]["param_names"]
    twin.load_state_dict(state)
    others[1].name = "p0"  # not its own: nothing is known by it
    twin.load_state_dict(optimizer.state_dict())
    assert "param_names" not in twin.state_dict()["param_groups"][0]


@pytest.mark.parametrize("row", ONCE)
def test_integers_are_no_state_of_floating_parameters(row: Row) -> None:
    if row.name == "SGD":
        row = Row("SGD", {"momentum": 0.9}, {})
    params = tensors(start([(2, 3)]))
    optimizer = getattr(optim, row.name)(params, **row.options)
    run(optimizer, params, range(2))
    state = optimizer.state_dict()
    name = next(n for n, v in state["state"][0].items() if np.ndim(v))
    state["state"][0][name] = state["state"][0][name].numpy().astype(np.int64)
    with pytest.raises(StateDictError, match=f"{name} of p0 is int64, and the parameter is float"):
        optimizer.load_state_dict(state)


@pytest.mark.parametrize("number", [-1, math.nan, math.inf, "two", np.ones(3)])
@pytest.mark.parametrize("row", ONCE)
def test_the_numbers_of_a_state_are_numbers(row: Row, number: Any) -> None:
    params = tensors(start([(2, 3)]))
    optimizer = getattr(optim, row.name)(params, **row.options)
    run(optimizer, params, range(2))
    for name in optimizer._numbers(optimizer.param_groups[0]):
        state = optimizer.state_dict()
        state["state"][0][name] = number
        with pytest.raises(StateDictError, match=f"{name} of p0 is .*, and should be a number"):
            optimizer.load_state_dict(state)


@pytest.mark.parametrize("row", ONCE)
def test_a_state_for_other_shapes_is_refused(row: Row) -> None:
    if row.name == "SGD":
        row = Row("SGD", {"momentum": 0.9}, {})
    params, strangers = tensors(start([(2, 3)])), tensors(start([(4, 5)]))
    optimizer = getattr(optim, row.name)(params, **row.options)
    stranger = getattr(optim, row.name)(strangers, **row.options)
    run(stranger, strangers, range(2))
    with pytest.raises(
        StateDictError, match=r"of p0 is \((4, 5|4, 1)\), and should be \((2, 3|2, 1)"
    ):
        optimizer.load_state_dict(stranger.state_dict())
    assert optimizer.state == {}


@pytest.mark.parametrize("row", ONCE)
def test_a_parameter_that_changes_its_shape_is_an_error(row: Row) -> None:
    if row.name == "SGD":
        row = Row("SGD", {"momentum": 0.9}, {})
    params = tensors(start([(2, 3)]))
    optimizer = getattr(optim, row.name)(params, **row.options)
    run(optimizer, params, [0])
    params[0].data = np.zeros((4, 5))
    with pytest.raises(ShapeError, match=r"of p0 is \(2, .\), and the parameter is \(4, 5\) now"):
        run(optimizer, params, [1])
