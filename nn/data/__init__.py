"""Data in batches: datasets, a loader, splits, and transforms for images."""

from autograd.engine.arguments import guard
from nn.data import transforms
from nn.data.dataset import Dataset, Subset, TensorDataset, random_split, train_test_split
from nn.data.loader import DataLoader

__all__ = [
    "DataLoader",
    "Dataset",
    "Subset",
    "TensorDataset",
    "random_split",
    "train_test_split",
    "transforms",
]

guard(__name__, __all__)
