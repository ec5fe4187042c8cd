"""Functions of JAX as ops here, and functions of Tensors as functions of JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.errors import ConversionError
from autograd.graph.pytree import flat, nested
from autograd.interop.pullbacks import checked_result, foreign, library, pullback
from autograd.tensors.tensor import asarray

__all__ = ["from_jax", "jax_function"]


def _jax() -> Any:
    return library("jax", "jax")


def _held(array: Any, name: str) -> Any:
    """An array that JAX takes as it is: it makes float32 of float64 unless it is told otherwise."""
    jax = _jax()
    held = np.asarray(raw(array))
    kind = jax.dtypes.canonicalize_dtype(held.dtype)
    if held.dtype.itemsize > kind.itemsize:
        if kind.kind in "iu" and np.array_equal(held, held.astype(kind)):
            return held.astype(kind)  # indices, which lose nothing
        raise ConversionError(
            f"{name}: JAX would make {kind} of {held.dtype}, and digits would be lost.\n"
            f"  Write jax.config.update('jax_enable_x64', True), or give it {kind}."
        )
    return held


# ---- ours there ----------------------------------------------------------------------------------


def _bound(f: Callable[..., Any], count: int, names: Any, rest: Any) -> Callable[..., Any]:
    """f of arrays in order alone: `count` in their places, and those that have `names`."""
    return lambda *xs: f(*xs[:count], **dict(zip(names, xs[count:], strict=True)), **rest)


def _by_keyword(bridge: Callable[..., Any], f: Callable[..., Any]) -> Callable[..., Any]:
    """A bridge that takes keywords: arrays cross as others do, anything else reaches f as it is."""
    plain = bridge(f)
    made: dict[Any, Callable[..., Any]] = {}

    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            return plain(*args)
        arrays = {k: x for k, x in kwargs.items() if hasattr(x, "dtype") and hasattr(x, "shape")}
        rest = {k: x for k, x in kwargs.items() if k not in arrays}
        key: Any = (len(args), tuple(arrays), tuple((k, type(x), x) for k, x in rest.items()))
        try:
            found = made.get(key)
        except TypeError:  # what has no hash is bound anew
            found, key = None, None
        if found is None:
            found = bridge(_named(f, _bound(f, len(args), tuple(arrays), rest)))
            if key is not None:
                made[key] = found
        return found(*args, *arrays.values())

    named: Callable[..., Any] = _named(f, call)
    return named


def _named(f: Any, call: Any) -> Any:
    call.__name__ = getattr(f, "__name__", type(f).__name__)
    return call


def jax_function(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, a function of Tensors or a module, as a function of JAX's arrays, inside `jit` too.

    What f gives, a Tensor or nested lists, tuples and dicts of some, comes back as arrays in the
    same structure; `jax.grad` and `jax.vjp` pull gradients through f, to any order. JAX has to know
    the shapes of the results before the numbers: f is called on ones for them, once for each set of
    shapes. Forward mode and `vmap` of gradients are not there; `vmap` calls f in a loop. What is
    no array reaches f as it is, if it is given by keyword.

    Raises ArgumentTypeError where f gives no Tensor. Needs JAX.
    """
    return _by_keyword(_jax_function, f)


def _jax_function(f: Callable[..., Any]) -> Callable[..., Any]:
    jax = _jax()
    known: dict[Any, Any] = {}  # by shapes and dtypes: what f gives, as JAX describes it

    def in_order(*xs: Any) -> Any:
        return jax.tree.map(lambda y: y, f(*xs))  # JAX sorts the keys of dicts

    def host(*arrays: Any) -> Any:
        result = in_order(*(asarray(np.array(a)) for a in arrays))
        checked_result(result, "jax_function")
        return nested(lambda y: np.asarray(raw(y)), result)

    def described(xs: Any) -> Any:
        key = tuple((x.shape, np.dtype(x.dtype)) for x in xs)
        if key not in known:
            result = host(*(np.ones(shape, dtype) for shape, dtype in key))
            known[key] = nested(
                lambda y: jax.ShapeDtypeStruct(y.shape, _held(y, "jax_function").dtype), result
            )
        return known[key]

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def call(*xs: Any) -> Any:
        xs = tuple(map(jax.numpy.asarray, xs))
        return jax.pure_callback(host, described(xs), *xs, vmap_method="sequential")

    def forward(*xs: Any) -> Any:
        return call(*xs), tuple(map(jax.numpy.asarray, xs))

    def back(xs: Any, cotangents: Any) -> Any:
        seeds = [
            np.zeros(g.shape, np.float32) if g.dtype == jax.dtypes.float0 else g
            for g in flat(cotangents)
        ]
        moving = [i for i, x in enumerate(xs) if np.dtype(x.dtype).kind in "fc"]
        pulled = pullback(in_order, len(xs))
        again = _jax_function(lambda *values: [pulled(*values)[i] for i in moving])
        parts = iter(again(*xs, *seeds) if moving else ())
        return tuple(
            next(parts) if i in moving else np.zeros(x.shape, jax.dtypes.float0)
            for i, x in enumerate(xs)
        )

    call.defvjp(forward, back)
    return call  # type: ignore[no-any-return]


# ---- theirs here ---------------------------------------------------------------------------------


def from_jax(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, a function of JAX's arrays, as a function of Tensors.

    It takes Tensors, arrays and numbers, and gives Tensors in the structure of what f gives; by
    keyword, what is no array reaches f as it is. A call is a node of the graph, with gradients of
    any order, which can be checked by `gradcheck`.

    Raises ConversionError for float64 where JAX would make float32 of it. Needs JAX.
    """
    return _by_keyword(_from_jax, f)


def _from_jax(f: Callable[..., Any]) -> Callable[..., Any]:
    jax = _jax()
    name = getattr(f, "__name__", type(f).__name__)

    def values(*xs: Any) -> Any:
        result = f(*(jax.numpy.asarray(_held(x, name)) for x in xs))
        return jax.tree.map(np.asarray, result)  # which sorts the keys of dicts, as vjp does

    def pulled(count: int, kwargs: Any) -> Callable[..., Any]:
        def pull(*given: Any) -> Any:
            xs, cotangents = given[:count], given[count:]
            moving = [i for i, x in enumerate(xs) if x.dtype.kind in "fc"]

            def of_moving(*parts: Any) -> Any:
                left = iter(parts)
                return f(*(next(left) if i in moving else x for i, x in enumerate(xs)))

            out, back = jax.vjp(of_moving, *(xs[i] for i in moving))
            seeds = [
                g if y.dtype.kind in "fc" else np.zeros(y.shape, jax.dtypes.float0)
                for g, y in zip(cotangents, flat(out), strict=True)
            ]
            left = iter(seeds)
            found = iter(back(nested(lambda _: next(left), out)))
            return [
                next(found) if i in moving else jax.numpy.zeros_like(x) for i, x in enumerate(xs)
            ]

        return _from_jax(pull)

    return foreign(name, values, pulled)
