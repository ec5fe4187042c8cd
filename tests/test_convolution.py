"""Convolution beyond the tables: every path of the kernels, rounding, sizes, and messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.engine.row import OPS
from autograd.errors import ShapeError
from autograd.kernels.convolution import convolution as kernel
from autograd.kernels.convolution import im2col
from nn import functional as F

# ---- the kernels: whatever the sizes of blocks, the same numbers --------------------------------


def options_of(rng: Any, rank: int) -> dict[str, Any]:
    """A convolution drawn at random, as the keywords of the ops."""
    padding = tuple(map(tuple, rng.integers(0, 4, (rank, 2)).tolist()))
    stride, dilation = (tuple(rng.integers(1, 4, rank).tolist()) for _ in range(2))
    groups = int(rng.integers(1, 4))
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def arrays_of(rng: Any, rank: int, options: dict[str, Any]) -> tuple[Any, Any, Any]:
    """x, weight and cotangent that fit; x is in any order in memory."""
    sizes = rng.integers(1, 4, rank)
    spans = (sizes - 1) * options["dilation"] + 1
    lengths = np.maximum(1, spans - np.sum(options["padding"], 1)) + rng.integers(0, 4, rank)
    channels, outputs = options["groups"] * rng.integers(1, 3, 2)
    order = rng.permutation(rank + 2)
    shape = np.array([rng.integers(1, 4), channels, *lengths])
    x = rng.uniform(-1, 1, shape[order]).transpose(np.argsort(order))
    weight = rng.uniform(-1, 1, (outputs, channels // options["groups"], *sizes))
    places = (lengths + np.sum(options["padding"], 1) - spans) // options["stride"] + 1
    return x, weight, rng.uniform(-1, 1, (len(x), outputs, *places))


@pytest.mark.parametrize("short", [1, 10**6], ids=["rows", "all axes unrolled"])
@pytest.mark.parametrize("block", [1, 200, 10**6])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_kernels_are_exact_on_every_path(
    monkeypatch: pytest.MonkeyPatch, rank: int, block: int, short: int
) -> None:
    """Random options; rows in blocks or at once, and both orders in memory."""
    monkeypatch.setattr(kernel, "SHORT", short)
    monkeypatch.setattr(im2col, "BLOCK", block)
    monkeypatch.setattr(im2col, "ROWS", 1)
    rng = np.random.default_rng([rank, block, short])
    for _ in range(25):
        options = options_of(rng, rank)
        x, weight, g = arrays_of(rng, rank, options)
        calls = (
            ("convolution", (x, weight), {}),
            ("convolution_transposed", (g, weight), {"lengths": x.shape[2:]}),
            ("convolution_weight", (g, x), {"sizes": weight.shape[2:]}),
        )
        for name, inputs, more in calls:
            found = OPS[name].forward(*inputs, **options, **more)
            wanted = OPS[name].reference(*inputs, **options, **more)
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12, err_msg=f"{options}")


def test_the_three_ops_are_derivatives_of_one_sum() -> None:
    rng = np.random.default_rng(0)
    for rank in (1, 2, 3):
        options = options_of(rng, rank)
        x, weight, g = arrays_of(rng, rank, options)
        by_g = np.sum(g * OPS["convolution"].forward(x, weight, **options))
        by_x = OPS["convolution_transposed"].forward(g, weight, lengths=x.shape[2:], **options)
        by_w = OPS["convolution_weight"].forward(g, x, sizes=weight.shape[2:], **options)
        assert np.sum(x * by_x) == pytest.approx(by_g, rel=1e-12)
        assert np.sum(weight * by_w) == pytest.approx(by_g, rel=1e-12)


@pytest.mark.parametrize("size", [1, 3])
def test_float32_is_float64_up_to_the_roundings_of_a_sum(size: int) -> None:
    """A sum of K products has an error of about √K roundings of its largest term."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 64, 16, 16)).astype(np.float32)
    weight = rng.standard_normal((32, 64, size, size)).astype(np.float32)
    y = F.conv2d(x, weight, padding="same")
    assert y.dtype == np.float32
    wide = F.conv2d(x.astype(float), weight.astype(float), padding="same").numpy()
    terms = 64 * size * size
    scale = np.sqrt(terms)  # of the values, sums of that many products of size 1
    error = np.sqrt(np.mean(np.square(y.numpy() - wide))) / scale
    assert error < 2**-24 * np.sqrt(terms)


