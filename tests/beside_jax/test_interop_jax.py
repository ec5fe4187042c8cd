"""Functions cross between JAX and here with their gradients, to any order; memory is shared."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import autograd as ag
from autograd import interop
from autograd.errors import AutogradError

PAIRS: dict[str, tuple[Any, Any, tuple[tuple[int, ...], ...]]] = {
    "elementwise": (lambda x: ag.tanh(x) * x, lambda x: jnp.tanh(x) * x, ((3,),)),
    "0-d": (lambda x: x**3, lambda x: x**3, ((),)),
    "two": (lambda x, y: ag.exp(x) @ y, lambda x, y: jnp.exp(x) @ y, ((2, 3), (3, 2))),
    "broadcast": (lambda x, y: x * y, lambda x, y: x * y, ((2, 3), (3,))),
    "unused": (lambda x, y: x * x, lambda x, y: x * x, ((2,), (3,))),
    "linear": (lambda x: 3 * x, lambda x: 3 * x, ((2, 2),)),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _doubles() -> Any:
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def arrays(shapes: Any) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize("name", PAIRS)
def test_our_function_there_is_the_same_function_to_third_order(name: str) -> None:
    ours, theirs, shapes = PAIRS[name]
    xs = [jnp.asarray(x) for x in arrays(shapes)]

    def towers(f: Any) -> list[Any]:
        values = [f]
        for _ in range(3):
            values.append(jax.grad(lambda *x, g=values[-1]: g(*x).sum()))
        return [jax.jit(value)(*xs) for value in values]

    for found, expected in zip(towers(interop.jax_function(ours)), towers(theirs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", PAIRS)
def test_their_function_here_passes_gradcheck_to_second_order(name: str) -> None:
    ours, theirs, shapes = PAIRS[name]
    xs = [ag.Tensor(x) for x in arrays(shapes)]
    crossed = interop.from_jax(theirs)
    np.testing.assert_allclose(crossed(*xs).numpy(), ours(*xs).numpy(), rtol=1e-12)
    assert ag.gradcheck(crossed, *xs).passed
    assert ag.gradcheck(crossed, *xs, order=2).passed


def test_structures_integers_and_batches_cross() -> None:
    f = interop.jax_function(lambda x, at: {"taken": ag.take(x, at), "most": [ag.argmax(x)]})
    x, at = jnp.arange(3.0), jnp.array([2, 0, 2])
    assert f(x, at)["most"][0] == 2
    found = jax.grad(lambda x: (f(x, at)["taken"] ** 2).sum())(x)
    assert found.tolist() == [0.0, 0.0, 8.0]
    batch = jax.vmap(lambda x: f(x, at)["taken"])(jnp.stack([x, 2 * x]))
    assert batch.tolist() == [[2.0, 0.0, 2.0], [4.0, 0.0, 4.0]]
    g = interop.from_jax(lambda x, at: {"taken": x[at], "most": jnp.argmax(x), "all": x.sum()})
    w = ag.Tensor([0.0, 1.0, 2.0], dtype="float64", requires_grad=True)
    g(w, np.array([2, 0, 2]))["taken"].sum().backward()
    assert w.grad.tolist() == [1.0, 0.0, 2.0]


def test_digits_are_not_lost_in_silence() -> None:
    jax.config.update("jax_enable_x64", False)
    with pytest.raises(AutogradError, match=r"float32 of float64.*\n.*jax_enable_x64"):
        interop.from_jax(jnp.sin)(ag.Tensor(np.ones(2)))
    assert interop.from_jax(jnp.sin)(ag.ones(2)).dtype == np.float32


def test_whole_numbers_that_fit_cross() -> None:
    """Indices are int64 in NumPy, and int32 in JAX as long as it is not told otherwise."""
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    with jax.enable_x64(False):
        at = interop.from_jax(lambda x, i: x[i])
        at(w, np.array([1])).sum().backward()
        with pytest.raises(AutogradError, match="give it int32"):
            at(w, np.array([2**40]))
    assert w.grad.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool", "complex64"])
def test_memory_is_shared(dtype: str) -> None:
    x = ag.asarray(np.ones(64, dtype))
    theirs = jax.dlpack.from_dlpack(x)
    assert theirs.dtype == dtype
    back = ag.from_dlpack(theirs)
    assert np.shares_memory(back.numpy(), np.from_dlpack(theirs))
    np.testing.assert_array_equal(back.numpy(), x.numpy())


def test_what_cannot_cross_says_why() -> None:
    with pytest.raises(AutogradError, match="gave a int"):
        interop.jax_function(lambda x: 3)(jnp.ones(2))
    with pytest.raises(AutogradError, match="not list"):
        interop.from_jax(jnp.sin)([1.0])


def _weighed(x: Any, *, w: Any, axis: Any = None, scale: Any = 1.0, note: Any = ()) -> Any:
    assert note == () or note == ["kept"]
    return (x * w).sum(axis) * scale


def test_by_keyword_arrays_cross_and_the_rest_stays_as_it_is() -> None:
    x, w = arrays(((2, 3), (2, 3)))
    there = interop.jax_function(_weighed)
    assert there.__name__ == "_weighed"
    for options in ({}, {"axis": 1}, {"axis": 0, "scale": 3.0}, {"note": ["kept"]}):
        value = jax.jit(lambda x, w, o=options: there(x, w=w, **o))(x, w)
        np.testing.assert_allclose(value, _weighed(x, w=w, **options), rtol=1e-12)
    slopes = jax.grad(lambda x, w: there(x, w=w, scale=3.0), (0, 1))(jnp.asarray(x), jnp.asarray(w))
    np.testing.assert_allclose(slopes, (3 * w, 3 * x), rtol=1e-12)
    here = interop.from_jax(_weighed)
    xs = [ag.Tensor(a, requires_grad=True) for a in (x, w)]
    here(xs[0], w=xs[1], axis=1, note=["kept"]).sum().backward()
    np.testing.assert_allclose([t.grad.numpy() for t in xs], (w, x), rtol=1e-12)
    assert ag.gradcheck(lambda x, w: here(x, w=w, axis=0), *xs).passed
    for call in (lambda: there(jnp.asarray(x), q=1), lambda: here(xs[0], q=1)):
        with pytest.raises(TypeError, match="unexpected keyword argument 'q'"):
            call()
