# fmt: off
# isort: skip_file
"""The public names of nn.torch.utils.data, and where each is defined."""

from nn.torch.utils.data import (
    collate as collate, dataloader as dataloader, dataset as dataset, distributed as distributed,
    sampler as sampler,
)
from nn.torch.utils.data.collate import (
    default_collate as default_collate, default_convert as default_convert,
)
from nn.torch.utils.data.dataloader import (
    DataLoader as DataLoader, get_worker_info as get_worker_info,
)
from nn.torch.utils.data.dataset import (
    ChainDataset as ChainDataset, ConcatDataset as ConcatDataset, Dataset as Dataset,
    IterableDataset as IterableDataset, StackDataset as StackDataset, Subset as Subset,
    TensorDataset as TensorDataset, random_split as random_split,
)
from nn.torch.utils.data.distributed import DistributedSampler as DistributedSampler
from nn.torch.utils.data.sampler import (
    BatchSampler as BatchSampler, RandomSampler as RandomSampler, Sampler as Sampler,
    SequentialSampler as SequentialSampler, SubsetRandomSampler as SubsetRandomSampler,
    WeightedRandomSampler as WeightedRandomSampler,
)
