"""plot_model: a picture of a model, as chaingrad draws it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import asarray, viz
from autograd.errors import ArgumentError
from nn.module.modes import in_mode

__all__ = ["plot_model"]


def plot_model(
    model: Any, to_file: Any = "model.png", show_shapes: bool = False, **options: Any
) -> Any:
    """A picture of one pass through the model, saved to a file (None: not saved).

    It shows the operations with their shapes; Keras' other options are taken and change nothing.
    """
    shapes = getattr(model, "input_shape", None)
    if shapes is None:
        raise ArgumentError("plot_model: the model is not built; call it on data, or give an Input")
    several = isinstance(shapes, list)
    examples = [
        asarray(np.zeros([1 if n is None else n for n in shape], np.float32))
        for shape in (shapes if several else [shapes])
    ]
    with in_mode(model, training=False):
        picture = viz.draw(model(examples if several else examples[0]))
    if to_file is not None:
        picture.save(to_file)
    return picture
