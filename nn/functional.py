"""Layers and losses as functions of Tensors: a face of what the rooms of `nn` hold.

What holds for all of them is said here. `input` is a Tensor, an array or lists of numbers; shapes
that do not fit raise ShapeError. `dim` is an axis, and `keepdim` leaves length 1 there. Of losses,
`target` is what the input should have been, and `reduction` makes the "mean" or the "sum" of all
losses, or leaves them as they are ("none"). `training` says whether to do what is done in training
alone; `rng` is a generator or a seed; `inplace` is taken for PyTorch's sake and has no effect.
Integers and booleans are computed in the default dtype where a function averages or weighs.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
