"""Multi-head attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError
from autograd.extend import ArrayLike
from autograd.random import generator
from nn import init
from nn.attention.multi_head import multi_head_attention_forward
from nn.linear.layers import Linear
from nn.module.hooks import compute_attributes
from nn.module.module import Module
from nn.module.parameter import Parameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt


class MultiheadAttention(Module):
    """Attention in several heads: projections of query, key and value, and one of what they find.

    Each of `num_heads` heads sees embed_dim / num_heads features. `kdim` and `vdim` are the
    features of keys and values, embed_dim by default. `in_proj_weight` (3·embed_dim, embed_dim)
    holds the three projections; with other `kdim` or `vdim` there are `q_proj_weight`,
    `k_proj_weight` and `v_proj_weight`. `add_bias_kv` adds a learnt key and value, `add_zero_attn`
    ones of zeros. `dropout` is of the weights, in training. `rng` is a generator or a seed.

    The call takes `key_padding_mask` (N, S) and `attn_mask` (L, S) or (N·num_heads, L, S): true
    where a query must not look, or numbers that are added to the scores. With `is_causal` it must
    not look ahead; a mask that says this is recognised by itself. It returns the output and the
    weights, which are averaged over the heads unless `average_attn_weights` is False; None for them
    with need_weights=False, which is faster. A query that may look nowhere finds zeros.

    Shape: (L, N, E), (S, N, kdim) and (S, N, vdim) -> (L, N, E) and (N, L, S); with `batch_first`
    the axis N comes first; it may be left out.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need (2017).

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.MultiheadAttention(8, num_heads=2, batch_first=True, rng=0)
    >>> x = ag.Tensor(np.ones((4, 5, 8), "float32"))
    >>> out, weights = layer(x, x, x)
    >>> out.shape, weights.shape
    ((4, 5, 8), (4, 5, 5))
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ArgumentError(
                f"MultiheadAttention: embed_dim {embed_dim} does not fall into {num_heads} heads "
                f"of equal size{here()}"
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        self.add_zero_attn = add_zero_attn
        together = self.kdim == self.vdim == embed_dim
        rng = generator(rng)
        shapes = {
            "in_proj_weight": (3 * embed_dim, embed_dim) if together else None,
            "q_proj_weight": None if together else (embed_dim, embed_dim),
            "k_proj_weight": None if together else (embed_dim, self.kdim),
            "v_proj_weight": None if together else (embed_dim, self.vdim),
            "in_proj_bias": (3 * embed_dim,) if bias else None,
            "bias_k": (1, 1, embed_dim) if add_bias_kv else None,
            "bias_v": (1, 1, embed_dim) if add_bias_kv else None,
        }
        for name, shape in shapes.items():
            self.register_parameter(name, None if shape is None else Parameter(empty(shape, dtype)))
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype, rng)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw the projections of the inputs anew, by Glorot's rule; biases 0."""
        rng = generator(rng)
        weights = (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        for weight in weights:
            if weight is not None:
                init.xavier_uniform_(weight, rng=rng)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for more in (self.bias_k, self.bias_v):
            if more is not None:
                init.xavier_normal_(more, rng=rng)

    def forward(
        self,
        query: ArrayLike,
        key: ArrayLike,
        value: ArrayLike,
        key_padding_mask: ArrayLike | None = None,
        need_weights: bool = True,
        attn_mask: ArrayLike | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        compute_attributes(self.out_proj)
        return multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=self.in_proj_weight is None,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            batch_first=self.batch_first,
        )
