"""The laws that every op of the table keeps, on every sample that it declares.

An op is entered in one place, beside its samples; these tests find it there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.node import Node
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample, draw
from autograd.graph.formula import evaluate, printed_rules
from tests.by_op import by_op
from tests.numeric import ATOL, RTOL, numeric_gradient

CASES = [
    pytest.param(op, sample, id=f"{name}-{number}-{sample}")
    for name, op in sorted(OPS.items())
    for number, sample in enumerate(op.samples() if op.samples else ())
]
DIFFERENTIABLE = [case for case in CASES if case.values[0].differentiable]
SMOOTH = [case for case in DIFFERENTIABLE if case.values[1].smooth]
PRINTABLE = [case for case in DIFFERENTIABLE if not case.values[0].composite]
REAL = [
    case for case in CASES if not any(np.asarray(x).dtype.kind == "c" for x in case.values[1].inputs
                                      if x is not None)
]  # fmt: skip

# Ops whose output dtype does not follow from their inputs' by promotion.
SETS_ITS_DTYPE = {"cast", "float_power"}


def is_inexact(value: Any) -> bool:
    return value is not None and np.asarray(value).dtype.kind in "fc"


def wanted(op: Op, sample: Sample) -> list[int]:
    """The positions of the inputs that get a gradient."""
    named = [op.inputs[0]] * len(sample.inputs) if op.variadic else op.inputs
    return [
        position
        for position, (name, value) in enumerate(zip(named, sample.inputs, strict=False))
        if is_inexact(value) and (op.composite or op.joint or name in op.rules)
    ]


def outputs(result: Any) -> list[Any]:
    """The floating and complex outputs of a call."""
    found = list(result) if isinstance(result, (tuple, list)) else [result]
    return [y for y in found if hasattr(y, "dtype") and y.dtype.kind in "fc"]


def cotangents(results: Sequence[Any]) -> list[np.ndarray[Any, Any]]:
    return [
        draw(*y.shape, low=0.5, high=1.5, seed=i, complex_=y.dtype.kind == "c")
        for i, y in enumerate(results)
    ]


def call(op: Op, sample: Sample, inputs: Sequence[Any]) -> Any:
    return op.record(*inputs, **sample.params)


def leaves(sample: Sample, positions: Sequence[int]) -> list[Any]:
    return [
        ag.Tensor(x, requires_grad=True, dtype=np.asarray(x).dtype) if i in positions else x
        for i, x in enumerate(sample.inputs)
    ]


def scalarised(op: Op, sample: Sample) -> Callable[..., float]:
    """The op as a real function of raw arrays: a fixed weighting of its outputs, real part."""

    def f(*inputs: Any) -> float:
        with np.errstate(all="raise", under="ignore"):
            results = outputs(call(op, sample, inputs))
        return float(
            sum(np.sum(np.real(c * np.asarray(y)))
                for c, y in zip(cotangents(results), results, strict=True))
        )  # fmt: skip

    return f


def gradients(op: Op, sample: Sample, inputs: Sequence[Any], create_graph: bool = False) -> Any:
    """The gradients of the scalarised op, one per wanted input (None if it does not take part)."""
    positions = wanted(op, sample)
    tensors = [
        x if isinstance(x, ag.Tensor) or i not in positions
        else ag.Tensor(x, requires_grad=True, dtype=np.asarray(x).dtype)
        for i, x in enumerate(inputs)
    ]  # fmt: skip
    results = [y for y in outputs(call(op, sample, tensors)) if y.requires_grad]
    if not results:
        return [None] * len(positions)
    return ag.grad(
        results,
        [tensors[i] for i in positions],
        # the gradient of Re(c y) with respect to y is the conjugate of c
        [np.conj(c).astype(y.dtype) for c, y in zip(cotangents(results), results, strict=True)],
        create_graph=create_graph,
        allow_unused=True,
    )


def close(actual: Any, expected: Any, what: str) -> None:
    actual = np.zeros_like(expected) if actual is None else np.asarray(actual)
    scale = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(actual, expected, RTOL, ATOL * scale, err_msg=what)


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_every_op_has_samples_and_a_reference(op: Op) -> None:
    assert op.samples is not None, f"{op.name} declares no samples"
    assert list(op.samples()), f"{op.name} declares no samples"
    assert callable(reference(op)), f"{op.name} has no independent reference"


@pytest.mark.parametrize("op", [o for o in OPS.values() if o.elementwise], ids=lambda o: o.name)
def test_every_elementwise_op_is_tried_on_0d_empty_and_broadcast_inputs(op: Op) -> None:
    tried = {sample.label for sample in op.samples()}
    needed = {"0-d", "empty"} | ({"broadcast"} if len(op.inputs) > 1 else set())
    assert needed <= tried


def reference(op: Op) -> Any:
    """The independent implementation that an op names, or NumPy's function of the same name."""
    if callable(op.reference):
        return op.reference
    path = op.reference or f"numpy.{op.name}"
    module, _, name = path.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    if module in ("math", "mpmath"):
        return np.vectorize(lambda *xs: float(function(*xs)), otypes=[float])
    return function


