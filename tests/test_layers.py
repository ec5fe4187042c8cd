"""The laws that every layer and loss keeps, on every row of the tables in `tests/layers`."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.gradcheck import gradcheck_module
from tests.layers import CASES, CONTAINERS
from tests.layers.case import Call, Case, flatten, rebuild

ALL = [pytest.param(case, id=f"{n}-{case}") for n, case in enumerate(CASES)]
FIXED = [p for p in ALL if not p.values[0].random]
STEPPED = [p for p in ALL if p.values[0].wrt != ()]
SMALL = [p for p in STEPPED if not p.values[0].large]
BATCHED = [p for p in ALL if p.values[0].batch is not None]
CLASSES = sorted({case.name for case in CASES})

STEP = 1e-3  # of five-point differences: their error is STEP⁴·f⁽⁵⁾/30 + eps·|f|/STEP, below 1e-12
DIRECTIONS = 3


def run(layer: Any, arrays: Any) -> list[Any]:
    """The outputs as arrays, random numbers starting at a fixed seed."""
    nn.manual_seed(7)
    return [y.numpy() for y in flatten(Call(layer, arrays, [])())]


def expected(case: Case, layer: Any, arrays: Any) -> list[Any]:
    return [np.asarray(y) for y in flatten(case.reference(layer, *arrays))]


def close(found: Any, wanted: Any, tolerance: float) -> None:
    """Equal to a tolerance relative to the largest element, 1 at least."""
    assert found.shape == wanted.shape
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale)


def in_modes(case: Case) -> list[bool]:
    """The modes (training or not) in which the reference holds."""
    return [False] if case.random else [True, False]


@pytest.mark.parametrize("case", ALL)
def test_the_value_is_that_of_the_reference(case: Case) -> None:
    for training in in_modes(case):
        layer, arrays = case.make().train(training), case.arrays()
        wanted = expected(case, copy.deepcopy(layer), copy.deepcopy(arrays))
        found = run(layer, arrays)
        assert len(found) == len(wanted)
        for y, want in zip(found, wanted, strict=True):
            close(y, want, 1e-12)


@pytest.mark.parametrize("case", STEPPED)
def test_the_gradient_is_the_slope_of_the_reference(case: Case) -> None:
    """Along random directions of all inputs and parameters together."""
    for training in in_modes(case):
        layer, arrays = case.make().train(training), case.arrays()
        rng = np.random.default_rng(0)
        weights = [rng.uniform(0.5, 1.5, y.shape) for y in expected(case, layer, arrays)]
        start = copy.deepcopy(layer)
        gradients = gradients_of(case, layer, arrays, weights)
        size = sum(float(np.sum(np.abs(g))) for g in gradients)
        for _ in range(DIRECTIONS):
            directions = [rng.choice([-1.0, 1.0], g.shape) for g in gradients]
            along = sum(float(np.sum(g * d)) for g, d in zip(gradients, directions, strict=True))
            slope = reference_slope(case, start, arrays, weights, directions)
            assert along == pytest.approx(slope, rel=1e-7, abs=1e-8 * max(1.0, size))


def gradients_of(case: Case, layer: Any, arrays: Any, weights: Any) -> list[Any]:
    """Of the weighted sum of all outputs, by the inputs and by the parameters."""
    positions = case.differentiated()
    leaves = list(flatten(arrays))
    given = [Tensor(leaves[p], requires_grad=True) for p in positions]
    outputs = list(flatten(Call(layer, arrays, positions)(*given)))
    parts = [ag.sum(y * w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    if parts:
        sum(parts).backward()
    trained = [p for p in layer.parameters() if p.requires_grad]
    return [np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in (*given, *trained)]


def reference_slope(
    case: Case, layer: Any, arrays: Any, weights: Any, directions: list[Any]
) -> float:
    """The slope of the reference's weighted sum along a direction of all that is differentiated."""
    positions = case.differentiated()

    def at(step: float) -> float:
        moved, leaves = copy.deepcopy(layer), list(flatten(arrays))
        trained = [p for p in moved.parameters() if p.requires_grad]
        for position, d in zip(positions, directions, strict=False):
            leaves[position] = leaves[position] + step * d
        for parameter, d in zip(trained, directions[len(positions) :], strict=True):
            parameter._value = parameter._value + step * d
        outputs = expected(case, moved, rebuild(arrays, iter(leaves)))
        return sum(float(np.sum(y * w)) for y, w in zip(outputs, weights, strict=True))

    return (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP)


@pytest.mark.parametrize("case", SMALL)
def test_gradcheck_passes_to_second_order_where_smooth(case: Case) -> None:
    layer, arrays, positions = case.make(), case.arrays(), case.differentiated()
    leaves = list(flatten(arrays))
    given = [Tensor(leaves[p]) for p in positions]
    if not given and not list(layer.parameters()):
        pytest.fail("nothing of this row has a gradient")
    call, order = Call(layer, arrays, positions), 2 if case.smooth else 1
    modes = ("train",) if same_in_both_modes(call, given) else ("train", "eval")
    report = gradcheck_module(call, *given, order=order, modes=modes, raise_exception=False)
    assert report, str(report)
    assert report.checked


