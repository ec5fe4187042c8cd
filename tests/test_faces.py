"""Faces: classes of Tensors with methods of another library, which ops and layers hand on.

What is written here must not go by such methods: `x.transpose(0, 1)` of a user's Tensor may mean
PyTorch's. So every op, and every layer, is run on Tensors whose methods of two meanings are traps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.engine.row import Op
from tests.by_op import by_op
from tests.layers.case import Call, Case, flatten
from tests.test_layers import ALL
from tests.test_ops import CASES, Sample

TWO_MEANINGS = (
    "transpose", "repeat", "std", "var", "max", "min", "split", "sort", "median", "nonzero",
    "unique", "data", "to",
)  # fmt: skip


def trap(name: str) -> property:
    def asked(self: Any) -> Any:
        raise AssertionError(f"{name} has another meaning on a face")

    return property(asked)


class Face(Tensor, results=True):
    """A Tensor whose methods with two meanings must not be asked for by ops and layers."""

    __slots__ = ()
    locals().update({name: trap(name) for name in TWO_MEANINGS})


class FaceParameter(nn.Parameter, Face):
    """A subclass of a face: results are of the face itself."""

    __slots__ = ()


def as_face(x: Any) -> Any:
    """The arrays of nested tuples as Tensors of the face, the floating ones as leaves."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(as_face, x))
    return Face(x, requires_grad=x.dtype.kind in "fc") if isinstance(x, np.ndarray) else x


def tensors(result: Any) -> list[Any]:
    return [y for y in flatten(result) if isinstance(y, Tensor)]


def equal(found: Any, wanted: Any) -> None:
    for y, want in zip(found, wanted, strict=True):
        assert type(y) is Face
        np.testing.assert_array_equal(y._value, want._value)


@pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
@by_op(("op", "sample"), CASES)
def test_what_an_op_gives_is_of_the_face(op: Op, sample: Sample) -> None:
    inputs = [np.asarray(x) if isinstance(x, (float, list)) else x for x in sample.inputs]
    if not any(isinstance(x, np.ndarray) for x in inputs):
        return
    ag.random.manual_seed(0)
    wanted = tensors(
        op.record(
            *[ag.Tensor(x) if isinstance(x, np.ndarray) else x for x in inputs], **sample.params
        )
    )
    ag.random.manual_seed(0)
    given = [as_face(x) for x in inputs]
    found = tensors(op.record(*given, **sample.params))
    equal(found, wanted)
    for y in found:
        if y.requires_grad:
            y.backward(np.ones_like(y._value), retain_graph=True)
    for x in given:
        if isinstance(x, Face) and x.grad is not None:
            assert type(x.grad) is Face


@pytest.mark.parametrize("case", ALL)
def test_what_a_layer_gives_is_of_the_face(case: Case) -> None:
    for training in (True, False):
        layer, arrays = case.make().train(training), case.arrays()
        nn.manual_seed(7)
        wanted = tensors(Call(layer, arrays, [])())
        layer = case.make().train(training)
        for parameter in layer.parameters():
            parameter.__class__ = FaceParameter
        nn.manual_seed(7)
        found = tensors(layer(*map(as_face, arrays)))
        equal(found, wanted)
        for y in found:
            if y.requires_grad:
                y.backward(np.ones_like(y._value), retain_graph=True)


def test_results_of_a_subclass_are_of_the_face_and_of_others_plain() -> None:
    weight = FaceParameter([1.0, 2.0])
    for y in (weight * 2, 2 * weight, ag.Tensor([1.0, 2.0]) + weight, ag.exp(weight), weight[0]):
        assert type(y) is Face
    assert type(nn.Parameter([1.0]) * 2) is Tensor
    assert type(weight.detach()) is Face
    (weight * weight).sum().backward()
    assert type(weight.grad) is Face


def test_a_tensor_set_as_a_gradient_keeps_its_class() -> None:
    weight, given = FaceParameter([1.0, 2.0]), ag.Tensor([3.0, 4.0])
    weight.grad = given
    assert type(weight.grad) is Face
    assert type(given) is Tensor
    np.testing.assert_array_equal(weight.grad._value, given._value)
    weight.grad = own = Face([5.0, 6.0])
    assert weight.grad is own
