"""The rows of the table, a chapter of ops a file."""

from autograd.onnx.rows import (
    attention,
    convolution,
    cumulative,
    distributed,
    elementwise,
    indexing,
    linalg,
    losses,
    normalization,
    pooling,
    products,
    recurrent,
    reductions,
    resampling,
    shapes,
    whole,
)

__all__ = [
    "attention", "convolution", "cumulative", "distributed", "elementwise", "indexing", "linalg",
    "losses", "normalization", "pooling", "products", "recurrent", "reductions", "resampling",
    "shapes", "whole",
]  # fmt: skip
