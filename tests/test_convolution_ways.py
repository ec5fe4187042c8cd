"""The ways of a convolution give the same numbers: shifted, unrolled, Winograd's, tap by tap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.kernels.convolution import (
    convolution,
    taps,
    winograd,
)
from autograd.kernels.convolution import (
    shifted as convolution_shifted,
)
from autograd.kernels.convolution.convolution import Along
from autograd.kernels.matrix.products import multiply, multiply_transposed
from autograd.kernels.parallel import twins

AXIS = st.tuples(  # size of the kernel, stride, dilation, padding before, places of the output
    st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.integers(0, 3), st.integers(1, 6)
)
SIZES = st.integers(1, 9)
LAW = 1e-4  # error of a fast algorithm, relative to the largest output


def three(x: Any, weight: Any, g: Any, axes: Any, bias: Any = None) -> tuple[Any, Any, Any]:
    """The convolution, its gradient by x, and by the weight."""
    return (
        convolution.convolve(x, weight, bias, axes, 1),
        convolution.convolve_transposed(g, weight, x.shape[2:], axes, 1),
        convolution.correlate_weight(g, x, axes, 1),
    )


def drawn(seed: int, shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@given(
    axes=st.tuples(AXIS, AXIS), room=st.integers(-2, 2), channels=st.integers(1, 3),
    outputs=st.integers(1, 3), batch=st.integers(0, 3), block=st.sampled_from([1, 30, 10**6]),
)  # fmt: skip
def test_shifted_columns_are_the_unrolled_ones(
    axes: Any, room: int, channels: int, outputs: int, batch: int, block: int
) -> None:
    along = [Along(-padding, stride, dilation, size, places)
             for size, stride, dilation, padding, places in axes]  # fmt: skip
    lengths = [
        max(1, a.start + (a.places - 1) * a.stride + (a.size - 1) * a.dilation + 1 + room)
        for a in along
    ]
    x = drawn(0, (batch, channels, *lengths))
    weight = drawn(1, (outputs, channels, *(a.size for a in along)))
    g, bias = drawn(2, (batch, outputs, *(a.places for a in along))), drawn(3, (outputs,))
    found = []
    for shifted in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(convolution, "SHORT", 1)
            patch.setattr(convolution_shifted, "BLOCK", block)
            patch.setattr(convolution_shifted, "WORTH", 0)
            if not shifted:
                patch.setattr(convolution, "is_faster", lambda *_: False)
            found.append(three(x, weight, g, along, bias))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Winograd's algorithm wherever it is defined, however slow."""
    for name in ("CHANNELS", "COMPILED", "COLUMNS", "FILLED"):
        monkeypatch.setattr(winograd, name, 0)
    monkeypatch.setattr(convolution, "SHORT", 0)


def far(found: Any, wanted: Any) -> float:
    """The largest error, relative to the largest value."""
    assert found.shape == wanted.shape
    error = np.max(np.abs(found - wanted), initial=0)
    return float(error / np.max(np.abs(wanted), initial=1e-300))


def scaled(kind: str, seed: int, shape: tuple[int, ...]) -> Any:
    """Numbers in single precision: ordinary ones, or such that sums of them lose digits."""
    values = drawn(seed, shape)
    if kind == "channels of every scale":
        values *= 10.0 ** np.linspace(-6, 6, shape[1]).reshape(-1, *(1,) * (len(shape) - 2))
    if kind == "far from zero":
        values += 1000
    if kind == "a few very large":
        values[np.random.default_rng(seed).random(shape) < 0.01] *= 1e5
    if kind == "tiny":
        values *= 1e-15
    return values.astype(np.float32)


