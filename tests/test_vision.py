"""nn.vision: boxes, overlaps, suppression, regions, anchors and losses, as torchvision has them."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd as ag
import nn
from autograd.errors import ArgumentError, AutogradError, DTypeError, ShapeError

V = nn.vision
PAIRWISE = ("box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou")
LOSSES = tuple(f"{name}_loss" for name in PAIRWISE[1:])
DTYPES = ("float32", "float64", "float16", "int64", "int32", "uint8")


def boxes(count: int, seed: int = 0, dtype: str = "float64", high: float = 20.0) -> Any:
    """Boxes of which some have no width or no height, and some are the same."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, int(high), (count, 2, 2)) if seed % 2 else rng.uniform(
        0, high, (count, 2, 2)
    )  # fmt: skip
    found = np.sort(points, axis=1).reshape(count, 4)
    if count > 3:
        found[1], found[2] = found[0], found[0][[0, 1, 0, 3]]
    return found.astype(dtype)


# ---- what is right, in plain words ---------------------------------------------------------------


def iou(a: Any, b: Any) -> float:
    """The IoU of two boxes, in Python's numbers."""
    ax, ay, aX, aY = map(float, a)
    bx, by, bX, bY = map(float, b)
    inter = max(0.0, min(aX, bX) - max(ax, bx)) * max(0.0, min(aY, bY) - max(ay, by))
    union = (aX - ax) * (aY - ay) + (bX - bx) * (bY - by) - inter
    return inter / union if union else float("nan")


def generalized(a: Any, b: Any) -> float:
    hull = [min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])]
    area = float(hull[2] - hull[0]) * float(hull[3] - hull[1])
    areas = [float(c[2] - c[0]) * float(c[3] - c[1]) for c in (a, b)]
    both = iou(a, b)
    union = sum(areas) / (1 + both)
    return both - (area - union) / area if area else float("nan")


def distance(a: Any, b: Any, eps: float = 1e-7) -> float:
    x, y = (float(a[k] + a[k + 2] - b[k] - b[k + 2]) / 2 for k in (0, 1))
    wide, high = (float(max(a[k + 2], b[k + 2]) - min(a[k], b[k])) for k in (0, 1))
    return iou(a, b) - (x * x + y * y) / (wide * wide + high * high + eps)


def complete(a: Any, b: Any, eps: float = 1e-7) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        angles = [np.arctan(np.float64(c[2] - c[0]) / np.float64(c[3] - c[1])) for c in (a, b)]
    unlike = 4 / np.pi**2 * float(angles[0] - angles[1]) ** 2
    return distance(a, b, eps) - unlike**2 / (1 - iou(a, b) + unlike + eps)


RIGHT = dict(zip(PAIRWISE, (iou, generalized, distance, complete), strict=True))


def suppressed(places: Any, scores: Any, threshold: float) -> list[int]:
    """Non-maximum suppression, as its definition reads."""
    found: list[int] = []
    for k in sorted(range(len(scores)), key=lambda k: (-scores[k], k)):
        if not any(iou(places[k], places[better]) > threshold for better in found):
            found.append(k)
    return found


def sampled(image: Any, box: Any, cells: tuple[int, int], ratio: int, aligned: bool) -> Any:
    """roi_align of one box in (C, H, W), sample by sample."""
    _, height, width = image.shape
    x1, y1, x2, y2 = (float(v) - (0.5 if aligned else 0) for v in box)
    wide, high = (x2 - x1, y2 - y1) if aligned else (max(x2 - x1, 1), max(y2 - y1, 1))
    sides = high / cells[0], wide / cells[1]
    counts = [ratio if ratio > 0 else max(int(np.ceil(side)), 0) for side in sides]
    out = np.zeros((len(image), *cells))
    for i, j in np.ndindex(cells):
        for p, q in np.ndindex(*counts):
            y = y1 + (i + (p + 0.5) / counts[0]) * sides[0]
            x = x1 + (j + (q + 0.5) / counts[1]) * sides[1]
            if -1 <= y <= height and -1 <= x <= width:
                y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
                top, left = int(y), int(x)
                for r, c in itertools.product((top, top + 1), (left, left + 1)):
                    share = max(0, 1 - abs(y - r)) * max(0, 1 - abs(x - c))
                    if share:
                        out[:, i, j] += share * image[:, r, c] / max(counts[0] * counts[1], 1)
    return out


