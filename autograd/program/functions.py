"""The table of plain functions that programs call, and that files may name."""

from __future__ import annotations

import importlib
from typing import Any

from autograd.errors import ArgumentError, TraceError

__all__ = ["FUNCTIONS", "function_named", "is_known", "name_of", "named_tuple"]

FUNCTIONS = frozenset((
    "autograd.control.draws:rows",
    "autograd.control.draws:unpacked",
    "autograd.kernels.activation.dropout:dropout_mask",
    "autograd.ops.indexing.choices:_in_range",
    "autograd.ops.linalg._polynomials:_in_pairs",
    "autograd.ops.reduction.gradients:_turned",
    "autograd.ops.reduction.partition:_common",
    "autograd.ops.reduction.partition:_distinct",
    "autograd.ops.reduction.partition:_left_over",
    "autograd.program.instructions:accumulated",
    "autograd.program.instructions:zeroed",
    "autograd.tensors.inplace:_filled",
    "nn.activation.softmax:_hot",
    "nn.attention.attention:_blocking",
    "nn.attention.multi_head:_is_triangle",
    "nn.dropout.dropout:_scale_and_shift",
    "nn.embedding.embedding:_checked_rows",
    "nn.embedding.embedding:_that_count",
    "nn.embedding.embedding:_tops",
    "nn.loss.ctc:_states",
    "nn.loss.labels:_checked_labels",
    "nn.normalization.batch_norm:_running_average",
    "nn.normalization.batch_norm_layers:_one_more",
    "nn.normalization.batch_norm_layers:_share",
    "nn.pooling.fractional:_all_bins",
    "nn.utils.clip_grad:_clipped",
    "nn.utils.clip_grad:_scaled",
    "nn.utils.clip_grad:_total_norm",
    "nn.utils.hooked_norms:_iterated",
    "nn.utils.parametrizations:power_method",
    "nn.vision.anchors:_match_boxes",
    "nn.vision.boxes:_masks_to_boxes",
    "nn.vision.boxes:_remove_small_boxes",
    "nn.vision.suppression:_batched_nms",
    "nn.vision.suppression:_nms",
))  # fmt: skip


def is_known(function: Any) -> bool:
    """Whether it is a function of the table, or one with some arguments given."""
    function = getattr(function, "func", function)
    return (
        f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', '')}"
        in FUNCTIONS
    )


def name_of(function: Any) -> str:
    """Under which name a file holds a function, or the kind of a tuple."""
    module, qualname = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    name = f"{module}:{qualname}"
    is_tuple = isinstance(function, type) and module.partition(".")[0] in ("autograd", "nn")
    if not is_tuple and name not in FUNCTIONS:
        raise TraceError(
            f"{qualname or function!r} is no function of chaingrad that files may name; write it "
            "with ops"
        )
    return name


def function_named(name: str) -> Any:
    """The function of a name in the table."""
    if name not in FUNCTIONS:
        raise ArgumentError(f"{name} is no function that a program may call")
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def named_tuple(name: str) -> Any:
    """A kind of tuple with named parts, as ops have for parameters."""
    module, _, attribute = name.partition(":")
    if module.partition(".")[0] not in ("autograd", "nn"):
        raise ArgumentError(f"{name} is no tuple of chaingrad")
    kind = getattr(importlib.import_module(module), attribute, None)
    if not (isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")):
        raise ArgumentError(f"{name} is no tuple of chaingrad")
    return kind
