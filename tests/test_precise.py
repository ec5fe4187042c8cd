"""Precise values: in many digits every op of the table is what it is in double precision.

And where it is not, because it has no form but that in double precision, it says so by its name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.errors import GradcheckError, MissingPackageError, UnsupportedError
from autograd.gradcheck.precise import digits as precise_digits
from autograd.gradcheck.precise.digits import context, digits, lifted, named_constants
from autograd.gradcheck.precise.value import Precise, numbers_of
from tests.by_op import by_op
from tests.hard_arguments import BINARY, UNARY

# What is computed by LAPACK, by bits, or counts: of these there is no form in many digits.
DOUBLE_ONLY = {
    "bincount", "digitize", "eig", "eigh", "eigvals", "eigvalsh", "frexp",
    "iscomplex", "isin", "isreal", "lu", "matrix_rank", "nanargmax", "nanargmin", "nextafter",
    "pinv", "pivots_of", "qr", "spacing", "svd", "svdvals",
}  # fmt: skip
# Of some orders; and kernels, of which some samples have nothing to compute.
IN_PART = {
    "attention", "attention_pull", "bands", "cond", "gru", "gru_pull", "log_bands", "lstm",
    "lstm_pull", "masked_softmax", "matrix_norm", "norm", "rnn", "rnn_pull",
    # what is made of eigenvalues, or decided by numbers as double precision has them
    "complex_order", "intersect1d", "nanmedian", "nanpercentile", "nanquantile", "poly", "polydiv",
    "polyfit", "polymul", "roots", "setdiff1d", "setxor1d", "sort_complex", "trim_zeros", "union1d",
    "unwrap",
}  # fmt: skip
NO_SIGN_OF_ZERO = {"copysign", "signbit"}  # at kinks


def is_float(x: Any) -> bool:
    return x is not None and np.asarray(x).dtype.kind in "fc"


CASES = [
    pytest.param(op, one, id=f"{name}-{number}-{one}")
    for name, op in sorted(OPS.items())
    if name not in DOUBLE_ONLY
    for number, one in enumerate(op.samples() if op.samples else ())
    if any(map(is_float, one.inputs)) and (one.smooth or name not in NO_SIGN_OF_ZERO)
]


def precise(x: Any) -> Any:
    return Precise(numbers_of(np.asarray(x))) if is_float(x) else x


def doubled(y: Any) -> Any:
    if type(y) is not Precise:
        return np.asarray(getattr(y, "_value", y))
    kind = complex if y.dtype.kind == "c" else float
    return np.array([kind(v) for v in y.numbers.flat], y.dtype).reshape(y.shape)


def several(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


@by_op(("op", "one"), CASES)
def test_an_op_is_in_many_digits_what_it_is_in_double_precision(op: Op, one: Sample) -> None:
    with np.errstate(all="ignore"):
        try:
            expected = op.record(*one.inputs, **one.params)
        except np.linalg.LinAlgError:
            return  # the sample is one of an error
        try:
            with digits(40):
                found = op.record(*map(precise, one.inputs), **one.params)
        except UnsupportedError:
            if op.name not in IN_PART:
                raise
            return
        for y, e in zip(several(found), several(expected), strict=True):
            y, e = doubled(y), np.asarray(getattr(e, "_value", e))
            assert y.shape == e.shape
            close = 1e-5 if e.dtype == np.float32 else 1e-11
            np.testing.assert_allclose(y, e, rtol=close, atol=1e-13)


@pytest.mark.parametrize("name", sorted(DOUBLE_ONLY))
def test_an_op_that_has_no_form_in_many_digits_says_so_by_its_name(name: str) -> None:
    op = OPS[name]
    one = next(s for s in op.samples() if any(map(is_float, s.inputs)))
    with pytest.raises(UnsupportedError, match="double precision only"):
        op.record(*map(precise, one.inputs), **one.params)


@pytest.mark.parametrize("name", sorted((UNARY.keys() | BINARY.keys()) & OPS.keys()))
def test_a_function_is_mpmaths_to_its_last_digits(name: str) -> None:
    """A forward that approximates by coefficients would be right to sixteen digits alone."""
    op = OPS[name]
    one = next(s for s in op.samples() if s.label == "plain")
    row = [np.ravel(x)[:3] for x in one.inputs]
    exact = (UNARY | BINARY)[name]
    with digits(40), mp.workdps(40):
        token = named_constants.set(True)
        try:
            found = op.record(*map(precise, row), **one.params)
        finally:
            named_constants.reset(token)
        for i, y in enumerate(found.numbers):
            e = exact(*[mp.mpf(float(x[i])) for x in row])
            rounded = 1e-15 if name in COEFFICIENTS else mp.mpf(10) ** -36
            assert abs(mp.mpf(y) - e) <= rounded * max(abs(e), 1)


# Their formulas have decimal fractions or thirds, which this table and the op write differently.
COEFFICIENTS = {"hardsigmoid", "hardswish", "selu", "leaky_relu"}

VALUE = np.array([[0.5, -1.25, 2.0], [3.5, 0.75, -0.5]])
USES: dict[str, Callable[[Any], Any]] = {
    "operators": lambda x: -x + 2 * x / 3 - x**2 + 2**x,
    "arrays beside it": lambda x: np.ones((2, 3)) * x + x @ np.eye(3),
    "Tensors beside it": lambda x: ag.Tensor(np.ones((2, 3))) * x + ag.Tensor(np.ones(3)),
    "whole numbers and booleans": lambda x: x * np.arange(3) + (x > 0),
    "comparisons": lambda x: ((x > 0) & (x <= 2)) | (x == -0.5),
    "slices and negative places": lambda x: x[:, -2:][::-1],
    "masks": lambda x: x[x > 0],
    "lists of places": lambda x: x[[1, 0, 1], [0, 2, 1]],
    "new axes": lambda x: x[None, ..., None],
    "rows": lambda x: ag.stack([row.sum() for row in x]),
    "NumPy's functions": lambda x: np.concatenate([np.sum(x, axis=-1), np.mean(x, 0)]),
    "NumPy's reductions": lambda x: np.max(x, axis=1, keepdims=True) - np.std(x) + np.var(x, 0),
    "methods of Tensors": lambda x: x.tanh().sum(dim=-1, keepdim=True).view(-1),
    "methods of arrays": lambda x: x.sum(axis=0).reshape(3, 1).T.max(),
    "functions of the library": lambda x: ag.softmax(x, axis=-1).log().exp(),
    "a choice": lambda x: np.where(x > 0, x, np.exp(x)),
    "clipping": lambda x: ag.clip(x, -1, 1),
    "sorting": lambda x: ag.sort(x, axis=0),
    "products": lambda x: ag.einsum("ij,kj->ik", x, x),
    "complex numbers": lambda x: ag.real(ag.exp(x * 1j)) + np.abs(x + 2j),
    "branches": lambda x: x if x[0, 0] > 0.4 else -x,
    "whole parts": lambda x: x * int(x[1, 0]),
    "loops": lambda x: sum((x**k for k in range(4)), 0 * x),
    "layers": lambda x: nn.Linear(3, 2, rng=0)(x),
    "no numbers": lambda x: x[:0].sum(axis=0),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_what_a_function_does_with_tensors_it_does_with_precise_values(
    use: Callable[[Any], Any],
) -> None:
    found, expected = doubled(use(precise(VALUE))), use(ag.Tensor(VALUE)).numpy()
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6)  # layers are float32


@pytest.mark.parametrize(
    "use",
    [
        float,
        complex,
        np.asarray,
        lambda x: x.numpy(),
        lambda x: x.tolist(),
        lambda x: np.zeros(1)[x],
    ],
    ids=["float", "complex", "asarray", "numpy", "tolist", "index"],
)
def test_no_precise_value_turns_into_a_double_unsaid(use: Callable[[Any], Any]) -> None:
    with pytest.raises((UnsupportedError, IndexError)):
        use(precise(0.5))


def test_a_function_of_numpys_that_is_not_known_is_refused_by_its_name() -> None:
    with pytest.raises(UnsupportedError, match=r"np\.interp"):
        np.interp(precise(VALUE), [0.0, 1.0], [0.0, 1.0])
    with pytest.raises(UnsupportedError, match=r"np\.spacing"):
        np.spacing(precise(VALUE))


def test_a_double_is_the_number_that_it_is_and_a_constant_what_it_stands_for() -> None:
    with digits(40):
        assert lifted(0.1)[()] != context().mpf(1) / 10
        assert lifted(np.pi)[()] != context().pi
        token = named_constants.set(True)
        try:
            for value, name in ((np.pi, context().pi), (-np.sqrt(2), -context().sqrt(2))):
                assert lifted(value)[()] == +name
            assert lifted(0.1)[()] != context().mpf(1) / 10
        finally:
            named_constants.reset(token)


def test_the_users_precision_stays() -> None:
    before = mp.mp.dps
    with digits(77):
        np.exp(precise(VALUE))
        assert mp.mp.dps == before


def test_without_mpmath_there_is_a_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)
    context.cache_clear()
    try:
        with pytest.raises(MissingPackageError, match="pip install"):
            ag.gradcheck(ag.exp, ag.Tensor(1.0), precision=50)
        with pytest.raises(MissingPackageError, match="pip install"):
            ag.prove(ag.exp)
        assert not precise_digits.is_installed()
        assert ag.gradcheck(ag.exp, ag.Tensor(1.0))  # which asks for nothing
    finally:
        context.cache_clear()


@pytest.mark.parametrize("bad", [0, 5, 50.5, "50", True, -1])
def test_a_precision_is_a_number_of_digits(bad: Any) -> None:
    with pytest.raises((GradcheckError, TypeError, ValueError), match="precision"):
        ag.gradcheck(ag.exp, ag.Tensor(1.0), precision=bad)
