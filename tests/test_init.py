"""Initial values: their spread, their bounds, and one seed for all."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError


def test_linear_is_x_times_the_turned_weight_plus_bias() -> None:
    layer = nn.Linear(3, 2, dtype="float64", rng=0)
    x = np.random.default_rng(0).standard_normal((4, 5, 3))
    expected = np.einsum("abi,oi->abo", x, layer.weight.numpy()) + layer.bias.numpy()
    np.testing.assert_allclose(layer(Tensor(x)).numpy(), expected, rtol=1e-12)
    free = nn.Linear(3, 2, bias=False, rng=0)
    assert free.bias is None
    assert list(free.state_dict()) == ["weight"]
    assert free(Tensor(x.astype("f"))).dtype == np.float32


def test_linear_starts_uniform_within_one_over_root_of_its_inputs() -> None:
    layer = nn.Linear(100, 400, rng=0)
    for p in (layer.weight, layer.bias):
        assert 0.099 < np.abs(p.numpy()).max() <= 0.1
    assert abs(layer.weight.numpy().std() - 0.1 / math.sqrt(3)) < 0.001


def test_the_same_seed_gives_the_same_layer() -> None:
    nn.manual_seed(5)
    first = nn.Linear(2, 3).weight.numpy()
    nn.manual_seed(5)
    np.testing.assert_array_equal(nn.Linear(2, 3).weight, first)
    np.testing.assert_array_equal(nn.Linear(2, 3, rng=5).weight, first)


SHAPE = (300, 200, 2)  # fan-in 400, fan-out 600


@pytest.mark.parametrize(
    ("fill", "std", "bound"),
    [
        (lambda t: nn.init.uniform_(t, -3.0, 3.0, rng=0), math.sqrt(3), 3.0),
        (lambda t: nn.init.normal_(t, std=2.0, rng=0), 2.0, math.inf),
        (lambda t: nn.init.xavier_uniform_(t, 2.0, rng=0), 2 * math.sqrt(2 / 1000), 2 * 0.006**0.5),
        (lambda t: nn.init.xavier_normal_(t, rng=0), math.sqrt(2 / 1000), math.inf),
        (lambda t: nn.init.kaiming_uniform_(t, rng=0), math.sqrt(2 / 400), math.sqrt(6 / 400)),
        (lambda t: nn.init.kaiming_normal_(t, mode="fan_out", rng=0), math.sqrt(2 / 600), math.inf),
        (lambda t: nn.init.kaiming_normal_(t, a=1.0, rng=0), math.sqrt(1 / 400), math.inf),
        (lambda t: nn.init.lecun_uniform_(t, rng=0), math.sqrt(1 / 400), math.sqrt(3 / 400)),
        (lambda t: nn.init.lecun_normal_(t, rng=0), math.sqrt(1 / 400), math.inf),
    ],
)
def test_initial_values_have_the_published_spread(fill: Any, std: float, bound: float) -> None:
    t = nn.Parameter(np.zeros(SHAPE))
    assert fill(t) is t
    # the standard error of a standard deviation is at most 1/sqrt(2 n) of it: five of them
    assert abs(t.numpy().std() / std - 1) < 5 / math.sqrt(2 * t.size)
    assert np.abs(t.numpy()).max() <= bound


def test_constants_and_gains() -> None:
    t = nn.Parameter(np.zeros((2, 2)))
    assert nn.init.constant_(t, 3.0).tolist() == [[3.0, 3.0]] * 2
    assert nn.init.ones_(t).tolist() == [[1.0, 1.0]] * 2
    assert nn.init.zeros_(t).tolist() == [[0.0, 0.0]] * 2
    assert nn.init.ones_(nn.Parameter(2.0)).item() == 1.0
    gain = nn.init.calculate_gain
    assert (gain("tanh"), gain("linear"), gain("leaky_relu", 1.0)) == (5 / 3, 1.0, 1.0)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda t: nn.init.calculate_gain("rleu"), ValueError, "did you mean 'relu'"),
        (lambda t: nn.init.xavier_normal_(t), ShapeError, r"shape \(out, in, ...\), got \(3,\)"),
        (lambda t: nn.init.kaiming_normal_(t, mode="in"), ValueError, "'fan_in' or 'fan_out', got"),
    ],
)
def test_what_init_refuses(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act(nn.Parameter([1.0, 2.0, 3.0]))


# ---- laws of single functions --------------------------------------------------------------------


def parameter(*shape: int, dtype: Any = np.float64) -> nn.Parameter:
    return nn.Parameter(np.full(shape, 7.0, dtype))


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (0, 3)])
def test_eye_is_the_identity(shape: tuple[int, int]) -> None:
    np.testing.assert_array_equal(nn.init.eye_(parameter(*shape)), np.eye(*shape))


@pytest.mark.parametrize("space", [(3,), (4,), (3, 5), (3, 4, 5)])
@pytest.mark.parametrize(("out", "inside", "groups"), [(4, 4, 1), (6, 2, 1), (2, 5, 1), (6, 2, 3)])
def test_a_dirac_kernel_lets_channels_through(
    space: Any, out: int, inside: int, groups: int
) -> None:
    weight = nn.init.dirac_(parameter(out, inside, *space), groups).numpy()
    middle = tuple(length // 2 for length in space)
    assert weight.sum() == groups * min(out // groups, inside)
    for channel in range(out):
        number = channel % (out // groups)
        wanted = np.zeros((inside, *space))
        if number < inside:
            wanted[(number, *middle)] = 1
        np.testing.assert_array_equal(weight[channel], wanted)


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3), (8, 2, 3)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape: Any) -> None:
    weight = nn.init.orthogonal_(parameter(*shape), gain=2.0, rng=0).numpy().reshape(shape[0], -1)
    fewer = weight if weight.shape[0] <= weight.shape[1] else weight.T
    np.testing.assert_allclose(fewer @ fewer.T, 4 * np.eye(len(fewer)), atol=1e-13)


def test_orthogonal_matrices_have_no_favourite_direction() -> None:
    """All entries of a random orthogonal matrix have mean 0 and variance 1/n."""
    rng = np.random.default_rng(0)
    draws = np.stack([nn.init.orthogonal_(parameter(3, 3), rng=rng).numpy() for _ in range(4000)])
    # five standard errors of a mean and of a mean square, whose spreads are below 1/√3 and 1/3
    np.testing.assert_allclose(draws.mean(axis=0), 0, atol=5 / math.sqrt(3 * 4000))
    np.testing.assert_allclose((draws**2).mean(axis=0), 1 / 3, atol=5 / 3 / math.sqrt(4000))


def test_sparse_columns_have_their_share_of_zeros_at_random_places() -> None:
    weight = nn.init.sparse_(parameter(10, 2000), sparsity=0.25, std=3.0, rng=0).numpy()
    zero = weight == 0
    assert set(zero.sum(axis=0)) == {3}  # 2.5, rounded up
    # each row is hit with probability 0.3: five standard deviations of 2000 trials
    np.testing.assert_allclose(zero.mean(axis=1), 0.3, atol=5 * math.sqrt(0.21 / 2000))
    left = weight[~zero]
    assert abs(left.std() / 3 - 1) < 5 / math.sqrt(2 * left.size)
    assert not nn.init.sparse_(parameter(3, 2), 1.0).numpy().any()


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (1, 0.5, 0, 1.2), (0, 1, 5, 6), (0, 1, -7, -6), (0, 10, -2, 2), (0, 1, -40, 9)],
)
def test_a_truncated_normal_has_the_moments_of_the_part_that_is_left(
    mean: float, std: float, a: float, b: float
) -> None:
    found = nn.init.trunc_normal_(parameter(20_000), mean, std, a, b, rng=0).numpy()
    assert a <= found.min() < found.max() <= b
    grid = np.linspace(max(a, mean - 9 * std), min(b, mean + 9 * std), 200_001)
    density = np.exp(-(((grid - mean) / std) ** 2) / 2)
    share = density / density.sum()
    middle = (share * grid).sum()
    spread = math.sqrt((share * (grid - middle) ** 2).sum())
    assert abs(found.mean() - middle) < 5 * spread / math.sqrt(found.size)
    # a bounded variable's fourth moment is at most reach² times its variance
    reach = max(b - middle, middle - a, spread)
    assert abs(found.var() - spread**2) < 5 * reach * spread / math.sqrt(found.size)


def test_a_normal_cut_far_out_in_its_tail_stays_within_its_bounds() -> None:
    for a, b in ((20.0, 21.0), (-50.0, -37.0)):
        found = nn.init.trunc_normal_(parameter(100), 0.0, 1.0, a, b, rng=0).numpy()
        assert a <= found.min() < found.max() <= b
        # the tail falls like exp(-reach·x): its mean is 1/reach from the nearer bound, or less
        reach = min(abs(a), abs(b))
        assert np.mean(np.abs(found)) - reach < (1 + 5 / math.sqrt(found.size)) / reach


@pytest.mark.parametrize("name", [name for name in nn.init.__all__ if name.endswith("_")])
def test_an_initializer_fills_in_place_keeps_the_dtype_and_obeys_its_seed(name: str) -> None:
    extra = {"constant_": (2.0,), "sparse_": (0.5,)}.get(name, ())
    shape = (4, 3, 3) if name == "dirac_" else (4, 3)
    fill = getattr(nn.init, name)
    seeded = {"rng": 3} if "rng" in inspect.signature(fill).parameters else {}
    for dtype in (np.float32, np.float64):
        p = parameter(*shape, dtype=dtype)
        memory = p._value.ctypes.data
        assert fill(p, *extra, **seeded) is p
        assert p._value.ctypes.data == memory
        assert p.dtype == dtype
        assert p.requires_grad
        np.testing.assert_array_equal(fill(parameter(*shape, dtype=dtype), *extra, **seeded), p)
        if seeded:
            nn.manual_seed(3)
            np.testing.assert_array_equal(fill(parameter(*shape, dtype=dtype), *extra), p)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: nn.init.eye_(parameter(3)), ShapeError, r"eye_ fills a matrix .* shape \(3,\)"),
        (lambda: nn.init.sparse_(parameter(3), 0.5), ShapeError, "sparse_ fills a matrix"),
        (lambda: nn.init.sparse_(parameter(3, 2), 2.0), ValueError, "from 0 to 1, got 2.0"),
        (lambda: nn.init.dirac_(parameter(3, 2)), ShapeError, r"3 to 5 axes, got shape \(3, 2\)"),
        (lambda: nn.init.dirac_(parameter(4, 2, 3), 3), ValueError,
         r"3 groups do not divide the 4 output channels of a weight \(4, 2, 3\)"),
        (lambda: nn.init.orthogonal_(parameter(3)), ShapeError, r"orthogonal_ needs .* got \(3,\)"),
        (lambda: nn.init.trunc_normal_(parameter(3), a=2.0, b=1.0), ValueError,
         r"a must be below b, got \[2.0, 1.0\]"),
        (lambda: nn.init.trunc_normal_(parameter(3), std=0.0), ValueError, "std must be positive"),
        (lambda: nn.init.trunc_normal_(parameter(3), 1.0, 0.5, 21.0, 22.0), ValueError,
         r"nothing is left of the distribution on \[21.0, 22.0\], which lies 40 standard dev"),
        (lambda: nn.init.normal_(Tensor([1, 2])), DTypeError,
         "normal_ draws floating numbers, and the Tensor holds int64"),
        (lambda: nn.init.kaiming_normal_(parameter(3, 2), mode="fan-in"), ValueError,
         "did you mean 'fan_in'"),
    ],
)  # fmt: skip
def test_what_the_initializers_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()
