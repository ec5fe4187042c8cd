"""Embeddings, and bags of them, row by row.

Where the gradient is not the slope on purpose (padding, a scale by frequency, a norm that is kept)
`wrt` is (): the gradients of these are held against PyTorch's, and in tests/test_embedding.py.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import case, value


def table(layer: Any, indices: Any) -> Any:
    """The weight, with the rows that are named no longer than they may be."""
    weight = value(layer.weight)
    for i in set(np.ravel(indices).tolist() if layer.max_norm is not None else ()):
        norm = np.sum(np.abs(weight[i]) ** layer.norm_type) ** (1 / layer.norm_type)
        if norm > layer.max_norm:
            weight[i] *= layer.max_norm / (norm + 1e-7)
    return weight


def embedding(layer: Any, indices: Any) -> Any:
    weight, out = table(layer, indices), np.zeros((*np.shape(indices), layer.embedding_dim))
    for place in np.ndindex(np.shape(indices)):
        out[place] = weight[indices[place]]
    return out


def bags(layer: Any, indices: Any, offsets: Any = None, factors: Any = None) -> Any:
    if indices.ndim == 2:
        edges = [n * indices.shape[1] for n in range(len(indices) + 1)]
    else:
        edges = [*offsets] if layer.include_last_offset else [*offsets, len(indices)]
    weight, flat = table(layer, indices), indices.ravel()
    factors = np.ones(flat.shape) if factors is None else factors.ravel()
    out = np.zeros((len(edges) - 1, layer.embedding_dim))
    reduction = {"sum": np.sum, "mean": np.mean, "max": np.max}[layer.mode]
    for n, (start, stop) in enumerate(itertools.pairwise(edges)):
        counted = [i for i in range(start, stop) if flat[i] != layer.padding_idx]
        if counted:
            out[n] = reduction([weight[flat[i]] * factors[i] for i in counted], axis=0)
    return out


WORDS = np.array([[1, 0, 4], [4, 2, 4]])
FLAT = np.array([1, 0, 4, 4, 2, 4, 3])
STARTS = np.array([0, 2, 2, 5])
EDGES = np.array([0, 2, 2, 5, 7])
UNLIKE = {"wrt": (), "smooth": False}

CASES = [
    *(
        case("Embedding", 5, 3, inputs=lambda: [WORDS], reference=embedding, **options)
        for options in (
            {},
            {"padding_idx": 3},
            {"padding_idx": 4, **UNLIKE},
            {"padding_idx": -1, **UNLIKE},
            {"scale_grad_by_freq": True, **UNLIKE},
            {"max_norm": 1.0, **UNLIKE},
            {"max_norm": 1.5, "norm_type": 1.0, **UNLIKE},
        )
    ),
    case("Embedding", 5, 3, inputs=lambda: [np.array(2)], reference=embedding, batch=None,
         label="Embedding of one word"),
    case("Embedding", 5, 3, inputs=lambda: [WORDS[..., None].astype("int32")], reference=embedding,
         label="Embedding of int32"),
    *(
        case("EmbeddingBag", 5, 3, inputs=lambda: [WORDS], reference=bags, **options)
        for options in (
            {},
            {"mode": "sum"},
            {"mode": "max", "smooth": False},
            {"mode": "mean", "padding_idx": 4},
            {"mode": "max", "padding_idx": 0, "smooth": False},
            {"mode": "sum", "scale_grad_by_freq": True, **UNLIKE},
            {"mode": "mean", "max_norm": 1.0, **UNLIKE},
            {"mode": "sum", "max_norm": 1.5, "norm_type": 1.0, **UNLIKE},
        )
    ),
    *(
        case("EmbeddingBag", 5, 3, inputs=lambda at=at: [FLAT, at], reference=bags, batch=None,
             label=f"EmbeddingBag with offsets {options}", **options)
        for at, options in (
            (STARTS, {}),
            (STARTS, {"mode": "sum"}),
            (STARTS, {"mode": "max", "smooth": False}),
            (EDGES, {"mode": "mean", "include_last_offset": True}),
            (EDGES, {"mode": "max", "include_last_offset": True, "smooth": False}),
            (STARTS, {"mode": "mean", "padding_idx": 4}),
            (STARTS, {"mode": "max", "padding_idx": -1, "smooth": False}),
        )
    ),
    case("EmbeddingBag", 5, 3, mode="sum", reference=bags, batch=None,
         inputs=lambda: [FLAT, STARTS, draw(7)], label="EmbeddingBag with weights"),
    case("EmbeddingBag", 5, 3, mode="sum", padding_idx=4, reference=bags, batch=None,
         inputs=lambda: [WORDS, None, draw(2, 3)], label="EmbeddingBag with weights and padding"),
]  # fmt: skip
