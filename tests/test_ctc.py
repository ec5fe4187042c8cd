"""CTC: what cannot be aligned, what does not count, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError
from nn import functional as F
from tests.layers.ctc import by_all_paths, log_probabilities

TARGETS = np.array([[1, 2], [2, 2], [1, 0]])
INPUT_LENGTHS, TARGET_LENGTHS = np.array([4, 4, 3]), np.array([2, 2, 1])
LOGS = log_probabilities(4, 3, 3)


def loss(
    log_p: Any = LOGS, targets: Any = TARGETS, inputs: Any = INPUT_LENGTHS,
    counts: Any = TARGET_LENGTHS, reduction: str = "none", **options: Any,
) -> Any:  # fmt: skip
    return F.ctc_loss(log_p, targets, inputs, counts, reduction=reduction, **options)


def test_a_longer_sequence_is_the_sum_over_its_paths_too() -> None:
    logs = log_probabilities(7, 1, 3)
    found = loss(logs, np.array([[1, 1, 2]]), [7], [3])
    assert found.item() == pytest.approx(by_all_paths(logs[:, 0], [1, 1, 2], 0), rel=1e-12)


def test_an_input_too_short_has_an_infinite_loss_and_no_gradient() -> None:
    short = np.array([4, 2, 3])  # two equal labels need a blank between them: 3 times
    x = Tensor(LOGS, requires_grad=True)
    for zero_infinity, expected in ((False, math.inf), (True, 0.0)):
        found = loss(x, inputs=short, zero_infinity=zero_infinity)
        assert found.numpy()[1] == expected
        assert np.isfinite(found.numpy()[[0, 2]]).all()
        (g,) = ag.grad(ag.sum(found), x)
        assert not g.numpy()[:, 1].any()
        assert np.isfinite(g.numpy()).all()


def test_an_empty_input_says_nothing() -> None:
    x = Tensor(LOGS, requires_grad=True)
    found = loss(x, inputs=[0, 0, 3], counts=[2, 0, 1])
    assert found.tolist()[:2] == [math.inf, 0.0]
    (g,) = ag.grad(found[1:].sum(), x)
    assert not g.numpy()[:, :2].any()


def test_no_labels_are_said_by_blanks_alone() -> None:
    found = loss(counts=[0, 0, 0])
    blanks = [-LOGS[:length, n, 0].sum() for n, length in enumerate(INPUT_LENGTHS)]
    np.testing.assert_allclose(found, blanks, rtol=1e-13)


def test_what_lies_behind_the_lengths_does_not_count() -> None:
    x, y = np.array(LOGS), np.array(TARGETS)
    x[3:, 2] = np.log(0.01)
    y[2, 1] = -7
    np.testing.assert_array_equal(loss(x, y), loss())
    t = Tensor(LOGS, requires_grad=True)
    loss(t).sum().backward()
    assert not t.grad.numpy()[3:, 2].any()


def test_labels_in_one_row_are_those_of_the_padded_rows() -> None:
    np.testing.assert_array_equal(loss(targets=np.array([1, 2, 2, 2, 1])), loss())


def test_the_gradient_at_each_time_is_minus_a_probability_of_states() -> None:
    x = Tensor(LOGS, requires_grad=True)
    loss(x).sum().backward()
    sums = -x.grad.numpy().sum(axis=2)
    np.testing.assert_allclose(sums, np.arange(4)[:, None] < INPUT_LENGTHS, atol=1e-13)


def test_a_forbidden_class_leaves_the_other_paths() -> None:
    x = np.array(LOGS)
    x[1, :, 0] = -np.inf
    t = Tensor(x, requires_grad=True)
    found = loss(t)
    expected = [
        by_all_paths(x[:length, n], list(TARGETS[n, :count]), 0)
        for n, (length, count) in enumerate(zip(INPUT_LENGTHS, TARGET_LENGTHS, strict=True))
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    found.sum().backward()
    assert np.isfinite(t.grad.numpy()).all()


def test_an_empty_batch_has_no_losses() -> None:
    empty = np.zeros((0, 2), int)
    assert loss(LOGS[:, :0], empty, [], []).shape == (0,)
    assert loss(LOGS[:, :0], empty, [], [], reduction="sum").item() == 0
    with pytest.raises(ValueError, match="ctc_loss: the mean over nothing"):
        loss(LOGS[:, :0], empty, [], [], reduction="mean")


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: loss(LOGS[0, 0]), ShapeError, r"log_probs must be \(T, N, C\) or \(T, C\).* got \(3,"),
    (lambda: loss(LOGS[:0]), ShapeError, r"with T at least 1, got \(0, 3, 3\)"),
    (lambda: loss(blank=3), ValueError,
     r"blank is 3, and log_probs \(4, 3, 3\) have classes 0 to 2"),
    (lambda: loss(LOGS + 5), ValueError,
     r"must hold log-probabilities, and the largest is .*\n  Logits go through log_softmax"),
    (lambda: loss(inputs=[4, 4]), ShapeError,
     r"input_lengths are \(2,\); for a batch of 3 they must be \(3,\)"),
    (lambda: loss(inputs=[4, 5, 4]), ValueError,
     r"input_lengths\[1\] is 5; log_probs have length 4, so it must lie between 0 and 4"),
    (lambda: loss(counts=[2, -1, 1]), ValueError, r"target_lengths\[1\] is -1; targets have len"),
    (lambda: loss(counts=[1.0, 2.0, 1.0]), DTypeError, "target_lengths must be integers, not flo"),
    (lambda: loss(targets=TARGETS * 1.0), DTypeError, r"\(integers\), not float64"),
    (lambda: loss(targets=TARGETS[:2]), ShapeError,
     r"targets must be \(3, S\), or all labels in one row; they are \(2, 2\)"),
    (lambda: loss(targets=np.array([1, 2, 2, 2])), ShapeError,
     r"targets are \(4,\), one row, and target_lengths add up to 5"),
    (lambda: loss(targets=np.array([[1, 2], [2, 3], [1, 0]])), ValueError,
     r"label 3 at targets\[1, 1\] must be a class, 0 to 2, and not the blank 0"),
    (lambda: loss(targets=np.array([1, 2, 2, 0, 1])), ValueError, r"label 0 at targets\[3\] must"),
    (lambda: loss(reduction="men"), ValueError, "did you mean 'mean'"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), REFUSED)
def test_what_ctc_refuses(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()
