"""Real data sets as arrays: MNIST, Fashion-MNIST, scikit-learn's digits, tables in CSV files,
texts."""

from nn.datasets.idx import read_idx
from nn.datasets.images import digits, fashion_mnist, mnist
from nn.datasets.tables import read_csv
from nn.datasets.texts import names, tiny_shakespeare

__all__ = [
    "digits",
    "fashion_mnist",
    "mnist",
    "names",
    "read_csv",
    "read_idx",
    "tiny_shakespeare",
]
