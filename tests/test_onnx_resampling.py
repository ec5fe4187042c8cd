"""Interpolation and padding in exported models: Resize and Pad where they mean the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd.onnx import export
from tests.test_onnx_export import agree, image, run

F = nn.functional
NAMES = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}}
FACTORS = [
    {"scale_factor": 2}, {"scale_factor": 3}, {"scale_factor": 0.5}, {"scale_factor": 1.25},
    {"size": 10}, {"size": 7}, {"scale_factor": 1.3}, {"scale_factor": 2, "align_corners": True},
]  # fmt: skip
EXACT = (2, 3, 0.5, 1.25)  # Resize reckons in single precision, and may take another pixel


def kinds(model: Any) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear", "bicubic", "area"])
def test_what_is_resized_there_is_what_is_resized_here(mode: str, rank: int) -> None:
    if mode == "bicubic" and rank != 2:
        return
    name = NAMES.get(mode, {}).get(rank, mode)
    for options in FACTORS:
        if "align_corners" in options and mode not in NAMES:
            continue

        def call(x: Any, options: Any = options) -> Any:
            return F.interpolate(x, mode=name, **options)

        model = export(lambda x, f=call: f(x), image(2, 3, *(5,) * rank), dynamic_axes={0: [0]})
        known = mode != "area" and "align_corners" not in options
        exact = options.get("scale_factor") in EXACT or options.get("size") == 10
        assert ("Resize" in kinds(model)) == (known and exact), options
        assert [n.op_type for n in model.graph.node].count("Resize") <= 1
        x = image(3, 3, *(5,) * rank)
        agree(run(model, x), [call(x)], "float32")


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_pictures_of_any_size_are_doubled(mode: str) -> None:
    net = nn.Upsample(scale_factor=2, mode=mode)
    model = export(net, image(2, 3, 4, 6), dynamic_axes={0: {2: "h", 3: "w"}})
    for shape in ((4, 6), (7, 5), (1, 2)):
        x = image(2, 3, *shape)
        agree(run(model, x), [net(x)], "float32")


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pictures_of_any_size_are_padded(mode: str, dtype: str) -> None:
    def call(x: Any) -> Any:
        return F.pad(x, (1, 2, 2, 0), mode=mode)

    model = export(call, image(2, 3, 4, 6).astype(dtype), dynamic_axes={0: {2: "h", 3: "w"}})
    assert kinds(model) == {"Pad"}
    x = image(2, 3, 7, 5).astype(dtype)
    agree(run(model, x), [call(x)], dtype)
    older = export(call, x, opset=17)
    assert ("Pad" in kinds(older)) == (mode != "circular")
    agree(run(older, x), [call(x)], dtype)


def test_an_edge_that_is_cut_is_padded_by_its_matrix() -> None:
    x = np.arange(12.0).reshape(1, 2, 6)
    for widths in ((-1, 2), (2, -1)):
        agree(
            run(export(lambda x, w=widths: F.pad(x, w, mode="replicate"), x), x),
            [F.pad(x, widths, mode="replicate")], "float64",
        )  # fmt: skip