@by_op(("op", "sample"), CASES)
def test_value_agrees_with_an_independent_reference(op: Op, sample: Sample) -> None:
    with np.errstate(all="ignore"):
        expected = reference(op)(*sample.inputs, **sample.params)
    actual = call(op, sample, leaves(sample, wanted(op, sample)))
    expected = expected if isinstance(expected, (tuple, list)) else [expected]
    actual = actual if isinstance(actual, (tuple, list)) else [actual]
    assert len(actual) == len(expected)
    for mine, theirs in zip(actual, expected, strict=True):
        assert np.shape(mine) == np.shape(theirs)
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-13)


@by_op(("op", "sample"), SMOOTH)
def test_gradient_agrees_with_finite_differences(op: Op, sample: Sample) -> None:
    f = scalarised(op, sample)
    for position, actual in zip(
        wanted(op, sample), gradients(op, sample, sample.inputs), strict=True
    ):
        expected = numeric_gradient(f, sample.inputs, position)
        close(actual, expected, f"{op.name}: gradient of input {position}")


@by_op(("op", "sample"), SMOOTH)
def test_second_derivative_agrees_with_finite_differences(op: Op, sample: Sample) -> None:
    positions = wanted(op, sample)
    directions = {p: draw(*np.shape(sample.inputs[p]), seed=("v", p)) for p in positions}

    def slope(*inputs: Any) -> Any:
        """<v, gradient>, as a number of raw arrays or as a Tensor of Tensors."""
        recorded = any(isinstance(x, ag.Tensor) for x in inputs)
        found = gradients(op, sample, inputs, create_graph=recorded)
        terms = [
            (ag.real(g) if g.dtype.kind == "c" else g) * directions[p]
            for p, g in zip(positions, found, strict=True)
            if g is not None
        ]
        total = sum((term.sum() for term in terms), ag.Tensor(0.0, dtype="float64"))
        return total if recorded else float(total)

    tensors = leaves(sample, positions)
    total = slope(*tensors)
    wrt = [tensors[p] for p in positions]
    found = (
        ag.grad(total, wrt, allow_unused=True) if total.requires_grad else [None] * len(positions)
    )
    for position, actual in zip(positions, found, strict=True):
        expected = numeric_gradient(slope, sample.inputs, position)
        close(actual, expected, f"{op.name}: second derivative, input {position}")


@by_op(("op", "sample"), DIFFERENTIABLE)
def test_gradient_has_shape_and_dtype_of_its_input(op: Op, sample: Sample) -> None:
    for position, g in zip(wanted(op, sample), gradients(op, sample, sample.inputs), strict=True):
        if g is not None:
            assert g.shape == np.shape(sample.inputs[position])
            assert g.dtype == np.asarray(sample.inputs[position]).dtype
            assert not np.any(np.isnan(g.numpy())), "NaN at a kink or edge"


