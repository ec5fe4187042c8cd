# fmt: off
# isort: skip_file
"""The public names of autograd.distributed.nn, and where each is defined."""

from autograd.distributed.nn import functional as functional
from autograd.distributed.nn.functional import (
    all_gather as all_gather, all_reduce as all_reduce, all_to_all as all_to_all,
    broadcast as broadcast, gather as gather, reduce as reduce,
    reduce_scatter as reduce_scatter, scatter as scatter,
)
