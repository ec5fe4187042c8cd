"""Adafactor, as Keras computes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.ranges import Rate
from nn.keras.optimizers.base import Optimizer
from optim.base.chunk import Numbers
from optim.optimizer import Group
from optim.shaped import ShapedOptimizer, root_mean_square

__all__ = ["Adafactor"]


class Adafactor(Optimizer, ShapedOptimizer):
    """Adam whose mean squares are kept by row and column alone.

    Source: Shazeer and Stern, Adafactor: adaptive learning rates with sublinear memory cost (2018).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: Rate = 1e-30,
        epsilon_2: Rate = 0.001,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        options = {
            "beta_2_decay": beta_2_decay, "epsilon_1": epsilon_1, "epsilon_2": epsilon_2,
            "clip_threshold": clip_threshold, "relative_step": relative_step,
        }  # fmt: skip
        for option, value in options.items():
            setattr(self, option, value)
        Optimizer.__init__(self, learning_rate, weight_decay, options=options, **common)

    def _state_shapes(self, p: Tensor, group: Group) -> dict[str, tuple[int, ...]]:
        if p.ndim < 2:
            return {"square_avg": p.shape}
        return {"row_var": p.shape[:-1], "col_var": (*p.shape[:-2], p.shape[-1])}

    def _updated(
        self, p: Any, g: Any, group: Group, state: dict[str, Any], numbers: Numbers
    ) -> Any:
        step, lr = group["iterations"] + 1, group["lr"]
        rho = min(lr, 1 / np.sqrt(step)) if group["relative_step"] or callable(self._rate) else lr
        rho = min(rho, 1 / np.sqrt(step))
        size = max(group["epsilon_2"], root_mean_square(p)) * rho
        squares, kept = g * g + group["epsilon_1"], 1 - step ** group["beta_2_decay"]
        if p.ndim < 2:
            v = state["square_avg"]
            v[...] = kept * v + (1 - kept) * squares
        else:
            row, column = state["row_var"], state["col_var"]
            row[...] = kept * row + (1 - kept) * squares.mean(axis=-1)
            column[...] = kept * column + (1 - kept) * squares.mean(axis=-2)
            v = (row / row.mean(axis=-1, keepdims=True))[..., None] * column[..., None, :]
        u = g / np.sqrt(v)
        u /= max(1.0, root_mean_square(u) / group["clip_threshold"])
        return p - p.dtype.type(size) * u
