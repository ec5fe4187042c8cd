# fmt: off
# isort: skip_file
"""The public names of nn.data, and where each is defined."""

from nn.data import transforms as transforms
from nn.data.collate import default_collate as default_collate, default_convert as default_convert
from nn.data.dataset import (
    ChainDataset as ChainDataset, ConcatDataset as ConcatDataset, Dataset as Dataset,
    Examples as Examples, IterableDataset as IterableDataset, StackDataset as StackDataset,
    Subset as Subset, TensorDataset as TensorDataset,
)
from nn.data.distributed_sampler import DistributedSampler as DistributedSampler
from nn.data.loader import DataLoader as DataLoader
from nn.data.samplers import (
    BatchSampler as BatchSampler, RandomSampler as RandomSampler, Sampler as Sampler,
    SequentialSampler as SequentialSampler, SubsetRandomSampler as SubsetRandomSampler,
    WeightedRandomSampler as WeightedRandomSampler,
)
from nn.data.splits import random_split as random_split, train_test_split as train_test_split
from nn.data.workers import get_worker_info as get_worker_info
