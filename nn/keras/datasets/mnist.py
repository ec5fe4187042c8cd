"""keras.datasets.mnist: handwritten digits, from nn.datasets."""

from __future__ import annotations

import os
from typing import Any

from nn import datasets

__all__ = ["load_data"]


def load_data(path: str = "mnist.npz") -> Any:
    """((x_train, y_train), (x_test, y_test)): images (N, 28, 28) and digits, all bytes.

    `path` may be a folder with the IDX files; else they are sought where `nn.datasets.mnist` looks.
    """
    return datasets.mnist(path if os.path.isdir(path) else None)
