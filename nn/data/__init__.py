"""Data in batches: datasets, samplers, a loader, splits, and transforms for images."""

from autograd.engine.arguments import guard
from nn.data import transforms
from nn.data.collate import default_collate, default_convert
from nn.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    Examples,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
)
from nn.data.loader import DataLoader
from nn.data.samplers import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from nn.data.splits import random_split, train_test_split
from nn.data.workers import get_worker_info

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Examples",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
    "train_test_split",
    "transforms",
]

guard(__name__, __all__)
