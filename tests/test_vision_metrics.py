"""IoU, Dice and mean average precision: as they are defined, whole or in batches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Tensor
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from tests.test_vision import iou

M = nn.metrics
KINDS = {"IoU": M.IoU, "Dice": M.Dice, "MeanIoU": M.MeanIoU}


# ---- areas ---------------------------------------------------------------------------------------


def overlaps(name: str, true: Any, called: Any, classes: int) -> list[float]:
    """By the sets of places of each class; NaN for one that is in neither."""
    found = []
    for c in range(classes):
        a, b = set(np.flatnonzero(true == c)), set(np.flatnonzero(called == c))
        both, either = len(a & b), len(a | b)
        if name == "Dice":
            found.append(2 * both / (len(a) + len(b)) if either else math.nan)
        else:
            found.append(both / either if either else math.nan)
    return found


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("classes", [2, 4])
def test_overlaps_are_of_the_sets_of_places(name: str, classes: int) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        true = rng.integers(0, classes if seed % 2 else 2, (3, 5, 4))
        scores = rng.normal(size=(3, classes, 5, 4))
        if seed == 0:
            scores[:, 2:] = -9  # and so there are classes that neither are nor were called
        right = overlaps(name, true, scores.argmax(axis=1), classes)
        assert KINDS[name](average=None)(true, scores) == pytest.approx(right, nan_ok=True)
        mean = np.nanmean(right)
        whole = right[1] if classes == 2 and name != "MeanIoU" else mean
        assert KINDS[name]()(true, scores) == pytest.approx(whole)
        assert KINDS[name](average="macro")(true, Tensor(scores)) == pytest.approx(mean)
        metric = KINDS[name]()
        for k in range(3):
            metric.update_state(true[k : k + 1], scores[k : k + 1])
        assert metric.result() == pytest.approx(whole), "batch by batch"


@pytest.mark.parametrize("shape", [(6,), (6, 1), (2, 3), (2, 1, 3, 4), (2, 5, 4), (1, 4)])
def test_masks_of_yes_and_no_have_any_shape(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    true, called = rng.random(shape) < 0.6, rng.random(shape)
    for name in KINDS:
        right = overlaps(name, true.ravel(), called.ravel() > 0.5, 2)
        found = KINDS[name](average=None)(true.astype(int), called)
        assert found == pytest.approx(right, nan_ok=True)
    dice = overlaps("Dice", true.ravel(), called.ravel() > 0.5, 2)[1]
    assert M.F1Score()(true, called) == pytest.approx(dice)


def test_one_hot_rows_are_told_from_masks() -> None:
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 3, (4, 6)), rng.normal(size=(4, 3, 6))
    hot = np.moveaxis(np.eye(3)[labels], -1, 1)
    assert M.MeanIoU()(hot, scores) == M.MeanIoU()(labels, scores)


def test_areas_are_measured_in_training_by_name() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 1))
    model.compile("sgd", nn.CrossEntropyLoss(), ["mean_iou", "dice"])
    x, y = np.zeros((4, 1, 5, 5), "float32"), np.random.default_rng(0).integers(0, 3, (4, 5, 5))
    scores = model.evaluate(x, y, verbose=0)
    assert scores["mean_iou"] == pytest.approx(M.MeanIoU()(y, model.predict(x)))
    assert scores["dice"] == pytest.approx(M.Dice()(y, model.predict(x)))
    binary = nn.Sequential(nn.Conv2d(1, 1, 1))
    binary.compile("sgd", nn.BCEWithLogitsLoss(), ["iou"])
    mask = (y > 0).astype("float32")[:, None]
    right = M.IoU()(mask, binary.predict(x) > 0)
    assert binary.evaluate(x, mask, verbose=0)["iou"] == pytest.approx(right), "logits, cut at 0"


# ---- objects -------------------------------------------------------------------------------------


def scene(rng: np.random.Generator, ties: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Objects of an image, and what is found in it: some of them about right."""
    objects, count = rng.integers(0, 4), rng.integers(0, 7)
    corner = rng.uniform(0, 20, (objects + count, 2))
    every = np.concatenate([corner, corner + rng.uniform(2, 12, corner.shape)], axis=1)
    boxes, found = every[:objects], every[objects:]
    for k in range(count):
        if objects and rng.random() < 0.7:
            found[k] = boxes[rng.integers(objects)] + rng.normal(0, 0.6, 4)
    scores = rng.integers(0, 4, count) / 4 if ties else rng.random(count)
    labels = rng.integers(0, 2, count)
    return {"boxes": boxes, "labels": rng.integers(0, 2, objects)}, {
        "boxes": found, "labels": labels, "scores": scores,
    }  # fmt: skip


