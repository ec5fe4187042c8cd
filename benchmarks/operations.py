"""The operations of `ops.py`, in the words that chaingrad and PyTorch share.

An operation takes the library and its inputs, the first of which are leaves of the graph. Where
the two libraries have other names for the same, `either` chooses. Axis 1 is the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shape = tuple[int, int]
Draw = Callable[[np.random.Generator, Shape], Array]


def normal(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.standard_normal(shape, np.float32)


def uniform(low: float, high: float) -> Draw:
    return lambda rng, shape: rng.uniform(low, high, shape).astype(np.float32)


def row(rng: np.random.Generator, shape: Shape) -> Array:
    return normal(rng, shape)[0]


def turned(rng: np.random.Generator, shape: Shape) -> Array:
    """What x (R, C) can be multiplied with: (C, R)."""
    return np.ascontiguousarray(normal(rng, shape).T)


def square(rng: np.random.Generator, shape: Shape) -> Array:
    """A matrix (R, R) that is symmetric, positive definite and far from singular."""
    x = normal(rng, (shape[0], shape[0]))
    return x @ x.T / np.float32(shape[0]) + np.eye(shape[0], dtype=np.float32)


def columns(rng: np.random.Generator, shape: Shape) -> Array:
    """A number of a column for each element."""
    return rng.integers(shape[1], size=shape)


def rows(rng: np.random.Generator, shape: Shape) -> Array:
    """A number of a row for each row."""
    return rng.integers(shape[0], size=shape[0])


def labels(rng: np.random.Generator, shape: Shape) -> Array:
    """A number of a column for each row."""
    return rng.integers(shape[1], size=shape[0])


def bags(rng: np.random.Generator, shape: Shape) -> Array:
    """Eight numbers of rows for each row."""
    return rng.integers(shape[0], size=(shape[0], 8))


def mask(rng: np.random.Generator, shape: Shape) -> Array:
    found: Array = rng.random(shape) < 0.5
    return found


POSITIVE, INNER, NEAR_ONE = uniform(0.5, 1.5), uniform(-0.9, 0.9), uniform(0.95, 1.05)


@dataclass(frozen=True)
class Operation:
    """What runs, and how its inputs are drawn; the first `leaves` of them need a gradient."""

    run: Callable[..., Any]
    draws: tuple[Draw, ...] = (normal,)
    leaves: int = 1
    is_alike: bool = True  # the libraries give the same numbers


def of(run: Callable[..., Any], *draws: Draw, leaves: int = 1) -> Operation:
    return Operation(run, draws or (normal,), leaves)


def both(run: Callable[..., Any], *draws: Draw) -> Operation:
    """Of two inputs that need a gradient."""
    return Operation(run, draws or (normal, normal), 2)


def either(library: Any, ours: str, theirs: str) -> Any:
    """A function by the name that the library has for it."""
    return getattr(library.ops, ours if library.is_own else theirs)


def first(found: Any) -> Any:
    """The values, of values and indices."""
    return found[0] if isinstance(found, tuple) else found


def named(name: str, draw: Draw = normal) -> dict[str, Operation]:
    """A function of one input that both libraries call so."""
    return {name: of(lambda t, x: getattr(t.ops, name)(x), draw)}


def activation(name: str) -> dict[str, Operation]:
    return {name: of(lambda t, x: getattr(t.functional, name)(x))}


def reduction(name: str, draw: Draw = normal, **options: Any) -> dict[str, Operation]:
    def run(t: Any, x: Any) -> Any:
        return first(getattr(t.ops, name)(x, 1, **options))

    return {f"{name}, axis 1": of(run, draw)}


def loss(name: str, target: Draw = POSITIVE) -> dict[str, Operation]:
    return {name: of(lambda t, x, y: getattr(t.functional, name)(x, y), normal, target)}


ARITHMETIC = {
    "x + y": both(lambda t, x, y: x + y),
    "x − y": both(lambda t, x, y: x - y),
    "x · y": both(lambda t, x, y: x * y),
    "x / y": both(lambda t, x, y: x / y, normal, POSITIVE),
    "x + row": both(lambda t, x, y: x + y, normal, row),
    "x · row": both(lambda t, x, y: x * y, normal, row),
    "2 x": of(lambda t, x: 2 * x),
    "−x": of(lambda t, x: -x),
    "x ** 2": of(lambda t, x: x**2),
    "x ** 3": of(lambda t, x: x**3),
    "x ** 4": of(lambda t, x: x**4),
    "x ** 0.5": of(lambda t, x: x**0.5, POSITIVE),
    "x ** −1": of(lambda t, x: x**-1, POSITIVE),
    "x ** y": both(lambda t, x, y: x**y, POSITIVE, normal),
    "maximum": both(lambda t, x, y: t.ops.maximum(x, y)),
    "clip": of(lambda t, x: t.ops.clip(x, -0.5, 0.5)),
    "where": both(lambda t, x, y, m: t.ops.where(m, x, y), normal, normal, mask),
    "lerp": both(lambda t, x, y: t.ops.lerp(x, y, 0.3)),
    **named("square"), **named("sqrt", POSITIVE), **named("reciprocal", POSITIVE), **named("abs"),
}  # fmt: skip
FUNCTIONS = {
    **named("exp"), **named("log", POSITIVE), **named("log1p", POSITIVE), **named("expm1"),
    **named("sin"), **named("cos"), **named("tan", INNER), **named("asin", INNER),
    **named("atan"), **named("tanh"), **named("erf"), **named("sigmoid"),
    "atan2": both(lambda t, x, y: t.ops.atan2(x, y)),
    "hypot": both(lambda t, x, y: t.ops.hypot(x, y)),
    "logaddexp": both(lambda t, x, y: t.ops.logaddexp(x, y)),
}  # fmt: skip
ACTIVATIONS = {
    name: operation
    for each in (
        "relu", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign",
        "logsigmoid", "hardtanh", "relu6", "hardsigmoid", "hardswish", "softshrink",
    )
    for name, operation in activation(each).items()
}  # fmt: skip
REDUCTIONS = {
    "sum": of(lambda t, x: x.sum()),
    "sum, axis 0": of(lambda t, x: t.ops.sum(x, dim=0)),
    "max": of(lambda t, x: x.max()),
    "norm": of(lambda t, x: t.ops.linalg.norm(x)),
    **reduction("sum"), **reduction("mean"), **reduction("prod", NEAR_ONE), **reduction("amax"),
    **reduction("min"), **reduction("var", correction=1), **reduction("std", correction=1),
    # PyTorch gives the lower one of two in the middle
    "median, axis 1": Operation(
        lambda t, x: first(t.ops.median(x, 1)), is_alike=False),
    "logsumexp, axis 1": of(lambda t, x: t.ops.logsumexp(x, 1)),
    "softmax": of(lambda t, x: t.functional.softmax(x, dim=1)),
    "log_softmax": of(lambda t, x: t.functional.log_softmax(x, dim=1)),
    "layer_norm": of(lambda t, x: t.functional.layer_norm(x, x.shape[1:])),
    "normalize": of(lambda t, x: t.functional.normalize(x)),
    "cosine_similarity": both(lambda t, x, y: t.functional.cosine_similarity(x, y)),
    "pairwise_distance": both(lambda t, x, y: t.functional.pairwise_distance(x, y)),
    "distances of all pairs": of(
        lambda t, x: ((x[:, None, :16] - x[None, :, :16]) ** 2).sum(-1)
    ),
    "cross_entropy": of(lambda t, x, y: t.functional.cross_entropy(x, y), normal, labels),
    **loss("mse_loss"), **loss("l1_loss"), **loss("smooth_l1_loss"), **loss("huber_loss"),
    **loss("kl_div"), **loss("binary_cross_entropy_with_logits", uniform(0, 1)),
}  # fmt: skip
CUMULATIONS = {
    name: operation
    for name, draw in (("cumsum", normal), ("cumprod", NEAR_ONE), ("cummax", normal),
                       ("logcumsumexp", normal))
    for name, operation in reduction(name, draw).items()
}  # fmt: skip
SHAPES = {
    "reshape": of(lambda t, x: t.ops.reshape(x, (-1, 4))),
    "transpose": of(lambda t, x: x.T),
    "broadcast_to": of(lambda t, x: t.ops.broadcast_to(x, (3, *x.shape))),
    "flip": of(lambda t, x: t.ops.flip(x, (0,))),
    "roll": of(lambda t, x: t.ops.roll(x, 3, 1)),
    "tile": of(lambda t, x: t.ops.tile(x, (2, 1))),
    "pad": of(lambda t, x: t.functional.pad(x, (1, 1, 1, 1))),
    "tril": of(lambda t, x: t.ops.tril(x)),
    "stack": both(lambda t, x, y: t.ops.stack([x, y])),
    "cat, axis 0": both(lambda t, x, y: t.ops.cat([x, y], 0)),
    "cat, axis 1": both(lambda t, x, y: t.ops.cat([x, y], 1)),
    "chunk, x · y": of(lambda t, x: mul(*t.ops.chunk(x, 2, 1))),
    "unbind, x · y": of(lambda t, x: mul(*t.ops.unbind(x, 0)[:2])),
}
INDEXING = {
    "x[1:]": of(lambda t, x: x[1:]),
    "x[:, ::2]": of(lambda t, x: x[:, ::2]),
    "x[mask]": of(lambda t, x, m: x[m], normal, mask),
    "x[rows]": of(lambda t, x, i: x[i], normal, rows),
    "index_select": of(lambda t, x, i: t.ops.index_select(x, 0, i), normal, rows),
    "gather": of(lambda t, x, i: t.ops.gather(x, 1, i), normal, columns),
    "take_along_axis": of(
        lambda t, x, i: either(t, "take_along_axis", "take_along_dim")(x, i, 1), normal, columns
    ),
    "scatter_add": both(
        lambda t, x, y, i: t.ops.scatter_add(x, 1, i, y), normal, normal, columns
    ),
    "masked_fill": of(lambda t, x, m: t.ops.masked_fill(x, m, 0.0), normal, mask),
    "sort": of(lambda t, x: first(t.ops.sort(x, 1))),
    "topk": of(lambda t, x: t.ops.topk(x, 5, 1)[0]),
    "embedding": of(lambda t, x, i: t.functional.embedding(i, x), normal, rows),
    "embedding_bag": of(lambda t, x, i: t.functional.embedding_bag(i, x), normal, bags),
}  # fmt: skip
MATRICES = {
    "matmul": both(lambda t, x, y: x @ y, normal, turned),
    "x @ vector": both(lambda t, x, y: x @ y, normal, row),
    "linear": both(lambda t, x, w: t.functional.linear(x, w)),
    "outer": both(lambda t, x, y: t.ops.outer(x, y), row, row),
    "einsum": both(lambda t, x, y: t.ops.einsum("ij,ij->i", x, y)),
    "inv": of(lambda t, x: t.ops.linalg.inv(x), square),
    "solve": both(lambda t, x, y: t.ops.linalg.solve(x, y), square, normal),
    "cholesky": of(lambda t, x: t.ops.linalg.cholesky(x), square),
    "slogdet": of(lambda t, x: t.ops.linalg.slogdet(x)[1], square),
}


def mul(x: Any, y: Any) -> Any:
    return x * y


OPERATIONS = (
    ARITHMETIC | FUNCTIONS | ACTIVATIONS | REDUCTIONS | CUMULATIONS | SHAPES | INDEXING | MATRICES
)
