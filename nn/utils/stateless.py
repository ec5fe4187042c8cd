"""A module called with other parameters and buffers: what transforms of functions run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.errors import ArgumentTypeError
from autograd.functional.arguments import holding
from nn.module.module import Module


def functional_call(
    module: Module,
    parameters_and_buffers: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """What a `module` gives for `args` with other parameters and buffers, given by their names.

    `parameters_and_buffers` is a dict, or a sequence of some; what it does not name stays as it is.
    `args` is a tuple, or the one argument; `kwargs` are given by name. The module is as before
    afterwards: what the call writes into buffers is lost with those given. PyTorch's
    `torch.func.functional_call`.

    >>> import autograd as ag
    >>> import nn
    >>> model = nn.Linear(2, 1, bias=False)
    >>> nn.utils.functional_call(model, {"weight": ag.Tensor([[1.0, 2.0]])}, ag.Tensor([3.0, 4.0]))
    Tensor([11.], dtype=float32)
    """
    given = parameters_and_buffers
    parts = [given] if isinstance(given, Mapping) else list(given)
    if not all(isinstance(part, Mapping) for part in parts):
        raise ArgumentTypeError(
            "functional_call: parameters_and_buffers is a dict from names to Tensors, or several, "
            f"not {type(given).__name__}"
        )
    values = {name: value for part in parts for name, value in part.items()}
    with holding(module, values):
        return module(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))