def test_an_output_in_any_order_of_memory_is_the_same_array() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((64, 2, 5, 5)))
    y = nn.Conv2d(2, 3, 3, rng=0, dtype="float64")(x).detach()
    copied = Tensor(np.ascontiguousarray(y.numpy()))
    np.testing.assert_array_equal(ag.reshape(y, (64, -1)), ag.reshape(copied, (64, -1)))
    np.testing.assert_array_equal(y[3, 1], copied[3, 1])


# ---- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["same", (2, 1)])
def test_same_is_the_padding_that_keeps_the_lengths(padding: Any) -> None:
    x = ag.ones((1, 1, 6, 7))
    y = F.conv2d(x, ag.ones((1, 1, 3, 3)), padding=padding, dilation=(2, 1))
    assert y.shape == x.shape


@pytest.mark.parametrize("size", [(3, 9), (4, 11), (1, 2, 4, 10)])
def test_a_transposed_convolution_gives_the_output_size_that_is_asked_for(size: Any) -> None:
    layer = nn.ConvTranspose2d(3, 2, 3, stride=(2, 3), padding=(1, 0), rng=0)
    assert layer(ag.ones((1, 3, 2, 3)), output_size=size).shape == (1, 2, *size[-2:])


def test_output_size_may_be_given_with_the_other_axes() -> None:
    layer = nn.ConvTranspose1d(1, 1, 2, stride=2, rng=0)
    assert layer(ag.ones((1, 3)), output_size=(1, 7)).shape == (1, 7)
    assert layer(ag.ones((4, 1, 3)), output_size=(7,)).shape == (4, 1, 7)


def test_folding_undoes_unfolding_up_to_how_often_an_element_was_read() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((2, 3, 5, 6)))
    there_and_back = F.fold(F.unfold(x, 3, padding=1), (5, 6), 3, padding=1)
    often = F.fold(F.unfold(ag.ones((1, 1, 5, 6)), 3, padding=1), (5, 6), 3, padding=1)
    np.testing.assert_allclose(there_and_back, x.numpy() * often.numpy(), rtol=1e-14)


def test_a_convolution_is_a_product_with_unfolded_windows() -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((4, 3, 2, 3))
    product = weight.reshape(4, -1) @ F.unfold(x, (2, 3), dilation=2, stride=(1, 2))
    convolved = F.conv2d(x, weight, dilation=2, stride=(1, 2))
    np.testing.assert_allclose(product.numpy().reshape(convolved.shape), convolved, atol=1e-13)


# ---- messages ------------------------------------------------------------------------------------

IMAGE, WEIGHT = np.ones((2, 3, 8, 8)), np.ones((4, 3, 3, 3))
ROW = np.ones((1, 2, 5))

