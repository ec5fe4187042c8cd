"""Input: the shape of one example, declared at the head of a Sequential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import asarray, no_grad
from autograd.create import Lengths
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from nn.module.modes import in_mode
from nn.module.module import Module

if TYPE_CHECKING:
    import numpy.typing as npt


class Input(Module):
    """The shape of one example, without the batch, as the first layer of a Sequential.

    The layers after it that learn the size of their input are made at once, so that the model can
    be summarised and its parameters handed to an optimizer before it has seen data.

    Shape: (N, *shape) -> (N, *shape).

    >>> import nn
    >>> model = nn.Sequential(nn.Input((3,)), nn.Dense(2))
    >>> sum(p.size for p in model.parameters())
    8
    """

    def __init__(self, shape: Lengths, dtype: npt.DTypeLike = "float32") -> None:
        super().__init__()
        self.shape = tuple(shape) if isinstance(shape, Sequence) else (shape,)
        self.dtype = np.dtype(dtype)

    def forward(self, x: Any) -> Any:
        if np.shape(x)[1:] != self.shape:
            raise ShapeError(
                f"Input: an example is {self.shape}, so a batch is (N, "
                f"{', '.join(map(str, self.shape))}); got {np.shape(x)}{here()}"
            )
        return x

    def zeros(self, count: int = 2) -> Any:
        """A batch of zeros."""
        return asarray(np.zeros((count, *self.shape), self.dtype))

    def build(self, model: Module) -> None:
        """Call a model on zeros, in evaluation mode, so that its lazy modules learn their sizes."""
        with in_mode(model, training=False), no_grad():
            model(self.zeros())

    def extra_repr(self) -> str:
        return f"{self.shape}"