# ---- boxes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PAIRWISE)
def test_overlaps_are_those_of_each_with_each(name: str, dtype: str) -> None:
    for counts, seed in (((0, 3), 0), ((3, 0), 0), ((1, 1), 1), ((5, 4), 2), ((5, 6), 3)):
        one, two = boxes(counts[0], seed, dtype), boxes(counts[1], seed + 8, dtype)
        if len(one) and len(two) > 1:
            two[0] = one[0]
        right = np.array(
            [[RIGHT[name](a, b) for b in two.astype(float)] for a in one.astype(float)]
        )
        found = getattr(V, name)(one, two)
        assert found.shape == counts
        assert found.dtype == ("float64" if dtype == "float64" else "float32")
        near = 1e-12 if dtype == "float64" else 1e-5
        assert_allclose(found.numpy(), right.reshape(counts), rtol=near, atol=near)


@pytest.mark.parametrize("name", PAIRWISE)
def test_overlaps_take_axes_before_the_boxes(name: str) -> None:
    one, two = boxes(6, 2).reshape(2, 3, 4), boxes(8, 4).reshape(2, 4, 4)
    found = getattr(V, name)(one, two).numpy()
    for k in range(2):
        assert_array_equal(found[k], getattr(V, name)(one[k], two[k]).numpy())
    assert getattr(V, name)(one[0], two).shape == (2, 3, 4)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_boxes_are_what_lacks_to_1(name: str) -> None:
    one, two = boxes(7, 2)[3:], boxes(7, 4)[3:]
    losses = getattr(V, name)(one, two, eps=1e-7).numpy()
    right = 1 - np.diag(getattr(V, name.removesuffix("_loss"))(one, two).numpy())
    assert_allclose(losses, right, rtol=1e-6)
    assert getattr(V, name)(one, two, "mean").item() == pytest.approx(losses.mean())
    assert getattr(V, name)(one, two, reduction="sum").item() == pytest.approx(losses.sum())
    assert getattr(V, name)(one[:0], two[:0]).shape == (0,)
    assert getattr(V, name)(one[:0], two[:0], "mean").item() == 0, "as in torchvision"


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_boxes_without_an_area_is_finite_and_so_is_its_slope(name: str) -> None:
    if name == "complete_box_iou_loss":
        return  # the angle of 0 / 0
    x = ag.Tensor(np.array([[1.0, 1.0, 1.0, 1.0]]), requires_grad=True)
    getattr(V, name)(x, np.array([[1.0, 1.0, 1.0, 1.0]])).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def separate(seed: int) -> Any:
    """Pairs of boxes that overlap, and none of whose sides are in line."""
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 3, (3, 2))
    return np.concatenate([corner, corner + rng.uniform(4, 6, (3, 2))], axis=1)


def beside(f: Any, x: Any) -> Any:
    return f(x, separate(1))


DIFFERENTIABLE = {
    "box_area": V.box_area,
    **{name: partial(beside, getattr(V, name)) for name in (*PAIRWISE, *LOSSES)},
    **{f"{a} to {b}": (lambda x, a=a, b=b: V.box_convert(x, a, b))
       for a, b in itertools.permutations(("xyxy", "xywh", "cxcywh"), 2)},
    "clip_boxes_to_image": lambda x: V.clip_boxes_to_image(x, (5.5, 4.5)),
    "encode_boxes": lambda x: V.encode_boxes(x, separate(1)),
    "encode_boxes, proposals": lambda x: V.encode_boxes(separate(1), x),
    "decode_boxes": lambda x: V.decode_boxes(x, separate(1)),
    "decode_boxes, boxes": lambda x: V.decode_boxes(separate(1), x),
    "sigmoid_focal_loss": lambda x: V.sigmoid_focal_loss(x - 3, np.eye(3, 4)),
    "dice_loss": lambda x: V.dice_loss(ag.softmax(x[None], axis=1), np.array([[0, 2, 1, 0]])),
    "roi_align": lambda x: V.roi_align(x.reshape(1, 1, 3, 4), [[[0.2, 0.1, 2.3, 1.9]]], 2),
    "roi_align, boxes": lambda x: V.roi_align(
        np.arange(64.0).reshape(1, 1, 8, 8) ** 1.5, [x + 0.013], 2, sampling_ratio=2
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in DIFFERENTIABLE if "complete" not in n])
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    f: Any = DIFFERENTIABLE[name]
    ag.gradcheck(f, ag.Tensor(separate(0), requires_grad=True))


