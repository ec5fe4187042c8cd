"""Every op traced on some numbers and run on others gives what the op gives for these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.errors import AutogradError, TraceError

# Python goes by the numbers of these, and a program of them says so where it finds others.
LOOKS = {
    "put_along_axis": "it writes into its argument at places that it looks at",
    "masked_select": "how many there are follows from the mask",
    "trim_zeros": "where the zeros end is looked at",
    "polymul": "leading zeros are cut off, as in NumPy",
    "polydiv": "leading zeros are cut off, as in NumPy",
    "roots": "leading and last zeros are cut off, as in NumPy",
}
# Some samples of these do not allow the same numbers in another order.
IN_ORDER = {
    "digitize": "bins ascend or descend",
    "cholesky": "the matrix is positive definite",
    "solve_triangular": "the diagonal has no zeros",
}
SAMPLED = [op for op in OPS.values() if op.samples]


def others(x: Any) -> Any:
    """An array like x of other numbers: the same, in another order."""
    return np.roll(x.reshape(-1), 1).reshape(x.shape)


def is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic))


def eager(run: Any, inputs: list[Any]) -> list[Any]:
    found = run(*inputs)
    found = found if isinstance(found, (tuple, list)) else [found]
    return [np.asarray(y) for y in found]


@pytest.mark.parametrize("op", SAMPLED, ids=lambda op: op.name)
def test_a_traced_op_holds_none_of_the_numbers_that_it_was_traced_with(op: Op) -> None:
    with np.errstate(all="ignore"):
        refused = [error for s in op.samples() if (error := _compare(op, s)) is not None]  # type: ignore[misc]
    assert bool(refused) == (op.name in LOOKS or op.name in IN_ORDER), refused


def _compare(op: Op, sample: Sample) -> AutogradError | None:
    """That other numbers give what they give eagerly; else the error that says why they do not."""
    arrays = [k for k, x in enumerate(sample.inputs) if is_array(x)]

    def run(*inputs: Any) -> Any:
        return op.record(*inputs, **sample.params)

    def given(new: Any) -> list[Any]:
        return [ag.Tensor(new(x)) if k in arrays else x for k, x in enumerate(sample.inputs)]

    program = ag.trace(run, *given(lambda x: x))
    try:
        wanted = eager(run, given(others))
    except AutogradError as error:
        if op.name not in IN_ORDER:
            raise
        return error
    try:
        found = eager(program, given(others))
    except TraceError as error:
        if op.name not in LOOKS or "trace the call again" not in str(error):
            raise
        return error
    for y, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(y, want, rtol=1e-6, atol=1e-12, err_msg=str(sample))
    return None
