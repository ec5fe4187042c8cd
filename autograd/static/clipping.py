"""Norms of several symbols, and gradients that are clipped by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.static.arrays import norm
from autograd.static.functions import add_n, maximum, minimum, reduce_sum, square
from autograd.static.symbol import Symbol, apply

__all__ = ["clip_by_global_norm", "clip_by_norm", "global_norm"]


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str = "clip_by_norm") -> Symbol:
    """The same direction, no longer than `clip_norm`."""
    length = norm(t, axis=axes, keepdims=axes is not None)
    scaled = apply("multiply", t, clip_norm)
    return apply("divide", scaled, maximum(length, clip_norm), label=name)


def global_norm(t_list: Sequence[Any], name: str = "global_norm") -> Symbol:
    """The Euclidean norm of all of them together; None is passed over."""
    return apply(
        "sqrt", add_n([reduce_sum(square(t)) for t in t_list if t is not None]), label=name
    )


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str = "clip_by_global_norm"
) -> tuple[list[Any], Symbol]:
    """All of them by one factor, so that their norm is no more than `clip_norm`; and that norm.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     (clipped,), length = tf.clip_by_global_norm([tf.constant([3.0, 4.0])], 1.0)
    ...     session.run([clipped, length])
    [array([0.6, 0.8], dtype=float32), np.float32(5.0)]
    """
    length = global_norm(t_list) if use_norm is None else use_norm
    factor = apply("multiply", minimum(apply("divide", 1.0, length), 1.0 / clip_norm), clip_norm)
    clipped = [None if t is None else apply("multiply", t, factor, label=name) for t in t_list]
    return clipped, length
