"""The ops of autograd on Tensors of nn.torch: their own dtypes and shapes are read, and recorded.

Every op gives the same numbers as on plain Tensors, and so do its first and second derivatives,
whose rules run on Tensors of the face.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import Op
from nn.torch import Tensor
from tests.by_op import by_op
from tests.test_faces import tensors
from tests.test_ops import CASES, Sample


def leaf(x: Any, kind: type) -> Any:
    if isinstance(x, (tuple, list)):
        return type(x)(leaf(part, kind) for part in x)
    if not isinstance(x, np.ndarray):
        return x
    found = ag.Tensor(x, requires_grad=x.dtype.kind in "fc")
    found.__class__ = kind
    return found


def derivatives(op: Op, sample: Sample, kind: type) -> list[list[Any]]:
    """The results of an op, the gradients of their sum, and those of the gradients' sum."""
    inputs = [np.asarray(x) if isinstance(x, (float, list)) else x for x in sample.inputs]
    ag.random.manual_seed(0)
    given = [leaf(x, kind) for x in inputs]
    found = [tensors(op.record(*given, **sample.params))]
    leaves = [x for x in given if isinstance(x, ag.Tensor) and x.requires_grad]
    for _ in range(2):
        roots = [ag.sum(y) for y in found[-1] if y.requires_grad]
        if not roots or not leaves:
            break
        grads = ag.grad(roots, leaves, create_graph=True, allow_unused=True)
        found.append([g for g in grads if g is not None])
    return found


@pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
@by_op(("op", "sample"), CASES)
def test_an_op_and_its_derivatives_are_the_same_on_the_face(op: Op, sample: Sample) -> None:
    try:
        wanted = derivatives(op, sample, ag.Tensor)
    except Exception as error:  # noqa: BLE001 - such as a second derivative that there is none of
        with pytest.raises(type(error)):
            derivatives(op, sample, Tensor)
        return
    found = derivatives(op, sample, Tensor)
    assert [len(level) for level in found] == [len(level) for level in wanted]
    for y, want in zip(chain(*found), chain(*wanted), strict=True):
        np.testing.assert_array_equal(y._value, want._value)
        assert y._value.dtype == want._value.dtype
    assert {type(y) for y in found[0]} <= {Tensor}
