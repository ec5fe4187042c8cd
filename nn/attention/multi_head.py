"""Multi-head attention as a function: projections, heads, masks, attention, and one more map."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.constants import handed_over
from autograd.engine.diagnose import for_reals, here
from autograd.engine.generators import draw
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, ShapeError
from autograd.kernels.activation.dropout import dropout_mask
from nn.attention.attention import additive_mask
from nn.attention.ops import attention, attention_weights
from nn.dropout.dropout import dropout
from nn.loss.reduction import as_tensor

_NAME = "multi_head_attention_forward"


class _Axes(NamedTuple):
    """Where things lie in (L, N, E), or (N, L, E)."""

    length: int
    batch: int

    def of_heads(self) -> tuple[int, ...]:
        """(L, N, H, D) or (N, L, H, D) to (N, H, L, D)."""
        return self.batch, 2, self.length, 3

    def back(self) -> tuple[int, ...]:
        """(N, H, L, D) to (L, N, H, D) or (N, L, H, D)."""
        return (0, 2, 1, 3) if self.batch == 0 else (2, 0, 1, 3)

    def shape(self, length: int, batch: int) -> tuple[int, ...]:
        return (batch, length) if self.batch == 0 else (length, batch)


def _check_projections(size: int, **given: Any) -> None:
    """Raise ShapeError unless the projections lead from and to vectors of this size."""
    for name, value in given.items():
        rows = 3 * size if name.startswith("in") else size
        expected = (rows,) if name.endswith("bias") else (rows, size)
        shape = getattr(value, "shape", None)
        if shape != expected and (value is not None or len(expected) == 2):
            shown = f"{value!r:.80}" if shape is None else shape
            raise ShapeError(f"{_NAME}: {name} is {shown}: expected {expected}{here()}")


@checked
@for_reals
def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    batch_first: bool = False,
    rng: Any = None,
) -> tuple[Tensor, Tensor | None]:
    """What `nn.MultiheadAttention` computes, from its parameters: the output and the weights.

    `in_proj_weight` (3E, E) holds the projections of query, key and value, or with
    `use_separate_proj_weight` `q_proj_weight`, `k_proj_weight` and `v_proj_weight` do;
    `in_proj_bias` is (3E,). `bias_k` and `bias_v` are one more key and value, `add_zero_attn` adds
    one of zeros. `static_k` and `static_v` (N·H, S, E/H) stand for projected keys and values.
    `out_proj_weight` and `out_proj_bias` make the output. `key_padding_mask` (N, S) is true where a
    key does not count; `attn_mask` and `is_causal` are those of the layer, `dropout_p` the part of
    the weights that is dropped in `training`. `embed_dim_to_check` is E, `num_heads` H.

    Shape: (L, N, E), (S, N, E), (S, N, E) -> (L, N, E) and the weights (N, L, S), or (N, H, L, S)
    unless `average_attn_weights`, or None unless `need_weights`; with `batch_first` N comes first;
    it may lack.

    >>> import autograd as ag
    >>> import numpy as np
    >>> from nn.functional import multi_head_attention_forward
    >>> x, one = ag.Tensor([[1.0], [3.0]]), ag.Tensor([[1.0]])
    >>> project = ag.Tensor([[0.0], [0.0], [1.0]])
    >>> out, weights = multi_head_attention_forward(
    ...     x, x, x, 1, 1, project, None, None, None, False, 0.0, one, None)
    >>> out.tolist(), weights.tolist()
    ([[2.0], [2.0]], [[0.5, 0.5], [0.5, 0.5]])
    """
    if (bias_k is None) is not (bias_v is None):
        raise ArgumentError(f"{_NAME}: bias_k and bias_v are given both or not at all{here()}")
    projections = {"in_proj_bias": in_proj_bias, "out_proj_bias": out_proj_bias}
    if not use_separate_proj_weight:
        projections["in_proj_weight"] = in_proj_weight
    _check_projections(embed_dim_to_check, out_proj_weight=out_proj_weight, **projections)
    same = (key is query, value is key)
    query, key, value = as_tensor(query), as_tensor(key), as_tensor(value)
    _check_inputs(query, key, value, embed_dim_to_check, num_heads, batch_first)
    batched = query.ndim == 3
    axes = _Axes(1, 0) if batch_first else _Axes(0, 1)
    weights = [q_proj_weight, k_proj_weight, v_proj_weight]
    if not use_separate_proj_weight:
        weights = [in_proj_weight]
    q, k, v = _projected(query, key, value, weights, in_proj_bias, same)
    if not batched:
        q, k, v = (ag.expand_dims(x, axes.batch) for x in (q, k, v))
    batch = q.shape[axes.batch]
    shape = (batch, num_heads, q.shape[axes.length], k.shape[axes.length])
    if static_k is not None:
        shape = (*shape[:3], np.shape(static_k)[1])
    mask, causal = _merged(attn_mask, key_padding_mask, shape, q.dtype, batched, is_causal)
    size = embed_dim_to_check // num_heads
    q, k, v, added = _extended(q, k, v, bias_k, bias_v, axes)
    q, k, v = (
        ag.transpose(ag.reshape(x, (*x.shape[:2], num_heads, size)), axes.of_heads())
        for x in (q, k, v)
    )
    k, v = _static(k, static_k, shape), _static(v, static_v, shape)
    if add_zero_attn:
        k, v = (_with_zero(x) for x in (k, v))
        added += 1
    if added:
        mask, causal = _widened(mask, causal, shape, added, q.dtype)
    out, looked = _attended(
        q, k, v, mask, causal, dropout_p if training else 0.0, need_weights, rng
    )
    joined = ag.reshape(
        ag.transpose(out, axes.back()), (*axes.shape(shape[2], batch), embed_dim_to_check)
    )
    joined = ag.linear(joined, out_proj_weight, out_proj_bias)
    if looked is not None and average_attn_weights:
        looked = ag.mean(looked, axis=1)
    if not batched:
        joined = ag.squeeze(joined, axis=axes.batch)
        looked = None if looked is None else ag.squeeze(looked, axis=0)
    return joined, looked


def _attended(
    q: Any, k: Any, v: Any, mask: Any, causal: bool, p: float, need_weights: bool, rng: Any
) -> tuple[Any, Any]:
    scale = 1 / math.sqrt(max(q.shape[-1], 1))
    if need_weights:
        looked = attention_weights(q, k, mask, causal, scale)
        if p > 0.0:
            looked = dropout(looked, p, rng=rng)
        return looked @ v, looked
    drop = None
    if p > 0.0:
        shape = (*q.shape[:-1], k.shape[-2])
        drop = handed_over(draw(dropout_mask, shape, p, q.dtype, rng=rng))
    return attention(q, k, v, mask, drop=drop, causal=causal, scale=scale), None


# ---- keys and values -----------------------------------------------------------------------------


def _projected(
    query: Any, key: Any, value: Any, weights: list[Any], bias: Any, same: tuple[bool, bool]
) -> tuple[Any, Any, Any]:
    """The three maps; one product where the inputs, and so the weights, are together."""
    if len(weights) == 1 and all(same):
        q, k, v = ag.split(ag.linear(query, weights[0], bias), 3, axis=-1)
        return q, k, v
    biases = (None, None, None) if bias is None else ag.split(bias, 3)
    if len(weights) == 1:
        weights = list(ag.split(weights[0], 3))
    q, k, v = (
        ag.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True)
    )
    return q, k, v


def _extended(
    q: Any, k: Any, v: Any, bias_k: Any, bias_v: Any, axes: _Axes
) -> tuple[Any, Any, Any, int]:
    """Keys and values with one more that is learnt; and how many there are more."""
    if bias_k is None:
        return q, k, v, 0
    shape = (*axes.shape(1, k.shape[axes.batch]), k.shape[2])
    k, v = (
        ag.concat((x, ag.broadcast_to(more, shape)), axis=axes.length)
        for x, more in ((k, bias_k), (v, bias_v))
    )
    return q, k, v, 1


def _static(x: Any, static: Any, shape: tuple[int, ...]) -> Any:
    """(N·H, S, D) in place of what was projected, if it is given."""
    if static is None:
        return x
    wanted = (shape[0] * shape[1], shape[3], x.shape[-1])
    if np.shape(static) != wanted:
        raise ShapeError(
            f"{_NAME}: a static key or value is {np.shape(static)}; it must be {wanted}: "
            f"(N·num_heads, S, embed_dim / num_heads){here()}"
        )
    return ag.reshape(static, (*shape[:2], *wanted[1:]))


def _with_zero(x: Any) -> Any:
    """One more key or value, of zeros."""
    return ag.concat((x, np.zeros((*x.shape[:-2], 1, x.shape[-1]), x.dtype)), axis=-2)


# ---- masks ---------------------------------------------------------------------------------------


def _merged(
    attn_mask: Any,
    padding: Any,
    shape: tuple[int, ...],
    dtype: Any,
    batched: bool,
    causal: bool,
) -> tuple[Any, bool]:
    """One mask to be added to the scores (N, H, L, S), and whether keys ahead are masked besides.

    A mask that says just that is recognised, and left out.
    """
    batch, heads, rows, keys = shape
    mask = None
    if attn_mask is not None:
        mask = additive_mask(_NAME, "attn_mask", attn_mask, dtype, allowed=False)
        if mask.shape not in ((rows, keys), (batch * heads, rows, keys)):
            raise ShapeError(
                f"{_NAME}: attn_mask is {mask.shape}; for {rows} queries and {keys} keys it must "
                f"be ({rows}, {keys}), or ({batch * heads}, {rows}, {keys}) with a mask for each "
                f"head{here()}"
            )
        if mask.ndim == 3:
            mask = ag.reshape(mask, shape)
        elif _is_causal(mask):
            mask, causal = None, True
    if padding is None:
        return mask, causal
    blocked = additive_mask(_NAME, "key_padding_mask", padding, dtype, allowed=False)
    if blocked.shape != ((batch, keys) if batched else (keys,)):
        expected = (batch, keys) if batched else (keys,)
        raise ShapeError(
            f"{_NAME}: key_padding_mask is {blocked.shape}; for {batch} sequences of {keys} keys "
            f"it must be {expected}{here()}"
        )
    blocked = ag.reshape(blocked, (batch, 1, 1, keys))
    return (blocked if mask is None else mask + blocked), causal


def _is_causal(mask: Tensor) -> bool:
    """Whether a mask (L, S) is that of a causal model: -inf ahead, else 0."""
    return not mask.requires_grad and bool(computed(_is_triangle, mask))


def _is_triangle(values: Any) -> bool:
    if not values.size or values[-1, 0] != 0:
        return False
    if values.shape[1] > 1 and values[0, -1] != -np.inf:
        return False
    return np.array_equal(values, _triangle(values.shape, values.dtype))


def _triangle(shape: tuple[int, ...], dtype: Any) -> Any:
    return np.triu(np.full(shape, -np.inf, dtype), 1)


def _widened(
    mask: Any, causal: bool, shape: tuple[int, ...], more: int, dtype: Any
) -> tuple[Any, bool]:
    """A mask for keys that were put behind the others, which are seen by all."""
    if causal:
        triangle = _triangle(shape[2:], dtype)
        mask = triangle if mask is None else mask + triangle
    if mask is None:
        return None, False
    free = np.zeros((*mask.shape[:-1], more), dtype)
    return ag.concat((mask, free), axis=-1), False


# ---- what is checked -----------------------------------------------------------------------------


def _check_inputs(
    query: Any, key: Any, value: Any, features: int, heads: int, batch_first: bool
) -> None:
    shapes = f"query is {query.shape}, key is {key.shape}, value is {value.shape}"
    if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
        order = "(N, L, E)" if batch_first else "(L, N, E)"
        raise ShapeError(f"{_NAME}: {shapes}: all must be {order}, or all (L, E){here()}")
    if heads < 1 or features % heads:
        raise ShapeError(
            f"{_NAME}: embed_dim {features} does not fall into {heads} heads of equal size{here()}"
        )
    if query.shape[-1] != features:
        raise ShapeError(
            f"{_NAME}: {shapes}: query must have embed_dim {features} features, axis -1, and has "
            f"{query.shape[-1]}{here()}"
        )
    batch = 0 if batch_first else 1
    if key.shape[:-1] != value.shape[:-1]:
        raise ShapeError(
            f"{_NAME}: {shapes}: key and value must agree but for the features, axis -1{here()}"
        )
    if query.ndim == 3 and query.shape[batch] != key.shape[batch]:
        hint = f"\n  The batch lies along axis {batch}: batch_first is {batch_first}."
        raise ShapeError(f"{_NAME}: {shapes}: the batches differ.{hint}{here()}")
