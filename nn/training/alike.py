"""What several processes must have alike before they train together, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor
from autograd.errors import DistributedError

__all__ = ["check_data", "check_model", "check_start"]

_PLAIN = (bool, int, float, complex, str, tuple, Tensor)  # whose text is the same everywhere
Gather = Callable[[Any], list[Any]]  # what all processes have, by rank, of what this one has


def check_model(model: Any, gather: Gather) -> None:
    """Raise where a process has another model, and say in what."""
    kinds = [("" if p.requires_grad else "frozen ", n, p) for n, p in model.named_parameters()]
    kinds += [("", n, b) for n, b in model.named_buffers()]
    every = gather([(f"{kind}{name}", t.shape, str(t.dtype)) for kind, name, t in kinds])
    for rank, theirs in enumerate(every):
        if theirs == every[0]:
            continue
        pairs = zip([*every[0], *[None] * len(theirs)], [*theirs, None], strict=False)
        one, two = next((a, b) for a, b in pairs if a != b)
        raise DistributedError(
            f"the model is another one on rank {rank} than on rank 0: {_said(two)}, where rank "
            f"0 has {_said(one)}"
        )


def _said(told: Any) -> str:
    if told is None:
        return "nothing more"
    name, shape, dtype = told
    return f"{name}, {dtype} {tuple(shape)}"


def check_data(loader: Any, gather: Gather) -> None:
    """Raise where a process has another number of batches."""
    counts = gather(getattr(loader, "steps", None) or 0)
    if len({*counts}) > 1:
        raise DistributedError(
            f"the data are others on some ranks: {', '.join(map(str, counts))} batches by rank. "
            "Give all processes all the data, or a loader with a DistributedSampler, which shares "
            "them evenly"
        )


def check_start(epoch: int, optimizer: Any, gather: Gather) -> None:
    """Raise where a process begins with another epoch, other options or no state.

    So it is where some of them have not found a backup, or have read no checkpoint.
    """
    told: dict[str, Any] = {"the first epoch": epoch}
    for number, group in enumerate(optimizer.param_groups):
        plain = ((name, v) for name, v in group.items() if isinstance(v, _PLAIN))
        told |= {f"{name} of the optimizer's group {number}": str(v) for name, v in plain}
    if not hasattr(optimizer, "consolidate_state_dict"):  # each has a part of the state
        params = (p for group in optimizer.param_groups for p in group["params"])
        entries = [optimizer.state.get(p, {}) for p in params]
        told["parameters with a state in the optimizer"] = sum(map(bool, entries))
        told["the optimizer's steps so far"] = max(map(_steps, entries), default=0)
    every = gather(told)
    for rank, theirs in enumerate(every):
        for name in {**every[0], **theirs}:
            if (one := every[0].get(name)) != (two := theirs.get(name)):
                raise DistributedError(
                    f"rank {rank} begins elsewhere than rank 0: {name}: {two}, where rank 0 has "
                    f"{one}. A backup or a checkpoint is to be read by all processes, from a place "
                    "that all of them see"
                )


def _steps(entry: Any) -> int:
    steps = entry.get("step", 0)
    return int(steps.item() if isinstance(steps, Tensor) else steps)
