"""Multi-head attention and transformers, by loops over sequences, heads and queries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import nn
from autograd.engine.samples import draw
from tests.layers.case import Case, case, value

# ---- the reference -------------------------------------------------------------------------------


def batch_axis_first(layer: Any, x: Any) -> Any:
    """(N, L, E), whatever the layer wants."""
    if x.ndim == 2:
        return x[None]
    return x if layer.batch_first else x.swapaxes(0, 1)


def as_wanted(layer: Any, x: Any, batched: bool) -> Any:
    if not batched:
        return x[0]
    return x if layer.batch_first else x.swapaxes(0, 1)


def added(mask: Any) -> Any:
    return np.where(mask, -np.inf, 0.0) if mask.dtype == bool else mask


def projections(layer: Any) -> list[Any]:
    """(weight, bias) of query, key and value."""
    if layer.in_proj_weight is not None:
        weights = np.split(value(layer.in_proj_weight), 3)
    else:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        weights = [value(getattr(layer, name)) for name in names]
    bias = value(layer.in_proj_bias)
    biases = [0.0] * 3 if bias is None else np.split(bias, 3)
    return list(zip(weights, biases, strict=True))


def linear(layer: Any, x: Any) -> Any:
    out = x @ value(layer.weight).T
    return out if layer.bias is None else out + value(layer.bias)


def looked_up(q: Any, k: Any, v: Any, mask: Any, learnt: Any, with_zero: bool) -> Any:
    """One head of one sequence: (L, D), (S, D), (S, D) and a mask (L, S)."""
    more = (*learnt, *([(0 * k[0], 0 * v[0])] if with_zero else ())) if len(k) else learnt
    for key, val in more:
        k, v = np.vstack((k, key)), np.vstack((v, val))
        mask = np.hstack((mask, np.zeros((len(q), 1))))
    out, weights = np.zeros((len(q), v.shape[1])), np.zeros((len(q), len(k)))
    for i, row in enumerate(q):
        scores = np.array([row @ key for key in k]) / math.sqrt(q.shape[1]) + mask[i]
        e = np.exp(scores)
        if e.any():
            weights[i] = e / e.sum()
        out[i] = weights[i] @ v
    return out, weights


def heads_of(layer: Any, query: Any, key: Any, val: Any, padding: Any, mask: Any) -> Any:
    """(N, L, E), (N, S, E), (N, S, E) to the output (N, L, E) and the weights (N, H, L, S)."""
    (wq, bq), (wk, bk), (wv, bv) = projections(layer)
    count, heads, size = len(query), layer.num_heads, layer.embed_dim // layer.num_heads
    shape = (count, heads, query.shape[1], key.shape[1])
    masks = np.zeros(shape)
    if mask is not None:
        masks = masks + (added(mask).reshape(shape) if mask.ndim == 3 else added(mask))
    if padding is not None:
        masks = masks + np.atleast_2d(added(padding))[:, None, None]
    found, looked = [], []
    for n in range(count):
        parts, seen = [], []
        for h in range(heads):
            at = slice(h * size, (h + 1) * size)
            q, k, v = (
                x @ w[at].T + (b if np.isscalar(b) else b[at])
                for x, w, b in ((query[n], wq, bq), (key[n], wk, bk), (val[n], wv, bv))
            )
            learnt = []
            if layer.bias_k is not None:
                learnt = [(value(layer.bias_k)[0, 0, at], value(layer.bias_v)[0, 0, at])]
            out, weights = looked_up(q, k, v, masks[n, h], learnt, layer.add_zero_attn)
            parts.append(out)
            seen.append(weights)
        found.append(np.hstack(parts))
        looked.append(seen)
    if not count:
        extra = (layer.bias_k is not None) + bool(layer.add_zero_attn)
        return np.zeros(query.shape), np.zeros((*shape[:3], shape[3] + extra))
    return linear(layer.out_proj, np.array(found)), np.array(looked)


def multi_head(
    layer: Any, query: Any, key: Any, val: Any, padding: Any = None, need: bool = True,
    mask: Any = None, average: bool = True,
) -> Any:  # fmt: skip
    batched = query.ndim == 3
    query, key, val = (batch_axis_first(layer, x) for x in (query, key, val))
    out, weights = heads_of(layer, query, key, val, padding, mask)
    weights = np.mean(weights, axis=1) if average else weights
    return as_wanted(layer, out, batched), weights if batched else weights[0]


def norm(layer: Any, x: Any) -> Any:
    centred = x - np.mean(x, axis=-1, keepdims=True)
    out = centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + layer.eps)
    out = out * value(layer.weight)
    return out if layer.bias is None else out + value(layer.bias)


def fed_forward(layer: Any, x: Any) -> Any:
    hidden = linear(layer.linear1, x)
    if layer.activation is nn.functional.relu:
        hidden = np.maximum(hidden, 0)
    elif layer.activation is nn.functional.gelu:
        hidden = hidden * (1 + np.vectorize(math.erf, otypes=[float])(hidden / math.sqrt(2))) / 2
    else:
        hidden = np.tanh(hidden)
    return linear(layer.linear2, hidden)


def blocks(layer: Any, x: Any, parts: list[Any]) -> Any:
    """Each part added to what came in, with its norm before it or after the sum."""
    for number, part in enumerate(parts, 1):
        own = getattr(layer, f"norm{number}")
        x = x + part(norm(own, x)) if layer.norm_first else norm(own, x + part(x))
    return x


def encode(layer: Any, x: Any, mask: Any, padding: Any) -> Any:
    return blocks(layer, x, [
        lambda y: heads_of(layer.self_attn, y, y, y, padding, mask)[0],
        lambda y: fed_forward(layer, y),
    ])  # fmt: skip


def decode(layer: Any, x: Any, memory: Any, masks: Any, paddings: Any) -> Any:
    other = layer.multihead_attn
    return blocks(layer, x, [
        lambda y: heads_of(layer.self_attn, y, y, y, paddings[0], masks[0])[0],
        lambda y: heads_of(other, y, memory, memory, paddings[1], masks[1])[0],
        lambda y: fed_forward(layer, y),
    ])  # fmt: skip


def stacked(layer: Any) -> tuple[list[Any], Any]:
    """The layers of a stack, or the only one; and what is done at the end."""
    if not hasattr(layer, "layers"):
        return [layer], lambda x: x
    end = (lambda x: x) if layer.norm is None else (lambda x: norm(layer.norm, x))
    return list(layer.layers), end


def encoder(layer: Any, src: Any, mask: Any = None, padding: Any = None) -> Any:
    layers, end = stacked(layer)
    attention = layers[0].self_attn
    x = batch_axis_first(attention, src)
    for one in layers:
        x = encode(one, x, mask, padding)
    return as_wanted(attention, end(x), src.ndim == 3)


def decoder(
    layer: Any, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None,
    tgt_padding: Any = None, memory_padding: Any = None,
) -> Any:  # fmt: skip
    layers, end = stacked(layer)
    attention = layers[0].self_attn
    x, found = (batch_axis_first(attention, y) for y in (tgt, memory))
    for one in layers:
        x = decode(one, x, found, (tgt_mask, memory_mask), (tgt_padding, memory_padding))
    return as_wanted(attention, end(x), tgt.ndim == 3)


def transformer(
    layer: Any, src: Any, tgt: Any, src_mask: Any = None, tgt_mask: Any = None,
    memory_mask: Any = None, src_padding: Any = None, tgt_padding: Any = None,
    memory_padding: Any = None,
) -> Any:  # fmt: skip
    memory = encoder(layer.encoder, src, src_mask, src_padding)
    return decoder(layer.decoder, tgt, memory, tgt_mask, memory_mask, tgt_padding, memory_padding)


# ---- the rows ------------------------------------------------------------------------------------

CAUSAL = np.triu(np.ones((3, 3), bool), 1)
PADDING = np.array([[False, True, False], [False, False, True]])
MASK = np.array([[False, True, False], [True, False, False], [False, False, True]])


def three(*lead: int, rows: int = 3, keys: int = 3, sizes: Any = (4, 4, 4)) -> list[Any]:
    lengths = (rows, keys, keys)
    return [
        draw(*((n, *lead, size)), low=-1, high=1, seed=i)
        for i, (n, size) in enumerate(zip(lengths, sizes, strict=True))
    ]


def attention(*inputs: Any, batch: int | None = 1, **options: Any) -> Case:
    """Of 4 features and 2 heads."""
    label = options.pop("label", f"MultiheadAttention {options}")
    return case("MultiheadAttention", 4, 2, inputs=lambda: [*inputs], reference=multi_head,
                batch=batch, label=label, **{"large": True, **options})  # fmt: skip


def layer_of(kind: str, **options: Any) -> Case:
    encodes = kind == "TransformerEncoderLayer"
    tgt, memory = draw(3, 2, 4, low=-1, high=1), draw(2, 2, 4, low=-1, high=1, seed="memory")
    inputs = [tgt] if encodes else [tgt, memory]
    return case(kind, 4, 2, 3, 0.0, inputs=lambda: inputs, large=True, batch=1,
                reference=encoder if encodes else decoder, label=f"{kind} {options}",
                **options)  # fmt: skip


def stack(kind: str, count: int, with_norm: bool, make: Any, **more: Any) -> Case:
    """A row whose layer is made of a layer, ours or PyTorch's."""

    def made(library: Any) -> Any:
        end = library.LayerNorm(4) if with_norm else None
        return getattr(library, kind)(make(library), count, end)

    nn.manual_seed(0)
    args = (make(nn), count, nn.LayerNorm(4) if with_norm else None)
    return case(kind, *args, torch=lambda torch: made(torch.nn), label=f"{kind} of {count}",
                **{"large": True, **more})  # fmt: skip


