"""LBFGS: where it ends up, when it stops, what it asks for, and what it keeps."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import optim
from autograd import Tensor
from autograd.errors import StateDictError
from optim.base.line_search import Point, strong_wolfe
from optim.lbfgs import _direction
from tests.optim_table import BY_NAME, start, tensors

WOLFE = {"line_search_fn": "strong_wolfe"}


def closure_of(optimizer: Any, f: Callable[..., Any], params: list[Tensor]) -> Callable[[], Any]:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = f(*params)
        loss.backward()
        return loss

    return closure


def rosenbrock(x: Any) -> Any:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def bowl(x: Any, y: Any) -> Any:
    """A quadratic function with its least value 0 at x = 1, y = −1."""
    weights = np.arange(1.0, 1 + x.size).reshape(x.shape)
    return (weights * (x - 1) ** 2).sum() + 3 * ((y + 1) ** 2).sum()


def test_the_minimum_of_rosenbrock_is_found() -> None:
    (x,) = tensors([np.array([-1.2, 1.0])])
    optimizer = optim.LBFGS([x], max_iter=100, tolerance_grad=1e-10, tolerance_change=0, **WOLFE)
    optimizer.step(closure_of(optimizer, rosenbrock, [x]))
    np.testing.assert_allclose(x.numpy(), 1.0, atol=1e-8)


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-6), (np.float64, 1e-7)])
def test_parameters_of_all_shapes_are_one_vector(dtype: Any, error: float) -> None:
    """It ends with a gradient of 1e-7 at most, or of rounding errors; curvatures are 2 at least."""
    params = tensors(start([(2, 3), ()]), dtype)
    optimizer = optim.LBFGS(params, max_iter=50, tolerance_change=0.0, **WOLFE)
    optimizer.step(closure_of(optimizer, bowl, params))
    for p, expected in zip(params, (1.0, -1.0), strict=True):
        assert p.dtype == dtype
        np.testing.assert_allclose(p.numpy(), expected, rtol=0, atol=error)
    assert optimizer.state[params[0]]["d"].dtype == dtype


def test_a_quadratic_function_of_n_variables_takes_n_exact_line_searches() -> None:
    """With exact searches L-BFGS is the method of conjugate gradients (Nazareth 1979)."""
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 4))
    a, x = root @ root.T + np.eye(4), rng.standard_normal(4)
    entry: dict[str, Any] = {"n_iter": 0}
    for _ in range(4):
        entry["n_iter"] += 1
        grad = a @ x
        d = _direction(entry, grad, 10)
        t = -(grad @ d) / (d @ a @ d)
        entry.update(d=Tensor(d), t=t, prev_flat_grad=Tensor(grad))
        x = x + t * d
    np.testing.assert_allclose(x, 0, atol=1e-10)


def test_complex_parameters_are_pairs_of_reals() -> None:
    (pair,) = tensors(start([(6,)]))
    z = Tensor(pair.numpy().copy().view(complex), requires_grad=True)
    weights = np.array([1.0, 2.0, 3.0])

    def of_pair(p: Any) -> Any:
        q = p.reshape(3, 2)
        return (weights * (q[:, 0] ** 2 + q[:, 1] ** 2)).sum() + (p[0] - 1) ** 4

    def of_complex(p: Any) -> Any:
        return (weights * (p.real**2 + p.imag**2)).sum() + (p[0].real - 1) ** 4

    for p, f in ((pair, of_pair), (z, of_complex)):
        optimizer = optim.LBFGS([p], max_iter=4, **WOLFE)
        optimizer.step(closure_of(optimizer, f, [p]))
    np.testing.assert_allclose(z.numpy().view(float), pair.numpy(), rtol=1e-9)


def test_a_parameter_that_the_loss_does_not_use_stays() -> None:
    used, unused = tensors(start([(3,), (2,)]))
    before = unused.numpy().copy()
    optimizer = optim.LBFGS([unused, used], **WOLFE)
    optimizer.step(closure_of(optimizer, lambda x: (x * x).sum(), [used]))
    np.testing.assert_array_equal(unused.numpy(), before)
    np.testing.assert_allclose(used.numpy(), 0, atol=1e-8)


@pytest.mark.parametrize(
    ("options", "iterations", "evaluations"),
    [
        ({"max_iter": 3, "max_eval": 100}, 3, 3),  # nothing is evaluated after the last step
        ({"max_iter": 10, "max_eval": 4}, 3, 4),
        ({"tolerance_grad": 1e9}, 0, 1),
        ({"tolerance_change": 1e9}, 1, 1),  # the slope is nearer to 0 than that
        ({"lr": 0.0, "tolerance_change": 0.0, "max_iter": 9}, 1, 2),  # parameters stay as they are
    ],
)
def test_it_stops_where_the_options_say(options: Any, iterations: int, evaluations: int) -> None:
    (x,) = tensors([np.array([-1.2, 1.0, 0.5])])
    optimizer = optim.LBFGS([x], **{"lr": 1e-3, **options})
    calls = 0
    inner = closure_of(optimizer, rosenbrock, [x])

    def closure() -> Any:
        nonlocal calls
        calls += 1
        return inner()

    loss = rosenbrock(x).item()
    assert optimizer.step(closure).item() == loss
    entry = optimizer.state[x]
    assert (entry["n_iter"], entry["func_evals"], calls) == (iterations, evaluations, evaluations)


def test_the_history_has_at_most_its_size() -> None:
    (x,) = tensors([np.array([-1.2, 1.0, 0.5])])
    optimizer = optim.LBFGS([x], history_size=3, **WOLFE)
    for iterations, expected in ((1, 0), (2, 2), (8, 3)):
        optimizer.param_groups[0]["max_iter"] = iterations
        optimizer.step(closure_of(optimizer, rosenbrock, [x]))
        entry = optimizer.state[x]
        assert {len(entry[name]) for name in ("old_dirs", "old_stps", "ro")} == {expected}


@pytest.mark.parametrize("way", ["state_dict", "pickle", "deepcopy"])
@pytest.mark.parametrize("options", [{"lr": 0.1}, WOLFE])
def test_a_saved_optimizer_goes_on_bit_for_bit(options: Any, way: str) -> None:
    (x,) = tensors([np.array([-1.2, 1.0, 0.5])])
    optimizer = optim.LBFGS([x], max_iter=3, **options)
    optimizer.step(closure_of(optimizer, rosenbrock, [x]))
    if way == "state_dict":
        (twin,) = tensors([x.numpy()])
        other = optim.LBFGS([twin])
        other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    else:
        both = (optimizer, x)
        other, twin = pickle.loads(pickle.dumps(both)) if way == "pickle" else copy.deepcopy(both)
    saved = optimizer.state_dict()["state"][0]
    snapshot = [part.numpy().copy() for part in saved["old_dirs"]]
    for opt, p in ((optimizer, x), (other, twin)):
        opt.step(closure_of(opt, rosenbrock, [p]))
    np.testing.assert_array_equal(twin.numpy(), x.numpy())
    np.testing.assert_array_equal(saved["old_dirs"], snapshot)


def test_the_closure_runs_with_recording_on() -> None:
    (x,) = tensors([np.array([3.0])])
    optimizer = optim.LBFGS([x], **WOLFE)
    with ag.no_grad():
        assert optimizer.step(closure_of(optimizer, lambda p: (p * p).sum(), [x])).item() == 9.0
    np.testing.assert_allclose(x.numpy(), 0, atol=1e-8)


def test_step_without_a_closure_says_what_the_closure_is_for() -> None:
    optimizer = optim.LBFGS(tensors(start([(2,)])))
    with pytest.raises(TypeError, match=r"LBFGS evaluates the loss several times a step") as caught:
        optimizer.step()
    assert "clears the gradients, computes the loss, calls backward" in str(caught.value)


def test_there_is_one_group() -> None:
    first, second = tensors(start([(2,), (3,)]))
    with pytest.raises(ValueError, match="LBFGS takes one group"):
        optim.LBFGS([{"params": [first]}, {"params": [second]}])
    optimizer = optim.LBFGS([first])
    with pytest.raises(ValueError, match="LBFGS takes one group"):
        optimizer.add_param_group({"params": [second]})


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    (x,), (y,) = tensors(start([(3,)])), tensors(start([(4,)]))
    optimizer, other = optim.LBFGS([x], max_iter=3), optim.LBFGS([y], max_iter=3)
    other.step(closure_of(other, lambda p: (p**4).sum(), [y]))
    with pytest.raises(StateDictError, match=r"d is \(4,\), and should be \(3,\)"):
        optimizer.load_state_dict(other.state_dict())
    stranger = {"state": {0: {"step": 3}}, "param_groups": optimizer.state_dict()["param_groups"]}
    with pytest.raises(StateDictError, match="lacks func_evals, n_iter: of another optimizer"):
        optimizer.load_state_dict(stranger)
    assert optimizer.state == {}


# ---- the line search ---------------------------------------------------------------------------

LINES: dict[str, Callable[[Any], Any]] = {
    "a parabola": lambda t: (t - 3) ** 2,
    "a far minimum": lambda t: (t - 300) ** 2,
    "a near minimum": lambda t: 1e4 * (t - 1e-3) ** 2,
    "a wall": lambda t: ag.exp(5 * t) - 10 * t,
    "waves": lambda t: 0.1 * t**2 - t - ag.sin(4 * t),
    "a quartic": lambda t: (t - 2) ** 4 - t,
    "a steep wall": lambda t: ag.exp(12 * (t - 1)) - t,
    "a plain with a hole": lambda t: -ag.exp(-200 * (t - 0.2) ** 2) - 0.01 * t,
    "a bend": lambda t: ag.sqrt((t - 1) ** 2 + 1e-8) - 0.1 * t,
}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("first", [1e-2, 1.0, 5.99, 50.0])
def test_the_point_found_meets_the_strong_wolfe_conditions(name: str, first: float) -> None:
    calls = 0

    def at(t: float) -> Point:
        nonlocal calls
        calls += 1
        leaf = Tensor(np.float64(t), requires_grad=True)
        loss = LINES[name](leaf)
        loss.backward()
        return Point(t, loss.item(), leaf.grad, leaf.grad.item())

    origin = at(0.0)
    calls = 0
    point, counted = strong_wolfe(at, first, origin, 1.0, 1e-9, 50)
    assert counted == calls <= 51
    assert point.loss <= origin.loss + 1e-4 * point.t * origin.slope
    assert abs(point.slope) <= -0.9 * origin.slope


def test_a_search_that_runs_out_of_evaluations_gives_the_lowest_end() -> None:
    seen: list[Point] = []

    def falling(t: float) -> Point:
        seen.append(Point(t, -t, None, -1.0))  # for ever
        return seen[-1]

    point, counted = strong_wolfe(falling, 1.0, falling(0.0), 1.0, 1e-9, 4)
    assert (counted, len(seen)) == (5, 6)
    assert point == min(seen, key=lambda p: p.loss)
    rising, counted = strong_wolfe(
        lambda t: Point(t, 1.0, None, 0.0), 1.0, falling(0.0), 1.0, 1e-9, 0
    )
    assert (rising.t, counted) == (0.0, 1)


def test_a_search_of_length_zero_ends() -> None:
    (x,) = tensors([np.array([-1.2, 1.0])])
    optimizer = optim.LBFGS([x], lr=0.0, **WOLFE)
    optimizer.step(closure_of(optimizer, rosenbrock, [x]))
    assert x.tolist() == [-1.2, 1.0]
    assert optimizer.state[x]["func_evals"] <= 25


def test_an_infinite_loss_is_stepped_back_from() -> None:
    def at(t: float) -> Point:
        return Point(t, (t - 1) ** 2 if t < 2 else np.inf, None, 2 * (t - 1) if t < 2 else np.nan)

    point, _ = strong_wolfe(at, 100.0, at(0.0), 1.0, 1e-9, 50)
    assert point.loss < 1.0


def test_a_state_of_parameters_in_another_order_is_refused() -> None:
    """Its arrays hold all parameters one after the other."""
    params = [Tensor([float(i)], requires_grad=True, name=f"p{i}") for i in range(2)]
    state = optim.LBFGS(params).state_dict()
    optim.LBFGS(params).load_state_dict(state)
    with pytest.raises(StateDictError, match="group 0 has its parameters in another order"):
        optim.LBFGS(params[::-1]).load_state_dict(state)


@pytest.mark.parametrize("name", [row.name for row in BY_NAME])
def test_its_state_and_those_of_others_are_told_apart(name: str) -> None:
    matrix = [Tensor([[1.0, 2.0]], requires_grad=True)]
    one, other = optim.LBFGS(matrix), getattr(optim, name)(matrix)
    for a, b in ((one, other), (other, one)):
        with pytest.raises(StateDictError, match="of another optimizer"):
            a.load_state_dict(b.state_dict())


def test_integers_are_no_state_of_it() -> None:
    params = [Tensor([1.0, 2.0], requires_grad=True)]
    optimizer = optim.LBFGS(params)
    optimizer.step(closure_of(optimizer, lambda p: (p**2).sum(), params))
    state = optimizer.state_dict()
    state["state"][0]["d"] = np.zeros(2, np.int64)
    with pytest.raises(StateDictError, match="d is int64, and no floats"):
        optimizer.load_state_dict(state)
