"""keras.datasets.fashion_mnist: pieces of clothing, from nn.datasets."""

from __future__ import annotations

from typing import Any

from nn import datasets

__all__ = ["load_data"]


def load_data() -> Any:
    """((x_train, y_train), (x_test, y_test)): images (N, 28, 28) and classes, all bytes."""
    return datasets.fashion_mnist()
