"""Jacobians and Hessians by one batch of directions, without a trace: each is as by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.control import trace
from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.functional import grad, hessian, hvp, jacobian, jvp, laplacian
from autograd.graph.pytree import flat

LARGEST = 6  # numbers of an input
SAMPLES = 1  # of an op
X = np.array([[1.0, 2.0, 3.0], [-0.5, 4.0, 0.25]])


def floats(inputs: Any) -> list[int]:
    """The inputs that are real numbers of double precision."""
    return [k for k, x in enumerate(inputs) if getattr(x, "dtype", None) == np.float64]


def small(op: Op) -> list[Any]:
    """Some samples that are small enough to be differentiated number by number."""
    return [
        s for s in op.samples()  # type: ignore[misc]
        if (by := floats(s.inputs))
        and all(s.inputs[k].size for k in by)
        and sum(s.inputs[k].size for k in by) <= LARGEST
    ][:SAMPLES]  # fmt: skip


def units(xs: list[Any]) -> list[list[Any]]:
    """All directions of several arrays."""
    sizes = [x.size for x in xs]
    ends = np.cumsum(sizes)[:-1]
    return [
        [part.reshape(x.shape) for part, x in zip(np.split(row, ends), xs, strict=True)]
        for row in np.eye(sum(sizes))
    ]


@pytest.mark.parametrize(
    "op", [o for o in OPS.values() if o.samples and o.differentiable], ids=lambda o: o.name
)
def test_columns_of_a_batch_are_those_of_each_direction(op: Op) -> None:
    """Of a Jacobian by both modes, and of a Hessian."""
    for sample in small(op):
        by = floats(sample.inputs)

        def values(*xs: Any, sample: Any = sample, by: Any = by) -> list[Any]:
            inputs = list(sample.inputs)
            for k, x in zip(by, xs, strict=True):
                inputs[k] = x
            ag.manual_seed(0)
            found = op.record(*inputs, **sample.params)
            parts = found if isinstance(found, (tuple, list)) else [found]
            return [np.real(y) for y in parts if y is not None and raw(y).dtype.kind in "fc"]

        def total(*xs: Any, values: Any = values) -> Any:
            return sum((y * y).sum() for y in values(*xs))

        xs = [sample.inputs[k] for k in by]
        every = tuple(range(len(by)))
        with np.errstate(all="ignore"):
            pushed = [jvp(lambda *xs: values(*xs), xs, t)[1] for t in units(xs)]
            right = np.stack([np.concatenate([np.ravel(y) for y in p]) for p in pushed], -1)
            for mode in ("reverse", "forward"):
                blocks = jacobian(values, every, mode=mode)(*xs)
                rows = [[np.reshape(b, (np.size(b) // x.size, x.size))  # by x
                         for b, x in zip(row, xs, strict=True)] for row in blocks]  # fmt: skip
                near(np.block(rows), right, f"{mode}: {sample}")
            slopes = [jvp(grad(total, every), xs, t)[1] for t in units(xs)]
            right = np.stack([np.concatenate([np.ravel(y) for y in s]) for s in slopes], -1)
            blocks = hessian(total, every)(*xs)
            rows = [[np.reshape(b, (x.size, -1)) for b in row]
                    for row, x in zip(blocks, xs, strict=True)]  # fmt: skip
            near(np.block(rows), right, f"hessian: {sample}")


def near(found: Any, right: Any, what: str) -> None:
    scale = np.max(np.abs(right), initial=1.0, where=np.isfinite(right))
    np.testing.assert_allclose(found, right, 0, 1e-10 * scale, err_msg=what)


@pytest.mark.parametrize("mode", ["reverse", "forward", "hessian", "laplacian"])
def test_a_function_runs_once_and_is_not_traced(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("traced")

    monkeypatch.setattr(trace.BodyCapture, "__enter__", refused)
    calls = []

    def f(x: Any) -> Any:
        calls.append(x)
        return ag.tanh(x @ x.T).sum(axis=0)

    of_one = {"hessian": hessian, "laplacian": laplacian}.get(mode)
    found = of_one(lambda x: f(x).sum()) if of_one else jacobian(f, mode=mode)
    found(X)
    assert len(calls) == 1


@pytest.mark.parametrize("f", [ag.std, ag.linalg.vector_norm], ids=["std", "norm"])
def test_a_tangent_that_is_transposed_is_that_of_each_example(f: Any) -> None:
    """Under vmap it was a constant where it has no axes, and other terms were lost."""

    def product(v: Any) -> Any:
        return hvp(lambda x: f(x) ** 2, X, v)[1]

    along = np.eye(X.size).reshape(-1, *X.shape)
    near(ag.vmap(product)(along), np.stack([product(v) for v in along]), "products")


class Halved(ag.Function):
    """A backward of a user's, which is promised Tensors."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 0.5

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        assert isinstance(g, ag.Tensor)
        return g * 0.5