def test_the_weight_of_proportions_is_a_constant_for_the_gradient() -> None:
    x = ag.Tensor(separate(0), requires_grad=True)
    two = separate(1)
    (found,) = ag.grad(V.complete_box_iou_loss(x, two, "sum"), x)
    angle = ag.atan((two[:, 2] - two[:, 0]) / (two[:, 3] - two[:, 1]))
    own = ag.atan((x[:, 2] - x[:, 0]) / (x[:, 3] - x[:, 1]))
    unlike = 4 / np.pi**2 * (angle - own) ** 2
    overlap = 1 - V.generalized_box_iou_loss(x, two) * 0 - 1 + np.array(
        [iou(a, b) for a, b in zip(x.detach().numpy(), two, strict=True)]
    )  # fmt: skip
    weight = (unlike / (1 - overlap + unlike)).detach()
    loss = (V.distance_box_iou_loss(x, two) + weight * unlike).sum()
    assert_allclose(found.numpy(), ag.grad(loss, x)[0].numpy(), rtol=1e-5)


@given(
    st.integers(0, 10**6),
    st.sampled_from(list(itertools.permutations(("xyxy", "xywh", "cxcywh"), 2))),
)
@settings(max_examples=20, deadline=None)
def test_a_format_and_back_is_the_box_itself(seed: int, formats: tuple[str, str]) -> None:
    one = boxes(5, seed)
    there = V.box_convert(one, *formats)
    assert_allclose(V.box_convert(there, *formats[::-1]).numpy(), one, rtol=1e-12, atol=1e-12)
    assert_allclose(V.box_area(V.box_convert(one, "xyxy", formats[0]), formats[0]).numpy(),
                    V.box_area(one).numpy(), rtol=1e-9, atol=1e-9)  # fmt: skip
    other = V.box_convert(one, "xyxy", formats[1])
    assert_allclose(V.box_iou(other, other, fmt=formats[1]).numpy(), V.box_iou(one, one).numpy(),
                    rtol=1e-9, atol=1e-9)  # fmt: skip


def test_integers_stay_integers_unless_a_middle_comes_or_goes() -> None:
    one = np.array([[1, 2, 4, 7]], "int32")
    assert V.box_convert(one, "xyxy", "xywh").tolist() == [[1, 2, 3, 5]]
    assert V.box_convert(one, "xyxy", "xywh").dtype == "int32"
    assert V.box_convert(one, "xyxy", "cxcywh").tolist() == [[2.5, 4.5, 3, 5]]
    assert V.box_area(np.array([[0, 0, 200, 200]], "uint8")).tolist() == [40000], "no overflow"
    assert V.box_iou(*[np.array([[0, 0, 200, 200]], "uint8")] * 2).tolist() == [[1.0]]
    assert V.clip_boxes_to_image(one, (5, 3)).dtype == "int32"
    assert V.clip_boxes_to_image(one, (5, 3)).tolist() == [[1, 2, 3, 5]]


def test_small_boxes_are_those_below_the_size_in_either_direction() -> None:
    one = np.array([[0, 0, 2, 2], [0, 0, 1, 9], [0, 0, 9, 1], [0, 0, 3, 2.0]])
    assert V.remove_small_boxes(one, 2).tolist() == [0, 3]
    assert V.remove_small_boxes(one, 0).tolist() == [0, 1, 2, 3]
    assert V.remove_small_boxes(np.zeros((0, 4)), 1).tolist() == []
    assert V.remove_small_boxes(np.zeros((0, 4)), 1).dtype == "int64"


def test_masks_are_bounded() -> None:
    masks = np.zeros((3, 5, 6), bool)
    masks[0, 1:4, 2:5] = masks[1, 4, 0] = True
    assert V.masks_to_boxes(masks).tolist() == [[2, 1, 4, 3], [0, 4, 0, 4], [0, 0, 0, 0]]
    assert V.masks_to_boxes(masks[:0]).shape == (0, 4)


# ---- suppression ---------------------------------------------------------------------------------


