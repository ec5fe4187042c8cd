# fmt: off
# isort: skip_file
"""The public names of nn.parallel, and where each is defined."""

from nn.parallel.buckets import GradBucket as GradBucket
from nn.parallel.clipping import clip_grad_norm_ as clip_grad_norm_
from nn.parallel.compression import (
    ErrorFeedback as ErrorFeedback, fp16_compress_hook as fp16_compress_hook,
)
from nn.parallel.distributed import DistributedDataParallel as DistributedDataParallel
from nn.parallel.pipeline import (
    PipelineStage as PipelineStage, Schedule1F1B as Schedule1F1B,
)
from nn.parallel.tensor_parallel import (
    ColumnParallelLinear as ColumnParallelLinear, RowParallelLinear as RowParallelLinear,
    VocabParallelEmbedding as VocabParallelEmbedding,
)
from nn.parallel.uneven import Join as Join