@by_op(("op", "sample"), REAL)
def test_float32_stays_float32(op: Op, sample: Sample) -> None:
    if op.name in SETS_ITS_DTYPE:
        return
    small = tuple(np.asarray(x).astype(np.float32) if is_inexact(x) else x for x in sample.inputs)
    low = Sample(small, sample.params, sample.label, sample.smooth)
    wide, narrow = outputs(call(op, sample, sample.inputs)), outputs(call(op, low, leaves(low, ())))
    if any(is_inexact(x) for x in sample.inputs):
        assert [y.dtype.itemsize * 2 for y in narrow] == [y.dtype.itemsize for y in wide]
    if op.differentiable:
        for g in gradients(op, low, small):
            assert g is None or g.dtype == np.float32


@by_op(("op", "sample"), CASES)
def test_inputs_and_cotangents_are_not_mutated(op: Op, sample: Sample) -> None:
    frozen = [x.copy() if isinstance(x, np.ndarray) else x for x in sample.inputs]
    tensors = []
    for position, x in enumerate(frozen):
        if isinstance(x, np.ndarray):
            x.flags.writeable = False
            tensor = ag.asarray(x)
            tensors.append(tensor.requires_grad_(position in wanted(op, sample)))
        else:
            tensors.append(x)
    results = [y for y in outputs(call(op, sample, tensors)) if isinstance(y, ag.Tensor)]
    for y in results:
        if y.requires_grad:
            seed = np.ones(y.shape, y.dtype)
            seed.flags.writeable = False
            y.backward(seed, retain_graph=True)
            assert np.all(seed == 1)
    for x, original in zip(frozen, sample.inputs, strict=True):
        np.testing.assert_array_equal(x, original)


@by_op(("op", "sample"), DIFFERENTIABLE)
def test_replay_equals_eager(op: Op, sample: Sample) -> None:
    tensors = leaves(sample, wanted(op, sample))
    eager = [y for y in outputs(call(op, sample, tensors)) if y.requires_grad]
    if not eager:
        assert not wanted(op, sample) or op.composite
        return
    replayed = ag.Graph(*eager).replay()
    replayed = replayed if isinstance(replayed, tuple) else (replayed,)
    for mine, theirs in zip(replayed, eager, strict=True):
        np.testing.assert_array_equal(mine, theirs.numpy())


@by_op(("op", "sample"), DIFFERENTIABLE)
def test_only_what_a_rule_names_is_saved(op: Op, sample: Sample) -> None:
    eager = outputs(call(op, sample, leaves(sample, wanted(op, sample))))
    for node in ag.Graph(*[y for y in eager if y.requires_grad]).nodes:
        if node.is_leaf or node.op.variadic:
            continue
        slots = dict(zip((*node.op.inputs, "out"), node.saved, strict=False))
        for name, value in slots.items():
            assert value is None or name in node.op.named, f"{node.op.name} keeps {name}"


@by_op(("op", "sample"), PRINTABLE)
def test_printed_rule_evaluates_to_the_number_of_the_rule(op: Op, sample: Sample) -> None:
    inputs = tuple(
        np.asarray(x)[()] if is_inexact(x) and np.ndim(x) == 0 else x for x in sample.inputs
    )
    params = {**op.defaults, **sample.params}
    out = op.forward(*inputs, **params)
    g = tuple(np.ones_like(y) for y in out) if isinstance(out, tuple) else np.ones_like(out)
    names = {"g": g, "out": out, **params}
    names |= {op.inputs[0]: inputs} if op.variadic else dict(zip(op.inputs, inputs, strict=False))
    rules = printed_rules(op, inputs, params, g, out)
    assert rules, f"{op.name} prints no rule"
    for symbol in rules.values():
        np.testing.assert_allclose(
            evaluate(symbol.text, names), symbol.value, rtol=1e-12, err_msg=symbol.text
        )


@pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")  # its own test has it
@pytest.mark.parametrize(
    "op", [o for o in OPS.values() if not o.differentiable], ids=lambda o: o.name
)
def test_an_op_without_rules_leaves_the_graph(op: Op) -> None:
    for sample in op.samples():
        tensors = leaves(sample, [i for i, x in enumerate(sample.inputs) if is_inexact(x)])
        for y in outputs(call(op, sample, tensors)):
            assert not isinstance(getattr(y, "_node", None), Node)