@given(
    st.integers(0, 10**6), st.integers(0, 25), st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.booleans()
)
@settings(max_examples=40, deadline=None)
def test_suppression_is_as_defined(seed: int, count: int, threshold: float, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    places = boxes(count, seed)
    scores = rng.integers(0, 3, count) / 4 if ties else rng.random(count)
    found = V.nms(places, scores, threshold)
    assert found.dtype == "int64"
    assert found.tolist() == suppressed(places, scores, threshold)
    groups = rng.integers(0, 3, count)
    right = [k for g in range(3) for own in [np.flatnonzero(groups == g)]
             for k in own[suppressed(places[own], scores[own], threshold)]]  # fmt: skip
    right.sort(key=lambda k: (-scores[k], k))
    assert V.batched_nms(places, scores, groups, threshold).tolist() == right


def test_suppression_takes_lists_tensors_and_integers() -> None:
    places, scores = [[0, 0, 4, 4], [0, 0, 4, 3], [5, 5, 6, 6]], [0.1, 0.9, 0.5]
    for dtype in DTYPES:
        found = V.nms(np.array(places, dtype), np.array(scores), 0.5)
        assert found.tolist() == [1, 2], dtype
    kept = V.nms(ag.Tensor(places, dtype="float32"), ag.Tensor(scores, requires_grad=True), 0.5)
    assert kept.tolist() == [1, 2]
    assert not kept.requires_grad
    assert V.nms([], [], 0.5).tolist() == []
    assert V.nms(places, [1, 3, 2], 0.5).tolist() == [1, 2]
    assert V.nms([[1, 1, 1, 1]] * 2, [0.5, 0.5], 0.1).tolist() == [0, 1], "no area, no overlap"
    assert V.nms(places, [np.nan, 0.9, 0.5], 0.5).tolist()[0] == 0, "NaN comes first, as in PyTorch"


# ---- regions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [-1, 0, 1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_region_is_the_mean_of_samples(aligned: bool, ratio: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(3, 2, 6, 7)).astype(dtype)
    places = np.sort(rng.uniform(-6, 20, (6, 2, 2)), axis=1).reshape(6, 4)
    places[0], places[1, 2:] = [1, 1, 4, 3], places[1, :2]  # one on pixels, one without an area
    image = np.array([2, 0, 2, 1, 0, 0])
    rows = np.concatenate([image[:, None], places], axis=1).astype(dtype)
    for scale, size in ((1.0, (2, 3)), (0.5, (1, 1))):
        found = V.roi_align(images, rows, size, scale, ratio, aligned)
        right = [sampled(images[n], row[1:] * scale, size, ratio, aligned)
                 for n, row in zip(image, rows, strict=True)]  # fmt: skip
        assert found.dtype == dtype
        near = 1e-4 if dtype == "float32" else 1e-10
        assert_allclose(found.numpy(), np.stack(right), rtol=near, atol=near)
    by_image = [rows[image == n][:, 1:] for n in range(3)]
    order = np.argsort(image, kind="stable")
    assert_allclose(V.roi_align(images, by_image, 2, 1.0, ratio, aligned).numpy(),
                    V.roi_align(images, rows[order], 2, 1.0, ratio, aligned).numpy())  # fmt: skip


def test_no_region_is_no_row_and_an_image_without_one_has_no_gradient() -> None:
    images = ag.Tensor(np.ones((2, 3, 4, 4)), requires_grad=True)
    none = V.roi_align(images, np.zeros((0, 5)), 2)
    assert none.shape == (0, 3, 2, 2)
    none.sum().backward()
    assert not images.grad.numpy().any()
    some = V.roi_align(images, [np.zeros((0, 4)), [[0.0, 0.0, 2.0, 2.0]]], 2)
    assert some.shape == (1, 3, 2, 2)
    some.sum().backward()
    assert not images.grad.numpy()[0].any()
    assert images.grad.numpy()[1].sum() == pytest.approx(12)


# ---- anchors -------------------------------------------------------------------------------------


def test_default_boxes_stand_around_the_middles_of_places() -> None:
    found = V.default_boxes((60, 90), [(2, 3), (1, 1)], [0.2, 0.4, 0.9], [[2], [2, 3]]).numpy()
    assert found.shape == (2 * 3 * 4 + 6, 4)
    middles = V.box_convert(found, "xyxy", "cxcywh").numpy()
    assert_allclose(middles[:24, :2].reshape(2, 3, 4, 2)[:, :, 1], [
        [[15, 15], [45, 15], [75, 15]], [[15, 45], [45, 45], [75, 45]],
    ], rtol=1e-6)  # fmt: skip
    root = 2**0.5
    sides = [(0.2, 0.2), (0.08**0.5,) * 2, (0.2 * root, 0.2 / root), (0.2 / root, 0.2 * root)]
    assert_allclose(middles[:4, 2:], np.array(sides) * [90, 60], rtol=1e-5)
    assert (middles[:, 2:] <= [90.001, 60.001]).all(), "no larger than the image"


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_decoding_is_the_inverse_of_encoding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 50, (2, 4, 2))
    one, two = np.concatenate([corner, corner + rng.uniform(1, 40, (2, 4, 2))], axis=-1)
    codes = V.encode_boxes(one, two)
    assert_allclose(V.decode_boxes(codes, two).numpy(), one, rtol=1e-9, atol=1e-9)
    plain = V.encode_boxes(one, two, (1, 1, 1, 1)).numpy()
    assert_allclose(codes.numpy(), plain * [10, 10, 5, 5])
    assert V.decode_boxes(np.stack([codes.numpy()] * 3), two).shape == (3, 4, 4)
    wild = V.decode_boxes(np.full((1, 4), 1e4), two[:1]).numpy()
    assert np.isfinite(wild).all()


