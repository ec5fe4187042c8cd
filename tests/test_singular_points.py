"""Where a function has no derivative: what the rules give there is right, or NaN, never made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn

pytestmark = pytest.mark.filterwarnings("ignore:divide by zero", "ignore:overflow")
nan, inf = np.nan, np.inf
Function = Callable[..., Any]


def leaves(*values: Any, dtype: Any) -> list[ag.Tensor]:
    return [ag.Tensor(np.asarray(v, dtype), requires_grad=True) for v in values]


def derivatives(f: Function, *values: Any, dtype: Any = float) -> tuple[Any, Any]:
    """The gradients of the sum of f, and every second derivative: those of each by each."""
    xs = leaves(*values, dtype=dtype)
    first = ag.grad(f(*xs).sum(), xs, create_graph=True)
    zero = sum(ag.where(False, x, 0).sum() for x in xs)  # so that all depend on all
    second = [
        [h.numpy() for h in ag.grad(g[i] + zero, xs, retain_graph=True)]
        for g in first
        for i in np.ndindex(g.shape)
    ]
    return [g.numpy() for g in first], np.array(
        [np.concatenate([h.ravel() for h in row]) for row in second]
    )


def _vector_norm(ord: float) -> Function:
    return lambda x: ag.linalg.vector_norm(x, ord=ord)


SINGULAR: dict[str, tuple[Function, tuple[Any, ...], Any, Any]] = {
    # function, point, the gradient, the second derivatives
    "hypot": (ag.hypot, (0.0, 0.0), [0, 0], nan),
    "atan2": (ag.atan2, (0.0, 0.0), [0, 0], nan),
    "norm": (ag.linalg.norm, ([0.0, 0.0],), [[0, 0]], nan),
    "norm squared": (lambda x: ag.linalg.norm(x) ** 2, ([0.0, 0.0],), [[0, 0]], nan),
    "matrix norm": (ag.linalg.matrix_norm, ([[0.0, 0.0]],), [[[0, 0]]], nan),
    "std": (ag.std, ([3.0, 3.0],), [[0, 0]], nan),
    "std of one": (ag.std, ([3.0],), [[0]], 0),
    "norm -1": (_vector_norm(-1), ([0.0, 2.0, 3.0],), [[0, 0, 0]], nan),
    "norm -2.5": (_vector_norm(-2.5), ([0.0, 2.0],), [[0, 0]], nan),
    "norm 1/2": (_vector_norm(0.5), ([0.0, 4.0],), [[0, 1]], nan),
    "norm 3/2": (_vector_norm(1.5), ([0.0, 4.0],), [[0, 1]], nan),
    "norm 3": (_vector_norm(3), ([0.0, 4.0],), [[0, 1]], 0),
    "norm 3 at 0": (_vector_norm(3), ([0.0, 0.0],), [[0, 0]], nan),
    "norm -inf": (_vector_norm(-inf), ([0.0, 2.0],), [[0, 0]], 0),
    "xlogy": (ag.xlogy, (0.0, 0.0), [0, 0], [[0, nan], [nan, nan]]),
    "xlogy off 0": (ag.xlogy, (0.0, 2.0), [np.log(2), 0], [[0, 0.5], [0.5, 0]]),
    "power at 0, 0": (ag.power, (0.0, 0.0), [0, 0], [[0, nan], [nan, 0]]),
    "power at 0, 1": (ag.power, (0.0, 1.0), [1, 0], [[0, nan], [nan, 0]]),
    "power at 0, 2": (ag.power, (0.0, 2.0), [0, 0], [[2, 0], [0, 0]]),
    "powers of 0": (lambda x: x ** np.arange(4.0), (0.0,), [1], 2),
    "complex angle": (lambda x: ag.angle(x + 0j), (0.0,), [0], nan),
}


@pytest.mark.parametrize("name", SINGULAR)
@pytest.mark.filterwarnings("ignore:invalid value")  # of the second derivatives
def test_derivatives_at_singular_points_are_right_or_nan(name: str) -> None:
    f, point, subgradient, curvature = SINGULAR[name]
    for dtype in (np.float32, np.float64):
        first, second = derivatives(f, *point, dtype=dtype)
        for found, expected in zip(first, subgradient, strict=True):
            assert found.dtype == dtype
            np.testing.assert_allclose(found, expected, rtol=1e-6)
        np.testing.assert_allclose(
            second, np.broadcast_to(curvature, second.shape), rtol=1e-6, atol=1e-6
        )


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("x", [0.0, 1e-30, 1e-8, 1e-3, 0.5, 14.9, 15.1, 100.0])
def test_bessel_functions_curve_as_they_should_near_0_and_far(n: int, x: float) -> None:
    from scipy.special import ivp

    t = ag.Tensor(np.float32(x), requires_grad=True)
    (first,) = ag.grad((ag.i0, ag.i1)[n](t), t, create_graph=True)
    (second,) = ag.grad(first, t)
    with np.errstate(over="ignore"):
        for found, order in ((first, 1), (second, 2)):
            expected = np.float32(ivp(n, float(np.float32(x)), order))
            np.testing.assert_allclose(found.item(), expected, rtol=1e-6, atol=1e-44)


# ---- ties and limits -----------------------------------------------------------------------------

GRADIENTS: dict[str, tuple[Function, tuple[Any, ...], Any]] = {
    "clip, crossed bounds": (ag.clip, ([-3.0, -1.0, 0.0, 1.0, 2.0], 1.0, -1.0), [[0] * 5, 0, 5]),
    "clip, equal bounds": (ag.clip, ([0.0, 1.0, 2.0], 1.0, 1.0), [[0] * 3, 0, 3]),
    "clip, constant bounds": (lambda x: ag.clip(x, 1, -1), ([-1.0, 0.0, 1.0],), [[0] * 3]),
    "clip from below": (lambda x, low: ag.clip(x, low), ([1.0, 3.0], 2.0), [[0, 1], 1]),
    "clip from above": (lambda x, high: ag.clip(x, None, high), ([1.0, 3.0], 2.0), [[1, 0], 1]),
    "cummax": (lambda x: ag.cummax(x, 0), ([1.0, nan, 3.0, nan, 5.0],), [[1, 4, 0, 0, 0]]),
    "cummax from NaN": (lambda x: ag.cummax(x, 0), ([nan, 1.0],), [[2, 0]]),
    "cummin": (lambda x: ag.cummin(x, 0), ([1.0, nan, 0.0],), [[1, 2, 0]]),
    "norm inf": (_vector_norm(inf), ([1.0, nan],), [[0, nan]]),
    **{
        f"{f.__name__} {x} {y}": (f, (x, y), shares)
        for f in (ag.maximum, ag.minimum)
        for x, y, shares in ((nan, 1.0, [1, 0]), (1.0, nan, [0, 1]), (nan, nan, [0.5, 0.5]))
    },
    **{
        f"{f.__name__} {x} {y}": (f, (x, y), shares)
        for f in (ag.fmax, ag.fmin)
        for x, y, shares in ((nan, 1.0, [0, 1]), (1.0, nan, [1, 0]), (nan, nan, [0.5, 0.5]))
    },
    **{
        f"{f.__name__} {x} {y}": (f, (x, y), shares)
        for f in (ag.logaddexp, ag.logaddexp2)
        for x, y, shares in (
            (1e5, 1e5, [0.5, 0.5]),
            (1e8, 1e8, [0.5, 0.5]),
            (-1e8, -1e8, [0.5, 0.5]),
            (inf, -inf, [1, 0]),
            (1.0, inf, [0, 1]),
            (-inf, 1.0, [0, 1]),
            (-inf, -inf, [0, 0]),
        )
    },
    "logsumexp": (ag.logsumexp, ([1e17] * 4,), [[0.25] * 4]),
    "logsumexp of nothing": (ag.logsumexp, ([-inf, -inf],), [[0, 0]]),
    "logcumsumexp": (
        lambda x: ag.logcumsumexp(x, 0),
        ([1e17] * 3,),
        [[1 + 1 / 2 + 1 / 3, 1 / 2 + 1 / 3, 1 / 3]],
    ),
    "logcumsumexp of nothing": (
        lambda x: ag.logcumsumexp(x, 0), ([-inf, -inf, 1.0, -inf],), [[0, 0, 2, 0]],
    ),
    "0 ** t": (lambda t: 0.0**t, ([-1.0, 0.0, 2.0],), [[-inf, 0, 0]]),
    "x ** t": (ag.power, ([0.0, 0.0, 0.0], [-1.0, 0.0, 2.0]), [[-inf, 0, 0], [-inf, 0, 0]]),
    "elu": (ag.elu, ([-12.0, -30.0],), [np.exp([-12, -30])]),
    "celu": (lambda x: ag.celu(x, 2.0), ([-24.0, -60.0],), [np.exp([-12, -30])]),
    "selu": (ag.selu, ([-12.0],), [1.7580993408473766 * np.exp(-12)]),
}  # fmt: skip


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_at_ties_and_limits(name: str) -> None:
    f, point, expected = GRADIENTS[name]
    for dtype in (np.float32, np.float64):
        xs = leaves(*point, dtype=dtype)
        for found, share in zip(ag.grad(f(*xs).sum(), xs), expected, strict=True):
            np.testing.assert_allclose(
                found.numpy(), np.broadcast_to(share, found.shape), rtol=2e-6
            )


@pytest.mark.parametrize("f", [ag.logaddexp, ag.logaddexp2])
def test_ties_far_out_curve_as_those_at_0(f: Function) -> None:
    near, far = (derivatives(f, x, x, dtype=np.float32)[1] for x in (0.0, 1e8))
    np.testing.assert_allclose(far, near, rtol=1e-6)


# ---- lengths that are too large or too small to be squared ---------------------------------------


@pytest.mark.parametrize("ord", [2, 3, 0.5, -1, -2.5, 1, inf, -inf])
@pytest.mark.parametrize(
    ("dtype", "scale"),
    [(np.float64, 1e200), (np.float64, 1e-200), (np.float32, 1e30), (np.float32, 1e-30)],
)
def test_norms_scale_with_their_vectors(ord: float, dtype: Any, scale: float) -> None:
    f = lambda x: ag.linalg.vector_norm(x, ord=ord, axis=1)  # noqa: E731
    values = np.array([[3.0, -4.0], [1.0, 2.0]], dtype)
    x, y = (ag.Tensor(v, requires_grad=True) for v in (values, values * dtype(scale)))
    np.testing.assert_allclose(f(y).numpy() / scale, f(x).numpy(), rtol=1e-5)
    for found, expected in zip(ag.grad(f(y).sum(), y), ag.grad(f(x).sum(), x), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "scale"),
    [(np.float64, 1e200), (np.float64, 1e-200), (np.float32, 1e30), (np.float32, 1e-30)],
)
@pytest.mark.parametrize(
    ("f", "degree"),
    [
        (lambda x: ag.std(x, axis=1), 1),
        (lambda x: ag.linalg.matrix_norm(x), 1),
        (lambda x: nn.functional.pairwise_distance(x, x[::-1], eps=0.0), 1),
        (lambda x: nn.functional.normalize(x, eps=0.0), 0),
        (lambda x: nn.functional.cosine_similarity(x, x[::-1], eps=0.0), 0),
    ],
)
def test_what_is_made_of_norms_scales_as_they_do(
    f: Function, degree: int, dtype: Any, scale: float
) -> None:
    values = np.array([[3.0, -4.0, 1.0], [1.0, 2.0, 4.0]], dtype)
    x, y = (ag.Tensor(v, requires_grad=True) for v in (values, values * dtype(scale)))
    near, far = f(x), f(y)
    np.testing.assert_allclose(far.numpy() / scale**degree, near.numpy(), rtol=1e-5)
    weights = np.cos(np.arange(near.size)).reshape(near.shape).astype(dtype)
    found, expected = ((ag.grad((weights * of).sum(), v)[0]) for of, v in ((far, y), (near, x)))
    np.testing.assert_allclose(
        found.numpy() * float(scale) ** (1 - degree), expected.numpy(), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_norms_of_subnormal_numbers_have_gradients(dtype: Any) -> None:
    x = ag.Tensor(np.array([3.0, -4.0], dtype) * np.finfo(dtype).smallest_subnormal * 64)
    x.requires_grad = True
    slope = ag.grad(ag.linalg.norm(x), x)[0]
    np.testing.assert_allclose(slope.numpy(), [0.6, -0.8], rtol=5e-3)
