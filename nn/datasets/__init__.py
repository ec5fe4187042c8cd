"""Real data sets as arrays: MNIST, Fashion-MNIST, scikit-learn's digits, tables in CSV files."""

from nn.datasets.idx import read_idx
from nn.datasets.images import digits, fashion_mnist, mnist
from nn.datasets.tables import read_csv

__all__ = ["digits", "fashion_mnist", "mnist", "read_csv", "read_idx"]