def test_each_box_has_an_anchor_and_each_anchor_the_box_that_it_overlaps() -> None:
    for seed in range(20):
        one, anchors = boxes(8, 2 * seed)[3:], boxes(40, 2 * seed + 100)
        table = np.array([[iou(a, b) for b in anchors] for a in one])
        table[np.isnan(table)] = 0
        right = np.where(table.max(0) >= 0.5, table.argmax(0), -1)
        for k, anchor in enumerate(table.argmax(1)):
            right[anchor] = k
        assert V.match_boxes(one, anchors).tolist() == right.tolist()
    assert V.match_boxes(np.zeros((0, 4)), boxes(3)).tolist() == [-1, -1, -1]


def test_hard_negatives_are_the_worst_of_those_without_an_object() -> None:
    losses = ag.Tensor([[0.5, 9.0, 0.1, 0.7, 0.2], [1.0, 2.0, 3.0, 4.0, 5.0]], requires_grad=True)
    positives = np.array([[False, True, False, False, False], [False] * 5])
    found = V.hard_negatives(losses, positives, 2)
    assert found.tolist() == [[True, False, False, True, False], [False] * 5]
    assert V.hard_negatives(losses, positives, 99).numpy()[0].sum() == 4
    assert V.hard_negatives(losses, positives, 0).numpy().sum() == 0
    tied = V.hard_negatives(np.ones((1, 4)), np.array([[True, False, False, False]]), 2)
    assert tied.numpy().sum() == 2, "as many as are wanted, also of equal losses"


# ---- losses --------------------------------------------------------------------------------------


def test_focal_loss_is_cross_entropy_that_counts_what_is_hard() -> None:
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(4, 3)) * 4, rng.integers(0, 2, (4, 3)).astype(float)
    p = 1 / (1 + np.exp(-x))
    right = np.where(t == 1, p, 1 - p)
    for alpha, gamma in itertools.product((0.25, 0.0, 1.0, -1), (0.0, 1.5, 2.0)):
        weight = np.where(t == 1, alpha, 1 - alpha) if alpha >= 0 else 1
        found = V.sigmoid_focal_loss(x, t, alpha, gamma).numpy()
        assert_allclose(found, -weight * np.log(right) * (1 - right) ** gamma, rtol=1e-9)
    assert V.sigmoid_focal_loss(x, t, reduction="mean").item() == pytest.approx(
        V.sigmoid_focal_loss(x, t).numpy().mean()
    )
    far = ag.Tensor([-1000.0, 1000.0], requires_grad=True)
    V.sigmoid_focal_loss(far, [1.0, 1.0], reduction="sum").backward()
    assert np.isfinite(far.grad.numpy()).all()
    assert V.sigmoid_focal_loss(np.zeros((0, 2)), np.zeros((0, 2)), reduction="mean").item() == 0


