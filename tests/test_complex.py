"""Complex numbers in every op of the table, and in every layer and loss.

An op that is declared `real_only` refuses them before it computes anything; every other one
computes what its reference does, with the right derivative.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample, draw
from autograd.errors import DTypeError
from tests.by_op import by_op
from tests.layers import CASES as LAYERS
from tests.layers.case import Call, Case, flatten, rebuild
from tests.numeric import numeric_gradient
from tests.test_ops import close, cotangents, gradients, is_inexact, outputs, reference, wanted

FEW = 12  # elements: a finite difference is taken by each of them
# Their vectors are fixed up to a phase, so only the moduli of their outputs have a derivative.
UP_TO_A_PHASE = {"eig", "eigh", "svd"}
TO_REAL = {
    "cast",
    "insert",
}  # to a real dtype: NumPy warns that the imaginary part goes, and so do we


def turned(x: Any, seed: Any = 0) -> Any:
    """Real floating numbers given an imaginary part."""
    if x is None or np.asarray(x).dtype.kind != "f":
        return x
    return np.asarray(x) + 1j * draw(*np.shape(x), low=-1, high=1, away_from=(0,), seed=seed)


def in_turn(sample: Sample) -> Iterator[list[Any]]:
    """The inputs with all, and each alone, of the real ones made complex."""
    real = [
        i for i, x in enumerate(sample.inputs) if is_inexact(x) and np.asarray(x).dtype.kind == "f"
    ]
    for chosen in [real, *([i] for i in real if len(real) > 1)]:
        if chosen:
            yield [turned(x, i) if i in chosen else x for i, x in enumerate(sample.inputs)]


def cases(real_only: bool) -> list[Any]:
    return [
        pytest.param(op, sample, inputs, id=f"{name}-{number}-{sample}-{turn}")
        for name, op in sorted(OPS.items())
        if op.real_only is real_only and name not in TO_REAL
        for number, sample in enumerate(op.samples() if op.samples else ())
        for turn, inputs in enumerate(in_turn(sample))
    ]


COMPUTED = cases(real_only=False)
DIFFERENTIABLE = [
    case
    for case in COMPUTED
    if case.values[0].differentiable
    and case.values[1].smooth
    and sum(np.size(x) for x in case.values[2] if is_inexact(x)) <= FEW
]


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.real_only], ids=lambda op: op.name)
def test_an_op_of_real_numbers_refuses_complex_ones_by_its_name(op: Op) -> None:
    tried = 0
    for sample in op.samples():
        for inputs in in_turn(sample):
            for given in ways_to_give(inputs):
                with pytest.raises(DTypeError, match=rf"^{op.name}: expected real numbers"):
                    op.record(*given, **sample.params)
                tried += 1
    assert tried, f"{op.name} has no sample of real numbers"


def ways_to_give(inputs: Sequence[Any]) -> Iterator[list[Any]]:
    """As Tensors, as arrays, in single precision, and as numbers beside Tensors."""
    yield [Tensor(x, requires_grad=True) if is_inexact(x) else x for x in inputs]
    yield [Tensor(x) if is_inexact(x) and np.asarray(x).dtype.kind == "f" else x for x in inputs]
    yield list(inputs)
    yield [x.astype(np.complex64) if np.asarray(x).dtype.kind == "c" else x for x in inputs]
    if all(np.ndim(x) == 0 for x in inputs):
        yield [x.item() if np.asarray(x).dtype.kind == "c" else Tensor(x) for x in inputs]


def computed(op: Op, sample: Sample, inputs: Sequence[Any]) -> Any:
    """The outputs; None where the op, or one that it is made of, refuses the mixture."""
    tensors = [Tensor(x) if is_inexact(x) else x for x in inputs]
    try:
        with np.errstate(all="ignore"):
            found = op.record(*tensors, **sample.params)
    except DTypeError:
        # a real x cannot hold complex values; `pad` may be asked for the largest element
        assert not all_complex(inputs) or "mode" in sample.params
        return None
    return found if isinstance(found, (tuple, list)) else [found]


def all_complex(inputs: Sequence[Any]) -> bool:
    return all(np.asarray(x).dtype.kind == "c" for x in inputs if is_inexact(x))


def referred(op: Op, inputs: Sequence[Any], params: Any) -> Any:
    """What the reference gives; a linear one that takes real numbers alone, by parts."""
    f = reference(op)
    with np.errstate(all="ignore"):
        try:
            found = f(*inputs, **params)
        except TypeError:
            assert op.linear, op.name
            real, imag = (
                [part(x) if is_inexact(x) else x for x in inputs] for part in (np.real, np.imag)
            )
            found = f(*real, **params) + 1j * f(*imag, **params)
    return found if isinstance(found, (tuple, list)) else [found]


@by_op(("op", "sample", "inputs"), COMPUTED)
def test_the_value_is_that_of_the_reference(op: Op, sample: Sample, inputs: list[Any]) -> None:
    found = computed(op, sample, inputs)
    if found is None:
        return
    for mine, theirs in zip(found, referred(op, inputs, sample.params), strict=True):
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=1e-11, atol=1e-12)


@by_op(("op", "sample", "inputs"), DIFFERENTIABLE)
def test_the_gradient_is_that_of_finite_differences(
    op: Op, sample: Sample, inputs: list[Any]
) -> None:
    if computed(op, sample, inputs) is None:
        return
    given = Sample(tuple(inputs), sample.params, sample.label, sample.smooth)
    moduli = op.name in UP_TO_A_PHASE

    def f(*values: Any) -> float:
        results = outputs(op.record(*values, **sample.params))
        results = [np.abs(np.asarray(y)) if moduli else np.asarray(y) for y in results]
        return float(
            sum(np.sum(np.real(c * y)) for c, y in zip(cotangents(results), results, strict=True))
        )

    found = of_moduli(op, given) if moduli else gradients(op, given, inputs)
    for position, g in zip(wanted(op, given), found, strict=True):
        close(g, numeric_gradient(f, inputs, position), f"{op.name}: gradient of input {position}")


def of_moduli(op: Op, sample: Sample) -> Any:
    tensors = [Tensor(x, requires_grad=True) for x in sample.inputs]
    results = [ag.abs(y) for y in outputs(op.record(*tensors, **sample.params))]
    weights = cotangents([y.numpy() for y in results])
    loss: Any = sum(ag.sum(y * c) for y, c in zip(results, weights, strict=True))
    return ag.grad(loss, tensors)


@by_op(("op", "sample", "inputs"), COMPUTED)
def test_single_precision_stays_single(op: Op, sample: Sample, inputs: list[Any]) -> None:
    if op.name == "float_power" or not all_complex(inputs):
        return
    small = [np.asarray(x).astype(np.complex64) if is_inexact(x) else x for x in inputs]
    for y in outputs(computed(op, sample, small) or ()):
        assert y.dtype in (np.complex64, np.float32)


@pytest.mark.parametrize("draw_of", [ag.normal, ag.uniform, ag.bernoulli])
def test_random_numbers_have_real_parameters(draw_of: Any) -> None:
    with pytest.raises(DTypeError, match=f"^{draw_of.__name__}: expected real numbers"):
        draw_of(Tensor([0.5j]))


def test_a_cast_to_real_numbers_warns() -> None:
    with pytest.warns(np.exceptions.ComplexWarning):
        Tensor([1j]).astype("float32")


@pytest.mark.parametrize("compare", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_complex_numbers_have_no_order(compare: str) -> None:
    for x, y in ((Tensor(1j), 1.0), (Tensor(1.0), 1j), (Tensor([1.0]), np.array([1j]))):
        with pytest.raises(DTypeError, match="expected real numbers"):
            getattr(x, compare)(y)


def test_equality_of_complex_numbers_is_computed() -> None:
    assert (Tensor([1j, 2.0]) == Tensor([1j, 1.0])).tolist() == [True, False]
    assert (Tensor(1j) == "text") is False


def test_nan_to_num_passes_on_the_part_that_was_kept() -> None:
    z = Tensor([complex(np.nan, 1), complex(3, np.inf)], requires_grad=True)
    y = ag.nan_to_num(z, posinf=7.0)
    assert y.tolist() == [1j, 3 + 7j]
    (2 * y.real + 3 * y.imag).sum().backward()
    assert z.grad.tolist() == [3j, 2]


# ---- layers and losses ---------------------------------------------------------------------------

# These take a modulus, so they are no analytic functions; their references take complex numbers.
OF_MODULI = {
    "L1Loss", "LPPool1d", "PairwiseDistance", "TripletMarginLoss", "TripletMarginWithDistanceLoss",
}  # fmt: skip


def layer_cases() -> list[Any]:
    return [pytest.param(case, id=f"{n}-{case}") for n, case in enumerate(LAYERS) if floats(case)]


def floats(case: Case) -> list[int]:
    return [
        i
        for i, x in enumerate(flatten(case.arrays()))
        if getattr(x, "dtype", np.dtype(bool)).kind == "f"
    ]


@pytest.mark.parametrize("case", layer_cases())
def test_a_layer_computes_complex_numbers_or_refuses_them(case: Case) -> None:
    real = floats(case)
    for chosen in [real, *([i] for i in real if len(real) > 1)]:
        arrays = list(flatten(case.arrays()))
        steps = [turned(x, i).imag if i in chosen else None for i, x in enumerate(arrays)]
        layer = case.make().train(False)

        def at(
            step: complex,
            arrays: list[Any] = arrays,
            steps: list[Any] = steps,
            layer: Any = layer,
        ) -> list[Any]:
            """The outputs at the inputs, moved from complex values along the same direction."""
            moved = [
                x if s is None else x + (1j + step) * s for x, s in zip(arrays, steps, strict=True)
            ]
            given = rebuild(case.arrays(), iter(moved))
            return [y.numpy() for y in flatten(Call(copy.deepcopy(layer), given, [])())]

        try:
            found = at(0)
        except DTypeError:
            continue
        if case.name in OF_MODULI:
            moved = [x if s is None else x + 1j * s for x, s in zip(arrays, steps, strict=True)]
            expected = flatten(case.reference(layer, *rebuild(case.arrays(), iter(moved))))
            for y, z in zip(found, expected, strict=True):
                np.testing.assert_allclose(y, z, rtol=1e-11, atol=1e-12)
            continue
        holds_its_continuation(at)


def holds_its_continuation(at: Callable[[complex], list[Any]], step: float = 1e-3) -> None:
    """It has a complex derivative, and is real where its inputs are: there is one such function."""
    along = zip(at(step), at(-step), strict=True)
    across = zip(at(1j * step), at(-1j * step), strict=True)
    for (right, left), (up, down) in zip(along, across, strict=True):
        np.testing.assert_allclose(up - down, 1j * (right - left), rtol=0, atol=1e-7)
    for y in at(-1j):
        np.testing.assert_allclose(y.imag, 0, atol=1e-12)
