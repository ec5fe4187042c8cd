"""Exported models at lengths that they were not traced at: of axes, and of what values decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import AutogradError, ExportError
from autograd.graph.pytree import flat
from autograd.onnx import export, load
from tests.test_onnx_export import agree, image, run

V = nn.vision
NHW = {0: "n", 2: "h", 3: "w"}


def holds(net: Any, base: Any, axes: Any, *others: Any) -> Any:
    """A model at one shape of an input gives at all others what the call gives here."""
    model = export(net, image(*base), dynamic_axes={0: axes})
    for shape in (base, *others):
        agree(run(model, image(*shape)), flat(net(ag.Tensor(image(*shape)))), "float32")
    return model


WINDOWS: dict[str, Callable[[], Any]] = {
    "convolution": lambda: nn.Conv2d(3, 4, 3, 2, 1),
    "deep strides": lambda: nn.Sequential(
        *(nn.Conv2d(3, 3, 3, 2, 1) for _ in range(4)), nn.Flatten(2)
    ),
    "dilation": lambda: nn.Conv2d(3, 3, 3, dilation=2, groups=3, padding="same"),
    "max pooling": lambda: nn.MaxPool2d(3, 2, 1),
    "average pooling": lambda: nn.Sequential(nn.AvgPool2d(3, 2, 1), nn.AvgPool2d(2)),
    "transposed": lambda: nn.ConvTranspose2d(3, 4, 3, 2, 1, output_padding=1),
    "down and up": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3, 2, 1), nn.MaxPool2d(2), nn.ConvTranspose2d(4, 2, 4, 4), nn.Flatten(1)
    ),
    "the whole": lambda: nn.Sequential(nn.MaxPool2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "nearest": lambda: nn.Sequential(nn.MaxPool2d(2), nn.Upsample(scale_factor=2)),
    "bilinear": lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
    "groups": lambda: nn.Sequential(nn.MaxPool2d(3), nn.GroupNorm(3, 3), nn.InstanceNorm2d(3)),
    "shuffle": lambda: nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(3, 8, 1), nn.PixelShuffle(2)),
    "averages, as many": lambda: nn.Sequential(nn.MaxPool2d(2), nn.AdaptiveAvgPool2d((4, 3))),
    "averages of rows": lambda: nn.AdaptiveAvgPool2d((5, None)),
    "to a size": lambda: nn.Upsample(size=(20, 24), mode="bilinear"),
    "to a size by corners": lambda: nn.Upsample((20, 24), mode="bilinear", align_corners=True),
    "to a size, nearest": lambda: nn.Sequential(nn.MaxPool2d(2), nn.Upsample(size=(24, 17))),
    "maxima, as many": lambda: nn.Sequential(nn.MaxPool2d(2), nn.AdaptiveMaxPool2d((4, 3))),
    "maxima of columns": lambda: nn.AdaptiveMaxPool2d((None, 6)),
    "unfold": lambda: nn.Sequential(nn.MaxPool2d(2), nn.Unfold(3)),
    "reflection": lambda: nn.Sequential(nn.ReflectionPad2d(1), nn.MaxPool2d(2)),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_hold_at_every_height_and_width(name: str) -> None:
    nn.manual_seed(0)
    net = WINDOWS[name]().eval()
    holds(net, (1, 3, 16, 18), NHW, (2, 3, 24, 31), (1, 3, 33, 17), (3, 3, 47, 63))


@pytest.mark.parametrize("base", [(16, 24), (21, 19)])
def test_a_unet_holds_at_every_height_and_width(base: Any) -> None:
    nn.manual_seed(0)
    net = nn.models.UNet(2, 1, width=2, depth=3, batch_norm=True).eval()
    others = [(2, 1, 15, 9), (1, 1, 40, 23), (1, 1, 31, 33), (3, 1, 8, 64)]
    model = holds(net, (1, 1, *base), NHW, *others)
    dims = model.graph.output[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in dims] == ["n", 2, "h", "w"]


def test_what_is_whole_at_multiples_alone_holds_there() -> None:
    holds(nn.PixelUnshuffle(2), (1, 3, 8, 12), NHW, (2, 3, 10, 4))


def test_other_operations_at_a_near_length_are_not_stepped_over() -> None:
    def evened(x: Any) -> Any:
        return ag.concat([x, x[:1]], 0) if len(x) % 2 else x

    with pytest.raises(ExportError, match="makes other operations"):
        export(evened, np.ones((4, 3)), dynamic_axes={0: {0: "n"}})


class Detector(nn.Module):
    """A single-shot detector with all that follows it, for one image."""

    def __init__(self, by_class: bool) -> None:
        super().__init__()
        self.net, self.by_class = nn.models.SSD(2, widths=(4, 6), scales=(0.3, 0.5, 0.8)), by_class
        self.register_buffer("anchors", self.net.default_boxes((16, 16)))

    def forward(self, x: Any) -> Any:
        offsets, logits = self.net(x)
        boxes = V.clip_boxes_to_image(V.decode_boxes(offsets[0], self.anchors), (16, 16))
        chances = ag.softmax(logits[0], axis=-1)[:, 1:]
        scores, labels = ag.max(chances, axis=1), ag.argmax(chances, axis=1)
        classes = (labels,) if self.by_class else ()
        kept = (V.batched_nms if self.by_class else V.nms)(boxes, scores, *classes, 0.45)
        flat_boxes = (boxes[kept] * 2).reshape(-1)  # a shape that the values decide
        found = {"boxes": boxes[kept], "scores": scores[kept], "labels": labels[kept] + 1}
        return found | {"flat": flat_boxes}


@pytest.mark.parametrize("by_class", [False, True])
def test_suppression_inside_a_detector_goes_out_and_comes_in(by_class: bool) -> None:
    nn.manual_seed(0)
    net = Detector(by_class).eval()
    model = export(net, image(1, 3, 16, 16))
    assert [n.op_type for n in model.graph.node].count("NonMaxSuppression") == 1
    assert not model.graph.output[0].type.tensor_type.shape.dim[0].HasField("dim_value")
    back, counts = load(model), set()
    for scale in (1, 3, 0.1, 10, 0):
        x = (image(1, 3, 16, 16) * scale).astype("float32")
        right = list(net(x).values())
        agree(run(model, x), right, "float32")
        agree([y.numpy() for y in back(x)], right, "float32")
        counts.add(len(right[0]))
    assert len(counts) > 2


def test_boxes_that_are_inputs_are_chosen_there() -> None:
    model = export(lambda b, s: V.nms(b, s, 0.5), np.zeros((4, 4)), np.zeros(4))
    rng = np.random.default_rng(0)
    for _ in range(5):
        boxes, scores = np.sort(rng.uniform(0, 4, (4, 4))), rng.integers(0, 3, 4) / 2
        agree(run(model, boxes, scores), [V.nms(boxes, scores, 0.5)], "float64")


COUNTS: dict[str, Any] = {
    "argwhere": lambda x: ag.argwhere(x > 0) * 2,
    "flatnonzero": lambda x: ag.flatnonzero(x > 0).reshape(-1, 1) * ag.ones(1, 3),
    "nonzero": lambda x: list(ag.nonzero(x > 0)),
    "of a length": lambda x: ag.concat([ag.flatnonzero(x > 0), ag.flatnonzero(x < 0)]),
}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("axes", [None, {0: {0: "n"}}])
def test_as_many_as_the_values_say_are_as_many_there(name: str, axes: Any) -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(4, 5))
    model = export(COUNTS[name], first, dynamic_axes=axes)
    for rows in (4, 4, 4 if axes is None else 9):
        x = rng.normal(size=(rows, 5))
        agree(run(model, x), flat(COUNTS[name](ag.Tensor(x))), "float64")


def test_a_number_that_no_values_change_is_refused() -> None:
    with pytest.raises(ExportError, match="depends on the values"):
        export(lambda x: ag.flatnonzero(x == x), np.ones(4))


def test_initialisers_know_their_module_and_line() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1, bias=False))
    model = export(net, np.ones((1, 3)))
    told = {t.name: {p.key: p.value for p in t.metadata_props} for t in model.graph.initializer}
    assert {n: t["module"] for n, t in told.items()} == {
        "0.weight": "0 (Linear)", "0.bias": "0 (Linear)", "2.weight": "2 (Linear)",
    }  # fmt: skip
    assert all("test_onnx_lengths.py" in t["line"] for t in told.values())


def test_an_output_that_is_called_like_an_input_has_another_name() -> None:
    model = export(
        lambda boxes, y: {"boxes": boxes * 2, "y": y + 1, "z": y}, np.ones(2), np.ones(2)
    )
    assert [o.name for o in model.graph.output] == ["boxes_out", "y_out", "z"]
    agree(
        run(model, np.ones(2), np.ones(2)),
        [np.full(2, 2.0), np.full(2, 2.0), np.ones(2)],
        "float64",
    )
    renamed = export(lambda a, b: {"c": a + b}, np.ones(2), np.ones(2), names=["b"])
    assert [i.name for i in renamed.graph.input] == ["b", "b_"]


X = np.ones((2, 3), "float32")
EXAMPLES: dict[str, tuple[Any, Any, list[str]]] = {
    "a tuple of one": (nn.Linear(3, 2), ((X,),), ["x"]),
    "a tuple of two": (lambda a, b: a + b, ((X, X),), ["a", "b"]),
    "with a default": (lambda a, b=None: a if b is None else a + b, ((X, X),), ["a", "b"]),
    "an argument that is a tuple": (lambda t: t[0] + t[1], (((X, X),),), ["t[0]", "t[1]"]),
    "two that one argument takes": (lambda t: t[0] + t[1], ((X, X),), ["t[0]", "t[1]"]),
    "a list": (lambda t: t[0] + t[1], ([X, X],), ["t[0]", "t[1]"]),
    "beside another": (lambda t, b: t[0] + t[1] + b, ((X, X), X), ["t[0]", "t[1]", "b"]),
}


@pytest.mark.parametrize("how", EXAMPLES)
def test_examples_in_a_tuple_are_understood(how: str) -> None:
    function, given, names = EXAMPLES[how]
    model = export(function, *given)
    assert [i.name for i in model.graph.input] == names
    assert all([d.dim_value for d in i.type.tensor_type.shape.dim] == [2, 3]
               for i in model.graph.input)  # fmt: skip


WRONG: dict[str, tuple[Any, str]] = {
    "a path": (lambda: export(nn.Linear(3, 2), X, "net.onnx"), "written as path='net.onnx'"),
    "none": (lambda: export(nn.Linear(3, 2)), r"takes \(x\), and there are 0 examples"),
    "too many": (lambda: export(nn.Linear(3, 2), X, X), "there are 2 examples"),
    "a tuple of too many": (lambda: export(lambda a, b: a, (X, X, X)), r"takes \(a, b\)"),
    "a list of numbers": (lambda: export(nn.Linear(3, 2), [[1.0, 2, 3]]), "would have no input"),
    "names before axes": (
        lambda: export(nn.ReLU(), X, dynamic_axes={"x": {"batch": 0}}),
        "the number stands first",
    ),
    "opset_version": (lambda: export(nn.ReLU(), X, opset_version=17), "spelled opset"),
    "output_names": (lambda: export(nn.ReLU(), X, output_names=["y"]), "spelled names"),
    "f": (lambda: export(nn.ReLU(), X, f="net.onnx"), "spelled path"),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_habits_of_pytorch_are_told_what_to_write(what: str) -> None:
    call, words = WRONG[what]
    with pytest.raises(AutogradError, match=words):
        call()