MESSAGES = [
    (lambda: F.conv2d(np.ones((8, 8)), WEIGHT), ShapeError,
     r"conv2d: the input is \(8, 8\); it must be \(N, C, H, W\) or \(C, H, W\)"),
    (lambda: F.conv2d(IMAGE, np.ones((4, 3, 3))), ShapeError,
     r"conv2d: the weight is \(4, 3, 3\); it needs 4 axes, of which the last 2 are the kernel's"),
    (lambda: F.conv1d(ROW, np.ones((0, 2, 1))), ShapeError,
     r"conv1d: the weight is \(0, 2, 1\); it must not be empty"),
    (lambda: F.conv2d(IMAGE, np.ones((8, 4, 3, 3))), ShapeError,
     r"conv2d: the input has 3 channels, the weight is \(8, 4, 3, 3\): expected \(N, 4, H, W\), "
     r"got \(2, 3, 8, 8\)"),
    (lambda: F.conv1d(ROW, np.ones((4, 2, 1)), groups=2), ShapeError,
     r"the weight is \(4, 2, 1\) in 2 groups: expected \(N, 4, L\)"),
    (lambda: F.conv1d(ROW, np.ones((3, 1, 1)), groups=2), ShapeError,
     r"the 3 output channels of the weight \(3, 1, 1\) do not fall into 2 equal groups"),
    (lambda: F.conv2d(IMAGE, WEIGHT, np.ones(3)), ShapeError,
     r"the bias is \(3,\), the weight \(4, 3, 3, 3\); the output has 4 channels, so the bias must "
     r"be \(4,\)"),
    (lambda: F.conv2d(IMAGE, WEIGHT, dilation=4), ShapeError,
     r"conv2d: the kernel spans 9 along H, and the input \(8, 8\) has only 8 there."),
    (lambda: F.conv1d(ROW, np.ones((1, 2, 9)), padding=1), ShapeError,
     r"spans 9 along L, and the input \(5,\) has only 5 \+ 2 of padding there"),
    (lambda: F.conv2d(IMAGE, WEIGHT, padding="full"), ValueError,
     "conv2d: padding, if it is no number, must be 'valid' or 'same', got 'full'"),
    (lambda: F.conv2d(IMAGE, WEIGHT, padding="sme"), ValueError, "did you mean 'same'"),
    (lambda: F.conv2d(IMAGE, WEIGHT, padding="same", stride=2), ValueError,
     r'conv2d: padding "same" needs stride 1, got \(2, 2\)'),
    (lambda: F.conv2d(IMAGE, WEIGHT, padding=-1), ValueError,
     "conv2d: padding must not be negative, got -1"),
    (lambda: F.conv2d(IMAGE, WEIGHT, stride=(1, 0)), ValueError,
     r"conv2d: stride must be at least 1, got \(1, 0\)"),
    (lambda: F.conv2d(IMAGE, WEIGHT, dilation=0), ValueError,
     r"conv2d: dilation must be at least 1, got 0"),
    (lambda: F.conv2d(IMAGE, WEIGHT, groups=0), ValueError,
     "conv2d: groups must be at least 1, got 0"),
    (lambda: F.conv_transpose2d(IMAGE, WEIGHT), ShapeError,
     r"conv_transpose2d: the input has 3 channels, the weight is \(4, 3, 3, 3\): expected "
     r"\(N, 4, H, W\)"),
    (lambda: F.conv_transpose1d(np.ones((3, 4)), np.ones((3, 1, 1)), groups=2), ShapeError,
     "the 3 channels of the input do not fall into 2 equal groups"),
    (lambda: F.conv_transpose1d(ROW, np.ones((2, 1, 2)), padding=4), ShapeError,
     r"padding \(4,\) leaves nothing of the output, which would be \(-2,\)"),
    (lambda: F.conv_transpose1d(ROW, np.ones((2, 1, 2)), padding=-1), ValueError,
     r"conv_transpose1d: padding must not be negative, got -1"),
    (lambda: F.conv_transpose1d(ROW, np.ones((2, 1, 2)), stride=2, output_padding=2), ValueError,
     r"output_padding must be less than stride \(2,\) or dilation \(1,\), and not negative; it is "
     r"\(2,\)"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError,
     "Conv2d: in_channels=3 does not fall into groups=2 equal parts"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), ValueError,
     "Conv2d: out_channels=3 does not fall into groups=2 equal parts"),
    (lambda: nn.Conv1d(4, 3, 3, groups=0), ValueError, "Conv1d: groups must be at least 1, got 0"),
    (lambda: nn.Conv2d(4, 3, 3, padding="same", stride=2), ValueError,
     r'Conv2d: padding "same" needs stride 1, got \(2, 2\)'),
    (lambda: nn.Conv2d(4, 3, (3, 3, 3)), ValueError,
     r"Conv2d: kernel_size is a number, or 2 of them; it is \(3, 3, 3\)"),
    (lambda: nn.Conv2d(4, 3, 3, padding_mode="reflct"), ValueError,
     "Conv2d: padding_mode must be 'zeros', 'reflect', 'replicate' or 'circular', got 'reflct'; "
     "did you mean 'reflect'"),
    (lambda: nn.ConvTranspose2d(4, 3, 3, padding_mode="reflect"), ValueError,
     "ConvTranspose2d: padding_mode must be 'zeros', got 'reflect'"),
    (lambda: nn.ConvTranspose2d(4, 3, 3, padding="same"), TypeError,
     "ConvTranspose2d: padding must be a whole number or"),
    (lambda: nn.ConvTranspose1d(2, 1, 2, 2)(Tensor(ROW), output_size=(12,)), ShapeError,
     r"output_size is \(12,\); for an input \(1, 2, 5\) the lengths can be 10 to 11"),
    (lambda: nn.ConvTranspose1d(2, 1, 2, 2)(Tensor(ROW), output_size=(1, 12)), ShapeError,
     r"output_size is \(1, 12\); it must have 1 numbers, or 3"),
    (lambda: nn.LazyConv2d(4, 3)(ag.ones((8, 8))), ShapeError,
     r"LazyConv2d: the input is \(8, 8\); it must be \(N, C, H, W\) or \(C, H, W\)"),
    (lambda: nn.LazyConv1d(4, 3, groups=2)(ag.ones((3, 8))), ShapeError,
     "LazyConv1d: the input has 3 channels, which do not fall into 2 equal groups"),
    (lambda: F.unfold(np.ones((8, 8)), 2), ShapeError,
     r"unfold: the input is \(8, 8\); it must be \(N, C, H, W\)"),
    (lambda: F.unfold(IMAGE, 2, stride=0), ValueError,
     r"unfold: stride must be at least 1, got 0"),
    (lambda: F.unfold(IMAGE, 2, padding=(0, -1)), ValueError,
     r"unfold: padding must not be negative, got \(0, -1\)"),
    (lambda: F.unfold(IMAGE, (2, 3), 4), ShapeError,
     r"a window of \(2, 3\), dilation \(4, 4\), does not fit into \(8, 8\) with padding \(0, 0\)"),
    (lambda: F.fold(np.ones(3), 4, 2), ShapeError,
     r"fold: the input is \(3,\); it must be \(N, C·K, L\) or \(C·K, L\)"),
    (lambda: F.fold(np.ones((6, 9)), 4, 2), ShapeError,
     r"its 6 rows are no multiple of the 4 elements of a window \(2, 2\)"),
    (lambda: F.fold(np.ones((8, 8)), 4, 2), ShapeError,
     r"with these options an image \(4, 4\) has 9 windows, not 8"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), MESSAGES)
