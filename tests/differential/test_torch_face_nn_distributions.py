"""nn.torch.distributions beside torch.distributions: every distribution, in every answer."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributions as theirs

import nn.torch.distributions as ours
from nn.torch import float64
from nn.torch.distributions.incomplete import gamma_slope
from nn.torch.functions.creating import tensor
from nn.torch.tensor import Tensor


@pytest.fixture(autouse=True)
def _both_check() -> None:
    """PyTorch's compiler, which other tests may have loaded, turns its checks off."""
    theirs.Distribution.set_default_validate_args(True)
    ours.Distribution.set_default_validate_args(True)


A = [[0.5, 1.5, 2.5], [3.0, 0.7, 1.1]]
B = [0.8, 1.3, 2.1]
P = [[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]
L = [[-0.2, 0.5, 0.3], [1.6, -1.1, 0.0]]
SPD = [[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.0]]
TRIL = [[1.4, 0.0, 0.0], [0.3, 1.5, 0.0], [0.1, 0.2, 1.0]]

# name, arguments (lists become float64 Tensors that require gradients; numbers stay)
CASES: list[tuple[str, dict[str, Any]]] = [
    ("Normal", {"loc": L, "scale": B}),
    ("Normal", {"loc": 0.0, "scale": 1.0}),
    ("Normal", {"loc": 0, "scale": B}),
    ("LogNormal", {"loc": L, "scale": B}),
    ("Laplace", {"loc": L, "scale": B}),
    ("Cauchy", {"loc": L, "scale": B}),
    ("Gumbel", {"loc": L, "scale": B}),
    ("HalfNormal", {"scale": A}),
    ("HalfCauchy", {"scale": A}),
    ("Exponential", {"rate": A}),
    ("Uniform", {"low": L, "high": 3.0}),
    ("Gamma", {"concentration": A, "rate": B}),
    ("Gamma", {"concentration": 2.0, "rate": 1.0}),
    ("InverseGamma", {"concentration": A, "rate": B}),
    ("Chi2", {"df": A}),
    ("Beta", {"concentration1": A, "concentration0": B}),
    ("Dirichlet", {"concentration": A}),
    ("StudentT", {"df": A, "loc": 0.5, "scale": B}),
    ("FisherSnedecor", {"df1": A, "df2": [5.0, 3.0, 7.0]}),
    ("Weibull", {"scale": A, "concentration": B}),
    ("Pareto", {"scale": A, "alpha": B}),
    ("Kumaraswamy", {"concentration1": A, "concentration0": B}),
    ("LogisticNormal", {"loc": L, "scale": B}),
    ("Bernoulli", {"probs": P}),
    ("Bernoulli", {"logits": L}),
    ("Bernoulli", {"probs": 0.3}),
    ("Geometric", {"probs": P}),
    ("Geometric", {"logits": L}),
    ("Poisson", {"rate": A}),
    ("Binomial", {"total_count": 5, "probs": P}),
    ("Binomial", {"total_count": 4, "logits": L}),
    ("NegativeBinomial", {"total_count": 3, "probs": P}),
    ("NegativeBinomial", {"total_count": 3, "logits": L}),
    ("Categorical", {"probs": P}),
    ("Categorical", {"probs": B}),
    ("Categorical", {"logits": L}),
    ("OneHotCategorical", {"probs": P}),
    ("OneHotCategorical", {"logits": L}),
    ("OneHotCategoricalStraightThrough", {"logits": L}),
    ("RelaxedOneHotCategorical", {"temperature": 0.7, "logits": L}),
    ("RelaxedBernoulli", {"temperature": 0.7, "probs": P}),
    ("Multinomial", {"total_count": 6, "probs": P}),
    ("Multinomial", {"total_count": 6, "logits": L}),
    ("MultivariateNormal", {"loc": L, "covariance_matrix": SPD}),
    ("MultivariateNormal", {"loc": B, "precision_matrix": SPD}),
    ("MultivariateNormal", {"loc": L, "scale_tril": TRIL}),
]
IDS = [f"{n}-{name}-{','.join(kwargs)}" for n, (name, kwargs) in enumerate(CASES)]
PLAIN = ("temperature", "total_count")


def pair(name: str, kwargs: dict[str, Any]) -> tuple[Any, Any, dict[str, Any], dict[str, Any]]:
    """Our distribution and theirs, and the leaves that each was made of."""
    mine, its = {}, {}
    for key, value in kwargs.items():
        if isinstance(value, list):
            mine[key] = leaf(value)
            its[key] = torch.tensor(value, dtype=torch.float64, requires_grad=True)
    temperature = {"temperature": torch.tensor(0.7, dtype=torch.float64)}
    extra = temperature if "temperature" in kwargs else {}
    return (
        getattr(ours, name)(**{**kwargs, **mine}),
        getattr(theirs, name)(**{**kwargs, **its, **extra}),
        mine,
        its,
    )


def leaf(value: Any) -> Any:
    return tensor(value, dtype=float64, requires_grad=True)


def values(x: Any) -> Any:
    return x.detach().numpy()


def attempt(call: Any) -> Any:
    try:
        return call()
    except (NotImplementedError, AttributeError):
        return None


def agree(found: Any, wanted: Any, mine: Any, its: Any, what: str) -> None:
    """The same values, dtypes and gradients; or neither has an answer."""
    assert (found is None) == (wanted is None), what
    if found is None:
        return
    assert type(found) is Tensor, what
    assert tuple(found.shape) == tuple(wanted.shape), what
    assert values(found).dtype == values(wanted).dtype, what
    np.testing.assert_allclose(values(found), values(wanted), rtol=1e-6, atol=1e-9, err_msg=what)
    assert found.requires_grad == wanted.requires_grad, what
    if wanted.requires_grad:
        usable = np.isfinite(values(wanted))
        with np.errstate(all="ignore"):  # inf · 0
            (found * tensor(usable)).sum().backward()
        try:
            (wanted * torch.tensor(usable)).sum().backward()
        except NotImplementedError:  # PyTorch's cdf of gamma numbers by their concentration
            return
        for key, leaf in its.items():
            zero = np.zeros(leaf.shape)
            a = zero if mine[key].grad is None else values(mine[key].grad)
            b = zero if leaf.grad is None else values(leaf.grad)
            known = np.isfinite(b)  # of a mean that is none, the derivative is 0 here, nan there
            np.testing.assert_allclose(
                a[known], b[known], rtol=1e-5, atol=1e-8, err_msg=f"{what}: d/d{key}"
            )


@pytest.mark.parametrize("what", ["mean", "mode", "variance", "stddev", "entropy", "perplexity"])
@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_moments(name: str, kwargs: Any, what: str) -> None:
    if (name, what) == ("Kumaraswamy", "mode"):
        return  # PyTorch's is nan for all parameters
    p, q, mine, its = pair(name, kwargs)

    def asked(d: Any) -> Any:
        return attempt(lambda: x() if callable(x := getattr(d, what)) else x)

    agree(asked(p), asked(q), mine, its, what)


@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_shapes_support_and_print(name: str, kwargs: Any) -> None:
    p, q, _, _ = pair(name, kwargs)
    assert tuple(p.batch_shape) == tuple(q.batch_shape)
    assert tuple(p.event_shape) == tuple(q.event_shape)
    assert p.has_rsample == q.has_rsample
    assert p.has_enumerate_support == q.has_enumerate_support
    assert set(p.arg_constraints) == set(q.arg_constraints)
    assert p.support.is_discrete == q.support.is_discrete
    assert p.support.event_dim == q.support.event_dim
    assert repr(p).partition("(")[0] == repr(q).partition("(")[0]
    wide = p.expand((4, *p.batch_shape)), q.expand((4, *q.batch_shape))
    assert tuple(wide[0].batch_shape) == tuple(wide[1].batch_shape)
    assert tuple(wide[0].sample((2,)).shape) == tuple(wide[1].sample((2,)).shape)


@pytest.mark.parametrize("what", ["log_prob", "cdf"])
@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_of_values(name: str, kwargs: Any, what: str) -> None:
    torch.manual_seed(0)
    for shape in [(), (4,)]:
        p, q, mine, its = pair(name, kwargs)
        drawn = q.sample(shape)
        at = tensor(drawn.numpy())
        agree(
            attempt(lambda: getattr(p, what)(at)),  # noqa: B023
            attempt(lambda: getattr(q, what)(drawn)),  # noqa: B023
            mine,
            its,
            what,
        )


@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_inverse_of_the_cdf_and_all_outcomes(name: str, kwargs: Any) -> None:
    p, q, mine, its = pair(name, kwargs)
    u = np.broadcast_to(np.array(0.3), tuple(q.batch_shape)).copy()
    found, wanted = attempt(lambda: p.icdf(tensor(u))), attempt(lambda: q.icdf(torch.tensor(u)))
    agree(found, wanted, mine, its, "icdf")
    for expand in (True, False):
        p, q, mine, its = pair(name, kwargs)
        agree(
            attempt(lambda: p.enumerate_support(expand)),  # noqa: B023
            attempt(lambda: q.enumerate_support(expand)),  # noqa: B023
            mine,
            its,
            "enumerate_support",
        )


@pytest.mark.parametrize(("name", "kwargs"), CASES, ids=IDS)
def test_draws(name: str, kwargs: Any) -> None:
    import nn

    nn.manual_seed(0)
    torch.manual_seed(0)
    p, q, mine, _ = pair(name, kwargs)
    for shape in [(), (2, 5)]:
        drawn, wanted = p.sample(shape), q.sample(shape)
        assert tuple(drawn.shape) == tuple(wanted.shape)
        assert np.asarray(drawn).dtype == wanted.numpy().dtype
        assert not drawn.requires_grad
    n = 4000
    a, b = np.asarray(p.sample((n,)), float), np.asarray(q.sample((n,)), float)
    # far out numbers are many here: compare by their ranks in a common sample
    for u in (0.1, 0.5, 0.9):
        level = np.quantile(np.concatenate([a, b]), u, axis=0)
        np.testing.assert_allclose((a <= level).mean(0), (b <= level).mean(0), atol=0.05)
    if p.has_rsample:
        y = p.rsample((3,))
        assert y.requires_grad == bool(mine)
        if mine:
            (y * y).sum().backward()
            assert any(leaf.grad is not None for leaf in mine.values())


@pytest.mark.parametrize("a", [0.05, 0.5, 1.0, 3.0, 40.0, 900.0])
def test_the_gradient_of_gamma_numbers(a: float) -> None:
    x = np.random.default_rng(0).standard_gamma(a, 200)
    wanted = torch._standard_gamma_grad(torch.full((200,), a, dtype=torch.float64), torch.tensor(x))
    np.testing.assert_allclose(gamma_slope(np.full(200, a), x), wanted.numpy(), rtol=2e-3)


SAME_FAMILY = [c for c in CASES if all(isinstance(v, list) or k in PLAIN for k, v in c[1].items())]


@pytest.mark.parametrize(("name", "kwargs"), SAME_FAMILY, ids=lambda x: str(x)[:40])
def test_divergence(name: str, kwargs: Any) -> None:
    p, q, mine, its = pair(name, kwargs)
    other = {k: _turned(v) if isinstance(v, list) and v not in (SPD, TRIL) else v
             for k, v in kwargs.items()}  # fmt: skip
    p2, q2, _, _ = pair(name, other)
    agree(
        attempt(lambda: ours.kl_divergence(p, p2)),
        attempt(lambda: theirs.kl_divergence(q, q2)),
        mine,
        its,
        "kl",
    )


def _turned(value: Any) -> Any:
    return value[::-1] if isinstance(value[0], list) else [x * 1.25 for x in value]


BAD = [
    ("Normal", {"loc": 0.0, "scale": -1.0}),
    ("Normal", {"loc": float("nan"), "scale": 1.0}),
    ("Categorical", {"probs": [[-0.1, 1.1]]}),
    ("Categorical", {}),
    ("Bernoulli", {"probs": 1.5}),
    ("Bernoulli", {"probs": 0.5, "logits": 0.0}),
    ("Uniform", {"low": 1.0, "high": 0.0}),
    ("Beta", {"concentration1": 0.0, "concentration0": 1.0}),
    ("Gamma", {"concentration": -1.0, "rate": 1.0}),
    ("MultivariateNormal", {"loc": [0.0, 0.0], "covariance_matrix": [[1.0, 2.0], [2.0, 1.0]]}),
    ("MultivariateNormal", {"loc": [0.0, 0.0]}),
    ("Poisson", {"rate": -1.0}),
]


@pytest.mark.parametrize(("name", "kwargs"), BAD)
def test_parameters_that_make_no_sense_are_refused_as_there(name: str, kwargs: Any) -> None:
    def made(library: Any, make: Any) -> Any:
        given = {k: make(v) if isinstance(v, list) else v for k, v in kwargs.items()}
        return getattr(library, name)(**given)

    with pytest.raises(ValueError):  # noqa: PT011 (the message is its own)
        made(theirs, torch.tensor)
    with pytest.raises(ValueError):  # noqa: PT011
        made(ours, tensor)


@pytest.mark.parametrize(
    ("name", "kwargs", "value"),
    [
        ("Beta", {"concentration1": 1.0, "concentration0": 1.0}, 2.0),
        ("Bernoulli", {"probs": 0.5}, 0.5),
        ("Categorical", {"probs": [0.5, 0.5]}, 2.0),
        ("Uniform", {"low": 0.0, "high": 1.0}, 2.0),
        ("Exponential", {"rate": 1.0}, -1.0),
        ("Poisson", {"rate": 1.0}, 0.5),
    ],
)
def test_values_outside_the_support_are_refused(name: str, kwargs: Any, value: Any) -> None:
    q = getattr(theirs, name)(**{k: torch.tensor(v) for k, v in kwargs.items()})
    p = getattr(ours, name)(**{k: tensor(v) for k, v in kwargs.items()})
    with pytest.raises(ValueError, match="within the support"):
        q.log_prob(torch.tensor(value))
    with pytest.raises(ValueError, match="within the support"):
        p.log_prob(tensor(value))
    unchecked = getattr(ours, name)(
        **{k: tensor(v) for k, v in kwargs.items()}, validate_args=False
    )
    assert unchecked._validate_args is False


TRANSFORMS = [
    ("ExpTransform", ()), ("SigmoidTransform", ()), ("TanhTransform", ()),
    ("SoftplusTransform", ()),
    ("AffineTransform", (0.5, 2.0)), ("AffineTransform", (0.5, -2.0, 1)), ("AbsTransform", ()),
    ("PowerTransform", (2.0,)), ("SoftmaxTransform", ()), ("StickBreakingTransform", ()),
    ("LowerCholeskyTransform", ()), ("ReshapeTransform", ((3,), (3, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), TRANSFORMS, ids=str)
def test_transforms(name: str, args: Any) -> None:
    x = np.array(SPD) * 0.5
    its = [torch.tensor(a, dtype=torch.float64) if name == "PowerTransform" else a for a in args]
    f, g = getattr(ours, name)(*args), getattr(theirs, name)(*its)
    assert (f.bijective, f.domain.event_dim, f.codomain.event_dim) == (
        g.bijective, g.domain.event_dim, g.codomain.event_dim,
    )  # fmt: skip
    y, want = f(tensor(x)), g(torch.tensor(x))
    np.testing.assert_allclose(values(y), values(want), rtol=1e-6)
    np.testing.assert_allclose(values(f.inv(y)), values(g.inv(want)), rtol=1e-6, atol=1e-9)
    if name not in ("AbsTransform", "SoftmaxTransform", "LowerCholeskyTransform"):
        found = f.log_abs_det_jacobian(tensor(x), y)
        wanted = g.log_abs_det_jacobian(torch.tensor(x), want)
        np.testing.assert_allclose(values(found), values(wanted), rtol=1e-6, atol=1e-9)


def composed(d: Any, make: Any) -> dict[str, Any]:
    """Distributions made of others, in either library."""
    loc, scale, probs = make(L), make(B), make(P)
    normal = d.Normal(loc, scale)
    return {
        "independent": d.Independent(normal, 1),
        "independent of all": d.Independent(normal, 2),
        "squashed": d.TransformedDistribution(normal, d.TanhTransform()),
        "squashed, moved": d.Independent(
            d.TransformedDistribution(normal, [d.TanhTransform(), d.AffineTransform(1.0, 2.0)]), 1
        ),
        "stick": d.TransformedDistribution(normal, d.StickBreakingTransform()),
        "logistic": d.TransformedDistribution(
            d.Uniform(make(0.0), make(1.0)),
            [d.SigmoidTransform().inv, d.AffineTransform(loc=loc, scale=scale)],
        ),
        "mixture": d.MixtureSameFamily(d.Categorical(probs), normal),
        "mixture of vectors": d.MixtureSameFamily(
            d.Categorical(make([0.3, 0.7])), d.Independent(normal, 1)
        ),
    }


@pytest.mark.parametrize("which", [*composed(theirs, torch.tensor)])
def test_what_is_made_of_others(which: str) -> None:
    torch.manual_seed(0)
    p = composed(ours, lambda v: tensor(np.array(v)))[which]
    q = composed(theirs, lambda v: torch.tensor(v, dtype=torch.float64))[which]
    assert tuple(p.batch_shape) == tuple(q.batch_shape)
    assert tuple(p.event_shape) == tuple(q.event_shape)
    for shape in [(), (4,)]:
        drawn = q.sample(shape)
        assert tuple(p.sample(shape).shape) == tuple(drawn.shape)
        found, wanted = p.log_prob(tensor(drawn.numpy())), q.log_prob(drawn)
        np.testing.assert_allclose(values(found), values(wanted), rtol=1e-6, atol=1e-9)
    for what in ("mean", "variance", "entropy"):
        found, wanted = attempt(lambda: _asked(p, what)), attempt(lambda: _asked(q, what))  # noqa: B023
        assert (found is None) == (wanted is None)
        if found is not None:
            np.testing.assert_allclose(values(found), values(wanted), rtol=1e-6)


def _asked(d: Any, what: str) -> Any:
    return x() if callable(x := getattr(d, what)) else x


def test_every_name_of_theirs_is_here_or_refused_by_name() -> None:
    tested = {name for name, _ in CASES} | {name for name, _ in TRANSFORMS}
    for name in theirs.__all__:
        if not hasattr(ours, name):
            with pytest.raises(AttributeError, match=r"is not here: \w+"):
                getattr(ours, name)
        elif inspect.isclass(getattr(theirs, name)) and name not in tested:
            assert name in (
                "Distribution", "ExponentialFamily", "Transform", "ComposeTransform",
                "IndependentTransform", "Independent", "TransformedDistribution",
                "MixtureSameFamily",
            ), name  # fmt: skip
