"""autograd.scipy: SciPy's values, and derivatives that agree with differences."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import numpy
import pytest
import scipy.integrate
import scipy.linalg
import scipy.signal
import scipy.special
import scipy.stats

import autograd as ag
import autograd.numpy as np
import autograd.scipy
import autograd.scipy.stats.norm as norm_module
from autograd import grad
from autograd.errors import ArgumentError, MissingAttributeError, ShapeError, UnsupportedError
from autograd.scipy import integrate, linalg, signal, special, stats
from autograd.scipy.misc import logsumexp
from autograd.scipy.stats import norm
from autograd.test_util import check_grads

rs = numpy.random.RandomState(0)
X, U = rs.randn(5), rs.rand(5) * 0.8 + 0.1
POS, K = rs.rand(5) * 3 + 0.5, numpy.arange(5.0)
S = rs.randn(4, 4)
C = S @ S.T + numpy.eye(4)

# name, arguments, and those that a derivative is by
SPECIAL: list[tuple[str, tuple[Any, ...], tuple[int, ...]]] = [
    *[
        (name, (X,), (0,))
        for name in ["erf", "erfc", "expit", "ndtr", "log_ndtr", "i0", "i1", "j0", "j1", "softmax"]
    ],
    *[
        (name, (POS,), (0,))
        for name in ["digamma", "psi", "gamma", "gammaln", "rgamma", "entr", "y0", "y1"]
    ],
    *[(name, (U,), (0,)) for name in ["erfinv", "erfcinv", "logit", "ndtri"]],
    ("gamma", (numpy.array([-0.5, -1.3, 2.2]),), (0,)),
    ("rgamma", (numpy.array([-0.5, -1.3, 2.2]),), (0,)),
    ("gammasgn", (numpy.array([-0.5, -1.3, 2.2]),), ()),
    ("erf", (X + 0.1j,), (0,)),
    ("log_ndtr", (numpy.array([-30.0, -21.0, -19.9, 0.0, 6.0]),), (0,)),
    ("polygamma", (1, POS), (1,)),
    ("multigammaln", (POS + 2, 3), (0,)),
    ("beta", (POS, POS[::-1]), (0, 1)),
    ("betaln", (POS, POS[::-1]), (0, 1)),
    ("betainc", (POS, POS[::-1], U), (2,)),
    ("gammainc", (POS, POS[::-1]), (1,)),
    ("gammaincc", (POS, POS[::-1]), (1,)),
    *[(name, (2, POS), (1,)) for name in ["jn", "yn", "jv", "yv", "iv", "ive", "kv"]],
    ("xlogy", (POS, U), (0, 1)),
    ("logsumexp", (S, 1), (0,)),
    ("logsumexp", (S, None, POS[:4]), (0,)),
]
STATS: list[tuple[str, str, tuple[Any, ...], tuple[int, ...]]] = [
    *[
        ("norm", f, (X, 0.3, POS), (0, 1, 2))
        for f in ["pdf", "cdf", "sf", "logpdf", "logcdf", "logsf"]
    ],
    ("norm", "ppf", (U, 0.3, POS), (0, 1, 2)),
    ("norm", "logpdf", (0.4,), (0,)),
    *[("t", f, (X, 2.5, 0.3, POS), (0, 1, 2, 3)) for f in ("pdf", "logpdf")],
    *[("t", f, (X, 2.5, 0.3, POS), (0, 2, 3)) for f in ("cdf", "logcdf")],
    *[("beta", f, (U, POS, POS[::-1]), (0, 1, 2)) for f in ("pdf", "logpdf")],
    ("beta", "cdf", (U, POS, POS[::-1]), (0,)),
    *[("gamma", f, (POS, POS[::-1], -0.1, 1.5), (0, 1, 2, 3)) for f in ("pdf", "logpdf")],
    ("gamma", "cdf", (POS, POS[::-1]), (0,)),
    *[("chi2", f, (POS, 3.0), (0, 1)) for f in ("pdf", "logpdf")],
    ("chi2", "cdf", (POS, 3.0), (0,)),
    *[("poisson", f, (K, POS), (1,)) for f in ("pmf", "logpmf", "cdf")],
    *[("dirichlet", f, (U / U.sum(), POS), (1,)) for f in ("pdf", "logpdf")],
    *[("multivariate_normal", f, (S, X[:4], C), (0, 1)) for f in ("pdf", "logpdf")],
    ("multivariate_normal", "logpdf", (X[:4], X[1:], 2.0), (0, 1, 2)),
    ("multivariate_normal", "logpdf", (X, 0.5, 2.0), (0, 1)),
    ("multivariate_normal", "entropy", (X[:4], C), ()),
]


@pytest.mark.parametrize(
    ("name", "args", "argnums"), SPECIAL, ids=[f"{n}-{row[0]}" for n, row in enumerate(SPECIAL)]
)
def test_special_functions(name: str, args: Any, argnums: Any) -> None:
    function = getattr(special, name)
    theirs = getattr(scipy.special, name)(*args)
    numpy.testing.assert_allclose(function(*args), theirs, rtol=1e-11, atol=1e-14)
    if argnums:
        check_grads(function, argnums, modes=["rev"], order=1)(*args)


@pytest.mark.parametrize(
    ("kind", "name", "args", "argnums"),
    STATS,
    ids=[f"{n}-{row[0]}.{row[1]}" for n, row in enumerate(STATS)],
)
def test_distributions(kind: str, name: str, args: Any, argnums: Any) -> None:
    function = getattr(getattr(stats, kind), name)
    theirs = getattr(getattr(scipy.stats, kind), name)(*args)
    numpy.testing.assert_allclose(function(*args), theirs, rtol=1e-9, atol=1e-14)
    if argnums:
        check_grads(function, argnums, modes=["rev", "fwd"], order=1)(*args)


def test_the_covariance_of_a_normal_distribution_has_a_gradient() -> None:
    symmetric = lambda c: (c + c.T) / 2  # noqa: E731
    check_grads(lambda c: stats.multivariate_normal.logpdf(S, X[:4], symmetric(c)))(C)
    check_grads(lambda c: stats.multivariate_normal.entropy(X[:4], symmetric(c)))(C)
    flat = numpy.outer(X[:4], X[:4])
    ours = stats.multivariate_normal.logpdf(X[:4], numpy.zeros(4), flat, allow_singular=True)
    theirs = scipy.stats.multivariate_normal.logpdf(X[:4], numpy.zeros(4), flat, True)
    numpy.testing.assert_allclose(ours, theirs)
    with pytest.raises(UnsupportedError, match="no derivative by cov"):
        grad(lambda c: stats.multivariate_normal.logpdf(X[:4], np.zeros(4), c, True))(flat)


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize("shapes", [((6,), (3,)), ((3,), (6,)), ((5, 6), (2, 3)), ((4, 4), (4, 4))])
def test_convolution_is_scipys(mode: str, shapes: Any) -> None:
    a, b = (rs.randn(*shape) for shape in shapes)
    theirs = scipy.signal.convolve(a, b, mode)
    numpy.testing.assert_allclose(signal.convolve(a, b, mode=mode), theirs, atol=1e-12)
    check_grads(lambda a, b: signal.convolve(a, b, mode=mode), (0, 1), order=2)(a, b)


def test_convolution_over_some_axes_sums_over_others() -> None:
    images, taps = rs.randn(2, 3, 5, 6), rs.randn(3, 4, 2, 2)  # N, C, H, W and C, F, h, w
    found = signal.convolve(images, taps, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")
    assert found.shape == (2, 4, 4, 5)
    expected = sum(scipy.signal.convolve(images[0, c], taps[c, 1], "valid") for c in range(3))
    numpy.testing.assert_allclose(found[0, 1], expected)
    with pytest.raises(ArgumentError, match="mode is"):
        signal.convolve(X, X, mode="half")
    with pytest.raises(ShapeError, match="larger along all"):
        signal.convolve(rs.randn(2, 5), rs.randn(5, 2), mode="valid")


def test_linear_algebra() -> None:
    half = numpy.tril(S) + 3 * numpy.eye(4)
    banded = rs.randn(3, 4) + numpy.array([[0.0], [4.0], [0.0]])
    q = rs.randn(4, 4)
    rows: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
        ("solve_triangular", (half, X[:4]), {"lower": True}, (0, 1)),
        ("solve_triangular", (half, q), {"lower": True, "trans": "T"}, (0, 1)),
        ("solve_triangular", (half.T, q), {"unit_diagonal": True}, (0, 1)),
        ("solve_banded", ((1, 1), banded, X[:4]), {}, (1, 2)),
        ("solve_sylvester", (C, C + 1, q), {}, (0, 1, 2)),
        ("det", (S,), {}, (0,)), ("inv", (C,), {}, (0,)), ("expm", (S,), {}, (0,)),
        ("solve", (C, q), {}, (0, 1)), ("sqrtm", (C,), {}, (0,)),
    ]  # fmt: skip
    for name, args, options, argnums in rows:
        function = getattr(linalg, name)
        theirs = getattr(scipy.linalg, name)(*args, **options)
        numpy.testing.assert_allclose(function(*args, **options), theirs, atol=1e-10, err_msg=name)
        by = lambda *a, f=function, o=options: f(*a, **o)  # noqa: E731
        check_grads(by, argnums, modes=["rev"], order=1)(*args)
    numpy.testing.assert_allclose(linalg.cholesky(C), scipy.linalg.cholesky(C))
    numpy.testing.assert_allclose(linalg.block_diag(S, 1.0)[:4, :4], S)


def test_the_solution_of_an_equation_is_differentiated_by_all_that_it_depends_on() -> None:
    def decay(y: Any, t: Any, rate: Any, shift: Any) -> Any:
        return -rate * y + np.sin(t) * shift

    args = (X[:2], numpy.linspace(0.0, 1.0, 4), (0.7, X[2:4]))
    ours = integrate.odeint(decay, *args)
    numpy.testing.assert_allclose(ours, scipy.integrate.odeint(decay, *args))
    solve = lambda y, t, a: integrate.odeint(decay, y, t, a, rtol=1e-10, atol=1e-10)  # noqa: E731
    check_grads(solve, (0, 1, 2), modes=["rev"], order=1)(*args)


def test_other_functions_are_scipys_for_arrays_and_refused_for_traced_values() -> None:
    assert special.ellipk(0.5) == scipy.special.ellipk(0.5)
    with pytest.raises(UnsupportedError, match=r"scipy\.special\.ellipk has no derivative"):
        grad(special.ellipk)(0.5)
    with pytest.raises(MissingAttributeError, match="has no 'elipk'"):
        special.elipk  # noqa: B018
    with pytest.raises(MissingAttributeError, match="only integrate, linalg"):
        autograd.scipy.optimize  # noqa: B018
    assert norm_module is norm is stats.norm
    assert logsumexp is special.logsumexp
    for name in autograd.scipy.__all__:
        assert importlib.import_module(f"autograd.scipy.{name}") is getattr(autograd.scipy, name)


def test_what_needs_scipy_says_so_and_the_rest_does_without() -> None:
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "from autograd import grad\n"
        "from autograd.scipy.stats import norm, multivariate_normal, beta\n"
        "import autograd.scipy.linalg, autograd.scipy.signal, autograd.scipy.integrate\n"
        "print(grad(norm.logpdf)(1.0))\n"
        "try: beta.cdf(0.5, 1.0, 2.0)\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == [
        "-1.0", "autograd.scipy.special.betainc needs SciPy: pip install scipy"
    ]  # fmt: skip


# Functions that go by the numbers they are given: another example, another call has others.
OF_NUMBERS: dict[str, Any] = {
    "gamma": lambda x, y: special.gamma(x),
    "rgamma": lambda x, y: special.rgamma(x),
    "beta": special.beta,
    "rel_entr": special.rel_entr,
    "kl_div": special.kl_div,
    "logsumexp": lambda x, y: special.logsumexp(x, b=y, return_sign=True)[1],
    "poisson.logpmf": lambda x, y: stats.poisson.logpmf(ag.floor(x), ag.abs(y)),
    "poisson.cdf": lambda x, y: stats.poisson.cdf(x + 2, ag.abs(y)),
    "dirichlet.logpdf": lambda x, y: stats.dirichlet.logpdf(ag.softmax(x), ag.abs(y)),
    "convolve": signal.convolve,
    "convolve valid": lambda x, y: signal.convolve(x[:1], y, mode="valid"),
    "std": lambda x, y: np.std(ag.floor(x) + 1j * ag.floor(y)),
}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_what_goes_by_numbers_goes_by_those_of_each_example_and_call(name: str) -> None:
    function = OF_NUMBERS[name]
    x, y = (ag.Tensor(v) for v in numpy.random.default_rng(3).normal(size=(2, 6, 3)) * 1.5)
    right = [numpy.asarray(function(a, b)) for a, b in zip(x, y, strict=True)]
    numpy.testing.assert_allclose(
        numpy.asarray(ag.vmap(function)(x, y)), numpy.stack(right), rtol=1e-12
    )
    compiled = ag.compile(function)
    for a, b, value in zip(x, y, right, strict=True):
        numpy.testing.assert_allclose(numpy.asarray(compiled(a, b)), value, rtol=1e-12)
