"""The ops below all attention: softmax of masked scores, and means of values by its weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.activation import attention as kernels

__all__ = ["attention", "attention_weights"]


# ---- the weights, where they are asked for -------------------------------------------------------


def _softmax_by_rows(x: Array, mask: Array | None = None, causal: bool = False) -> Array:
    scores = np.array(x if mask is None else x + mask)
    out = np.zeros_like(scores)
    for place in np.ndindex(scores.shape[:-1]):
        seen = slice(place[-1] + 1) if causal else slice(None)
        row = np.exp(scores[place][seen])
        out[place][seen] = row / row.sum() if row.any() else 0
    return out


def d_masked_softmax(g: Array, mask: Array, out: Array) -> tuple[Array, Array | None]:
    weighted = g * out
    pulled = weighted - out * np.sum(weighted, axis=-1, keepdims=True)
    return pulled, None if mask is None else pulled


_MASK = np.array([[0.0, -np.inf, 1.0], [-np.inf] * 3])


@op(
    "softmax(x + m)",
    wide=True,
    joint=d_masked_softmax,
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 4, 3), None),
        lambda: sample(draw(2, 4, 3), draw(4, 3, seed=1)),
        lambda: sample(draw(2, 4, 3), None, causal=True),
        lambda: sample(draw(2, 2, 3), _MASK, causal=True, label="nothing seen", smooth=False),
        lambda: sample(draw(2, 0), None, label="no keys"),
        lambda: sample(draw(0, 3), None, label="no rows"),
    ),
    reference=_softmax_by_rows,
)
def _masked_softmax(x: Array, mask: Array = None, /, causal: bool = False) -> Array:
    """Softmax over the last axis; zeros where everything is masked."""
    scores = np.array(x) if mask is None else x + mask
    if causal:
        scores[..., np.triu(np.ones(scores.shape[-2:], bool), 1)] = -np.inf
    largest = np.max(scores, axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(largest == -np.inf, scores.dtype.type(0), largest))
    sums = np.sum(e, axis=-1, keepdims=True)
    return e / np.where(sums == 0, scores.dtype.type(1), sums)


def attention_weights(query: Any, key: Any, mask: Any, causal: bool, scale: float) -> Any:
    """softmax(scale · q kᵀ + mask), (..., L, S), with zeros for a row that sees no key."""
    return _masked_softmax((query * scale) @ key.mT, mask, causal)


# ---- attention as one op -------------------------------------------------------------------------


def _alike(
    arrays: list[Any], mask: Array | None, drop: Array | None, lead: tuple[int, ...]
) -> tuple[list[Any], Any]:
    """All with the same leading axes and in one dtype, none in half precision; and that dtype.

    Mask and drop get their last two axes in full; a query and a key are the last but two arrays.
    """
    dtype = np.result_type(*arrays, *(() if mask is None else (mask,)))
    wide = np.promote_types(dtype, np.float32)
    scores = (arrays[-3].shape[-2], arrays[-2].shape[-2])
    shapes = [x.shape[-2:] for x in arrays] + [scores] * 2
    found = [
        None if x is None else np.broadcast_to(x.astype(wide, copy=False), (*(lead or (1,)), *end))
        for x, end in zip((*arrays, mask, drop), shapes, strict=True)
    ]
    return found, dtype


def d_attention(
    g: Array,
    query: Array,
    key: Array,
    value: Array,
    mask: Array,
    drop: Array | None,
    causal: bool,
    scale: float,
    needs: tuple[bool, ...],
) -> tuple[Array | None, ...]:
    of_mask = mask is not None and needs[3]
    pulled = _attention_pull(g, query, key, value, mask, drop, causal, scale, of_mask)
    return (*pulled, None)[:4]


def _by_formula(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    drop: Array | None = None,
    causal: bool = False,
    scale: float = 1.0,
) -> Array:
    scores = scale * np.einsum("...le,...se->...ls", query, key)
    weights = _softmax_by_rows(scores, mask, causal)
    weights = weights if drop is None else weights * drop
    return np.einsum("...ls,...sv->...lv", weights, value)


def _called(
    *lead: int,
    mask: Array | None = None,
    rows: int = 3,
    keys: int = 4,
    few: bool = False,
    **how: Any,
) -> Any:
    """A query (..., rows, 2), a key (..., keys, 2), of few for all, and a value (..., keys, 3)."""
    of_keys = (1,) * len(lead) if few else lead
    return sample(
        draw(*lead, rows, 2, seed="query"),
        draw(*of_keys, keys, 2, seed="key"),
        draw(*of_keys, keys, 3, seed="value"),
        mask,
        **how,
    )


_KEPT = np.array([[2.0, 0.0, 2.0, 2.0], [0.0, 2.0, 2.0, 2.0], [2.0, 2.0, 0.0, 0.0]])

_SAMPLES = samples(
    lambda: _called(2, scale=0.5),
    lambda: _called(mask=draw(3, 4, seed="mask")),
    lambda: _called(2, mask=draw(3, 1, seed="mask"), scale=0.5),
    lambda: _called(2, 2, few=True, rows=2, keys=2, mask=draw(2, 1, 2, 2, seed="mask")),
    lambda: _called(2, causal=True),
    lambda: _called(rows=4, keys=2, causal=True),
    lambda: _called(drop=_KEPT, scale=0.5),
    lambda: _called(mask=draw(3, 4, seed="mask"), drop=_KEPT, causal=True),
    lambda: _called(mask=_MASK, rows=2, keys=3, label="a row sees nothing", smooth=False),
    lambda: _called(rows=70, keys=70, causal=True, label="several blocks", smooth=False),
    lambda: _called(0, label="empty batch"),
    lambda: _called(rows=0, label="no rows"),
    lambda: _called(keys=0, label="no keys"),
)


@op(
    "softmax(q kᵀ · c + m) v",
    joint=d_attention,
    real_only=True,
    samples=_SAMPLES,
    reference=_by_formula,
)
def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array = None,
    /,
    drop: Array | None = None,
    causal: bool = False,
    scale: float = 1.0,
) -> Array:
    """softmax(scale · q kᵀ + mask) · drop @ v; shapes as in `kernels/activation/attention.py`."""
    lead = np.broadcast_shapes(*(x.shape[:-2] for x in (query, key, value)))
    arrays, dtype = _alike([query, key, value], mask, drop, lead)
    query, key, value, mask, drop = arrays
    out = kernels.attention(query, key, value, mask, drop, causal, scale)
    return np.reshape(out, (*lead, *out.shape[-2:])).astype(dtype, copy=False)


# Its pull-back is an op as well: fused blocks for a gradient, a formula for the next one.


def d_attention_pull(
    g: Any,
    of_out: Array,
    query: Array,
    key: Array,
    value: Array,
    mask: Array,
    drop: Array | None,
    causal: bool,
    scale: float,
) -> tuple[Array | None, ...]:
    def dropped(x: Array) -> Array:
        return x if drop is None else x * drop

    def along_rows(x: Array) -> Array:
        return np.sum(x, axis=-1, keepdims=True)

    h_query, h_key, h_value, *h_mask = g
    weights = attention_weights(query, key, mask, causal, scale)
    slopes = dropped(of_out @ value.mT)  # by the weights
    bent = slopes - along_rows(weights * slopes)
    of_scores = weights * bent
    # what comes in from each output, by the scores' slopes and by the weights
    h_scores = scale * (h_query @ key.mT + query @ h_key.mT)
    h_scores = h_scores + h_mask[0] if h_mask else h_scores
    mean = along_rows(weights * h_scores)
    h_slopes = dropped(weights * (h_scores - mean))
    from_value = of_out @ h_value.mT
    h_weights = h_scores * bent - mean * slopes + dropped(from_value)
    through = weights * (h_weights - along_rows(weights * h_weights))
    return (
        h_slopes @ value + dropped(weights) @ h_value,
        scale * (through @ key + of_scores @ h_key),
        scale * (through.mT @ query + of_scores.mT @ h_query),
        h_slopes.mT @ of_out,
        None if mask is None else through,
    )


def _pull_by_formula(
    of_out: Array,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    drop: Array | None = None,
    causal: bool = False,
    scale: float = 1.0,
    of_mask: bool = False,
) -> tuple[Array, ...]:
    """The chain rule row by row, with the Jacobian of softmax as a matrix."""
    scores = scale * np.einsum("...le,...se->...ls", query, key)
    weights = _softmax_by_rows(scores, mask, causal)
    drop = np.ones_like(weights) if drop is None else drop + np.zeros_like(weights)
    of_weights = drop * np.einsum("...lv,...sv->...ls", of_out, value)
    of_scores = np.zeros_like(weights)
    for place in np.ndindex(weights.shape[:-1]):
        p = weights[place]
        of_scores[place] = (np.diag(p) - np.outer(p, p)) @ of_weights[place]
    found = (
        scale * np.einsum("...ls,...se->...le", of_scores, key),
        scale * np.einsum("...ls,...le->...se", of_scores, query),
        np.einsum("...ls,...lv->...sv", weights * drop, of_out),
    )
    return (*found, of_scores) if of_mask else found


def _sampled_pulls() -> Any:
    for (query, key, value, mask), params, label, smooth in _SAMPLES():
        of_out = draw(*query.shape[:-1], value.shape[-1])
        if mask is not None:
            params = {**params, "of_mask": True}
        yield sample(of_out, query, key, value, mask, label=label, smooth=smooth, **params)


@op(
    "∂ softmax(q kᵀ · c + m) v",
    joint=d_attention_pull,
    outputs=0,
    real_only=True,
    samples=_sampled_pulls,
    reference=_pull_by_formula,
)
def _attention_pull(
    of_out: Array,
    query: Array,
    key: Array,
    value: Array,
    mask: Array = None,
    /,
    drop: Array | None = None,
    causal: bool = False,
    scale: float = 1.0,
    of_mask: bool = False,
) -> tuple[Array, ...]:
    """The cotangents of query, key and value, and of the mask if asked, from that of the output.

    Each has the leading axes of them all: the engine sums where an input was repeated.
    """
    lead = np.shape(of_out)[:-2]
    arrays, dtype = _alike([of_out, query, key, value], mask, drop, lead)
    of_out, query, key, value, mask, drop = arrays
    pulled = kernels.attention_pull(of_out, query, key, value, mask, drop, causal, scale, of_mask)
    return tuple(np.reshape(x, (*lead, *x.shape[-2:])).astype(dtype, copy=False) for x in pulled)
