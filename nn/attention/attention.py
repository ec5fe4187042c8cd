"""Attention: each query's mean of the values, weighted by how well their keys fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked, learns
from autograd.engine.constants import handed_over
from autograd.engine.diagnose import for_reals, here
from autograd.engine.generators import draw
from autograd.engine.trail import computed
from autograd.errors import DTypeError, ShapeError
from autograd.kernels.activation.dropout import dropout_mask
from autograd.tensors.tensor import taken
from nn.attention.ops import attention
from nn.loss.reduction import as_tensor
from nn.module.checks import check_floating


@learns(scale=6)
@checked
@for_reals
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    rng: Any = None,
) -> Tensor:
    """softmax(q kᵀ · scale + mask) v: for each query a mean of the values.

    `query` is (..., L, E), `key` (..., S, E) and `value` (..., S, V); what stands for the dots
    broadcasts, and the result is (..., L, V). `scale` is 1/√E by default. A boolean `attn_mask`
    is true where a query may look; a floating one is added to the scores; it broadcasts to
    (..., L, S). With `is_causal` query i sees the keys 0 to i, of those that the mask leaves. A
    query that may look nowhere gets zeros.

    `dropout_p` drops weights, always: pass 0 outside training. `rng` is a generator or a seed.
    With `enable_gqa` axis -3 holds heads, and neighbouring queries' heads share one of the keys.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need (2017).

    Shape: (..., L, E), (..., S, E), (..., S, V) -> (..., L, V); others raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> q, k = ag.Tensor([[0.0], [100.0]]), ag.Tensor([[0.0], [1.0]])
    >>> nn.functional.scaled_dot_product_attention(q, k, ag.Tensor([[2.0], [4.0]]))
    Tensor([[3.],
            [4.]], dtype=float32)
    """
    name = "scaled_dot_product_attention"
    query, key, value = as_tensor(query), as_tensor(key), as_tensor(value)
    for array in (query, key, value):
        check_floating(name, array, 2)
    heads = query.shape[-3] if query.ndim > 2 else 1
    if enable_gqa:
        query, key, value = _grouped(name, query, key, value)
    lead = _check_shapes(name, query, key, value)
    shape = (*lead, query.shape[-2], key.shape[-2])
    mask = None
    if attn_mask is not None:
        mask = additive_mask(name, "attn_mask", attn_mask, query.dtype, allowed=True)
        mask = _grouped_mask(mask, shape) if enable_gqa else mask
        _check_mask(name, mask, shape)
    drop = None
    if dropout_p > 0.0:
        drop = handed_over(draw(dropout_mask, shape, dropout_p, query.dtype, rng=rng))
    if getattr(scale, "requires_grad", False):
        query, scale = query * scale, 1.0
    factor = 1 / math.sqrt(max(query.shape[-1], 1)) if scale is None else float(scale)
    out = attention(query, key, value, mask, drop=drop, causal=bool(is_causal), scale=factor)
    return ag.reshape(out, (*lead[:-2], heads, *out.shape[-2:])) if enable_gqa else out


# ---- what is checked -----------------------------------------------------------------------------


def _grouped(name: str, query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
    """The heads of (..., H, L, E) as groups (..., H of the keys, H in a group, L, E)."""
    if min(query.ndim, key.ndim, value.ndim) < 3:
        raise ShapeError(
            f"{name}: with enable_gqa axis -3 holds heads; query is {query.shape}, key is "
            f"{key.shape}, value is {value.shape}{here()}"
        )
    heads, shared = query.shape[-3], key.shape[-3]
    if value.shape[-3] != shared or not shared or heads % shared:
        raise ShapeError(
            f"{name}: with enable_gqa the heads of key and value are as many, and those of query a "
            f"multiple; query has {heads}, key {shared}, value {value.shape[-3]}{here()}"
        )
    inner = (shared, heads // shared, *query.shape[-2:])
    return (
        ag.reshape(query, (*query.shape[:-3], *inner)),
        ag.expand_dims(key, -3),
        ag.expand_dims(value, -3),
    )


def _grouped_mask(mask: Any, shape: tuple[int, ...]) -> Any:
    """A mask of heads in the same groups."""
    if mask.ndim < 3:
        return mask
    if mask.shape[-3] == 1:
        return ag.expand_dims(mask, -3)
    if mask.shape[-3] != shape[-4] * shape[-3]:
        return mask  # it does not fit, and `_check_mask` says so
    return ag.reshape(mask, (*mask.shape[:-3], *shape[-4:-2], *mask.shape[-2:]))


def _check_shapes(name: str, query: Any, key: Any, value: Any) -> tuple[int, ...]:
    """The leading axes, broadcast; a ShapeError if the three do not fit."""
    shapes = f"query is {query.shape}, key is {key.shape}, value is {value.shape}"
    if query.shape[-1] != key.shape[-1]:
        raise ShapeError(
            f"{name}: {shapes}: query and key must have as many features, axis -1, and have "
            f"{query.shape[-1]} and {key.shape[-1]}{here()}"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ShapeError(
            f"{name}: {shapes}: each key has its value, so axis -2 must be as long, and is "
            f"{key.shape[-2]} and {value.shape[-2]}{here()}"
        )
    try:
        return np.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    except ValueError:
        hint = ""
        if min(query.ndim, key.ndim) > 2 and query.shape[-3] % max(key.shape[-3], 1) == 0:
            hint = "\n  For queries' heads that share keys and values, pass enable_gqa=True."
        raise ShapeError(
            f"{name}: {shapes}: the axes before the last two do not broadcast.{hint}{here()}"
        ) from None


def additive_mask(name: str, called: str, mask: Any, dtype: Any, *, allowed: bool) -> Any:
    """A mask to be added to scores: -inf where a boolean one blocks, or where it does not allow."""
    mask = as_tensor(mask)
    if mask.dtype.kind == "b":
        return taken(computed(_blocking, mask, dtype=dtype, allowed=allowed))
    if mask.dtype.kind != "f":
        raise DTypeError(
            f"{name}: {called} is {mask.dtype}; it must be boolean, or floating to be added to the "
            f"scores.\n  Write {called}.astype(bool).{here()}"
        )
    return mask if mask.dtype == dtype else ag.astype(mask, dtype)


def _blocking(mask: Any, dtype: Any, allowed: bool) -> Any:
    return np.where(~mask if allowed else mask, dtype.type(-np.inf), dtype.type(0))


def _check_mask(name: str, mask: Any, shape: tuple[int, ...]) -> None:
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{name}: attn_mask is {mask.shape}; it must broadcast to the scores, {shape}: "
            f"{shape[-2]} queries by {shape[-1]} keys{here()}"
        )
