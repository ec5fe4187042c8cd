"""Embeddings: what gets a gradient, what changes in place, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, InPlaceError, ShapeError, UnsupportedError
from nn import functional as F

WEIGHT = np.array([[0.0, 0.0], [3.0, 4.0], [0.3, 0.4], [6.0, 8.0]])


def gradient(words: list[int], **options: Any) -> Any:
    weight = Tensor(WEIGHT, requires_grad=True)
    F.embedding(Tensor(words), weight, **options).sum().backward()
    return weight.grad.numpy()[:, 0].tolist()


def test_a_row_gets_the_sum_of_the_gradients_of_its_places() -> None:
    assert gradient([1, 2, 1, 1]) == [0, 3, 1, 0]


def test_the_row_that_pads_gets_no_gradient() -> None:
    assert gradient([1, 2, 1, 1], padding_idx=1) == [0, 0, 1, 0]
    assert gradient([1, 2, 1, 1], padding_idx=-3) == [0, 0, 1, 0]


def test_a_gradient_scaled_by_frequency_is_the_mean_over_the_places() -> None:
    assert gradient([1, 2, 1, 1], scale_grad_by_freq=True) == [0, 1, 1, 0]


def test_the_row_that_pads_starts_as_zeros_and_can_be_set() -> None:
    layer = nn.Embedding(4, 2, padding_idx=-1, rng=0)
    assert layer.padding_idx == 3
    assert not layer.weight.numpy()[3].any()
    assert layer.weight.numpy()[:3].all()


def test_max_norm_shortens_the_long_rows_that_are_named_and_no_others() -> None:
    weight = nn.Parameter(WEIGHT)
    F.embedding(Tensor([1, 2]), weight, max_norm=1.0)
    np.testing.assert_allclose(weight.numpy(), [[0, 0], [0.6, 0.8], [0.3, 0.4], [6, 8]], rtol=1e-7)
    assert weight.is_leaf
    assert weight.requires_grad


def test_a_table_that_is_no_leaf_is_not_shortened() -> None:
    weight = nn.Parameter(WEIGHT) * 1
    F.embedding(Tensor([2]), weight, max_norm=1.0)  # it is short enough
    with pytest.raises(InPlaceError, match=r"max_norm changes weight where it lies.*\n.*a leaf"):
        F.embedding(Tensor([1]), weight, max_norm=1.0)


def test_a_pretrained_table_is_copied_and_frozen() -> None:
    layer = nn.Embedding.from_pretrained(WEIGHT)
    assert not layer.weight.requires_grad
    assert not np.shares_memory(layer.weight.numpy(), WEIGHT)
    assert layer.weight.dtype == np.float64
    assert nn.Embedding.from_pretrained(WEIGHT, freeze=False).weight.requires_grad
    assert not nn.EmbeddingBag.from_pretrained(WEIGHT).weight.requires_grad
    assert nn.EmbeddingBag.from_pretrained(WEIGHT, freeze=False).weight.requires_grad


def test_the_largest_of_a_bag_passes_nan_on_and_ties_go_to_the_first() -> None:
    weight = Tensor([[1.0], [1.0], [np.nan]], requires_grad=True)
    found = F.embedding_bag(Tensor([0, 1, 1, 2]), weight, Tensor([0, 2]), mode="max")
    np.testing.assert_array_equal(found.numpy(), [[1.0], [np.nan]])
    found[0].sum().backward()
    assert weight.grad.tolist() == [[1.0], [0.0], [0.0]]


def test_places_after_the_last_offset_do_not_count() -> None:
    found = F.embedding_bag(
        Tensor([1, 2, 3]), Tensor(WEIGHT), Tensor([0, 2]), mode="sum", include_last_offset=True
    )
    np.testing.assert_allclose(found.numpy(), [WEIGHT[1] + WEIGHT[2]])


def test_equal_seeds_give_equal_tables() -> None:
    for make in (nn.Embedding, nn.EmbeddingBag):
        assert make(4, 2, rng=3).weight.tolist() == make(4, 2, rng=3).weight.tolist()


def test_a_table_learns_to_second_order() -> None:
    weight = Tensor(WEIGHT, requires_grad=True)
    loss = (F.embedding(Tensor([1, 2, 1]), weight) ** 3).sum()
    (first,) = ag.grad(loss, weight, create_graph=True)
    (second,) = ag.grad(first.sum(), weight)
    np.testing.assert_allclose(second.numpy(), 6 * WEIGHT * [[0], [2], [1], [0]])


W = Tensor(WEIGHT)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.embedding(Tensor([[1, 0], [4, 0]]), W), IndexError,
         r"embedding: input\[1, 0\] is 4, out of range: weight is \(4, 2\), so there are 4 rows, "
         r"0 to 3"),
        (lambda: F.embedding(Tensor(-1), W), IndexError, r"embedding: input is -1, out of range"),
        (lambda: F.embedding(Tensor([1.0]), W), DTypeError,
         r"numbers of rows \(integers\), not float32.\n  Write input.astype\('int64'\)"),
        (lambda: F.embedding(Tensor([1]), Tensor([1.0])), ShapeError,
         r"weight is \(1,\); it must be \(rows, features\)"),
        (lambda: F.embedding(Tensor([1]), Tensor([[1]])), DTypeError, "real floating numbers"),
        (lambda: F.embedding(Tensor([1]), W, padding_idx=4), ValueError,
         "padding_idx is 4; there are 4 rows, so it must lie between -4 and 3"),
        (lambda: nn.Embedding(4, 2, padding_idx=-5), ValueError, "Embedding: padding_idx is -5"),
        (lambda: nn.EmbeddingBag(4, 2, padding_idx=4), ValueError, "EmbeddingBag: padding_idx is"),
        (lambda: F.embedding(Tensor([1]), W, sparse=True), UnsupportedError,
         "embedding: there are no sparse gradients: pass sparse=False"),
        (lambda: nn.Embedding(4, 2, sparse=True), UnsupportedError, "Embedding: there are no spar"),
        (lambda: nn.EmbeddingBag(4, 2, sparse=True), UnsupportedError, "EmbeddingBag: there are"),
        (lambda: nn.Embedding(4, 2, _weight=Tensor(WEIGHT.T)), ShapeError,
         r"_weight is \(2, 4\); for 4 rows of 2 features it must be \(4, 2\)"),
        (lambda: nn.Embedding.from_pretrained([1.0, 2.0]), ShapeError,
         r"Embedding: embeddings is \(2,\); it must be \(rows, features\)"),
        (lambda: nn.EmbeddingBag(4, 2, mode="men"), ValueError,
         "mode must be 'mean', 'sum' or 'max', got 'men'; did you mean 'mean'"),
        (lambda: F.embedding_bag(Tensor([1, 2]), W), ShapeError,
         r"pass offsets, where in it each bag starts.\n  For a single bag write input\[None\]"),
        (lambda: F.embedding_bag(Tensor([[1, 2]]), W, Tensor([0])), ShapeError,
         r"input is \(1, 2\), a bag each row, so there are no offsets"),
        (lambda: F.embedding_bag(Tensor(1), W), ShapeError,
         r"input is \(\); it must be \(B, L\) or \(N,\)"),
        (lambda: F.embedding_bag(Tensor([1, 2]), W, Tensor([[0]])), ShapeError,
         r"offsets is \(1, 1\) int64; it must be \(B,\) integers"),
        (lambda: F.embedding_bag(Tensor([1, 2]), W, Tensor([1])), ValueError,
         r"offsets is \[1\]; it must start at 0, never fall, and stay within the 2 of input"),
        (lambda: F.embedding_bag(Tensor([1, 2]), W, Tensor([0, 2, 1])), ValueError, "never fall"),
        (lambda: F.embedding_bag(Tensor([1, 2]), W, Tensor([0, 3]), include_last_offset=True),
         ValueError, "and end within the 2 of input"),
        (lambda: F.embedding_bag(Tensor([[1]]), W, per_sample_weights=Tensor([[1.0]])), ValueError,
         "per_sample_weights are for mode='sum', not 'mean'"),
        (lambda: F.embedding_bag(Tensor([[1]]), W, mode="sum", per_sample_weights=Tensor([1.0])),
         ShapeError, r"per_sample_weights is \(1,\); there must be one for each of the input"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_the_module_is_named_where_a_word_is_unknown() -> None:
    model = nn.Sequential(nn.Embedding(4, 2))
    with pytest.raises(IndexError, match=r"input\[0\] is 9.*in 0 \(Embedding\)"):
        model(Tensor([9]))
