"""Gradients clipped by the norm of all of a model, parts of which lie in other processes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.distributed.alone import rank_and_size
from autograd.distributed.collectives import all_reduce
from autograd.errors import ArgumentTypeError, GradientError, shown
from autograd.tensors.tensor import taken
from nn.module.module import Module
from nn.parallel.pipeline import PipelineStage
from nn.parallel.tensor_parallel import Part
from nn.utils.clip_grad import clip_grads_with_norm_, get_total_norm


def clip_grad_norm_(
    module: Module | PipelineStage,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale the gradients of a `module` with tensor-parallel layers, as those of one process.

    The norm is of all parts of what is shared out, and counts once what all processes have alike;
    all of them call this, and scale by one factor. Of a PipelineStage the norm is that of all
    stages, in which parameters that are tied count once. The rest is as in
    `nn.utils.clip_grad_norm_`, which sees the parts of its own process alone. Without such layers
    or stages the two are the same.

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.parallel.ColumnParallelLinear(2, 1, bias=False, rng=0)
    >>> layer(ag.Tensor([3.0, 4.0])).sum().backward()
    >>> nn.parallel.clip_grad_norm_(layer, max_norm=1.0)
    Tensor(5., dtype=float32)
    """
    stage = module if isinstance(module, PipelineStage) else None
    model = module if stage is None else stage.submodule
    if not isinstance(model, Module):
        raise ArgumentTypeError(
            "nn.parallel.clip_grad_norm_ takes a module, whose layers say what is shared out, or a "
            f"PipelineStage, not {shown(module)}"
        )
    shared: dict[Any, dict[int, Tensor]] = {}  # by group of processes
    for layer in model.modules():
        if isinstance(layer, Part) and rank_and_size(layer.process_group)[1] > 1:
            mine = shared.setdefault(layer.process_group, {})
            mine |= {id(p): p for name in layer.parts if (p := getattr(layer, name)) is not None}
    given = [*model.parameters()]
    elsewhere = set() if stage is None else _counted_elsewhere(stage)
    own = elsewhere.union(*shared.values())
    alike = [p.grad for p in given if p.grad is not None and id(p) not in own]
    norms = [get_total_norm(alike, norm_type)]
    for group, parts in shared.items():
        grads = [p.grad for n, p in parts.items() if p.grad is not None and n not in elsewhere]
        norms.append(_over_all(get_total_norm(grads, norm_type), float(norm_type), group))
    total = get_total_norm(norms, norm_type) if len(norms) > 1 else norms[0]
    if stage is not None and stage.num_stages > 1:
        total = _over_all(total, float(norm_type), stage.group)
    if error_if_nonfinite and not np.isfinite(total.item()):
        raise GradientError(
            f"the norm of the gradients of all processes is {total.item()}, so they cannot be "
            "clipped; nothing was changed"
        )
    clip_grads_with_norm_(given, max_norm, total)
    return total


def _counted_elsewhere(stage: PipelineStage) -> set[int]:
    """Parameters that a stage before this one has too."""
    parameters = dict(stage.submodule.named_parameters())
    return {id(parameters[n]) for n, group in stage.tied.items() if rank_and_size(group)[0] > 0}


def _over_all(norm: Tensor, order: float, group: Any) -> Tensor:
    """The norm of what all processes of a group have, from those of their parts."""
    largest = all_reduce(norm.astype("float64"), "max", group).item()
    if np.isinf(order) or not 0 < largest < np.inf:
        return taken(norm.dtype.type(largest))
    power = taken(np.float64((norm.item() / largest) ** order))
    total = all_reduce(power, "sum", group).item()
    return taken(norm.dtype.type(largest * total ** (1 / order)))