def test_dice_is_of_areas() -> None:
    p = np.array([[[0.5, 0.5, 1.0], [0.5, 0.5, 0.0]]])
    labels = np.array([[0, 1, 0]])
    found = V.dice_loss(p, labels, "none", eps=0.0).numpy()
    assert_allclose(found, [[1 - 2 * 1.5 / 4, 1 - 2 * 0.5 / 2]])
    hot = np.array([[[1, 0, 1], [0, 1, 0]]])
    assert_array_equal(V.dice_loss(p, hot, "none", eps=0.0).numpy(), found)
    assert V.dice_loss(np.zeros((1, 1, 3)), np.zeros((1, 1, 3))).item() == 0, "rightly nothing"


def test_the_loss_of_a_picture_without_objects_is_0_and_does_not_count() -> None:
    rng = np.random.default_rng(0)
    outputs = [ag.Tensor(rng.normal(size=(2, 5, n)), requires_grad=True) for n in (4, 3)]
    target = np.zeros((2, 5, 5))
    V.multibox_loss(outputs, target).backward()
    assert all(not x.grad.numpy().any() for x in outputs)
    target[0, 1] = [0.1, 0.2, 0.3, 0.4, 2]
    loss = V.multibox_loss(outputs, target, 1)
    logits = outputs[1].detach().numpy()[0]
    nats = np.log(np.exp(logits).sum(-1)) - logits[np.arange(5), [0, 2, 0, 0, 0]]
    off = outputs[0].detach().numpy()[0, 1] - target[0, 1, :4]
    smooth = np.where(abs(off) < 1, off**2 / 2, abs(off) - 0.5).sum()
    assert loss.item() == pytest.approx(nats[1] + np.delete(nats, 1).max() + smooth)


# ---- bad input -----------------------------------------------------------------------------------

