"""PyTorch's order of arguments: nn's own, with what PyTorch has beside put where it stands there.

`device=` stands before `dtype=`; `size_average=` and `reduce=`, of before 0.4.1, stand among the
options of losses.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

from autograd.errors import ArgumentTypeError
from nn.torch.devices import check_cpu
from nn.torch.dtypes import as_numpy

__all__ = ["arguments", "theirs"]

_OLD = ("size_average", "reduce")
_BEFORE = {  # what stands between the two in PyTorch, where they are not neighbours
    "nll_loss": "ignore_index", "NLLLoss": "ignore_index",
    "cross_entropy": "ignore_index", "CrossEntropyLoss": "ignore_index",
    "poisson_nll_loss": "eps", "PoissonNLLLoss": "eps",
}  # fmt: skip
_WITHOUT = (  # losses that came later
    "huber_loss", "HuberLoss", "gaussian_nll_loss", "GaussianNLLLoss", "ctc_loss", "CTCLoss",
    "linear_cross_entropy", "LinearCrossEntropyLoss", "triplet_margin_with_distance_loss",
    "TripletMarginWithDistanceLoss",
)  # fmt: skip


@functools.cache
def theirs(function: Any) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names of a function's positional arguments in PyTorch, and of those it has beside."""
    kept = [p for p in inspect.signature(function).parameters.values() if p.name != "rng"]
    order = [
        p.name for p in kept if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.KEYWORD_ONLY)
    ]
    named = {p.name for p in kept}
    beside = set[str]()
    if "reduction" in named and function.__name__ not in _WITHOUT:
        beside.update(_OLD)
        at = order.index("reduction")
        between = _BEFORE.get(function.__name__)
        order.insert(at, "reduce")
        order.insert(order.index(between) if between else at, "size_average")
    if function.__name__ == "Hardtanh":
        order += ["min_value", "max_value"]
        beside.update(order[-2:])
    if inspect.isclass(function) and "dtype" in named:
        beside.add("device")
        if "dtype" in order:
            order.insert(order.index("dtype"), "device")
    return tuple(order), frozenset(beside)


def arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call in PyTorch's order as nn takes them."""
    order, beside = theirs(function)
    if beside:
        if len(args) > len(order):
            raise ArgumentTypeError(
                f"{function.__name__} takes at most {len(order)} arguments by position "
                f"({', '.join(order)}), got {len(args)}"
            )
        first = next((i for i, name in enumerate(order) if name in beside), len(order))
        kwargs = kwargs | dict(zip(order[first:], args[first:], strict=False))
        args = args[:first]
        check_cpu(kwargs.pop("device", None))
        for name, now in (("min_value", "min_val"), ("max_value", "max_val")):
            if (value := kwargs.pop(name, None)) is not None:
                warnings.warn(
                    f"keyword argument `{name}` is deprecated and rename to `{now}`",
                    FutureWarning,
                    stacklevel=4,
                )
                kwargs[now] = value
        old = [kwargs.pop(name, None) for name in _OLD]
        if any(value is not None for value in old):
            kwargs["reduction"] = _reduction(*old)
    if kwargs.get("dtype") is not None:
        kwargs = kwargs | {"dtype": as_numpy(kwargs["dtype"])}
    return args, kwargs


def _reduction(size_average: bool | None, reduce: bool | None) -> str:
    """What the arguments of before 0.4.1 mean, with PyTorch's warning."""
    average = size_average is None or size_average
    meant = "none" if reduce is False else "mean" if average else "sum"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.",
        stacklevel=4,
    )
    return meant