KINDS = ["ordinary", "channels of every scale", "far from zero", "a few very large", "tiny"]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("batch", "channels", "outputs", "lengths", "padding"),
    [
        (2, 64, 64, (16, 16), (1, 1)),
        (3, 128, 16, (8, 12), (0, 2)),
        (1, 16, 32, (7, 9), (1, 0)),
        (2, 3, 5, (3, 3), (0, 0)),
        (2, 2, 1, (1, 2), (2, 3)),
        (0, 4, 4, (8, 8), (1, 1)),
    ],
)
def test_winograd_is_the_convolution_in_double_precision_to_a_ten_thousandth(
    kind: str, batch: int, channels: int, outputs: int, lengths: Any, padding: Any
) -> None:
    axes = [Along(-p, 1, 1, 3, n + 2 * p - 2) for n, p in zip(lengths, padding, strict=True)]
    x, weight = (
        scaled(kind, 0, (batch, channels, *lengths)),
        scaled("ordinary", 1, (outputs, channels, 3, 3)),
    )
    g = scaled(kind, 2, (batch, outputs, *(a.places for a in axes)))
    bias = drawn(3, (outputs,), np.float32)
    wide = [a.astype(np.float64) for a in (x, weight, g)]
    found = three(x, weight, g, axes, bias)
    wanted = three(*wide, axes, bias.astype(np.float64))
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == np.float32
        assert far(one, other) <= LAW


@given(
    lengths=st.tuples(SIZES, SIZES), padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    channels=st.integers(1, 5), outputs=st.integers(1, 5), batch=st.integers(0, 3),
)  # fmt: skip
def test_winograd_takes_any_size_and_padding(
    lengths: Any, padding: Any, channels: int, outputs: int, batch: int
) -> None:
    places = [n + 2 * p - 2 for n, p in zip(lengths, padding, strict=True)]
    axes = [Along(-p, 1, 1, 3, max(0, q)) for p, q in zip(padding, places, strict=True)]
    x = drawn(0, (batch, channels, *lengths), np.float32)
    weight = drawn(1, (outputs, channels, 3, 3), np.float32)
    g = drawn(2, (batch, outputs, *(a.places for a in axes)), np.float32)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CHANNELS", "COMPILED", "COLUMNS", "FILLED"):
            patch.setattr(winograd, name, 0)
        patch.setattr(convolution, "SHORT", 0)
        found = three(x, weight, g, axes)
    wanted = three(*(a.astype(np.float64) for a in (x, weight, g)), axes)
    for one, other in zip(found, wanted, strict=True):
        assert far(one, other) <= LAW


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e38])
def test_what_is_not_finite_reaches_what_it_reaches_in_double_precision(value: float) -> None:
    """1e38 leaves the range of single precision in the transforms alone."""
    axes = [Along(-1, 1, 1, 3, 9)] * 2
    x, weight = drawn(0, (2, 3, 9, 9), np.float32), drawn(1, (2, 3, 3, 3), np.float32) / 8
    g = drawn(2, (2, 2, 9, 9), np.float32)
    x[0, 1, 4, 5] = g[1, 0, 2, 7] = value
    with np.errstate(invalid="ignore"):
        found = three(x, weight, g / 8, axes)
        wanted = three(*(a.astype(np.float64) for a in (x, weight, g / 8)), axes)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(np.isnan(one), np.isnan(other))
        np.testing.assert_array_equal(np.isfinite(one), np.isfinite(other))


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    ("dtype", "size", "stride", "dilation", "groups"),
    [
        (np.float64, 3, 1, 1, 1),
        (np.complex64, 3, 1, 1, 1),
        (np.float32, 5, 1, 1, 1),
        (np.float32, 3, 2, 1, 1),
        (np.float32, 3, 1, 2, 1),
        (np.float32, 3, 1, 1, 2),
    ],
)
def test_only_single_precision_with_nine_plain_taps_takes_winograd(
    dtype: Any, size: int, stride: int, dilation: int, groups: int
) -> None:
    axes = [Along(-1, stride, dilation, size, 8)] * 2
    assert not winograd.is_winograd(np.dtype(dtype), axes, groups, (32, 64, 64))
    assert winograd.is_winograd(np.dtype(np.float32), [Along(-1, 1, 1, 3, 8)] * 2, 1, (32, 64, 64))