def test_a_message_says_what_and_where(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_a_message_names_the_layer() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(4, 2, 3))
    with pytest.raises(ShapeError, match=r"input has 8 channels[\s\S]*in 1 \(Conv2d\)"):
        model(ag.ones((1, 3, 8, 8)))


# ---- the order in memory -------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 1, 3, 0), (1, 2, 3, 0), (0, 2, 3, 1)])
@pytest.mark.parametrize(
    "layer", [nn.BatchNorm2d(3), nn.BatchNorm2d(3).eval(), nn.GroupNorm(3, 3), nn.MaxPool2d(2)]
)
def test_the_order_in_memory_changes_no_number(layer: Any, order: tuple[int, ...]) -> None:
    layer.to("float64")
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((4, 3, 6, 6)), rng.standard_normal((4, 3, 6, 6))
    found = []
    for turn in ((0, 1, 2, 3), order):
        turned, cotangent = (
            np.ascontiguousarray(a.transpose(turn)).transpose(np.argsort(turn)) for a in (x, g)
        )
        leaf = ag.asarray(turned).requires_grad_()
        y = layer(leaf)
        y.backward(cotangent[tuple(map(slice, y.shape))])
        found.append((y.detach(), leaf.grad))
    for plain, other in zip(*found, strict=True):
        np.testing.assert_allclose(plain, other, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("layer", [nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1)])
def test_what_follows_a_convolution_stays_in_its_order_in_memory(layer: Any) -> None:
    """So that the next convolution has nothing to turn."""
    x = Tensor(np.zeros((16, 2, 8, 8), np.float32))
    y = layer(nn.Conv2d(2, 4, 3, padding=1, rng=0)(x)).detach().numpy()
    assert y.transpose(2, 1, 3, 0).flags.c_contiguous
