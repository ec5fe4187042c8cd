# fmt: off
# isort: skip_file
"""The public names of autograd.distributed, and where each is defined."""

from autograd.distributed import nn as nn
from autograd.distributed.collectives import (
    all_reduce as all_reduce, barrier as barrier, broadcast as broadcast, reduce as reduce,
)
from autograd.distributed.groups import (
    ProcessGroup as ProcessGroup, destroy_process_group as destroy_process_group,
    get_backend as get_backend, get_process_group_ranks as get_process_group_ranks,
    get_rank as get_rank, get_world_size as get_world_size,
    init_process_group as init_process_group, is_available as is_available,
    is_initialized as is_initialized, new_group as new_group,
)
from autograd.distributed.objects import (
    all_gather_object as all_gather_object, broadcast_object_list as broadcast_object_list,
    gather_object as gather_object, scatter_object_list as scatter_object_list,
)
from autograd.distributed.parts import (
    all_gather as all_gather, all_gather_into_tensor as all_gather_into_tensor,
    all_to_all as all_to_all, all_to_all_single as all_to_all_single, gather as gather,
    reduce_scatter as reduce_scatter, reduce_scatter_tensor as reduce_scatter_tensor,
    scatter as scatter,
)
from autograd.distributed.point_to_point import (
    P2POp as P2POp, batch_isend_irecv as batch_isend_irecv, irecv as irecv, isend as isend,
    recv as recv, send as send,
)
from autograd.distributed.reductions import ReduceOp as ReduceOp
from autograd.distributed.work import Work as Work