ONE = np.array([[0.0, 0.0, 1.0, 1.0]])
BAD: list[tuple[Any, type[AutogradError], str]] = [
    (lambda: V.box_iou(ONE[:, :3], ONE), ShapeError, r"box_iou: boxes1 is \(1, 3\); boxes are"),
    (lambda: V.box_iou(ONE, ONE[0]), ShapeError, r"box_iou: boxes1 is \(1, 4\) and boxes2 \(4,\)"),
    (lambda: V.box_area(ONE > 0), DTypeError, "box_area: boxes is bool"),
    (lambda: V.box_area(np.array([])), ShapeError, r"Write np.zeros\(\(0, 4\)\) for no boxes"),
    (lambda: V.box_area(ONE * 1j), DTypeError, "complex128"),
    (lambda: V.box_convert(ONE, "xyxy", "xyWH"), ArgumentError, "out_fmt"),
    (lambda: V.box_convert(ONE, "xywhr", "xyxy"), ArgumentError, "in_fmt"),
    (lambda: V.clip_boxes_to_image(ONE, (3, 4, 5)), ShapeError, r"write \(height, width\)"),
    (lambda: V.remove_small_boxes(ONE[0], 1), ShapeError, r"expected \(N, 4\)"),
    (lambda: V.masks_to_boxes(ONE), ShapeError, r"expected \(N, H, W\)"),
    (lambda: V.nms(ONE, [0.1, 0.2], 0.5), ShapeError, r"nms: boxes is \(1, 4\) and scores \(2,\)"),
    (lambda: V.nms(ONE, [[0.1]], 0.5), ShapeError, "nms"),
    (lambda: V.nms(ONE, [1j], 0.5), DTypeError, "scores are real"),
    (lambda: V.batched_nms(ONE, [0.1], [0, 1], 0.5), ShapeError, r"idxs is \(2,\)"),
    (lambda: V.generalized_box_iou_loss(ONE, np.zeros((2, 4))), ShapeError, "must be the same"),
    (lambda: V.distance_box_iou_loss(ONE, ONE, "average"), ArgumentError, "reduction"),
    (lambda: V.roi_align(ONE, ONE, 2), ShapeError, r"input is \(1, 4\)"),
    (lambda: V.roi_align(np.ones((1, 1, 4, 4), int), [ONE], 2), ShapeError, "int64"),
    (lambda: V.roi_align(np.ones((1, 1, 4, 4)), ONE, 2), ShapeError, r"expected \(K, 5\)"),
    (lambda: V.roi_align(np.ones((1, 1, 4, 4)), [ONE, ONE], 2), ArgumentError, "image 1"),
    (lambda: V.roi_align(np.ones((1, 1, 4, 4)), [[-1, 0, 0, 1, 1]], 2), ArgumentError, "image -"),
    (lambda: V.roi_align(np.ones((1, 1, 4, 4)), [ONE], (1, 2, 3)), ShapeError, "output_size"),
    (lambda: V.roi_align(np.ones((1, 1, 4, 4)), [ONE[:, :3]], 2), ShapeError, r"each must be"),
    (lambda: V.sigmoid_focal_loss([0.1], [1.0], alpha=2), ArgumentError, "alpha is 2"),
    (lambda: V.sigmoid_focal_loss([0.1], [[1.0]]), ShapeError, "inputs|input is"),
    (lambda: V.dice_loss([0.1], [1.0]), ShapeError, r"expected \(N, C, ...\)"),
    (lambda: V.dice_loss(np.ones((1, 2, 3)), np.ones((1, 4))), ShapeError, "dice_loss"),
    (lambda: V.encode_boxes(ONE, ONE, (1, 2)), ShapeError, "weights"),
    (lambda: V.match_boxes(ONE, np.zeros((0, 4))), ShapeError, "with an anchor at least"),
    (lambda: V.hard_negatives([[0.1]], [[1.0]]), ArgumentError, "expected booleans"),
    (lambda: V.hard_negatives([[0.1]], [True]), ShapeError, "must be the same"),
    (lambda: V.default_boxes((4, 4), [(1, 1)], [0.5]), ShapeError, "2 scales"),
    (lambda: V.multibox_loss((ONE[None], ONE[None]), ONE[None]), ShapeError, "multibox_loss"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
def test_bad_input_is_told(number: int) -> None:
    call, error, words = BAD[number]
    with pytest.raises(error, match=words):
        call()


# ---- in plans, and in the face -------------------------------------------------------------------


def test_what_chooses_boxes_chooses_anew_in_a_compiled_call() -> None:
    def best(places: Any, scores: Any) -> Any:
        return V.box_area(places[V.nms(places, scores, 0.5)])

    compiled = ag.compile(best)
    for seed in range(6):
        places, scores = boxes(6, seed), np.random.default_rng(seed).random(6)
        right = best(ag.Tensor(places), ag.Tensor(scores))
        assert_allclose(compiled(ag.Tensor(places), ag.Tensor(scores)).numpy(), right.numpy())


def test_regions_follow_their_boxes_in_a_compiled_call() -> None:
    def regions(image: Any, rows: Any) -> Any:
        return V.roi_align(image, rows, 2)

    compiled = ag.compile(regions)
    image = ag.Tensor(np.random.default_rng(0).normal(size=(2, 1, 5, 5)))
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rows = np.concatenate([rng.integers(0, 2, (3, 1)), boxes(3, 2 * seed, high=9)], axis=1)
        right = regions(image, ag.Tensor(rows))
        assert_allclose(compiled(image, ag.Tensor(rows)).numpy(), right.numpy(), rtol=1e-9)


def test_programs_of_torchvision_find_its_names() -> None:
    import nn.torch as torch
    from nn.torch.vision import ops
    from nn.torch.vision.ops.boxes import box_area

    places = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.9]], requires_grad=True)
    kept = ops.nms(places, torch.tensor([0.1, 0.9]), 0.5)
    assert isinstance(kept, torch.Tensor)
    assert kept.dtype is torch.int64
    assert kept.tolist() == [1]
    loss = ops.generalized_box_iou_loss(places, places.detach() + 1, reduction="mean")
    loss.backward()
    assert isinstance(places.grad, torch.Tensor)
    assert box_area is ops.box_area
    assert box_area(places).dtype is torch.float32
    assert box_area(places.int()).dtype is torch.int32
    assert box_area(places.long()).dtype is torch.int64
    layer = ops.RoIAlign(2, spatial_scale=1.0, sampling_ratio=-1)
    assert layer(torch.ones(1, 3, 4, 4), [places.detach()]).shape == torch.Size([2, 3, 2, 2])
    for name in ops.__all__:
        assert hasattr(ops, name)
    with pytest.raises(AttributeError, match="roi_pool is not here: write roi_align"):
        _ = ops.roi_pool