def hooked(x: Any) -> Any:
    y = x * 1.0

    def hook(g: Any) -> Any:
        assert isinstance(g, ag.Tensor)
        return g * 0.5

    y.register_hook(hook)
    return y


@pytest.mark.parametrize(
    ("f", "factor"), [(Halved.apply, 0.5), (hooked, 1.0)], ids=["Function", "hook"]
)
def test_what_users_write_is_given_tensors(f: Any, factor: float) -> None:
    near(jacobian(lambda x: f(x) ** 2, mode="reverse")(X[0]), np.diag(factor * X[0]), "rows")


def test_parts_of_a_jacobian_share_no_memory() -> None:
    x, y = jacobian(lambda x, y: x + y, (0, 1))(X[0], X[1])
    assert not np.shares_memory(x, y)


def test_rows_of_no_numbers_are_none() -> None:
    """A function of nothing, and one that gives nothing."""
    for mode in ("reverse", "forward"):
        found = jacobian(lambda x: ag.tanh(x[:0]) * 2, mode=mode)(X[0])
        assert found.shape == (0, 3)
        found = jacobian(lambda x: ag.concat([ag.exp(x), ag.ones(2)]), mode=mode)(X[0][:0])
        assert found.shape == (2, 0)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_batches_nest(order: int) -> None:
    """A Jacobian of a Jacobian, of which one is a batch of recorded ops."""
    f: Any = lambda x: x**4  # noqa: E731
    for _ in range(order):
        f = jacobian(f)
    x = X[0]
    right = np.zeros((3,) * (order + 1))
    right[(np.arange(3),) * (order + 1)] = np.prod(range(4, 4 - order, -1)) * x ** (4 - order)
    near(f(x), right, "derivatives")
    assert len(flat(f(x))) == 1


CUBES = {
    "jvp": (lambda f, x: jvp(f, (x,), (x,))[1], 9),
    "hvp": (lambda f, x: hvp(lambda y: f(y).sum(), x, x)[1], 18),
    "jacobian": (lambda f, x: jacobian(f)(x) @ x, 9),
    "columns": (lambda f, x: jacobian(f, mode="forward")(x) @ x, 9),
    "hessian": (lambda f, x: hessian(lambda y: f(y).sum())(x) @ x, 18),
}


@pytest.mark.parametrize("outer", ["grad", "backward", "reverse", "forward"])
@pytest.mark.parametrize("inner", CUBES)
@pytest.mark.parametrize("is_leaf", [False, True])
def test_an_argument_that_is_closed_over_is_differentiated_by(
    inner: str, outer: str, is_leaf: bool
) -> None:
    """A Tensor of a graph, too: gradients went to a second record of it, and were lost."""
    of, factor = CUBES[inner]

    def g(x: Any) -> Any:
        return of(lambda y: y**3 * x, x)  # a multiple of x³

    x = ag.Tensor(X[0], requires_grad=is_leaf or outer == "backward")
    if outer == "backward":
        g(x).sum().backward()
        found: Any = x.grad
    elif outer == "grad":
        found = grad(lambda x: g(x).sum())(x)
    else:
        found = jacobian(g, mode=outer)(x).sum(axis=0)
    power = 4 if factor == 9 else 3
    near(raw(found), power * factor / 3 * X[0] ** (power - 1), inner)


@pytest.mark.parametrize(
    "inner",
    [
        *(jacobian(lambda a: ag.sin(a) * a[0], mode=mode) for mode in ("reverse", "forward")),
        hessian(lambda a: (ag.sin(a) * a[0]).sum()),
        laplacian(lambda a: (ag.sin(a) * a[0]).sum()),
    ],
    ids=["reverse", "forward", "hessian", "laplacian"],
)
def test_gradients_flow_through_batches_of_matrices(inner: Any) -> None:
    """They were cut within vmap, and zero without a word."""

    def total(x: Any) -> Any:
        return (ag.vmap(inner)(x) ** 2).sum()

    right = np.stack([grad(lambda a: (inner(a) ** 2).sum())(row) for row in X])
    near(grad(total)(X), right, "gradients")


def test_what_a_trace_closes_over_is_not_recorded_anew() -> None:
    """A Tensor of a graph around it, whose other record took the gradients."""

    def total(x: Any) -> Any:
        scaled = ag.scan(lambda c, a: (c * a, c), x[0], x)[0]
        return (jacobian(lambda y: y**2 * scaled, mode="forward")(x) ** 2).sum()

    x = ag.Tensor(X[:1], requires_grad=True)
    near(raw(ag.vmap(grad(total))(x)[0]), grad(total)(X[0]), "gradients")