def whole(*inputs: Any, batch: int | None = 1, label: str, **options: Any) -> Case:
    return case("Transformer", 4, 2, 1, 1, 3, 0.0, "gelu", inputs=lambda: [*inputs], batch=batch,
                reference=transformer, label=f"Transformer {label}", large=True,
                **options)  # fmt: skip


SRC = draw(3, 2, 4, low=-1, high=1)
TGT = draw(2, 2, 4, low=-1, high=1, seed="target")
# A model of 2 features, 1 head and 1 hidden neuron, without dropout; one token, and two.
SMALL = (2, 1, 1, 0.0, "gelu")
ONE, PAIR = draw(1, 2, low=-1, high=1, seed="one"), draw(2, 2, low=-1, high=1, seed="pair")

CASES = [
    attention(*three(2)),
    attention(*three(1, rows=1, keys=2), large=False, label="MHA to be checked"),
    attention(*three(2, rows=2), bias=False),
    attention(*three(2), add_bias_kv=True),
    attention(*three(2), add_zero_attn=True),
    attention(*three(2, rows=2, sizes=(4, 3, 5)), kdim=3, vdim=5),
    attention(*three(2, sizes=(4, 4, 2)), vdim=2, bias=False, add_bias_kv=True),
    attention(*(x.swapaxes(0, 1) for x in three(2, rows=2)), batch=0, batch_first=True),
    attention(*three(), batch=None, label="MultiheadAttention of one sequence"),
    attention(*three(), PADDING[0], batch=None, batch_first=True, label="MHA of one, padded"),
    attention(*three(2), PADDING, batch=None, label="MHA padded"),
    attention(*three(2), None, True, CAUSAL, batch=None, label="MHA causal"),
    attention(*three(2), draw(2, 3), True, draw(3, 3), batch=None, label="MHA float masks"),
    attention(*three(2), None, True, draw(4, 3, 3), False, batch=None, label="MHA mask a head"),
    attention(*three(2), PADDING, True, CAUSAL, batch=None, add_bias_kv=True, add_zero_attn=True,
              label="MHA all at once"),
    attention(*three(2), None, True, None, False, batch=None, label="MHA weights a head"),
    case("MultiheadAttention", 4, 1, 0.3, inputs=lambda: three(2), reference=multi_head, batch=1,
         random=True, large=True, label="MHA dropout"),
    *(
        layer_of(kind, **options)
        for kind in ("TransformerEncoderLayer", "TransformerDecoderLayer")
        for options in (
            {},
            {"activation": "gelu"},
            {"norm_first": True, "layer_norm_eps": 0.1},
            {"bias": False},
        )
    ),
    case("TransformerEncoderLayer", 4, 2, 3, activation="gelu", batch_first=True, random=True,
         large=True, inputs=lambda: [draw(2, 3, 4, low=-1, high=1)], reference=encoder,
         label="TransformerEncoderLayer dropout"),
    case("TransformerEncoderLayer", 4, 2, 3, 0.0, "gelu", batch=None, reference=encoder, large=True,
         inputs=lambda: [draw(3, 2, 4, low=-1, high=1), MASK, PADDING],
         label="TransformerEncoderLayer masked"),
    case("TransformerEncoderLayer", 4, 2, 3, 0.0, "gelu", batch=None, reference=encoder,
         inputs=lambda: [draw(2, 4, low=-1, high=1), CAUSAL[:2, :2]],
         label="TransformerEncoderLayer of one sequence"),
    case("TransformerDecoderLayer", 4, 2, 3, 0.0, "gelu", batch_first=True, batch=None, large=True,
         inputs=lambda: [SRC.swapaxes(0, 1), TGT.swapaxes(0, 1), CAUSAL, None, None,
                         PADDING[:, 1:]],
         reference=decoder, label="TransformerDecoderLayer masked"),
    stack("TransformerEncoder", 2, True,
          lambda library: library.TransformerEncoderLayer(4, 2, 3, 0.0, "gelu"),
          inputs=lambda: [SRC], reference=encoder, batch=1),
    stack("TransformerEncoder", 1, False,
          lambda library: library.TransformerEncoderLayer(4, 2, 3, 0.0, batch_first=True),
          inputs=lambda: [SRC.swapaxes(0, 1), CAUSAL, PADDING], reference=encoder, batch=None),
    stack("TransformerDecoder", 2, True,
          lambda library: library.TransformerDecoderLayer(4, 2, 3, 0.0, "gelu"),
          inputs=lambda: [TGT, SRC], reference=decoder, batch=1),
    # Small ones, to be checked to second order.
    case("TransformerDecoderLayer", *SMALL, norm_first=True, layer_norm_eps=0.1, batch=None,
         inputs=lambda: [PAIR, ONE], reference=decoder, label="TransformerDecoderLayer, small"),
    stack("TransformerEncoder", 1, False,
          lambda library: library.TransformerEncoderLayer(*SMALL, layer_norm_eps=0.1),
          large=False, inputs=lambda: [PAIR], reference=encoder, batch=None),
    stack("TransformerDecoder", 1, False,
          lambda library: library.TransformerDecoderLayer(*SMALL, layer_norm_eps=0.1),
          large=False, inputs=lambda: [ONE, PAIR], reference=decoder, batch=None),
    case("Transformer", 2, 1, 1, 1, 1, 0.0, "gelu", layer_norm_eps=0.1, batch=None,
         inputs=lambda: [ONE, PAIR], reference=transformer, label="Transformer, small"),
    whole(SRC, TGT, label="plain"),
    whole(SRC, TGT, CAUSAL, CAUSAL[1:, 1:], None, None, None, PADDING, batch=None,
          label="masked", norm_first=True),
]  # fmt: skip
