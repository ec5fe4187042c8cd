"""The transformer: layers of attention and of small networks, in encoders and decoders."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.engine.dtypes import as_dtype, get_default_dtype
from autograd.engine.ranges import Length
from autograd.errors import ShapeError
from autograd.extend import ArrayLike
from autograd.random import generator
from nn import init
from nn.activation.piecewise import relu
from nn.attention.transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
from nn.module.containers import ModuleList
from nn.module.module import Module
from nn.normalization.layer_norm_layers import LayerNorm

if TYPE_CHECKING:
    import numpy.typing as npt

Activation = str | Callable[[Any], Any]


class TransformerEncoder(Module):
    """Copies of an encoder layer, one after the other, and perhaps a `norm` at the end.

    All copies start with the same parameters. `enable_nested_tensor` and `mask_check` have no
    effect. The call takes `mask`, `src_key_padding_mask` and `is_causal`, for each of its layers.

    Shape: (S, N, E) -> (S, N, E), or as `batch_first` of the layer says.

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerEncoderLayer(8, nhead=2, dim_feedforward=16)
    >>> nn.TransformerEncoder(layer, num_layers=3)(ag.Tensor(np.ones((5, 4, 8), "float32"))).shape
    (5, 4, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: Length,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Any,
        mask: ArrayLike | None = None,
        src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        for layer in self.layers:
            src = layer(
                src,
                src_mask=mask,
                src_key_padding_mask=src_key_padding_mask,
                is_causal=bool(is_causal),
            )
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Copies of a decoder layer, one after the other, and perhaps a `norm` at the end.

    All copies start with the same parameters. The call takes the masks of TransformerDecoderLayer.

    Shape: (T, N, E) and a memory (S, N, E) -> (T, N, E), or as `batch_first` of the layer says.

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerDecoderLayer(8, nhead=2, dim_feedforward=16)
    >>> tgt, memory = (ag.Tensor(np.ones((length, 4, 8), "float32")) for length in (5, 7))
    >>> nn.TransformerDecoder(layer, num_layers=3)(tgt, memory).shape
    (5, 4, 8)
    """

    def __init__(
        self, decoder_layer: Module, num_layers: Length, norm: Module | None = None
    ) -> None:
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: ArrayLike,
        tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None,
        tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder of a source, and a decoder of a target that looks at what the encoder found.

    Both are stacks of layers with a norm at the end; `custom_encoder` and `custom_decoder` take
    their places. Weights are drawn uniformly by Glorot's rule. `src_mask` (S, S), `tgt_mask` (T, T)
    and `memory_mask` (T, S), with the padding masks of source, target and memory, say where a query
    must not look, as in MultiheadAttention. The options are those of TransformerEncoderLayer.

    Shape: (S, N, E) and (T, N, E) -> (T, N, E); with `batch_first` the axis N comes first; it may
    be left out.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need (2017).

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> model = nn.Transformer(8, 2, 1, 1, 16)
    >>> src, tgt = (ag.Tensor(np.ones((length, 4, 8), "float32")) for length in (7, 5))
    >>> model(src, tgt, tgt_mask=nn.Transformer.generate_square_subsequent_mask(5)).shape
    (5, 4, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        rng = generator(rng)
        shared = (
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
            norm_first, bias, dtype, rng,
        )  # fmt: skip
        if custom_encoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
            layer = TransformerEncoderLayer(*shared)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm)
        self.encoder = custom_encoder
        if custom_decoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*shared), num_decoder_layers, norm
            )
        self.decoder = custom_decoder
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw all weights anew; biases stay as they are."""
        rng = generator(rng)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter, rng=rng)

    def forward(
        self,
        src: ArrayLike,
        tgt: ArrayLike,
        src_mask: ArrayLike | None = None,
        tgt_mask: ArrayLike | None = None,
        memory_mask: ArrayLike | None = None,
        src_key_padding_mask: ArrayLike | None = None,
        tgt_key_padding_mask: ArrayLike | None = None,
        memory_key_padding_mask: ArrayLike | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        self._check(np.shape(src), np.shape(tgt))
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    def _check(self, src: tuple[int, ...], tgt: tuple[int, ...]) -> None:
        batch = 0 if self.batch_first else 1
        wrong = None
        if len(src) not in (2, 3) or len(src) != len(tgt):
            order = "(N, length, E)" if self.batch_first else "(length, N, E)"
            wrong = f"both must be {order}, or both (length, E)"
        elif src[-1] != self.d_model or tgt[-1] != self.d_model:
            wrong = f"both must have d_model {self.d_model} features, axis -1"
        elif len(src) == 3 and src[batch] != tgt[batch]:
            wrong = f"the batches, axis {batch}, differ; batch_first is {self.batch_first}"
        if wrong:
            raise ShapeError(f"Transformer: src is {src}, tgt is {tgt}: {wrong}{here()}")

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: npt.DTypeLike | None = None) -> Tensor:
        """The mask (sz, sz) that hides what is ahead: -inf above the diagonal, else 0.

        >>> import nn
        >>> nn.Transformer.generate_square_subsequent_mask(2)
        Tensor([[  0., -inf],
                [  0.,   0.]], dtype=float32)
        """
        chosen = get_default_dtype() if dtype is None else as_dtype(dtype)
        return ag.asarray(np.triu(np.full((sz, sz), -np.inf, chosen), 1))


def _copies(layer: Module, count: int) -> ModuleList:
    return ModuleList(copy.deepcopy(layer) for _ in range(count))
