"""Pooling beyond the tables: ties, NaN, zeros, what is overwritten, and messages."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError
from nn import functional as F


def gradient(f: Any, *arrays: Any) -> list[Any]:
    tensors = [Tensor(x, requires_grad=True) for x in arrays]
    f(*tensors).backward()
    return [t.grad.tolist() for t in tensors]


def test_of_equal_elements_the_first_is_the_maximum_and_gets_the_gradient() -> None:
    plane = np.array([[[1.0, 2.0, 2.0], [2.0, 0.0, 2.0], [0.0, 2.0, 1.0]]])
    values, places = F.max_pool2d(Tensor(plane), 3, return_indices=True)
    assert (values.item(), places.item()) == (2.0, 1)
    (slope,) = gradient(lambda x: F.max_pool2d(x, 3).sum(), plane)
    assert slope == [[[0, 1, 0], [0, 0, 0], [0, 0, 0]]]


def test_padding_is_below_every_number() -> None:
    x = Tensor(np.full((1, 2), -np.inf))
    values, places = F.max_pool1d(x, 2, padding=1, return_indices=True)
    assert values.tolist() == [[-np.inf, -np.inf]]
    assert places.tolist() == [[0, 1]]
    assert F.max_pool1d(Tensor(np.full((1, 2), -7)), 2, padding=1).tolist() == [[-7, -7]]


def test_nan_goes_through_and_keeps_its_gradient() -> None:
    x = np.array([[1.0, np.nan, 3.0, 0.0, 5.0, 1.0]])
    values, places = F.max_pool1d(Tensor(x), 3, return_indices=True)
    np.testing.assert_array_equal(values, [[np.nan, 5.0]])
    assert places.tolist() == [[1, 4]]
    assert gradient(lambda t: F.max_pool1d(t, 3).sum(), x) == [[[0, 1, 0, 0, 1, 0]]]


@pytest.mark.parametrize("lengths", [(6000,), (60, 96)])
@pytest.mark.parametrize(
    ("size", "stride", "dilation"), [(2, 2, 2), (3, 3, 2), (2, 2, 1), (1, 1, 3)]
)
def test_each_cotangent_of_large_planes_arrives_once(
    lengths: tuple[int, ...], size: int, stride: int, dilation: int
) -> None:
    x = np.random.default_rng(0).standard_normal((2, *lengths))
    pool = F.max_pool1d if len(lengths) == 1 else F.max_pool2d
    options: Any = {"stride": stride, "dilation": dilation, "ceil_mode": True}
    (found,) = gradient(lambda t: pool(t, size, **options).sum(), x)
    _, places = pool(Tensor(x), size, **options, return_indices=True)
    arrivals = [np.bincount(p.ravel(), minlength=x[0].size) for p in places.numpy()]
    np.testing.assert_array_equal(found, np.reshape(arrivals, x.shape))


def test_windows_of_more_than_256_elements_find_the_place() -> None:
    x = np.zeros((1, 20, 20))
    x[0, 19, 18] = 1
    assert F.max_pool2d_with_indices(Tensor(x), 20)[1].item() == 19 * 20 + 18


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("max_pool2d", (2, None, 0, 1, False, False)),
        ("adaptive_max_pool2d", (2, False)),
        ("fractional_max_pool2d", (2, 2, None, False, np.full((1, 1, 2), 0.5))),
    ],
)
def test_the_places_come_too_whatever_is_said(name: str, args: tuple[Any, ...]) -> None:
    x = Tensor(np.arange(16.0).reshape(1, 1, 4, 4))
    named = dict(zip([*inspect.signature(getattr(F, name)).parameters][1:], args, strict=False))
    function = getattr(F, f"{name}_with_indices")
    wanted = [part.tolist() for part in getattr(F, name)(x, **{**named, "return_indices": True})]
    for found in (function(x, *args), function(x, **named)):
        assert [part.tolist() for part in found] == wanted


def test_unpooling_undoes_pooling_where_the_maxima_were() -> None:
    x = Tensor(np.random.default_rng(0).permutation(35.0 + np.arange(70)).reshape(2, 1, 5, 7))
    values, places = F.max_pool2d(x, 2, return_indices=True)
    back = F.max_unpool2d(values, places, 2, output_size=x.shape)
    found = back.numpy() != 0
    assert found.sum() == values.size
    np.testing.assert_array_equal(back.numpy()[found], x.numpy()[found])


def test_an_overwritten_value_has_no_gradient() -> None:
    places = np.array([[2, 2]])
    (slope,) = gradient(lambda x: F.max_unpool1d(x, places, 2).sum(), np.array([[1.0, 3.0]]))
    assert F.max_unpool1d(Tensor([[1.0, 3.0]]), places, 2).tolist() == [[0, 0, 3, 0]]
    assert slope == [[0, 1]]


@pytest.mark.parametrize("p", [1, 2, 3.5])
def test_the_norm_of_a_zero_window_has_the_derivative_zero(p: float) -> None:
    (slope,) = gradient(lambda x: F.lp_pool1d(x, p, 2).sum(), np.zeros((1, 4)))
    assert slope == ([[1, 1, 1, 1]] if p == 1 else [[0, 0, 0, 0]])


def test_a_replayed_graph_finds_its_maxima_anew() -> None:
    x = Tensor([[1.0, 2.0, 3.0, 4.0]], requires_grad=True)
    graph = ag.Graph(F.max_pool1d(x, 2) * 1.0)
    (leaf,) = (node for node in graph.nodes if node.is_leaf)
    np.testing.assert_array_equal(
        graph.replay({leaf: np.array([[9.0, 2.0, 3.0, 8.0]])}), [[9.0, 8.0]]
    )


def test_fractional_windows_are_drawn_anew_from_the_seed_for_each_image() -> None:
    x = Tensor(np.tile(np.arange(400.0).reshape(1, 1, 20, 20), (4, 1, 1, 1)))
    layer = nn.FractionalMaxPool2d(2, output_size=13, rng=3)
    first, second = layer(x).numpy(), layer(x).numpy()
    assert not np.array_equal(first, second)
    assert any(not np.array_equal(first[0], other) for other in first[1:])
    again = nn.FractionalMaxPool2d(2, output_size=13, rng=3)(x).numpy()
    np.testing.assert_array_equal(first, again)
    steps = np.diff(first[:, 0, :, 0] // 20)
    assert steps.min() >= 1
    assert steps.max() <= 2


def test_weighted_pooling_learns_where_to_look() -> None:
    layer = nn.WeightedAvgPool1d(3)
    x = Tensor(np.random.default_rng(0).normal(size=(1, 1, 90)).astype("float32"))
    target = x.numpy()[:, :, 2::3]
    for _ in range(300):
        layer.zero_grad()
        loss = ((layer(x) - target) ** 2).mean()
        loss.backward()
        with ag.no_grad():
            layer.weight -= 5.0 * layer.weight.grad
    shares = np.exp(layer.weight.numpy()[0])
    assert shares[2] / shares.sum() > 0.9


MESSAGES = [
    (lambda: F.weighted_avg_pool1d(ag.ones((1, 4)), ag.ones((2,))), ShapeError,
     r"the weight is \(2,\); it must be \(C, \*kernel_size\)"),
    (lambda: F.weighted_avg_pool2d(ag.ones((3, 4, 4)), ag.ones((2, 2, 2))), ShapeError,
     r"the input \(3, 4, 4\) has 3 channels, the weight \(2, 2, 2\) is for 2"),
    (lambda: F.fractional_max_pool2d(ag.ones((1, 4, 4)), 2, 4), ShapeError,
     "along H 4 windows of 2 do not fit into 4: at least 1, and at most 3"),
    (lambda: F.fractional_max_pool2d(ag.ones((1, 4, 4)), 2), ValueError,
     "give output_size or output_ratio, got neither"),
    (lambda: F.fractional_max_pool2d(ag.ones((1, 4, 4)), 2, output_ratio=1.5), ValueError,
     "output_ratio must lie between 0 and 1, got 1.5"),
    (lambda: F.fractional_max_pool2d(ag.ones((1, 4, 4)), 2, 2, _random_samples=[[0.5]]), ShapeError,
     r"_random_samples must be \(1, 1, 2\), .* it is \(1, 1\)"),
    (lambda: nn.FractionalMaxPool3d(2, 2, 0.5), ValueError,
     "FractionalMaxPool3d: give output_size or output_ratio, got both"),
    (lambda: F.max_pool2d(ag.ones((4, 4)), 2), ShapeError,
     r"max_pool2d: the input is \(4, 4\); it must be \(N, C, H, W\) or \(C, H, W\)"),
    (lambda: F.avg_pool1d(ag.ones((2, 0, 4)), 2), ShapeError,
     r"avg_pool1d: the input is \(2, 0, 4\); of its axes only the batch may be empty"),
    (lambda: F.max_pool2d(ag.ones((1, 4, 4)), (2, 2, 2)), ValueError,
     r"max_pool2d: kernel_size is a number, or 2 of them; it is \(2, 2, 2\)"),
    (lambda: F.max_pool1d(ag.ones((1, 4)), 0), ValueError,
     r"max_pool1d: kernel_size must be at least 1, got 0"),
    (lambda: F.avg_pool2d(ag.ones((1, 4, 4)), 2, (1, 0)), ValueError,
     r"avg_pool2d: stride must be at least 1, got \(1, 0\)"),
    (lambda: F.max_pool2d(ag.ones((1, 4, 4)), (4, 3), padding=(2, 2)), ValueError,
     "along W the padding must lie between 0 and half of the window, 1; it is 2"),
    (lambda: F.max_pool3d(ag.ones((1, 4, 2, 4)), 3), ShapeError,
     r"a window along H spans 3, and the input \(4, 2, 4\) has only 2 there."),
    (lambda: F.avg_pool1d(ag.ones((1, 2)), 5, padding=1), ShapeError,
     r"spans 5, and the input \(2,\) has only 2 there \+ 2·1 of padding"),
    (lambda: F.max_pool1d(ag.ones((1, 1)), 2, 1, 1, 2), ShapeError,
     "along L, of length 1, a window of dilation 2 and padding 1 falls into the padding alone"),
    (lambda: F.avg_pool2d(ag.ones((1, 4, 4)), 2, divisor_override=0), ValueError,
     "avg_pool2d: divisor_override must not be 0"),
    (lambda: F.lp_pool1d(ag.ones((1, 4)), 0, 2), ValueError,
     "lp_pool1d: norm_type must not be 0"),
    (lambda: F.max_unpool1d(ag.ones((1, 2)), ag.ones((1, 2)), 2), DTypeError,
     "max_unpool1d: the indices must be integers, not float32"),
    (lambda: F.max_unpool1d(ag.ones((1, 2)), [[0]], 2), ShapeError,
     r"must have the shape of the input, \(1, 2\); they are \(1, 1\)"),
    (lambda: F.max_unpool1d(ag.ones((1, 2)), [[0, 5]], 2), ValueError,
     r"index 5 is out of range: the output is \(4,\), 4 elements a channel."),
    (lambda: F.max_unpool2d(ag.ones((1, 1, 1)), [[[0]]], 2, output_size=(2, 4)), ShapeError,
     r"output_size is \(2, 4\); what pools to this input has the lengths 1 to 3, 1 to 3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), MESSAGES)
def test_a_message_says_what_and_where(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_a_message_names_the_layer() -> None:
    model = nn.Sequential(nn.MaxPool2d(2), nn.MaxPool2d(4))
    with pytest.raises(ShapeError, match=r"has only 2 there[\s\S]*in 1 \(MaxPool2d\)"):
        model(ag.ones((1, 1, 4, 4)))


@pytest.mark.parametrize("stride", [2, 1], ids=["disjoint", "overlapping"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
def test_an_infinite_gradient_reaches_the_maximum_alone(stride: int, dtype: str) -> None:
    data = np.arange(16.0).reshape(1, 1, 4, 4).astype(dtype)
    x = ag.Tensor(data, requires_grad=True)
    y = nn.functional.max_pool2d(x, 2, stride)
    cotangent = np.ones(y.shape, dtype)
    cotangent[0, 0, 0, 0] = np.inf
    (g,) = ag.grad(y, x, ag.Tensor(cotangent))
    found = g.numpy()[0, 0]
    assert found[1, 1] == np.inf
    rest = np.where(np.isinf(found), 0, found)
    assert rest.sum() == y.size - 1
    assert found.dtype == dtype


@pytest.mark.parametrize("p", [0.5, 0.9, 1, 2, 3])
def test_a_window_of_zeros_has_the_power_average_and_the_gradient_0(p: float) -> None:
    x = ag.Tensor(np.array([[0.0, 0.0, 1.0, 4.0]]), requires_grad=True)
    y = F.lp_pool1d(x, p, 2)
    (g,) = ag.grad(y.sum(), x)
    assert y.tolist()[0][0] == 0
    assert g.tolist()[0][:2] == ([1, 1] if p == 1 else [0, 0])
    total, terms = 1 + 4.0**p, np.array([1, 4.0])
    np.testing.assert_allclose(g.numpy()[0, 2:], total ** (1 / p - 1) * terms ** (p - 1))


def test_beside_a_zero_the_slope_of_a_power_below_1_is_infinite() -> None:
    x = ag.Tensor(np.array([[0.0, 1.0]]), requires_grad=True)
    with np.errstate(divide="ignore"):
        (g,) = ag.grad(F.lp_pool1d(x, 0.5, 2).sum(), x)
    assert g.tolist() == [[np.inf, 1.0]]
