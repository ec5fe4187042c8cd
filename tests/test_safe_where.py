"""What was not chosen gets no cotangent; what is zero by its number does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.debugging.safe_where import (
    CHOOSING,
    CONSTANT,
    IN_ROWS,
    IN_STACKS,
    PRODUCTS,
    _Sweep,
)
from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import OPS
from autograd.errors import TraceError
from autograd.sweep.pull import pull
from tests.test_ops import SMOOTH, call, leaves, outputs, wanted

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf(*data: float, dtype: str = "float64") -> Any:
    return ag.Tensor(data, requires_grad=True, dtype=dtype)


def test_the_ops_that_are_named_are_there() -> None:
    assert CHOOSING | CONSTANT | IN_ROWS | IN_STACKS | PRODUCTS <= OPS.keys()


def test_structural_zeros_are_zero_for_every_cotangent_of_every_op() -> None:
    """No op of the table takes a gradient away that there is."""
    draw, failures, told = np.random.default_rng(0), [], set()
    for op, sample in (case.values for case in SMOOTH):
        xs = leaves(sample, wanted(op, sample))
        ys = [y for y in outputs(call(op, sample, xs)) if y.requires_grad]
        if len(ys) != 1 or ys[0].grad_fn is None or ys[0].grad_fn.op.name == "output":
            continue
        y, node = ys[0], ys[0].grad_fn
        for dead in (draw.random(y.shape) < 0.5, np.ones(y.shape, bool), np.zeros(y.shape, bool)):
            if y.ndim > 1 and not dead.all():
                dead[0] = True  # a whole row
            sweep = _Sweep([])
            sweep.masks[node] = dead
            for turn in range(2):
                g = np.where(dead, 0, draw.normal(size=y.shape)).astype(y.dtype)
                g = g if type(node.spec) is tuple else g[()]
                found = pull(node, g, node.saved, (sweep,))
                plain = pull(node, g, node.saved)
                for source, mine, theirs in zip(node.inputs, found, plain, strict=True):
                    if mine is None or type(source) is not Node or not np.isfinite(theirs).all():
                        continue
                    if not np.array_equal(mine, theirs):
                        failures.append(f"{op.name} {sample}: another gradient, turn {turn}")
                    mask = sweep.masks.get(source)
                    if mask is not None:
                        told.add(op.name)
                        if np.any(raw(theirs)[mask]):
                            failures.append(f"{op.name} {sample}: {theirs} has {mask}")
    assert not failures, "\n".join(failures[:20])
    assert len(told) > 100


ROOTS = leaf(0.0, 4.0)
EYE = ag.Tensor(np.eye(2), dtype="float64")
HIDDEN: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "where": (lambda x: ag.where(x > 0, ag.sqrt(x), 0), [0, 0.25]),
    "np.where": (lambda x: np.where(x.numpy() > 0, 1, 0) * 0 + ag.where(x > 0, ag.sqrt(x), 0),
     [0, 0.25]),
    "other branch": (lambda x: ag.where(x == 0, 0, 1 / x), [0, -1 / 16]),
    "maximum": (lambda x: ag.maximum(ag.log(x), -5), [0, 0.25]),
    "minimum": (lambda x: ag.minimum(-ag.log(x), 5), [0, -0.25]),
    "clip": (lambda x: ag.clip(ag.log(x), -5, 5), [0, 0.25]),
    "abs": (lambda x: ag.abs(ag.sqrt(x)), [0, 0.25]),
    "relu": (lambda x: ag.relu(ag.log(x)), [0, 0.25]),
    "indexed": (lambda x: ag.sqrt(x)[1:], [0, 0.25]),
    "masked": (lambda x: ag.sqrt(x)[x.numpy() > 0], [0, 0.25]),
    "masked_fill": (lambda x: ag.masked_fill(ag.sqrt(x), x.numpy() == 0, 7.0), [0, 0.25]),
    "set": (lambda x: ag.where(x > 0, ag.power(x, 0.5), 0), [0, 0.25]),
    "largest": (lambda x: ag.sqrt(x).max(), [0, 0.25]),
    "staircase": (lambda x: ag.sign(ag.sqrt(x)), [0, 0]),
    "reshaped": (lambda x: ag.where((x > 0).reshape(1, 2), ag.sqrt(x.reshape(1, 2)), 0), [0, 0.25]),
    "broadcast": (lambda x: ag.where((x > 0)[:, None], ag.sqrt(x)[:, None] * np.ones(3), 0), [0,
     0.75]),
    "product": (lambda x: ag.where((x > 0)[:, None], ag.sqrt(x)[:, None] @ np.ones((1, 3)), 0),
     [0, 0.75]),
    "linear": (lambda x: ag.where((x > 0)[:, None], nn.functional.linear(ag.sqrt(x)[:, None],
     np.ones((3, 1))), 0),
               [0, 0.75]),
    "sum": (lambda x: ag.where(x > 0, (ag.sqrt(x)[:, None] * np.ones(3)).sum(1), 0), [0, 0.75]),
    "norm": (lambda x: ag.where(x > 0, ag.linalg.norm(ag.stack([ag.sqrt(x), 0 * x], 1), axis=1),
     0), [0, 0.25]),
    "softmax": (lambda x: ag.where((x > 0)[:, None], ag.softmax(ag.sqrt(x)[:,
     None] * np.arange(2.), 1), 0)[:, 1],
                [0, 0.25 * np.exp(2) / (1 + np.exp(2)) ** 2]),
    "chain": (lambda x: ag.where(x > 0, ag.exp(ag.log(ag.sqrt(x))), 0), [0, 0.25]),
    "quotient": (lambda x: ag.where(x > 0, x / ag.sqrt(x), 0), [0, 0.25]),
    "two uses": (lambda x: ag.where(x > 0, ag.sqrt(x), 0) + x, [1, 1.25]),
    "all of a branch": (lambda x: ag.where(np.True_, x,
     ag.linalg.inv(EYE * (1 + ag.sqrt(x[0])))[0]), [1, 1]),
    "nested": (lambda x: ag.where(x > 0, ag.where(x > 1, ag.sqrt(x), 0), 0), [0, 0.25]),
    "where of a scalar": (lambda x: ag.where(x[0] > 0, ag.sqrt(x[0]), 0.0), [0, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_what_was_not_chosen_has_a_gradient_of_zero(name: str) -> None:
    f, expected = HIDDEN[name]
    with ag.safe_where() as safe:
        x = leaf(0.0, 4.0)
        f(x).sum().backward()
        (dx,) = ag.grad(f(x).sum(), x, create_graph=True)
    np.testing.assert_allclose(raw(x.grad), expected, rtol=1e-12)
    np.testing.assert_allclose(raw(dx), expected, rtol=1e-12)
    if name != "two uses" or safe.acted:
        assert all("test_safe_where.py" in str(a.where) for a in safe.acted)
    y = leaf(0.0, 4.0)
    f(y).sum().backward()
    assert np.isnan(raw(y.grad)).any() == bool(safe.acted)


NUMBERS: dict[str, Callable[[Any], Any]] = {
    "a factor of zero": lambda x: ag.sqrt(x) * 0.0,
    "a factor in an array": lambda x: ag.sqrt(x) * np.array([0.0, 1.0]),
    "a difference of zero": lambda x: ag.sqrt(x) - ag.sqrt(x),
    "a slope of zero": lambda x: ag.square(ag.sqrt(x)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_happens_to_be_zero_is_no_choice(name: str) -> None:
    x = leaf(0.0, 4.0)
    with ag.safe_where() as safe:
        NUMBERS[name](x).sum().backward()
    assert np.isnan(raw(x.grad)[0])
    assert not safe.acted
    assert str(safe) == "safe_where had nothing to do"


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(
    ("f", "slopes"),
    [(lambda x: ag.where(x > 0, ag.sqrt(x), 0), [0.25, -1 / 32, 3 / 256]),
     (lambda x: ag.where(x > 0, x**1.5, 0), [3.0, 0.375, -3 / 64]),
     (lambda x: ag.maximum(ag.log(x), -5), [0.25, -1 / 16, 1 / 32])],
)  # fmt: skip
def test_gradients_of_gradients_are_safe(f: Any, slopes: Any, order: int) -> None:
    with ag.safe_where():
        x = leaf(0.0, 4.0)
        y = f(x)
        for _ in range(order):
            (y,) = ag.grad(y.sum(), x, create_graph=True)
    np.testing.assert_allclose(raw(y), [0.0, slopes[order - 1]], rtol=1e-12)


def f(x: Any) -> Any:
    return ag.where(x > 0, ag.sqrt(x), 0).sum()


def test_functions_of_functions_are_safe() -> None:
    x = ag.Tensor([0.0, 4.0], dtype="float64")
    with ag.safe_where():
        np.testing.assert_allclose(raw(ag.functional.grad(f)(x)), [0, 0.25])
        np.testing.assert_allclose(raw(ag.functional.hessian(f)(x)), [[0, 0], [0, -1 / 32]])
        for mode in ("forward", "reverse"):
            jacobian = ag.functional.jacobian(lambda x: ag.where(x > 0, ag.sqrt(x), 0), mode=mode)
            np.testing.assert_allclose(raw(jacobian(x)), [[0, 0], [0, 0.25]])
        compiled = ag.compile(f)
        for _ in range(3):
            np.testing.assert_allclose(raw(ag.functional.grad(compiled)(x)), [0, 0.25])


def test_where_choices_would_be_baked_in_it_raises() -> None:
    x = leaf(0.0, 4.0)

    @ag.compile
    def inside(x: Any) -> Any:
        with ag.safe_where():
            return ag.grad(f(x), x)[0]

    compiled = ag.compile(f)
    compiled(x)
    y = compiled(x)
    one = ag.functional.grad(lambda x: ag.where(x > 0, ag.sqrt(x), 0))
    with pytest.raises(TraceError, match="would keep the choices of the trace"):
        inside(x)
    for run, words in (
        (y.backward, "inside the block, which runs it op by op"),
        (lambda: ag.vmap(one)(x), r"vmap(.|\n)*make the branch safe itself"),
    ):
        with pytest.raises(TraceError, match=words), ag.safe_where():
            run()


def test_it_lists_where_it_acted_and_decorates() -> None:
    x = leaf(0.0, 0.0, 4.0)

    class Model(nn.Module):
        def forward(self, x: Any) -> Any:
            return ag.where(x > 0, ag.sqrt(x), 0)

    with ag.safe_where() as safe, ag.safe_where() as inner:
        Model()(x).sum().backward()
    assert not safe.acted
    assert [(a.op, a.input, a.module, a.zeros) for a in inner.acted] == [("sqrt", "x", "Model", 2)]
    assert "sqrt  x      2      Model   " in str(inner)

    @ag.safe_where
    def gradient(x: Any) -> Any:
        return ag.grad(f(x), x)[0]

    np.testing.assert_allclose(raw(gradient(x)), [0, 0, 0.25])
    (dx,) = ag.grad(f(x), x)
    assert np.isnan(raw(dx)[0])


def test_a_seed_on_an_inner_value_is_no_structural_zero() -> None:
    x = leaf(1.0, 4.0)
    with ag.safe_where():
        y = ag.sqrt(x)
        z = ag.where(np.array([False, True]), y, 0)
        (dx,) = ag.grad([z.sum(), y], x, [None, np.ones(2)])
    np.testing.assert_allclose(raw(dx), [0.5, 0.5])
