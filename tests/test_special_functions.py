"""The functions of autograd.special against mpmath: values, slopes, ends, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import scipy.special

import autograd as ag
from autograd import special
from autograd.errors import MissingMethodError, UnsupportedError

INF, NAN = np.inf, np.nan
RNG = np.random.default_rng(23)
Numbers = Sequence[float]

LEFT = [-26.0, -5.5, -1.3, -0.1, -1e-9]
RIGHT = [1e-280, 1e-20, 1e-5, 0.3, 0.49999, 0.99999, 1.0, 1.2, 2.0, 2.9, 7.7, 19.9, 24.99, 25.0]
FAR = [25.01, 31.3, 99.5, 700.3]
VAST = [1e4, 123456.789, 1e10, 1e15]
ANY = [*LEFT, 0.0, *RIGHT, *FAR]


def wave(x: float) -> float:
    """The scale of a Bessel function about x, beside whose zeros errors are absolute."""
    return min(1.0, abs(x) ** -0.5) if x else 1.0


def slow(x: Any) -> Any:
    """exp(x²) erfc(x)."""
    if x < 100:
        return mp.exp(x * x) * mp.erfc(x)
    return mp.hyperu(0.5, 0.5, x * x) / mp.sqrt(mp.pi)


def log_phi(x: Any) -> Any:
    return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2) if x > 0 else mp.log(mp.ncdf(x))


# The function, mpmath's, its slope there, where, and the scale of its waves, if it has any.
Row = tuple[Callable[..., Any], Callable[[Any], Any], Callable[[Any], Any], Numbers, Any]
J, Y, I, K = mp.besselj, mp.bessely, mp.besseli, mp.besselk  # noqa: E741
ROWS: dict[str, Row] = {
    "bessel_j0": (special.bessel_j0, lambda x: J(0, x), lambda x: -J(1, x),
                  [*ANY, *VAST], wave),
    "bessel_j1": (special.bessel_j1, lambda x: J(1, x), lambda x: (J(0, x) - J(2, x)) / 2,
                  [*ANY, *VAST], wave),
    "bessel_y0": (special.bessel_y0, lambda x: Y(0, x), lambda x: -Y(1, x),
                  [*RIGHT, *FAR, *VAST], wave),
    "bessel_y1": (special.bessel_y1, lambda x: Y(1, x), lambda x: Y(0, x) - Y(1, x) / x,
                  [*RIGHT[1:], *FAR, *VAST], wave),
    "i0e": (special.i0e, lambda x: mp.exp(-x) * I(0, x), lambda x: mp.exp(-x) * (I(1, x) - I(0, x)),
            [*RIGHT, *FAR, 1e4], None),
    "i1e": (special.i1e, lambda x: mp.exp(-x) * I(1, x),
            lambda x: mp.exp(-x) * ((I(0, x) + I(2, x)) / 2 - I(1, x)),
            [x for x in (*RIGHT, *FAR, 1e4) if x != 2.0], lambda x: 0.01 if 1 < x < 2.5 else 0),
    "modified_bessel_k0": (special.modified_bessel_k0, lambda x: K(0, x), lambda x: -K(1, x),
                           [*RIGHT, *FAR[:-1]], None),
    "modified_bessel_k1": (special.modified_bessel_k1, lambda x: K(1, x),
                           lambda x: -K(0, x) - K(1, x) / x, [*RIGHT[1:], *FAR[:-1]], None),
    "scaled_modified_bessel_k0": (
        special.scaled_modified_bessel_k0, lambda x: mp.exp(x) * K(0, x),
        lambda x: mp.exp(x) * (K(0, x) - K(1, x)), [*RIGHT, *FAR], None),
    "scaled_modified_bessel_k1": (
        special.scaled_modified_bessel_k1, lambda x: mp.exp(x) * K(1, x),
        lambda x: mp.exp(x) * (K(1, x) - K(0, x) - K(1, x) / x), [*RIGHT[1:], *FAR], None),
    "spherical_bessel_j0": (
        special.spherical_bessel_j0, lambda x: mp.sin(x) / x,
        lambda x: -mp.sign(x) * mp.sqrt(mp.pi / 2 / abs(x)) * J(1.5, abs(x)),
        [x for x in (*ANY, *VAST) if x], lambda x: 1 / abs(x) if abs(x) > 1 else 0),
    "erfcx": (special.erfcx, slow, lambda x: 2 * x * slow(x) - 2 / mp.sqrt(mp.pi),
              [*ANY, 1e4], None),
    "log_ndtr": (special.log_ndtr, log_phi, lambda x: mp.npdf(x) / mp.ncdf(x),
                 [-36.6, -20.0, *ANY[:-2], 8.3, 30.0], None),
    "igamma(.3, x)": (lambda x: special.igamma(0.3, x),
                      lambda x: mp.gammainc(0.3, 0, x, regularized=True),
                      lambda x: x ** (mp.mpf(0.3) - 1) * mp.exp(-x) / mp.gamma(0.3),
                      [*RIGHT[1:], 60.0], None),
    "igamma(250, x)": (lambda x: special.igamma(250.0, x),
                       lambda x: mp.gammainc(250, 0, x, regularized=True),
                       lambda x: mp.exp(249 * mp.log(x) - x - mp.loggamma(250)),
                       [70.0, 120.0, 200.0, 249.9, 250.0, 280.0, 700.0], None),
    "igammac(1e-9, x)": (lambda x: special.igammac(1e-9, x),
                         lambda x: mp.gammainc(mp.mpf(1e-9), x, mp.inf, regularized=True),
                         lambda x: -x ** (mp.mpf(1e-9) - 1) * mp.exp(-x) / mp.gamma(mp.mpf(1e-9)),
                         [1e-5, 0.3, 1.4999, 1.5, 7.7, 60.0], None),
    "igammac(250, x)": (lambda x: special.igammac(250.0, x),
                        lambda x: mp.gammainc(250, x, mp.inf, regularized=True),
                        lambda x: -mp.exp(249 * mp.log(x) - x - mp.loggamma(250)),
                        [120.0, 200.0, 249.9, 250.0, 280.0, 500.0, 700.0], None),
    "zeta(1.0625, q)": (lambda x: special.zeta(1.0625, x), lambda x: mp.zeta(mp.mpf(1.0625), x),
                        lambda x: -mp.mpf(1.0625) * mp.zeta(mp.mpf(2.0625), x),
                        [1e-5, 0.3, 1.0, 2.9, 11.99, 99.5, 1e4], None),
    "zeta(6, q)": (lambda x: special.zeta(6.0, x), lambda x: mp.zeta(6, x),
                   lambda x: -6 * mp.zeta(7, x), [1e-5, 0.3, 1.0, 2.9, 99.5], None),
    "hyp1f1(.3, 2.2, x)": (lambda x: special.hyp1f1(0.3, 2.2, x),
                           lambda x: mp.hyp1f1(mp.mpf(0.3), mp.mpf(2.2), x),
                           lambda x: mp.mpf(0.3) / mp.mpf(2.2) * mp.hyp1f1(mp.mpf(1.3), mp.mpf(3.2),
                                                                           x),
                           [-600.0, -99.5, *ANY], None),
    "logit": (special.logit, lambda x: mp.log(x) - mp.log1p(-x), lambda x: 1 / (x * (1 - x)),
              [1e-280, 1e-5, 0.25, 0.3, 0.5 - 1e-12, 0.5 + 1e-9, 0.74, 0.75, 0.999], None),
    "xlog1py(2.5, y)": (lambda x: special.xlog1py(2.5, x), lambda x: 2.5 * mp.log1p(x),
                        lambda x: 2.5 / (1 + x), [-0.999, -1e-9, *RIGHT, 1e300], None),
}  # fmt: skip
TINY = mp.mpf(2) ** -1000


def errors(found: Any, exact: Callable[[Any], Any], points: Numbers, scale: Any) -> list[Any]:
    """The points where the relative error, or that to the scale, is the largest, and it."""
    worst = []
    with mp.workdps(50):
        for x, y in zip(points, found, strict=True):
            e = exact(mp.mpf(float(x)))
            size = max(abs(e), mp.mpf(scale(x)) if scale else 0)
            if TINY < size < 1 / TINY:
                worst.append((float(abs(mp.mpf(float(y)) - e) / size), float(x)))
    assert len(worst) > len(points) // 2
    return max(worst)


@pytest.mark.parametrize("name", ROWS)
def test_values_and_slopes_are_mpmaths(name: str) -> None:
    function, exact, slope, points, scale = ROWS[name]
    x = ag.Tensor(np.array(points), requires_grad=True)
    y = function(x)
    (found,) = ag.grad(y.sum(), x)
    assert errors(y.numpy(), exact, points, scale)[0] < 1e-13
    assert errors(found.numpy(), slope, points, scale)[0] < 1e-13


@pytest.mark.parametrize("name", ROWS)
def test_single_precision_is_right_to_its_last_digits(name: str) -> None:
    function, exact, slope, points, scale = ROWS[name]
    points = [float(np.float32(x)) for x in points if x == 0 or 1e-15 < abs(x) < 1e15]
    x = ag.Tensor(np.array(points, np.float32), requires_grad=True)
    y = function(x)
    (found,) = ag.grad(y.sum(), x)
    assert y.dtype == found.dtype == np.float32
    for numbers, wanted in ((y.numpy(), exact), (found.numpy(), slope)):
        normal = np.isfinite(numbers) & (np.abs(numbers) > 1e-37)
        kept = [p for p, k in zip(points, normal, strict=True) if k]
        few = 3 if "(" not in name else 16  # the parameter is rounded too
        assert errors(numbers[normal], wanted, kept, scale)[0] < few * np.finfo(np.float32).eps


DEGREES = (0, 1, 2, 7, 30, 100)


def chebyshev(kind: str) -> Callable[[int, Any], Any]:
    """By their recurrence, in many digits."""
    second = {"t": (1, 0), "u": (2, 0), "v": (2, -1), "w": (2, 1)}[kind]

    def value(n: int, x: Any) -> Any:
        before, here = mp.mpf(1), second[0] * x + second[1]
        for _ in range(n - 1):
            before, here = here, 2 * x * here - before
        return here if n else before

    return value


def shifted(kind: str) -> Callable[[int, Any], Any]:
    value = chebyshev(kind)
    return lambda n, x: value(n, 2 * x - 1)


def hermite(scale: int) -> Callable[[int, Any], Any]:
    def value(n: int, x: Any) -> Any:
        before, here = mp.mpf(1), scale * x
        for k in range(1, n):
            before, here = here, scale * (x * here - k * before)
        return here if n else before

    return value


def laguerre(n: int, x: Any) -> Any:
    before, here = mp.mpf(1), 1 - x
    for k in range(1, n):
        before, here = here, ((2 * k + 1 - x) * here - k * before) / (k + 1)
    return here if n else before


UNIT = [-1.0, -1 + 1e-9, -0.7, -0.1, 0.0, 0.3, 0.98, 1 - 1e-12, 1.0, 1.5, -2.5]
POLYNOMIALS: dict[str, tuple[Callable[[int, Any], Any], Numbers]] = {
    **{f"chebyshev_polynomial_{kind}": (chebyshev(kind), UNIT) for kind in "tuvw"},
    **{
        f"shifted_chebyshev_polynomial_{kind}": (shifted(kind), [0.0, 0.25, 0.3, 0.75, 1.0, 1.5])
        for kind in "tuvw"
    },
    "hermite_polynomial_h": (hermite(2), UNIT),
    "hermite_polynomial_he": (hermite(1), UNIT),
    "laguerre_polynomial_l": (laguerre, [0.0, 0.3, 1.0, 5.0, 30.0]),
    "legendre_polynomial_p": (lambda n, x: mp.legendre(n, x), UNIT),
}


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials_and_their_slopes_are_exact_on_their_scale(name: str) -> None:
    exact, points = POLYNOMIALS[name]
    with mp.workdps(60):
        for n in DEGREES:
            x = ag.Tensor(np.array(points), requires_grad=True)
            y = getattr(special, name)(x, n)
            (slope,) = ag.grad(y.sum(), x)
            for at, value, tilt in zip(points, y.numpy(), slope.numpy(), strict=True):
                step = mp.mpf(10) ** -20
                e = exact(n, mp.mpf(at))
                d = (exact(n, at + step) - exact(n, at - step)) / (2 * step)
                size = abs(e) + abs(d) / (n + 1) + (n == 0)  # the amplitude of its waves
                assert abs(value - e) <= 1e-14 * size
                assert abs(tilt - d) <= 1e-13 * (abs(d) + (n + 1) * size)


def test_degrees_broadcast_and_keep_the_dtype_of_x() -> None:
    x = ag.Tensor([[0.5], [2.0]], requires_grad=True)
    y = special.legendre_polynomial_p(x, np.array([0, 1, 2, -1]))
    np.testing.assert_allclose(y.numpy(), [[1, 0.5, -0.125, 0], [1, 2, 5.5, 0]])
    (slope,) = ag.grad(y.sum(), x)
    np.testing.assert_allclose(slope.numpy(), [[1 + 1.5], [1 + 6]])
    assert y.dtype == slope.dtype == np.float32
    assert np.isnan(special.hermite_polynomial_h(0.5, 1.5))


ENDS = [
    (special.bessel_j0, [0, INF, -INF, NAN], [1, 0, 0, NAN]),
    (special.bessel_j1, [0, INF, -INF, NAN], [0, 0, 0, NAN]),
    (special.bessel_y0, [0, INF, -1, NAN], [-INF, 0, NAN, NAN]),
    (special.bessel_y1, [0, INF, -1, NAN], [-INF, 0, NAN, NAN]),
    (special.i0e, [0, INF, -INF, NAN], [1, 0, 0, NAN]),
    (special.i1e, [0, INF, -INF, NAN], [0, 0, 0, NAN]),
    (special.modified_bessel_k0, [0, INF, -1, NAN], [INF, 0, NAN, NAN]),
    (special.modified_bessel_k1, [0, INF, -1, NAN], [INF, 0, NAN, NAN]),
    (special.scaled_modified_bessel_k0, [0, INF, -1, NAN], [INF, 0, NAN, NAN]),
    (special.scaled_modified_bessel_k1, [0, INF, -1, NAN], [INF, 0, NAN, NAN]),
    (special.spherical_bessel_j0, [0, INF, -INF, NAN], [1, 0, 0, NAN]),
    (special.erfcx, [0, INF, -INF, -27, NAN], [1, 0, INF, INF, NAN]),
    (special.log_ndtr, [INF, -INF, NAN], [0, -INF, NAN]),
    (lambda x: special.igamma(2.0, x), [0, INF, -1, NAN], [0, 1, NAN, NAN]),
    (lambda x: special.igammac(2.0, x), [0, INF, -1, NAN], [1, 0, NAN, NAN]),
    (lambda a: special.igamma(a, 1.0), [0, INF, -1, NAN], [1, 0, NAN, NAN]),
    (lambda q: special.zeta(2.0, q), [0, -3, INF, NAN], [INF, INF, 0, NAN]),
    (lambda s: special.zeta(s, 2.0), [1, 0.5, INF, NAN], [INF, NAN, 0, NAN]),
    (lambda b: special.hyp1f1(1.0, b, 0.5), [0, -2, NAN], [NAN, NAN, NAN]),
    (lambda x: special.igamma(9.5, x), [1e4, 6e4, INF], [1, 1, 1]),
    (lambda x: special.igamma(9.5, np.float64(x) * 1e34), [1, 9], [1, 1]),
    (lambda x: special.igammac(9.5, np.float64(x) * 1e34), [1, 9], [0, 0]),
    (lambda x: special.hyp1f1(0.5, 1.5, x), [INF, -INF, NAN], [INF, NAN, NAN]),
    (lambda x: special.hyp1f1(-2.0, 1.5, x), [INF, NAN], [NAN, NAN]),
    (lambda x: special.hyp1f1(0.0, 1.5, x), [1, NAN], [1, NAN]),
    (lambda x: special.hyp1f1(-1.0, 1.0, x), [1, 2], [0, -1]),
    (lambda y: special.xlog1py(0.0, y), [-1, 3, INF, NAN], [0, 0, 0, NAN]),
]


@pytest.mark.parametrize("row", range(len(ENDS)))
def test_ends_poles_and_nan_give_what_they_should_without_a_warning(row: int) -> None:
    function, points, wanted = ENDS[row]
    for dtype in (np.float64, np.float32, np.float16):
        np.testing.assert_array_equal(function(np.array(points, dtype)), np.array(wanted, dtype))


def test_the_sign_of_zero_and_the_least_number() -> None:
    least = np.nextafter(0.0, 1.0)
    assert np.signbit(special.bessel_j1(np.array([-0.0, 0.0]))).tolist() == [True, False]
    np.testing.assert_allclose(special.bessel_y0(least), scipy.special.y0(least), rtol=1e-13)
    assert special.bessel_y1(least) == -INF


def test_what_cancels_in_kummers_series_is_nan_and_no_wrong_number() -> None:
    a, b, x = RNG.uniform(-10, 10, (3, 300)) * [[1], [1], [3]]
    found, right = special.hyp1f1(a, b, x), []
    with mp.workdps(40):
        right = [float(mp.hyp1f1(*map(mp.mpf, map(float, v)))) for v in zip(a, b, x, strict=True)]
    known = ~np.isnan(found)
    assert known.mean() > 0.7
    np.testing.assert_allclose(found[known], np.array(right)[known], rtol=1e-13)


PARAMETERS = [
    ("igamma", "a", lambda p, x: special.igamma(p, x)),
    ("igammac", "a", lambda p, x: special.igammac(p, x)),
    ("zeta", "s", lambda p, x: special.zeta(p + 1, x)),
    ("hyp1f1", "a", lambda p, x: special.hyp1f1(p, 2.0, x)),
    ("hyp1f1", "b", lambda p, x: special.hyp1f1(2.0, p, x)),
    ("legendre_polynomial_p", "n", lambda p, x: special.legendre_polynomial_p(x, p)),
]


@pytest.mark.parametrize(("name", "parameter", "call"), PARAMETERS)
def test_a_parameter_without_a_derivative_says_so(name: str, parameter: str, call: Any) -> None:
    p, x = ag.Tensor([2.0], requires_grad=True), ag.Tensor([0.5], requires_grad=True)
    with pytest.raises(UnsupportedError, match=f"{name} has no derivative by {parameter}"):
        call(p, x)
    with pytest.raises(UnsupportedError, match=f"no derivative by {parameter}"):
        ag.jvp(lambda p: call(p, x.detach()), (p.detach(),), (p.detach(),))
    assert call(p.detach(), x).requires_grad
    with ag.no_grad():
        assert not call(p, x).requires_grad


SCIPYS: dict[str, tuple[Any, ...]] = {
    "j0": (0.7,), "j1": (0.7,), "y0": (0.7,), "y1": (0.7,), "k0": (0.7,), "k0e": (0.7,),
    "k1": (0.7,), "k1e": (0.7,), "i0e": (0.7,), "i1e": (0.7,), "erfcx": (0.7,),
    "log_ndtr": (0.7,), "gamma": (0.7,), "exp10": (0.7,),
    "gammainc": (1.5, 0.7), "gammaincc": (1.5, 0.7), "hyp1f1": (0.5, 1.5, 0.7),
    "xlog1py": (0.5, 0.7), "rel_entr": (0.5, 0.7), "kl_div": (0.5, 0.7), "chdtr": (3.0, 0.7),
    "chdtrc": (3.0, 0.7), "gdtr": (2.0, 1.5, 0.7), "gdtrc": (2.0, 1.5, 0.7), "pdtr": (2.0, 0.7),
    "pdtrc": (2.0, 0.7), "eval_chebyt": (3, 0.7), "eval_chebyu": (3, 0.7),
    "eval_sh_chebyt": (3, 0.7), "eval_sh_chebyu": (3, 0.7), "eval_hermite": (3, 0.7),
    "eval_hermitenorm": (3, 0.7), "eval_laguerre": (3, 0.7), "eval_legendre": (3, 0.7),
}  # fmt: skip


@pytest.mark.parametrize("name", SCIPYS)
def test_scipys_ufuncs_of_tensors_record(name: str) -> None:
    *first, last = SCIPYS[name]
    x = ag.Tensor(np.array([last, last / 2]), requires_grad=True)
    y = getattr(scipy.special, name)(*first, x)
    step = 1e-6
    at = [getattr(scipy.special, name)(*first, x.numpy() + d) for d in (0, step, -step)]
    np.testing.assert_allclose(y.numpy(), at[0], rtol=1e-13)
    (slope,) = ag.grad(y.sum(), x)
    np.testing.assert_allclose(slope.numpy(), (at[1] - at[2]) / (2 * step), rtol=1e-7)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_ufunc_of_scipy_gives_a_plain_array_for_a_tensor() -> None:
    for name in dir(scipy.special):
        function = getattr(scipy.special, name)
        if not isinstance(function, np.ufunc):
            continue
        for position in range(function.nin):
            args: list[Any] = [0.5] * function.nin
            args[position] = ag.Tensor(np.array([0.4, 0.6]), requires_grad=True)
            try:
                found = function(*args)
            except (TypeError, ValueError):  # ours are both, by what they mean
                continue
            assert isinstance(found, ag.Tensor), name
            assert found.requires_grad or name == "gammasgn"


@pytest.mark.parametrize("name", ["betainc", "jv", "yv", "iv", "ive", "kv"])
def test_an_order_of_scipys_without_a_derivative_says_so_in_backward(name: str) -> None:
    order = ag.Tensor(np.array([0.5, 1.5]), requires_grad=True)
    more = (2.0, 0.3) if name == "betainc" else (0.3,)
    with pytest.raises(MissingMethodError, match=f"VJP of {name} wrt argnum 0 not defined"):
        getattr(scipy.special, name)(order, *more).sum().backward()
