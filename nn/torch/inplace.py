"""Methods with an underscore: made from the functions without, they change the Tensor itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.engine.generators import generator as default
from autograd.engine.modes import captures, capturing
from autograd.engine.views import View
from autograd.errors import ArgumentError, UnsupportedError
from autograd.extend import raw
from autograd.tensors import windows
from autograd.tensors.assignment import change
from autograd.tensors.inplace import check_shape, replace, rewrite, write
from nn.torch.functions.calling import lengths, made, named
from nn.torch.functions.drawing import rng_of
from nn.torch.promotion import cast

__all__ = ["METHODS", "OPERATORS", "changing"]


def changed(
    tensor: Any, function: Callable[[Any], Any], what: str, instead: str = "base[i] = v"
) -> Any:
    """`change`, which is the law; the `.data` of a leaf, as in `p.data -= g`, takes a third."""
    origin = windows.view_of(tensor)
    if type(origin) is not View or origin.path() or (captures and capturing()):
        return change(tensor, function, what, instead)
    base = origin.tensor
    lies = raw(base)
    if not base.is_leaf or not lies.ndim or raw(tensor) is not lies:
        return change(tensor, function, what, instead)
    result = function(tensor)
    if result.requires_grad or raw(result).dtype != lies.dtype:
        return change(tensor, lambda _: result, what, instead)
    check_shape(tensor, result, what)
    del lies
    replace(tensor, None)  # so that the leaf alone holds its memory
    try:
        write(base, raw(result))
    finally:
        windows.show(tensor, origin, raw(base))
    return tensor


def changing(function: Callable[..., Any], name: str) -> Any:
    """The method that makes a Tensor what a function of it gives: `add_` of `add`."""

    what = f"x.{name}(...)"

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return changed(self, lambda x: function(x, *args, **kwargs), what)

    return named(call, name, f"`{name.rstrip('_')}` in place.")


# ---- values --------------------------------------------------------------------------------------


def _copy(x: Any, src: Any, non_blocking: bool = False) -> Any:
    value = made(np.asarray(src)) if not hasattr(src, "requires_grad") else src
    same = cast(value, raw(x).dtype)
    return autograd.copy(same if same.shape == x.shape else autograd.broadcast_to(same, x.shape))


def _fill(x: Any, value: Any) -> Any:
    return _copy(x, value) if hasattr(value, "requires_grad") else autograd.full_like(x, value)


def _fill_diagonal(x: Any, fill_value: Any, wrap: bool = False) -> Any:
    places = np.zeros(raw(x).shape, bool)
    np.fill_diagonal(places, True, wrap)
    return autograd.masked_fill(x, places, raw(x).dtype.type(fill_value))


# ---- random numbers ------------------------------------------------------------------------------


def _drawn(draw: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
        drawn = draw(default(rng_of(generator)), x, *args, **kwargs)
        return made(np.asarray(drawn).astype(raw(x).dtype))

    return call


def _normal(rng: Any, x: Any, mean: Any = 0, std: Any = 1) -> Any:
    if std < 0:
        raise ArgumentError(f"normal_: a standard deviation is not negative, got {std}")
    return raw(autograd.normal(float(mean), float(std), tuple(x.shape), rng=rng))


def _uniform(rng: Any, x: Any, *bounds: Any, **named: Any) -> Any:
    low, high = (*bounds, *(named.get("from", 0), named.get("to", 1))[len(bounds) :])
    if low > high:
        raise ArgumentError(f"uniform_: from {low} is above to {high}")
    return raw(autograd.uniform(float(low), float(high), tuple(x.shape), rng=rng))


def _random(rng: Any, x: Any, *bounds: Any) -> Any:
    top = 2**24 if raw(x).dtype.kind == "f" else np.iinfo(raw(x).dtype).max
    low, high = (0, *bounds) if len(bounds) == 1 else bounds or (0, top)
    return rng.integers(low, high, tuple(x.shape))


def _exponential(rng: Any, x: Any, lambd: float = 1) -> Any:
    return rng.exponential(1 / lambd, tuple(x.shape))


def _bernoulli(rng: Any, x: Any, p: Any = 0.5) -> Any:
    return rng.random(tuple(x.shape)) < raw(p)


_DRAWN: dict[str, Callable[..., Any]] = {
    "normal_": _normal,
    "uniform_": _uniform,
    "random_": _random,
    "exponential_": _exponential,
    "bernoulli_": _bernoulli,
    "geometric_": lambda rng, x, p: rng.geometric(p, tuple(x.shape)),
    "log_normal_": lambda rng, x, mean=1, std=2: rng.lognormal(mean, std, tuple(x.shape)),
    "cauchy_": lambda rng, x, median=0, sigma=1: (
        median + sigma * rng.standard_cauchy(tuple(x.shape))
    ),
}
_VALUES: dict[str, Callable[..., Any]] = {
    "copy_": _copy,
    "fill_": _fill,
    "zero_": lambda x: made(np.zeros(raw(x).shape, raw(x).dtype)),
    "fill_diagonal_": _fill_diagonal,
}


# ---- shapes and the graph ------------------------------------------------------------------------


def _reshaping(function: Callable[..., Any], name: str) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.requires_grad:
            raise UnsupportedError(
                f"{name} of a Tensor that requires grad; write x = x.{name.rstrip('_')}(...)"
            )
        replace(self, np.array(raw(function(self, *args, **kwargs))))
        return self

    return named(call, name, f"`{name.rstrip('_')}` in place.")


def _resized(x: Any, *sizes: Any, memory_format: Any = None) -> Any:
    shape, flat = lengths(sizes, "resize_"), np.reshape(raw(x), -1)
    count = int(np.prod(shape, dtype=np.int64))
    return np.resize(np.append(flat, np.zeros(max(count - flat.size, 0), flat.dtype)), shape)


def detach_(self: Any) -> Any:
    """Leave the graph, in place."""
    if self.is_leaf:
        return self.requires_grad_(False)
    rewrite(self, lambda array: None)
    return self


def _operators() -> dict[str, Any]:
    from nn.torch.functions import arithmetic

    signs = {
        "add": ("+", arithmetic.plus), "sub": ("-", arithmetic.minus),
        "mul": ("*", arithmetic.times),
        "truediv": ("/", arithmetic.over), "pow": ("**", arithmetic.raised),
        "floordiv": ("//", arithmetic.floor_divide), "mod": ("%", arithmetic.remainder),
        "and": ("&", arithmetic.bitwise_and), "or": ("|", arithmetic.bitwise_or),
        "xor": ("^", arithmetic.bitwise_xor), "lshift": ("<<", arithmetic.bitwise_left_shift),
        "rshift": (">>", arithmetic.bitwise_right_shift),
    }  # fmt: skip
    return {f"__i{name}__": _operator(run, sign) for name, (sign, run) in signs.items()}


def _operator(run: Callable[[Any, Any], Any], sign: str) -> Any:
    what, instead = f"x {sign}= v", f"base[i] {sign}= v"

    def call(self: Any, other: Any) -> Any:
        return changed(self, lambda x: run(x, other), what, instead)

    return call


OPERATORS = _operators()
METHODS = {
    **{name: changing(function, name) for name, function in _VALUES.items()},
    **{name: changing(_drawn(draw), name) for name, draw in _DRAWN.items()},
    "resize_": _reshaping(_resized, "resize_"),
    "resize_as_": _reshaping(lambda x, other: _resized(x, *other.shape), "resize_as_"),
    "detach_": detach_,
}


def reshaping(functions: dict[str, Any]) -> dict[str, Any]:
    """The methods that give a Tensor another shape, in place."""
    return {f"{name}_": _reshaping(function, f"{name}_") for name, function in functions.items()}
