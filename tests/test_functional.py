"""autograd.functional: what reaches gradients, what is a constant, what is refused and how."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import functional as F
from autograd.errors import AutogradError

X = np.array([0.5, 1.2, -0.7])


def leaf(x: Any = X) -> Any:
    return ag.Tensor(x, requires_grad=True)


def cubes(x: Any) -> Any:
    return (x**3).sum()


# Calls whose result is (x³)'' · 1 = 6x, or a sum with that slope, by a Tensor that they close over,
# or get as an argument that nobody has asked to be differentiated by.
REACHES: dict[str, Any] = {
    "grad": lambda w: F.grad(lambda x: (x * w**3 / 3).sum())(ag.Tensor(X)).sum(),
    "grad at a leaf": lambda w: F.grad(cubes)(w).sum() / 6,
    "value": lambda w: F.value_and_grad(lambda x: (x * 0 + w**3 / 3).sum())(ag.Tensor(X))[0],
    "aux": lambda w: F.grad(lambda x: (x.sum(), w**3 / 3), has_aux=True)(ag.Tensor(X))[1].sum(),
    "aux of jvp": lambda w: F.jvp(lambda x: (x * 2, x**3 / 3), (w,), (w,), has_aux=True)[2].sum(),
    "vjp, value": lambda w: F.vjp(lambda x: x * w**3 / 3, np.ones(3))[0].sum(),
    "vjp, cotangent": lambda w: F.vjp(lambda x: x**2, np.ones(3))[1](w**3 / 6)[0].sum(),
    "vjp, cotangent of a Tensor": lambda w: F.vjp(lambda x: x**2, ag.ones(3))[1](w**3 / 6)[0].sum(),
    "vjp, closed over": lambda w: F.vjp(lambda x: x * w**3 / 3, np.ones(3))[1](np.ones(3))[0].sum(),
    "linearize, tangent": lambda w: F.linearize(lambda x: x**2, np.ones(3))[1](w**3 / 6).sum(),
    "linearize, closed over": lambda w: F.linearize(lambda x: x * w**3 / 3, X)[1](np.ones(3)).sum(),
    "jvp, tangent": lambda w: F.jvp(lambda x: x**2, (np.ones(3),), (w**3 / 6,))[1].sum(),
    "jvp, closed over": lambda w: F.jvp(lambda x: x * w**3 / 3, (X,), (np.ones(3),))[1].sum(),
    "jacobian, reverse": lambda w: F.jacobian(lambda x: x * w**3 / 3, mode="reverse")(X).sum(),
    "jacobian, forward": lambda w: F.jacobian(lambda x: x * w**3 / 3, mode="forward")(X).sum(),
    "hessian": lambda w: F.hessian(lambda x: (x**2 * w**3 / 6).sum())(X).sum(),
    "hessian at a leaf": lambda w: F.hessian(lambda x: (x**5 / 60).sum())(w).sum(),
    "hvp, vector": lambda w: F.hvp(lambda x: (x**2).sum() / 6, X, w**3)[1].sum(),
    "hvp, closed over": lambda w: F.hvp(lambda x: (x**2 * w**3).sum() / 6, X, np.ones(3))[1].sum(),
    "vhp, vector": lambda w: F.vhp(lambda x: (x**2).sum() / 6, X, w**3)[1].sum(),
    "vhp, closed over": lambda w: F.vhp(lambda x: (x**2 * w**3).sum() / 6, X, np.ones(3))[1].sum(),
    "laplacian": lambda w: F.laplacian(lambda x: (x**2 * w**3).sum() / 6)(X),
    "vmap, closed over": lambda w: ag.vmap(lambda x: x * w**3 / 3)(np.ones(1)).sum(),
    "vmap, a value on the way": lambda w: _on_the_way(w**2 / 3, w),
    "vmap of grad, closed over": (
        lambda w: ag.vmap(F.grad(lambda x: (x * w**3 / 3).sum()))(np.ones((1, 3))).sum()),
    "vmap of a pullback": lambda w: ag.vmap(F.vjp(lambda x: x**3 / 6, w)[1])(_eye())[0].sum() * 2,
    "checkpoint": lambda w: F.checkpoint(lambda x: (x * w**3 / 3).sum())(np.ones(3)),
    "no requires_grad outside": lambda w: F.checkpoint(lambda x: (x**3 / 3).sum())(w),
}  # fmt: skip
# of those whose result is not w³/3 itself
SLOPES = {
    "grad at a leaf": lambda w: w, "vmap of a pullback": lambda w: 2 * w,
    "hessian at a leaf": lambda w: w**2,
}  # fmt: skip


def _eye() -> Any:
    return ag.Tensor(np.eye(3))


def _on_the_way(square: Any, w: Any) -> Any:
    return ag.vmap(lambda x: square * x * w)(np.ones(1)).sum()


@pytest.mark.parametrize("name", REACHES)
def test_gradients_reach_every_tensor_that_a_transform_uses(name: str) -> None:
    w = leaf()
    REACHES[name](w).backward()
    wanted = SLOPES.get(name, lambda w: w**2)(X)
    np.testing.assert_allclose(w.grad.numpy(), wanted, rtol=1e-12)


CONSTANT: dict[str, Any] = {
    "grad": lambda x: F.grad(cubes)(x),
    "aux": lambda x: F.value_and_grad(lambda x: (cubes(x), [x * 2]), has_aux=True)(x),
    "vjp": lambda x: F.vjp(lambda x: x**2, x)[1](x),
    "vmap of a pullback": lambda x: ag.vmap(F.vjp(lambda x: x**2, x)[1])(_eye()),
    "jvp": lambda x: F.jvp(lambda x: (x**2, x * 3), (x,), (x,), has_aux=True),
    "linearize": lambda x: F.linearize(lambda x: x**2, x)[1](x),
    "jacobian": lambda x: F.jacobian(lambda x: (x**2, x * 3), has_aux=True)(x),
    "forward": lambda x: F.jacobian(lambda x: (x**2, x * 3), has_aux=True, mode="forward")(x),
    "hessian": lambda x: F.hessian(cubes)(x),
    "hvp": lambda x: F.hvp(cubes, x, x),
    "vhp": lambda x: F.vhp(cubes, x, x),
    "laplacian": lambda x: F.laplacian(cubes)(x),
    "vmap of grad": lambda x: ag.vmap(F.grad(lambda x: x**3))(x),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_without_anything_to_reach_results_hold_no_graph(name: str) -> None:
    found = list(ag.graph.pytree.flat(CONSTANT[name](ag.Tensor(X))))
    assert not any(y.requires_grad for y in found if isinstance(y, ag.Tensor))
    assert all(isinstance(y, ag.Tensor) for y in found)


def product(x: Any, y: Any) -> Any:
    return (x**2 * y).sum()


BOTH = ("grad", "value_and_grad", "jacobian", "hessian")


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("how", [{"argnums": 1}, {"argnums": (0, 1)}, {"argnums": (-1,)}])
def test_operators_of_hips_take_argnums_and_has_aux_as_in_jax(name: str, how: Any) -> None:
    def with_aux(x: Any, y: Any) -> Any:
        return product(x, y), {"seen": x}

    args = ag.Tensor(X), ag.Tensor(2 * X)
    wanted = getattr(F, name)(product, **how)(*args)
    assert repr(getattr(ag, name)(product, **how)(*args)) == repr(wanted)
    wanted = getattr(F, name)(with_aux, has_aux=True, **how)(*args)
    assert repr(getattr(ag, name)(with_aux, has_aux=True, **how)(*args)) == repr(wanted)
    assert repr(getattr(ag, name)(with_aux, how["argnums"], has_aux=True)(*args)) == repr(wanted)
    with pytest.raises(AutogradError, match="takes these two alone"):
        getattr(ag, name)(product, 0, **how)


M = ag.Tensor(np.ones((4, 3)))
T = ag.Tensor(X)
MASKED = ag.Tensor(np.array([[1.0, 2.0], [3.0, -1.0]]))
kept: list[Any] = []
turns: list[int] = []


def changing(x: Any) -> Any:
    turns.append(1)
    return x if len(turns) % 2 else (x, x)


def no_number(result: Any) -> Any:
    return lambda: F.grad(lambda x: result)(T)


# What is called wrongly, with what the error says to do.
REFUSED: dict[str, tuple[Any, str]] = {
    "a vector": (lambda: F.grad(lambda x: x * 2)(T), r"shape \(3,\): sum it up, take jacobian"),
    "a pair": (lambda: F.grad(lambda x: (x.sum(), x))(T), "tuple.*has_aux=True"),
    "a dict": (lambda: F.value_and_grad(lambda x: {"l": x.sum()})(T), "dict.*has_aux=True"),
    "complex": (lambda: F.grad(lambda x: (x * 1j).sum())(T), "real number.*complex128"),
    "an index": (lambda: F.grad(ag.argmax)(T), "real number.*int64"),
    "hessian of a vector": (lambda: F.hessian(lambda x: x**2)(T), "^hessian: f.*sum it up"),
    "hvp of a vector": (lambda: F.hvp(lambda x: x**2, T, T), "sum it up"),
    "laplacian of a vector": (lambda: F.laplacian(lambda x: x)(T), "^laplacian: f.*sum it up"),
    "tangents of linearize": (
        lambda: F.linearize(lambda x: x, T)[1](M), "tangents have the shapes",
    ),
    "a string": (no_number("loss"), "returned str, not a Tensor.*lost"),
    "nothing": (no_number(None), "returned NoneType, not a Tensor"),
    "an array": (no_number(np.ones(())), r"returned ndarray.*\n.*ag.tensor\(value\)"),
    "item()": (lambda: F.grad(lambda x: x.sum().item())(T), r"returned float.*\n.*item\(\)"),
    "jacobian of float": (lambda: F.jacobian(lambda x: x[0].item())(T), "returned float"),
    "vjp of float": (lambda: F.vjp(lambda x: x[0].item(), T), "returned float"),
    "jvp of float": (lambda: F.jvp(lambda x: x[0].item(), (T,), (T,)), "returned float"),
    "float()": (lambda: F.grad(lambda x: float(x.sum()))(T), "gradient would be lost"),
    "numpy": (lambda: F.grad(lambda x: np.asarray(x).sum())(T), "gradient would be lost"),
    "integers": (lambda: F.grad(lambda x: x.sum())(ag.Tensor([1, 2])), "int64.*astype\\(float"),
    "an int": (lambda: F.grad(lambda x: x * 2)(3), "no derivative: write it as floats"),
    "a bool": (lambda: F.grad(lambda x: x * 2)(True), "bool, which has no derivative"),
    "integers in a dict": (lambda: F.grad(lambda p: p["a"])({"a": T, "k": 3}), "argnums"),
    "integers, jvp": (lambda: F.jvp(lambda x: x, (ag.Tensor([1]),), (T,)), "close over it"),
    "integers, linearize": (lambda: F.linearize(lambda x: x, ag.Tensor([1])), "as floats"),
    "text": (lambda: F.grad(lambda x: x)("a"), "holds a str.*close over"),
    "argnums too far": (lambda: F.grad(product, argnums=2)(T, T), "2 positional arguments"),
    "by keyword": (lambda: F.grad(lambda x: x.sum())(x=T), "give that one by position"),
    "no pair": (lambda: F.grad(lambda x: x.sum(), has_aux=True)(T), "returns a pair"),
    "a Tensor for f": (lambda: F.grad(T), "must be a function"),
    "cotangent of another shape": (lambda: F.vjp(lambda x: x, T)[1](M), "shapes of the value"),
    "cotangents, fewer": (lambda: F.vjp(lambda x: (x, x), T)[1](T), "shapes of the value"),
    "tangent of another shape": (lambda: F.jvp(lambda x: x, (T,), (M,)), "must be the same"),
    "tangents, fewer": (lambda: F.jvp(product, (T, T), (T,)), "2 primals but 1 tangents"),
    "v of another shape": (lambda: F.hvp(cubes, T, M), "v has the shapes of inputs"),
    "mode": (lambda: F.jacobian(cubes, mode="up"), "auto, reverse, forward"),
    "another structure": (
        lambda: F.checkpoint(changing)(leaf(np.ones(()))).backward(), "must give the same twice"),
    "sizes": (lambda: ag.vmap(ag.add)(M, T), r"args\[0\] has 4, args\[1\] has 3"),
    "no such axis": (lambda: ag.vmap(ag.exp, 2)(M), "has no axis 2 of examples"),
    "no axis at all": (lambda: ag.vmap(ag.exp)(ag.tensor(1.0)), "has no axis 0 of examples"),
    "no examples": (lambda: ag.vmap(ag.exp, None)(M), "in_axes is None for all"),
    "axes of another tree": (lambda: ag.vmap(ag.exp, {"b": 0})(M), "structure of its argument"),
    "out_axes": (lambda: ag.vmap(ag.exp, out_axes=3)(M), "no axis 3 in out_axes"),
    "out_axes None": (lambda: ag.vmap(ag.exp, out_axes=None)(M), "differs from example"),
    "PyTorch's names": (lambda: ag.vmap(ag.exp, in_dims=0)(M), "spelled in_axes"),
    "if": (lambda: ag.vmap(lambda x: x if x.sum() > 0 else -x)(M), r"truth value.*\n.*ag.where"),
    "range": (lambda: ag.vmap(lambda n: sum(range(n)))(ag.arange(3)), r"Python sees.*\n.*in_axes"),
    "item() of one": (lambda: ag.vmap(lambda x: x * x.sum().item())(M), r"item\(\) of.*\n.*ops on"),
    "numpy of one": (lambda: ag.vmap(lambda x: x.numpy())(M), "Python sees numpy"),
    "text of one": (lambda: ag.vmap(lambda x: "a")(M), "is str: leaves are Tensors"),
    "a mask": (lambda: ag.vmap(lambda x: x[x > 0].sum())(MASKED), "follows from the numbers"),
    "nonzero": (lambda: ag.vmap(ag.nonzero)(MASKED), "choose by ag.where"),
    "a leak": (lambda: ag.vmap(lambda x: kept.append(x * 2) or x)(M), "return it from the"),
    "a leak of the example": (lambda: ag.vmap(lambda x: kept.append(x) or x * 2)(M), "return it"),
    "draws": (lambda: ag.vmap(lambda x: x + ag.random.normal(3))(M), 'randomness="different"'),
    "straight_through": (lambda: F.straight_through(M, T), "must be the same"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_gets_a_sentence_with_the_remedy(name: str) -> None:
    call, message = REFUSED[name]
    with pytest.raises(AutogradError, match=f"(?s){message}"):
        call()
    kept.clear()


UNUSED: dict[str, Any] = {
    "grad": lambda: F.grad(lambda x, y: (x**2).sum(), argnums=(0, 1))(X, X)[1],
    "linearize": lambda: F.linearize(lambda x, y: x * 2, X, X)[1](X * 0, X),
    "vhp": lambda: F.vhp(lambda x, y: (x**3).sum(), (X, X), (X, X))[1][1],
    "hvp": lambda: F.hvp(lambda x, y: (x**3).sum(), (X, X), (X, X))[1][1],
    "hessian": lambda: F.hessian(lambda x, y: (x**3).sum(), argnums=(0, 1))(X, X)[1][1][0],
    "jacobian": lambda: F.jacobian(lambda x, y: x**3, argnums=(0, 1))(X, X)[1][0],
    "linear": lambda: F.hessian(lambda x: (x * 2).sum())(X)[0],
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_f_does_not_use_has_the_derivative_zero_without_a_warning(name: str) -> None:
    np.testing.assert_array_equal(UNUSED[name](), np.zeros(3))


def test_a_constant_function_is_told() -> None:
    with pytest.warns(UserWarning, match="independent of input"):
        assert F.grad(lambda x: ag.tensor(1.0))(1.0) == 0


def test_a_hessian_by_one_batch_of_products_is_much_faster_than_by_a_loop() -> None:
    """At least five times, for the 500 parameters of a network: about thirty, when measured."""
    rng = np.random.default_rng(0)
    shapes = [(20, 10), (10, 20), (10, 10)]
    sizes = [a * b for a, b in shapes]
    rows, p = ag.Tensor(rng.normal(size=(16, 10))), ag.Tensor(rng.normal(size=sum(sizes)))

    def loss(p: Any) -> Any:
        h = rows
        for part, shape in zip(ag.split(p, list(np.cumsum(sizes)[:-1])), shapes, strict=True):
            h = ag.tanh(h @ part.reshape(shape).T)
        return (h**2).mean()

    def seconds(call: Any) -> tuple[float, Any]:
        start = time.perf_counter()
        found = call()
        return time.perf_counter() - start, found

    units = ag.eye(500, dtype="float64")
    batch, few = ag.vmap(lambda v: F.hvp(loss, p, v)[1]), 20
    _, whole = min((seconds(lambda: batch(units)) for _ in range(3)), key=lambda pair: pair[0])
    of_batch = min(seconds(lambda: batch(units))[0] for _ in range(3))
    of_loop, rows_of_loop = seconds(lambda: [F.hvp(loss, p, v)[1] for v in units[:few]])
    np.testing.assert_allclose(whole[:few].numpy(), np.stack([r.numpy() for r in rows_of_loop]))
    np.testing.assert_allclose(F.hessian(loss)(p).numpy(), whole.numpy(), atol=1e-15)
    assert of_loop * (500 / few) > 5 * of_batch
