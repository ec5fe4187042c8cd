"""All parameters of a model as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import listed
from autograd.errors import ArgumentError, ShapeError
from autograd.tensors.assignment import set_data


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters side by side in one vector, which gradients flow through.

    Shape: (*), (*), ... -> (N,), with N the number of all elements.

    >>> import nn
    >>> nn.utils.parameters_to_vector(nn.Linear(3, 2).parameters()).shape
    (8,)
    """
    parts = [p.reshape(-1) for p in listed("parameters", parameters, Tensor)]
    if not parts:
        raise ArgumentError("there are no parameters to put side by side")
    vector: Tensor = ag.concatenate(parts)
    return vector


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give the parameters, in order, the values in a vector; they keep their dtype.

    Shape: `vec` (N,), with N the number of all elements.

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.Linear(1, 2)
    >>> nn.utils.vector_to_parameters(ag.Tensor([1.0, 2.0, 3.0, 4.0]), layer.parameters())
    >>> layer.bias.tolist()
    [3.0, 4.0]
    """
    owners = listed("parameters", parameters, Tensor)
    total = sum(p.size for p in owners)
    if vec.shape != (total,):
        raise ShapeError(
            f"vector_to_parameters: vec is {vec.shape}, and the parameters take ({total},)"
        )
    values: Any = vec.detach().numpy()
    start = 0
    for p in owners:
        set_data(p, values[start : start + p.size].reshape(p.shape))
        start += p.size
