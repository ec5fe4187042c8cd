"""Case: one row of the tables of layers and losses that every generic test runs on.

A family of layers has its table in a file of this folder, and the file is named in `__init__.py`.
The generic tests of `tests/test_layers.py` and `tests/differential/test_layers.py` (against
PyTorch) then meet every row. A row is written like the call that makes the layer::

    case("Linear", 3, 2, inputs=lambda: [draw(4, 3)], reference=linear)
    case("Dropout", p=0.5, inputs=lambda: [draw(4, 3)], reference=identity, random=True)
    case("MSELoss", reduction="sum", inputs=lambda: [draw(4), draw(4, seed=1)], reference=mse)

`reference(layer, *inputs)` computes the outputs anew on float64 arrays, by a closed form or plain
loops; it shares nothing with the layer but its options, `layer.training`, and the parameters and
buffers (`value(layer.weight)`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import nn
from autograd import Tensor

__all__ = ["Call", "Case", "case", "flatten", "identity", "rebuild", "value"]

SAME = "the same call"


class Case(NamedTuple):
    """How a layer is made, what it is called with, and what may be asked of it."""

    name: str  # of the class, in `nn` and in `torch.nn`
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: Callable[[], Sequence[Any]]  # arrays, None, or tuples of them
    reference: Callable[..., Any]
    label: str = ""
    smooth: bool = True  # False at a kink: no second derivative is asked for
    random: bool = False  # depends on random numbers in training: the reference is for eval alone
    batch: int | None = 0  # the axis of the batch in every input; None where none may be empty
    # Inputs that get a gradient; None: all that are floating; (): none, where steps would leave the
    # domain (probabilities that sum to 1), and the gradient has tests of its own.
    wrt: tuple[int, ...] | None = None
    large: bool = False  # too large for gradcheck: slopes along some directions have to do
    torch: Any = SAME  # a function of the torch module that makes its layer, or None: it has none

    def __str__(self) -> str:
        arguments = [*map(_short, self.args), *(f"{k}={_short(v)}" for k, v in self.kwargs.items())]
        return self.label or f"{self.name}({', '.join(arguments)})"

    def make(self, seed: int = 0, dtype: Any = np.float64) -> Any:
        """The layer, its parameters drawn from a seed."""
        nn.manual_seed(seed)
        args = copy.deepcopy(self.args)  # a module among them is changed by what holds it
        return getattr(nn, self.name)(*args, **self.kwargs).to(dtype)

    def arrays(self, dtype: Any = np.float64) -> list[Any]:
        """The inputs, floating ones in a dtype."""
        return [_cast(x, dtype) for x in self.inputs()]

    def differentiated(self) -> list[int]:
        """The numbers of the leaves (see `flatten`) that get a gradient."""
        found, number = [], 0
        for position, x in enumerate(self.inputs()):
            for leaf in flatten(x):
                wanted = self.wrt is None or position in self.wrt
                if wanted and getattr(leaf, "dtype", np.dtype(bool)).kind in "fc":
                    found.append(number)
                number += 1
        return found


def case(
    name: str, *args: Any, inputs: Callable[[], Sequence[Any]], reference: Any, **kwargs: Any
) -> Case:
    """A Case, written like the call: keywords that are no fields of Case are the layer's."""
    own = {field: kwargs.pop(field) for field in _OWN if field in kwargs}
    return Case(name, args, kwargs, inputs, reference, **own)


_OWN = ("label", "smooth", "random", "batch", "wrt", "large", "torch")


def value(tensor: Any) -> Any:
    """The array of a parameter or buffer; None stays None."""
    return None if tensor is None else np.array(tensor._value)


def identity(layer: Any, x: Any) -> Any:
    """The reference of layers that do nothing."""
    return x


def flatten(structure: Any) -> Iterator[Any]:
    """The arrays or Tensors in nested tuples and lists, None among them."""
    if isinstance(structure, (tuple, list)):
        for part in structure:
            yield from flatten(part)
    else:
        yield structure


def rebuild(structure: Any, leaves: Iterator[Any]) -> Any:
    """The same nested tuples, with other leaves."""
    if isinstance(structure, (tuple, list)):
        return tuple(rebuild(part, leaves) for part in structure)
    return next(leaves)


class Call(nn.Module):
    """A layer as a module of just those inputs that get a gradient; the others are fixed."""

    def __init__(self, layer: Any, inputs: Sequence[Any], positions: Sequence[int]) -> None:
        super().__init__()
        self.layer = layer
        self.inputs = inputs
        self.positions = positions

    def forward(self, *given: Any) -> Any:
        leaves = list(flatten(self.inputs))
        for position, x in zip(self.positions, given, strict=True):
            leaves[position] = x
        leaves = [Tensor(x) if isinstance(x, np.ndarray) else x for x in leaves]
        return self.layer(*rebuild(self.inputs, iter(leaves)))


def _cast(x: Any, dtype: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return tuple(_cast(part, dtype) for part in x)
    return x.astype(dtype) if getattr(x, "dtype", np.dtype(bool)).kind == "f" else x


def _short(x: Any) -> str:
    return f"array{x.shape}" if isinstance(x, np.ndarray) else repr(x)