TAKEN = {  # lengths, and for each axis stride, dilation, size, padding
    "5x5 with padding": ((12, 12), ((1, 1, 5, 2),) * 2),
    "every second place": ((11, 12), ((2, 1, 3, 1),) * 2),
    "1x1, every second place": ((12, 11), ((2, 1, 1, 0),) * 2),
    "fewer taps than the stride": ((13, 12), ((3, 1, 2, 0), (2, 1, 1, 1))),
    "with dilation": ((12, 14), ((1, 2, 3, 2), (2, 3, 2, 1))),
    "one axis": ((90,), ((2, 1, 5, 1),)),
}


@pytest.mark.parametrize("case", TAKEN)
@pytest.mark.parametrize(("channels", "outputs", "batch"), [(4, 9, 64), (1, 6, 70), (11, 3, 33)])
def test_taps_in_registers_are_the_convolution_in_double_precision(
    case: str, channels: int, outputs: int, batch: int
) -> None:
    lengths, options = TAKEN[case]
    axes = [
        Along(-p, s, d, k, (n + 2 * p - (k - 1) * d - 1) // s + 1)
        for n, (s, d, k, p) in zip(lengths, options, strict=True)
    ]
    x = drawn(0, (batch, channels, *lengths), np.float32)
    weight = drawn(1, (outputs, channels, *(a.size for a in axes)), np.float32)
    g = drawn(2, (batch, outputs, *(a.places for a in axes)), np.float32)
    bias = drawn(3, (outputs,), np.float32)
    found = three(x, weight, g, axes, bias)
    wanted = three(*(a.astype(np.float64) for a in (x, weight, g)), axes, bias)
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == np.float32
        assert far(one, other) <= 2e-6


def test_what_taps_in_registers_take() -> None:
    axes, x = [Along(-1, 2, 1, 3, 8)] * 2, drawn(0, (32, 4, 16, 16), np.float32)
    single = np.dtype(np.float32)
    assert taps.is_direct(single, axes, 1, x, 8) == twins.twins_run()
    assert not taps.is_direct(np.dtype(np.float64), axes, 1, x, 8)
    assert not taps.is_direct(single, axes, 2, x, 8)
    assert not taps.is_direct(single, axes, 1, x[:31], 8)
    assert not taps.is_direct(single, [*axes, axes[0]], 1, x, 8)
    with twins.numpy_only():
        assert not taps.is_direct(single, axes, 1, x, 8)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("channels", [5, 16, 64])
def test_a_convolution_is_the_same_to_the_last_bit_every_time(threads: int, channels: int) -> None:
    axes = [Along(-1, 1, 1, 3, 12)] * 2
    x = drawn(0, (32, channels, 12, 12), np.float32)
    weight, g = drawn(1, (channels, channels, 3, 3), np.float32), x[::-1]
    before = ag.get_num_threads()
    ag.set_num_threads(threads)
    try:
        first = three(x, weight, g, axes)
        for _ in range(5):
            for one, other in zip(first, three(x, weight, g, axes), strict=True):
                np.testing.assert_array_equal(one, other)
    finally:
        ag.set_num_threads(before)


@given(
    rows=st.sampled_from([1, 7, 16, 48, 64, 96]), depth=st.sampled_from([1, 31, 144, 512]),
    columns=st.sampled_from([1, 15, 62, 480, 992, 1024]), stack=st.integers(0, 2),
)  # fmt: skip
def test_products_in_tiles_are_products(rows: int, depth: int, columns: int, stack: int) -> None:
    a, b = drawn(0, (stack, rows, depth)), drawn(1, (stack, depth, columns))
    out = np.empty((stack, rows, columns))
    multiply(a, b, out)
    np.testing.assert_allclose(out, a @ b, rtol=0, atol=1e-12 * depth)
    turned = multiply_transposed(out, b)
    np.testing.assert_allclose(turned, out @ b.swapaxes(-1, -2), rtol=0, atol=1e-12 * depth * 1e3)
