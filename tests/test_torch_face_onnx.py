"""torch.onnx.export writes what the program's call computes, under the program's names."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn.torch as torch
from autograd.errors import AutogradError

ort = pytest.importorskip("onnxruntime")


class Two(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(3, 4), torch.nn.Linear(3, 4)
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, left: Any, right: Any) -> Any:
        return self.drop(torch.relu(self.first(left) + self.second(right)))


LEFT, RIGHT = torch.randn(2, 3), torch.randn(2, 3)
FREE = {"a": {0: "batch"}, "b": {0: "batch"}, "y": {0: "batch"}}
NAMED: dict[str, Any] = {"input_names": ["a", "b"], "output_names": ["y"]}


def run(model: bytes, *arrays: Any) -> tuple[list[str], list[str], Any]:
    session = ort.InferenceSession(model)
    inputs = [i.name for i in session.get_inputs()]
    (found,) = session.run(None, dict(zip(inputs, arrays, strict=True)))
    return inputs, [o.name for o in session.get_outputs()], found


FORMS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "names": (NAMED, ["a", "b"]),
    "inputs alone": ({"input_names": ["a", "b"]}, ["a", "b"]),
    "the first input alone": ({"input_names": ["a"]}, ["a", "right"]),
    "outputs alone": ({"output_names": ["y"]}, ["left", "right"]),
    "no names": ({}, ["left", "right"]),
    "an old opset": ({"opset_version": 17, "do_constant_folding": True}, ["left", "right"]),
    "verbosely": ({"verbose": False, "export_params": True}, ["left", "right"]),
}


@pytest.mark.parametrize(("options", "inputs"), FORMS.values(), ids=FORMS)
def test_a_call_is_written_under_the_names_of_the_program(
    options: dict[str, Any], inputs: list[str]
) -> None:
    model, file = Two(), io.BytesIO()
    assert torch.onnx.export(model, (LEFT, RIGHT), file, dynamo=False, **options) is None
    names, outputs, found = run(file.getvalue(), LEFT.numpy(), RIGHT.numpy())
    assert names == inputs
    assert outputs == options.get("output_names", outputs)
    expected = model.eval()(LEFT, RIGHT).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert model.train().training


def test_axes_with_names_have_any_length_and_the_program_comes_back(tmp_path: Path) -> None:
    model, path = Two(), tmp_path / "two.onnx"
    program = torch.onnx.export(model, (LEFT, RIGHT), path, dynamic_axes=FREE, **NAMED)
    assert program is not None
    program.save(tmp_path / "again.onnx")
    assert path.read_bytes() == (tmp_path / "again.onnx").read_bytes()
    more = torch.randn(7, 3)
    _, _, found = run(path.read_bytes(), more.numpy(), more.numpy())
    expected = model.eval()(more, more).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_one_tensor_stands_for_its_tuple_and_arguments_may_have_names() -> None:
    layer = torch.nn.Linear(3, 2)
    one, several = (torch.onnx.export(layer, x).model_proto for x in (LEFT, (LEFT,)))
    assert one.SerializeToString() == several.SerializeToString()
    named = torch.onnx.export(Two(), (LEFT,), kwargs={"right": RIGHT}).model_proto
    assert [i.name for i in named.graph.input] == ["left", "right"]


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "as it trains": (
        lambda: torch.onnx.export(Two(), (LEFT, RIGHT), training=torch.onnx.TrainingMode.TRAINING),
        "goes out as in eval",
    ),
    "as it is, training": (
        lambda: torch.onnx.export(Two(), (LEFT, RIGHT), training=torch.onnx.TrainingMode.PRESERVE),
        "goes out as in eval",
    ),
    "an unknown option": (
        lambda: torch.onnx.export(Two(), (LEFT, RIGHT), custom_opsets={}),
        "unexpected keyword argument 'custom_opsets'",
    ),
    "a keyword with a gap": (
        lambda: torch.onnx.export(Two(), (), kwargs={"right": RIGHT}),
        "kwargs has right; inputs follow each other there, first of left, right",
    ),
    "another name": (lambda: torch.onnx.register_custom_op_symbolic, "autograd.onnx.export"),
}


@pytest.mark.parametrize(("ask", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_written_says_what_is(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(AutogradError, match=said):
        ask()