def same_in_both_modes(call: Call, given: list[Tensor]) -> bool:
    """Whether train and eval mode record one and the same graph, down to every number in it."""
    graphs = []
    for training in (True, False):
        nn.manual_seed(7)
        inputs = [Tensor(x.numpy(), requires_grad=True) for x in given]
        outputs = flatten(copy.deepcopy(call).train(training)(*inputs))
        graphs.append(ag.Graph(*(y for y in outputs if y.requires_grad)))
    numbers = [pickle.dumps([*graph.values().values(), *graph.constants]) for graph in graphs]
    return graphs[0].same_structure(graphs[1]) and numbers[0] == numbers[1]


@pytest.mark.parametrize("case", ALL)
def test_float32_stays_float32_and_is_float64_but_for_rounding(case: Case) -> None:
    layer, wide = case.make(dtype=np.float32), case.make(dtype=np.float64)
    wide.load_state_dict(layer.state_dict())
    arrays, positions = case.arrays(np.float32), case.differentiated()
    found = run(layer, arrays)
    for y, want in zip(found, run(wide, case.arrays()), strict=True):
        assert y.dtype.kind != "f" or y.dtype == np.float32
        close(y.astype(want.dtype), want, 2e-5)  # some hundred roundings of float32
    given = [Tensor(list(flatten(arrays))[p], requires_grad=True) for p in positions]
    nn.manual_seed(7)
    outputs = [y for y in flatten(Call(layer, arrays, positions)(*given)) if y.requires_grad]
    if outputs:
        sum(ag.sum(y) for y in outputs).backward()
    for x in (*given, *layer.parameters()):
        assert x.grad is None or x.grad.dtype == np.float32


@pytest.mark.parametrize("case", BATCHED)
def test_an_empty_batch_gives_an_empty_output_and_zero_gradients(case: Case) -> None:
    arrays = case.arrays()
    leaves = (None if x is None else np.take(x, [], axis=case.batch) for x in flatten(arrays))
    empty = rebuild(arrays, leaves)
    for training in (True, False):
        layer = case.make().train(training)
        outputs = list(flatten(Call(layer, empty, [])()))
        for y in outputs:
            assert 0 in y.shape or not np.any(y.numpy())
        recorded = [y for y in outputs if y.requires_grad]
        if recorded:
            sum(ag.sum(y) for y in recorded).backward()
        for p in layer.parameters():
            assert p.grad is None or not np.any(p.grad.numpy())


@pytest.mark.parametrize("case", ALL)
def test_inputs_are_left_as_they_were(case: Case) -> None:
    arrays = case.arrays()
    for x in flatten(arrays):
        if isinstance(x, np.ndarray):
            x.setflags(write=False)
    leaves = (ag.asarray(x) if isinstance(x, np.ndarray) else x for x in flatten(arrays))
    nn.manual_seed(7)
    first = [np.array(y.numpy()) for y in flatten(case.make()(*rebuild(arrays, leaves)))]
    again = run(case.make(), case.arrays())
    if not case.random:
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize("case", ALL)
def test_a_loaded_state_gives_the_same_outputs(case: Case) -> None:
    layer, other = case.make(0).eval(), case.make(1).eval()
    keys = other.load_state_dict(layer.state_dict(), strict=True)
    assert not keys.missing_keys
    assert not keys.unexpected_keys
    for y, want in zip(run(other, case.arrays()), run(layer, case.arrays()), strict=True):
        np.testing.assert_array_equal(y, want)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))],
                         ids=["deepcopy", "pickle"])  # fmt: skip
@pytest.mark.parametrize("case", ALL)
def test_a_copy_gives_the_same_outputs_and_is_independent(
    case: Case, copied: Callable[[Any], Any]
) -> None:
    layer = case.make()
    other = copied(layer)
    assert repr(other) == repr(layer)
    for parameter in other.parameters():
        assert all(parameter is not p for p in layer.parameters())
        assert not any(np.shares_memory(parameter._value, p._value) for p in layer.parameters())
    for y, want in zip(run(other, case.arrays()), run(layer, case.arrays()), strict=True):
        np.testing.assert_array_equal(y, want)


@pytest.mark.parametrize("case", ALL)
def test_the_repr_is_one_readable_line_of_its_options(case: Case) -> None:
    shown = repr(case.make())
    assert shown.startswith(f"{case.name}(")
    assert shown.endswith(")")
    assert " at 0x" not in shown


@pytest.mark.parametrize("name", CLASSES)
def test_the_docstring_says_what_with_which_shapes_and_shows_it(name: str) -> None:
    text = inspect.getdoc(getattr(nn, name)) or ""
    first = text.partition("\n\n")[0]
    assert first.endswith((".", ":"))
    assert "\nShape: " in text
    assert ">>> " in text


def test_no_layer_or_loss_is_left_out() -> None:
    public = {
        name
        for name in nn.__all__
        if inspect.isclass(value := getattr(nn, name)) and issubclass(value, nn.Module)
    }
    ordinary = {name for name in public if not name.startswith("Lazy")}  # tests/test_lazy.py
    assert ordinary - CONTAINERS - {"SyncBatchNorm"} == set(CLASSES)  # tests/over_mpi has it
