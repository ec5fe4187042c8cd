"""Attention, of one and of several heads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from nn import functional as F
from nn.keras.base.layer import Layer, Option
from nn.keras.engine.symbolic import KerasTensor
from nn.keras.layers.weighted import Weighted, last_length

__all__ = ["AdditiveAttention", "Attention", "MultiHeadAttention"]

_FAR = -1e9  # added where a mask lets nothing through


class MultiHeadAttention(Weighted):
    """Attention in several heads, each on a projection of its own.

    It is called as `layer(query, value, key=value)`, with masks, `use_causal_mask` and
    `return_attention_scores` as Keras has them. Masks are of booleans, True where one may look.
    """

    supports_masking = True

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        flash_attention: Any = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(None, use_bias, **kwargs)
        if attention_axes not in (None, 1, (1,), [1]):
            raise ArgumentError(
                "MultiHeadAttention: attention is over axis 1 of (N, T, F) here; leave out "
                "attention_axes, and reshape other inputs to that"
            )
        self.num_heads, self.key_dim = num_heads, key_dim
        self.value_dim = value_dim or key_dim
        self.dropout, self.seed = dropout, seed
        self._out = output_shape[0] if isinstance(output_shape, (tuple, list)) else output_shape

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        heads, out = self.num_heads, self._out or last_length(self, query_shape)
        lengths = {"query": query_shape, "key": key_shape or value_shape, "value": value_shape}
        sizes = {"query": self.key_dim, "key": self.key_dim, "value": self.value_dim}
        self._kernels: Any = {}
        for name, shape in lengths.items():
            self._pair(name, (last_length(self, shape), heads, sizes[name]), (heads, sizes[name]))
        self._pair("attention_output", (heads, self.value_dim, out), (out,))
        self.built = True

    def _pair(self, name: str, shape: Option, of_bias: Any) -> None:
        kernel = self._drawn(shape, name)
        bias = self.add_kernel(of_bias, f"{name}/bias", "bias") if self.use_bias else None
        self._kernels[name] = kernel, bias

    def _drawn(self, shape: Option, name: str) -> Any:
        return self.add_kernel(shape, f"{name}/kernel")

    def call(
        self,
        query: Any,
        value: Option,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        key = value if key is None else key
        mask = _joined(
            query.shape[1], value.shape[1], query_mask, value_mask, key_mask, attention_mask,
            use_causal_mask,
        )  # fmt: skip
        q, k, v = (
            self._projected(x, name)
            for x, name in ((query, "query"), (key, "key"), (value, "value"))
        )
        if mask is not None and mask.ndim == 3:
            mask = mask[:, None]
        dropout = self.dropout if training else 0.0
        if return_attention_scores or dropout:
            weights = F.softmax(q @ k.mT / math.sqrt(self.key_dim) + _added(mask, q.dtype), -1)
            out = F.dropout(weights, dropout) @ v if dropout else weights @ v
        else:
            weights = None
            bias = None if mask is None else _added(mask, q.dtype)
            out = F.scaled_dot_product_attention(q, k, v, bias)
        kernel, bias = self._kernels["attention_output"]
        heads, size, width = kernel.shape
        out = ag.permute_dims(out, (0, 2, 1, 3))
        out = ag.reshape(out, (*out.shape[:2], heads * size))
        out = ag.linear(out, ag.reshape(kernel, (heads * size, width)).mT, bias)
        return (out, weights) if return_attention_scores else out

    def _projected(self, x: Any, name: str) -> Any:
        """(N, T, F) as (N, H, T, K)."""
        kernel, bias = self._kernels[name]
        features, heads, size = kernel.shape
        flat = ag.reshape(kernel, (features, heads * size)).mT
        out = ag.linear(x, flat, None if bias is None else ag.reshape(bias, (heads * size,)))
        return ag.permute_dims(ag.reshape(out, (*x.shape[:2], heads, size)), (0, 2, 1, 3))

    def compute_output_spec(self, query: Any, value: Option, key: Any = None, **kwargs: Any) -> Any:
        out = KerasTensor((*query.shape[:-1], self._out or query.shape[-1]), self.dtype)
        if not kwargs.get("return_attention_scores"):
            return out
        shape = (query.shape[0], self.num_heads, query.shape[1], value.shape[1])
        return out, KerasTensor(shape, self.dtype)


class Attention(Layer):
    """softmax(q kᵀ) v of the inputs [query, value] or [query, value, key], without projections."""

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0,
        seed: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ArgumentError(f"Attention: score_mode is 'dot' or 'concat', got {score_mode!r}")
        self.use_scale, self.score_mode, self.dropout = use_scale, score_mode, dropout

    def build(self, input_shape: Any) -> None:
        self.scale = self._scale(input_shape) if self.use_scale else None
        wanted = self.score_mode == "concat"
        self.concat_score_weight = (
            self.add_weight(shape=(), initializer="ones", name="concat_score_weight")
            if wanted else None
        )  # fmt: skip
        self.built = True

    def _scale(self, input_shape: Any) -> Any:
        return self.add_weight(shape=(), initializer="ones", name="scale")

    def scores(self, query: Any, key: Any) -> Any:
        """How well each query goes with each key."""
        if self.score_mode == "dot":
            found = query @ key.mT
            return found if self.scale is None else found * self.scale
        both = query[:, :, None] + key[:, None]
        both = both if self.scale is None else both * self.scale
        return self.concat_score_weight * ag.sum(ag.tanh(both), axis=-1)

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        query, value, *rest = inputs
        key = rest[0] if rest else value
        of_query, of_value = (None, None) if mask is None else (mask[0], mask[1])
        seen = _joined(query.shape[1], value.shape[1], None, of_value, None, None, use_causal_mask)
        weights = F.softmax(self.scores(query, key) + _added(seen, query.dtype), -1)
        if training and self.dropout:
            weights = F.dropout(weights, self.dropout)
        out = weights @ value
        if of_query is not None:
            out = out * np.asarray(of_query)[..., None].astype(str(out.dtype))
        return (out, weights) if return_attention_scores else out


class AdditiveAttention(Attention):
    """Attention whose scores are sums of tanh(query + key), after Bahdanau."""

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale, dropout=dropout, **kwargs)

    def _scale(self, input_shape: Any) -> Any:
        shape = (last_length(self, input_shape[0]),)
        return self.add_weight(shape=shape, initializer="glorot_uniform", name="scale")

    def scores(self, query: Any, key: Any) -> Any:
        both = ag.tanh(query[:, :, None] + key[:, None])
        return ag.sum(both if self.scale is None else both * self.scale, axis=-1)


def _joined(
    queries: int, keys: int, query_mask: Any, value_mask: Any, key_mask: Any, mask: Any,
    causal: bool,
) -> Any:  # fmt: skip
    """One mask (N, T, S), or (T, S), of all; None if all may look at all."""
    parts = []
    if query_mask is not None:
        parts.append(_bools(query_mask)[:, :, None])
    parts += [_bools(each)[:, None, :] for each in (value_mask, key_mask) if each is not None]
    if mask is not None:
        parts.append(_bools(mask))
    if causal:
        parts.append(np.tril(np.ones((1, queries, keys), bool)))
    found = None
    for part in parts:
        found = part if found is None else found & part
    return found


def _bools(mask: Any) -> Any:
    return np.asarray(mask.detach() if hasattr(mask, "detach") else mask).astype(bool)


def _added(mask: Any, dtype: Option) -> Any:
    return 0 if mask is None else np.where(mask, 0, _FAR).astype(str(dtype))
