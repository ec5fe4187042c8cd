"""The layers of a transformer: attention, then a network for each place, each with a shortcut."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.extend import ArrayLike
from autograd.random import generator
from nn.activation.piecewise import relu
from nn.activation.smooth import gelu
from nn.attention.layers import MultiheadAttention
from nn.dropout.layers import Dropout
from nn.linear.layers import Linear
from nn.loss.reduction import as_tensor
from nn.module.checks import check_choice
from nn.module.module import Module
from nn.normalization.layer_norm_layers import LayerNorm

if TYPE_CHECKING:
    import numpy.typing as npt

Activation = str | Callable[[Any], Any]


def _activation(chosen: Activation) -> Callable[[Any], Any]:
    if not isinstance(chosen, str):
        return chosen
    check_choice("activation", chosen, ("relu", "gelu"))
    return relu if chosen == "relu" else gelu


class TransformerEncoderLayer(Module):
    """Self-attention, then two linear maps for each place; each added to what came in, and normed.

    With `norm_first` the norms are before the attention and the maps, not after the sums (Xiong et
    al., On layer normalization in the transformer architecture, 2020). `activation`, between the
    maps, is "relu", "gelu" or a function; `dim_feedforward` is the width there. The call takes
    `src_mask` and `src_key_padding_mask`, true where a query must not look or numbers to be added
    to the scores, and `is_causal`, as MultiheadAttention does. `rng` is a generator or a seed.

    Shape: (S, N, E) -> (S, N, E); with `batch_first` the axis N comes first; it may be left out.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need (2017).

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(ag.Tensor(np.ones((4, 5, 8), "float32")), is_causal=True).shape
    (4, 5, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        rng = generator(rng)
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=rng
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype, rng)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype, rng)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = _activation(activation)

    def forward(
        self,
        src: ArrayLike,
        src_mask: ArrayLike | None = None,
        src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        src = as_tensor(src, self.linear1.weight.dtype)
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            src = src + self._looked(self.norm1(src), *masks)
            return src + self._fed_forward(self.norm2(src))
        src = self.norm1(src + self._looked(src, *masks))
        return self.norm2(src + self._fed_forward(src))

    def _looked(self, x: Any, mask: Any, padding: Any, causal: bool) -> Any:
        found, _ = self.self_attn(
            x, x, x, padding, need_weights=False, attn_mask=mask, is_causal=causal
        )
        return self.dropout1(found)

    def _fed_forward(self, x: Any) -> Any:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoderLayer(Module):
    """Self-attention of a target, attention to a memory, then two linear maps for each place.

    Each is added to what came in, and normed: the layer of an encoder, with attention to what the
    encoder found between its parts. The options are those of TransformerEncoderLayer. The call
    takes `tgt_mask`, `memory_mask`, the padding masks of both, and whether both are causal.

    Shape: (T, N, E) and a memory (S, N, E) -> (T, N, E); with `batch_first` the axis N comes first;
    it may be left out.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need (2017).

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerDecoderLayer(8, nhead=2, dim_feedforward=16)
    >>> tgt, memory = (ag.Tensor(np.ones((length, 4, 8), "float32")) for length in (5, 7))
    >>> layer(tgt, memory).shape
    (5, 4, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        rng = generator(rng)
        options = {"batch_first": batch_first, "dtype": dtype, "rng": rng}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, **options)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, **options)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype, rng)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype, rng)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _activation(activation)

    def forward(
        self,
        tgt: ArrayLike,
        memory: ArrayLike,
        tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None,
        tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        tgt = as_tensor(tgt, self.linear1.weight.dtype)
        own = (tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        other = (memory, memory_mask, memory_key_padding_mask, memory_is_causal)
        if self.norm_first:
            tgt = tgt + self._looked(self.norm1(tgt), *own)
            tgt = tgt + self._remembered(self.norm2(tgt), *other)
            return tgt + self._fed_forward(self.norm3(tgt))
        tgt = self.norm1(tgt + self._looked(tgt, *own))
        tgt = self.norm2(tgt + self._remembered(tgt, *other))
        return self.norm3(tgt + self._fed_forward(tgt))

    def _looked(self, x: Any, mask: Any, padding: Any, causal: bool) -> Any:
        found, _ = self.self_attn(
            x, x, x, padding, need_weights=False, attn_mask=mask, is_causal=causal
        )
        return self.dropout1(found)

    def _remembered(self, x: Any, memory: Any, mask: Any, padding: Any, causal: bool) -> Any:
        found, _ = self.multihead_attn(
            x, memory, memory, padding, need_weights=False, attn_mask=mask, is_causal=causal
        )
        return self.dropout2(found)

    def _fed_forward(self, x: Any) -> Any:
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))
