"""keras.datasets: MNIST and Fashion-MNIST, from nn.datasets; others are refused by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autograd.errors import UnsupportedError
from nn.keras.datasets import fashion_mnist, mnist

__all__ = [
    "boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "mnist",
    "reuters",
]  # fmt: skip

_TABLES = "read a CSV file with nn.datasets.read_csv, or take scikit-learn's datasets"
_IMAGES = "keras.datasets.mnist and fashion_mnist are here, and nn.datasets.digits"
_TEXTS = "nn.datasets.tiny_shakespeare and nn.datasets.names are texts"


def _refused(name: str, instead: str) -> Any:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(f"keras.datasets.{name} is not here; {instead}")

    return SimpleNamespace(load_data=load_data, get_word_index=load_data)


boston_housing = _refused("boston_housing", _TABLES)
california_housing = _refused("california_housing", _TABLES)
cifar10, cifar100 = _refused("cifar10", _IMAGES), _refused("cifar100", _IMAGES)
imdb, reuters = _refused("imdb", _TEXTS), _refused("reuters", _TEXTS)
