"""UNet and SSD: their shapes, training, plans, files, gradients, pictures and ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd as ag
import nn
import optim
from autograd.errors import ArgumentError, ShapeError
from autograd.gradcheck.module import gradcheck_module

M, V = nn.models, nn.vision
BOXES = [[[2.0, 3.0, 9.0, 12.0], [8.0, 1.0, 15.0, 7.0]], [], [[0.0, 0.0, 5.0, 14.0]]]
LABELS = [[1, 2], [], [2]]


def unet(**options: Any) -> Any:
    nn.manual_seed(0)
    return M.UNet(**{"classes": 3, "channels": 2, "width": 4, "depth": 2} | options)


def ssd(**options: Any) -> Any:
    nn.manual_seed(0)
    return M.SSD(**{"classes": 2, "widths": (4, 6, 6), "scales": (0.3, 0.5, 0.8)} | options)


def images(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


# ---- what they give ------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("size", [(8, 8), (9, 15), (4, 5), (16, 4)])
def test_a_unet_keeps_the_size_of_the_image(size: tuple[int, int], norm: bool) -> None:
    model = unet(batch_norm=norm)
    assert model.predict(images(1, 2, *size)).shape == (1, 3, *size)
    assert model(ag.Tensor(images(0, 2, *size))).shape == (0, 3, *size)
    assert model.to("float64").predict(images(2, 2, *size)).dtype == "float64"


def test_a_unet_sees_more_the_deeper_it_is() -> None:
    """How far a pixel of the input has a say in the logits of another."""
    spans = []
    for depth in (1, 2, 3):
        model = unet(depth=depth)
        x = ag.Tensor(images(1, 2, 64, 64), requires_grad=True)
        model(x)[0, :, 32, 32].sum().backward()
        rows = np.flatnonzero(np.abs(x.grad.numpy()).sum(axis=(0, 1, 3)))
        spans.append(int(rows.max() - rows.min()) + 1)
    assert spans == sorted(set(spans))
    assert spans[-1] > 40


def test_an_ssd_gives_offsets_and_logits_for_each_default_box() -> None:
    for size in ((16, 16), (19, 33), (8, 8)):
        model = ssd(aspect_ratios=((2,), (2, 3)))
        offsets, logits = model.predict(images(2, 3, *size))
        anchors = model.default_boxes(size)
        count = (size[0] // 4) * (size[1] // 4) * 4 + (size[0] // 8) * (size[1] // 8) * 6
        assert anchors.shape == (count, 4)
        assert offsets.shape == (2, count, 4)
        assert logits.shape == (2, count, 3)


def test_the_outputs_of_a_place_stand_where_its_default_boxes_do() -> None:
    """Each output depends on pixels around the middle of its default box, and on no far ones."""
    model = ssd(widths=(2, 2), scales=(0.2, 0.3)).eval()
    x = ag.Tensor(images(1, 3, 64, 48), requires_grad=True)
    offsets, logits = model(x)
    middles = V.box_convert(model.default_boxes((64, 48)), "xyxy", "cxcywh").numpy()
    for number in (0, 5, 400, len(middles) - 1):
        seen = offsets[0, number].sum() + logits[0, number].sum()
        (slope,) = ag.grad(seen, x, retain_graph=True)
        rows, columns = np.nonzero(np.abs(slope.numpy()).sum(axis=(0, 1)))
        across, down = middles[number, :2]
        assert abs(columns - across).max() < 16
        assert abs(rows - down).max() < 16


def test_what_is_right_is_found_by_the_outputs_that_say_so() -> None:
    """Outputs made of the targets give the boxes and labels that these were made of."""
    model = ssd()
    target = model.targets(BOXES, LABELS, (16, 16))
    assert target.shape == (3, len(model.default_boxes((16, 16))), 5)
    assert not target[1].any()
    logits = 20 * np.eye(3)[target[..., 4].astype(int)]
    found = model.detections((target[..., :4], logits), (16, 16), score_thresh=0.5)
    for image, places, labels in zip(found, BOXES, LABELS, strict=True):
        order = np.argsort(image["labels"])
        assert image["labels"][order].tolist() == labels
        assert_allclose(
            image["boxes"][order].reshape(-1, 4), np.reshape(places, (-1, 4)), atol=1e-3
        )
        assert (image["scores"] > 0.99).all()
    one = model.detections((target[..., :4], logits), (16, 16), 0.5, detections_per_img=1)
    assert [len(image["boxes"]) for image in one] == [1, 0, 1]
    true = [{"boxes": b, "labels": n} for b, n in zip(BOXES, LABELS, strict=True)]
    assert nn.metrics.MeanAveragePrecision()(true, found) == pytest.approx(1)


def test_detections_are_best_first_and_one_of_what_overlaps() -> None:
    model = ssd()
    for image in model.detect(images(3, 3, 16, 16), score_thresh=0.2, nms_thresh=0.3):
        assert (np.diff(image["scores"]) <= 0).all()
        assert (image["boxes"] >= 0).all()
        assert (image["boxes"] <= 16).all()
        for label in (1, 2):
            own = image["boxes"][image["labels"] == label]
            table = np.nan_to_num(V.box_iou(own, own).numpy()) - np.eye(len(own))
            assert not own.size or table.max() <= 0.3 + 1e-6
    assert [
        len(image["boxes"]) for image in model.detect(images(2, 3, 16, 16), score_thresh=1.0)
    ] == [0, 0]


# ---- training ------------------------------------------------------------------------------------

Case = tuple[Any, Any, Any, Any]


def case(name: str) -> Case:
    """A model, its loss, and five images with their targets."""
    if name == "UNet":
        labels = np.random.default_rng(1).integers(0, 3, (5, 9, 8))
        return unet(batch_norm=True), nn.CrossEntropyLoss(), images(5, 2, 9, 8), labels
    model = ssd()
    targets = model.targets([*BOXES, BOXES[0], []], [*LABELS, LABELS[0], []], (16, 16))
    return model, V.multibox_loss, images(5, 3, 16, 16), targets


class Losses(nn.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(logs["loss"])


def fitted(name: str, jit: bool) -> tuple[list[float], bytes]:
    model, loss, x, y = case(name)
    model.compile(optim.Adam(model.parameters(), lr=1e-3), loss, jit_compile=jit)
    found = Losses()
    model.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0, callbacks=[found])
    return found.seen, b"".join(p.numpy().tobytes() for p in model.state_dict().values())


NAMES = ("UNet", "SSD")


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_fits_to_the_same_bits_where_nothing_is_fused(name: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: "kernels")
    assert fitted(name, True) == fitted(name, False)


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_fits_to_the_same_losses_by_native_code(name: str) -> None:
    pytest.importorskip("llvmlite")
    found, right = fitted(name, True)[0], fitted(name, False)[0]
    assert_allclose(found[0], right[0], rtol=1e-5)
    assert_allclose(found, right, rtol=1e-2)


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_a_few_images_by_heart(name: str) -> None:
    model, loss, x, y = case(name)
    model.compile(optim.Adam(model.parameters(), lr=0.02), loss)
    history = model.fit(x, y, batch_size=5, epochs=40, verbose=0).history["loss"]
    assert history[-1] < 0.4 * history[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_gets_a_gradient(name: str) -> None:
    model, loss, x, y = case(name)
    loss(model(ag.Tensor(x)), ag.asarray(y)).backward()
    for path, parameter in model.named_parameters():
        assert parameter.grad is not None, path
        assert parameter.grad.numpy().any(), path


def test_an_average_of_batches_is_the_loss_of_all() -> None:
    """Losses are joined by the numbers of objects that they are divided by."""
    model, loss, x, y = case("SSD")
    model.compile(optim.SGD(model.parameters(), lr=0.0), loss)
    whole = model.evaluate(x, y, batch_size=5, verbose=0)["loss"]
    assert model.evaluate(x, y, batch_size=2, verbose=0)["loss"] == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_the_model_are_right(name: str) -> None:
    if name == "UNet":
        model, x = unet(width=1, depth=1, channels=1, classes=1), images(1, 1, 3, 2)
    else:
        model, x = ssd(widths=(2, 2), scales=(0.5, 0.9), classes=1), images(2, 3, 4, 4)
    model, x = model.to("float64"), ag.Tensor(x.astype("float64"))
    assert gradcheck_module(model, x, modes=("eval",))


# ---- files, pictures, ONNX -----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_saved_and_loaded(name: str, tmp_path: Any) -> None:
    model, _, x, _ = case(name)
    nn.save(model, tmp_path / "weights.safetensors")
    other = case(name)[0]
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    other.load_state_dict(nn.load(tmp_path / "weights.safetensors"))
    for own, loaded in zip(outputs(model, x), outputs(other, x), strict=True):
        assert_array_equal(own, loaded)


def outputs(model: Any, x: Any) -> list[Any]:
    found = model.predict(x)
    return list(found) if isinstance(found, tuple) else [found]


@pytest.mark.parametrize("name", NAMES)
def test_onnxruntime_gives_the_same_at_any_length_of_the_batch(name: str) -> None:
    pytest.importorskip("onnx")
    ort = pytest.importorskip("onnxruntime")
    model, _, x, _ = case(name)
    model.eval()
    exported = ag.onnx.export(model, x[:2], dynamic_axes={0: {0: "batch"}})
    session = ort.InferenceSession(exported.SerializeToString())
    for count in (1, 2, 5):
        found = session.run(None, {session.get_inputs()[0].name: x[:count]})
        for own, right in zip(found, outputs(model, x[:count]), strict=True):
            assert own.shape == right.shape
            assert_allclose(own, right, rtol=1e-5, atol=1e-5 * abs(right).max())


@pytest.mark.parametrize("name", NAMES)
def test_it_is_drawn_module_by_module_and_summed_up(name: str, capsys: Any) -> None:
    model, loss, x, y = case(name)
    drawn = ag.viz.draw(loss(model(ag.Tensor(x)), ag.asarray(y)), detail=0).svg()
    model.summary(x.shape[1:])
    shown = capsys.readouterr().out
    for child, _ in model.named_children():
        assert child in drawn
        assert child in shown
    assert "?" not in shown, "every module is called by itself, and has a shape"


# ---- bad input -----------------------------------------------------------------------------------

BAD: list[tuple[Any, Any, str]] = [
    (lambda: M.SSD(2, scales=(0.5,)), ArgumentError, "give from 2 to 6 scales"),
    (lambda: M.SSD(2, widths=(4,), scales=(0.1, 0.2, 0.3)), ArgumentError, "there are 1 stages"),
    (lambda: M.SSD(2, aspect_ratios=((2,), (2,))), ArgumentError, "give one for each of the 3"),
    (lambda: ssd().default_boxes((4, 16)), ShapeError, "at least 8"),
    (lambda: ssd().targets([[[1, 1, 5, 5]]], [[1, 2]], (16, 16)), ShapeError, r"labels \(2,\)"),
    (lambda: ssd().targets([[[1, 1, 5, 5]]], [[3]], (16, 16)), ArgumentError, "from 1 to 2"),
    (lambda: ssd().targets([[[1, 1, 5, 5]]], [[0]], (16, 16)), ArgumentError, "0 is the ground"),
    (lambda: ssd().targets([[[5, 1, 1, 5]]], [[1]], (16, 16)), ArgumentError, "no area"),
    (lambda: ssd().targets([[]], [[], []], (16, 16)), ShapeError, "1 images have boxes"),
    (lambda: unet()(images(1, 2, 3, 8)), ShapeError, "max_pool2d: a window along H"),
    (lambda: unet()(images(1, 1, 8, 8)), ShapeError, "channels"),
    (lambda: unet()(images(1, 2, 8, 8)[0]), ShapeError, r"UNet: .*\(2, 8, 8\).*x\[None\]"),
    (lambda: ssd()(images(1, 3, 8, 8)[0]), ShapeError, r"SSD: .*\(3, 8, 8\).*x\[None\]"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
def test_bad_input_is_told(number: int) -> None:
    call, error, words = BAD[number]
    with pytest.raises(error, match=words):
        call()


def test_regions_are_part_of_an_exported_model() -> None:
    pytest.importorskip("onnx")
    boxes = images(3, 4)
    found = ag.onnx.export(
        lambda x: V.roi_align(x, [boxes], 2, sampling_ratio=2), images(1, 2, 5, 5)
    )
    assert {node.op_type for node in found.graph.node} & {"MatMul", "Gemm"}