def average_precision(true: Any, found: Any, label: int, threshold: float) -> float | None:
    """By the definition: at each of 101 recalls the best precision of a recall at least as high."""
    objects = [
        [b for b, n in zip(t["boxes"], t["labels"], strict=True) if n == label] for t in true
    ]
    if not sum(map(len, objects)):
        return None
    calls = [
        (-score, image, k)
        for image, f in enumerate(found)
        for k, (score, n) in enumerate(zip(f["scores"], f["labels"], strict=True))
        if n == label
    ]
    free = [[True] * len(own) for own in objects]
    hits, points = 0, []
    for number, (_, image, k) in enumerate(sorted(calls), start=1):
        fits = [(iou(found[image]["boxes"][k], box), j) for j, box in enumerate(objects[image])
                if free[image][j]]  # fmt: skip
        if fits and max(fits)[0] >= threshold:
            free[image][max(fits)[1]] = False
            hits += 1
        points.append((hits / sum(map(len, objects)), hits / number))
    at = [max((p for r, p in points if r >= k / 100 - 1e-12), default=0.0) for k in range(101)]
    return sum(at) / 101


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_mean_average_precision_is_as_defined(seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    true, found = zip(*(scene(rng, ties) for _ in range(rng.integers(1, 5))), strict=True)
    for thresholds in (0.5, (0.5, 0.75), None):
        levels = np.arange(0.5, 1, 0.05) if thresholds is None else np.atleast_1d(thresholds)
        table = [[average_precision(true, found, n, t) for t in levels] for n in (0, 1)]
        right = [np.mean(row) for row in table if row[0] is not None]
        metric = M.MeanAveragePrecision(thresholds)
        for one, two in zip(true, found, strict=True):
            metric.update_state([one], [two])
        if not right:
            assert math.isnan(metric.result())
            continue
        assert metric.result() == pytest.approx(np.mean(right))
        assert metric(list(true), list(found)) == pytest.approx(np.mean(right)), "whole, or not"
        assert list(metric.by_class().values()) == pytest.approx(right)


def found(*scores: float, boxes: Any = None, label: Any = 1) -> dict[str, Any]:
    places = [[0, 0, 4, 4]] * len(scores) if boxes is None else boxes
    return {"boxes": places, "labels": [label] * len(scores), "scores": list(scores)}


ONE = {"boxes": [[0, 0, 4, 4]], "labels": [1]}
NONE = {"boxes": [], "labels": []}


def test_mean_average_precision_of_plain_cases() -> None:
    metric = M.MeanAveragePrecision(0.5)
    assert metric([ONE], [found(0.9)]) == pytest.approx(1)
    assert metric([ONE], [found(0.9, 0.8)]) == pytest.approx(1), "the second comes after all"
    assert metric([ONE, NONE], [found(0.5), found(0.9)]) == pytest.approx(0.5)
    assert metric([ONE], [found()]) == 0, "an object that is not found"
    assert math.isnan(metric([NONE], [found(0.9)])), "no object, of no class"
    assert math.isnan(metric([], []))
    assert metric([ONE], [found(0.9, label=2)]) == 0, "another class"
    assert metric([{**ONE, "labels": ["cat"]}], [found(0.9, label="cat")]) == pytest.approx(1)
    limited = M.MeanAveragePrecision(0.5, max_detections=1)
    wrong_first = found(0.9, 0.8, boxes=[[9, 9, 12, 12], [0, 0, 4, 4]])
    assert metric([ONE], [wrong_first]) == pytest.approx(0.5)
    assert limited([ONE], [wrong_first]) == 0
    point = found(0.9, boxes=[[1, 1, 1, 1]])
    assert metric([{"boxes": [[1, 1, 1, 1]], "labels": [1]}], [point]) == 0, "no area, no overlap"


BAD: list[tuple[Any, type[Exception], str]] = [
    (lambda: M.MeanAveragePrecision(0), ArgumentError, "above 0 and at most 1"),
    (lambda: M.MeanAveragePrecision([]), ArgumentError, "iou_thresholds"),
    (lambda: M.MeanAveragePrecision(0.5, 0), ArgumentError, "max_detections"),
    (lambda: M.MeanAveragePrecision()(ONE, [found(0.9)]), ArgumentTypeError, "a list with a dict"),
    (lambda: M.MeanAveragePrecision()([ONE], []), ShapeError, "1 images, and outputs for 0"),
    (lambda: M.MeanAveragePrecision()([ONE], [ONE]), ArgumentError, "scores, and one has boxes, l"),
    (lambda: M.MeanAveragePrecision()([ONE], [[1, 2]]), ArgumentError, "y_pred is a dict"),
    (lambda: M.MeanAveragePrecision()([ONE | {"labels": [1, 2]}], [found()]), ShapeError, "label"),
    (lambda: M.MeanAveragePrecision()([ONE | {"boxes": [[1, 2]]}], [found()]), ShapeError, "box"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
def test_bad_input_is_told(number: int) -> None:
    call, error, words = BAD[number]
    with pytest.raises(error, match=words):
        call()
