"""Losses of pictures: focal for rare classes, Dice for areas."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.dtypes import in_single
from autograd.engine.ranges import Rate
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, shown
from autograd.extend import Array, raw
from nn.activation.softmax import one_hot
from nn.loss.classification import logistic_losses
from nn.loss.cross_entropy import cross_entropy
from nn.loss.reduction import as_floats, as_tensor, comparable, reduce
from nn.loss.regression import smooth_l1_loss
from nn.vision.anchors import hard_negatives


@checked
@in_single
def sigmoid_focal_loss(
    inputs: Array, targets: Array, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "none"
) -> Tensor:
    """Binary cross-entropy of logits, times (1 - p)^γ of the probability p of what is right.

    So what is easy counts little. `inputs` are logits and `targets` 0 or 1, of the same shape.
    `alpha` is the weight of target 1, and 1 - α that of 0; -1 leaves both at 1. `gamma` is γ. The
    mean over nothing is 0.

    Shape: (*) and (*) -> (*), or () if it is reduced.

    Source: Lin et al., Focal loss for dense object detection (2017).

    >>> import nn
    >>> nn.vision.sigmoid_focal_loss([0.0, 4.0], [1.0, 1.0])
    Tensor([4.3321699e-02, 1.4678969e-06], dtype=float32)
    """
    name = "sigmoid_focal_loss"
    if not (0 <= alpha <= 1 or alpha == -1):
        raise ArgumentError(f"{name}: alpha is {alpha}; it is from 0 to 1, or -1 for no weights")
    inputs, targets = comparable(name, inputs, targets)
    right = ag.sigmoid(inputs) * targets + ag.sigmoid(-inputs) * (1 - targets)
    losses = logistic_losses(name, inputs, targets) * (1 - right) ** gamma
    if alpha >= 0:
        losses = losses * (alpha * targets + (1 - alpha) * (1 - targets))
    empty = reduction == "mean" and not raw(losses).size
    return reduce(name, losses, "sum" if empty else reduction)


@checked
@in_single
def dice_loss(input: Any, target: Array, reduction: str = "mean", eps: float = 1.0) -> Tensor:
    """1 - 2·Σpt / (Σp + Σt), of probabilities p and what is right t, over places; reduced.

    The sums are over all axes but the first two, of examples and classes. `target` has the shape of
    the input, or holds labels (N, ...) of its classes. `eps` is added above and below, so that
    nothing, rightly called nothing, is no loss.

    Shape: (N, C, ...) and the same, or (N, ...) integers -> (), or (N, C) with reduction "none".

    Source: Milletari, Navab and Ahmadi, V-Net (2016).

    >>> import nn
    >>> nn.vision.dice_loss([[[0.5, 0.5], [0.5, 0.5]]], [[0, 1]], eps=0.0)
    Tensor(0.5, dtype=float32)
    """
    input = as_floats(input)
    if input.ndim < 2:
        raise ShapeError(f"dice_loss: input is {input.shape}; expected (N, C, ...){here()}")
    target = target if isinstance(target, Tensor) else ag.asarray(target)
    if target.dtype.kind in "iu" and target.shape == (input.shape[0], *input.shape[2:]):
        target = ag.moveaxis(one_hot(target, input.shape[1]), -1, 1)
    input, target = comparable("dice_loss", input, target)
    places = tuple(range(2, input.ndim))
    shared, all_ = (input * target).sum(axis=places), (input + target).sum(axis=places)
    return reduce("dice_loss", 1 - (2 * shared + eps) / (all_ + eps), reduction)


@checked
def multibox_loss(output: Any, target: Array, ratio: Rate = 3.0) -> Tensor:
    """The loss of SSD: smooth L1 of offsets and cross-entropy of classes, by the number of objects.

    `output` are the offsets and logits of all default boxes, and `target` holds for each box its
    offsets and its class, 0 for the ground (`model.targets` of `nn.models.SSD`). Boxes that have an
    object count, and of the others up to `ratio` times as many, by `hard_negatives`.

    Shape: (N, A, 4) with (N, A, C), and (N, A, 5) -> ().

    Source: Liu et al., SSD: Single shot multibox detector (2016).

    >>> import numpy as np
    >>> import nn
    >>> offsets, logits = np.zeros((1, 2, 4)), np.zeros((1, 2, 2))
    >>> target = np.array([[[1.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0]]])
    >>> nn.vision.multibox_loss((offsets, logits), target)
    Tensor(1.88629436, dtype=float64)
    """
    if not isinstance(output, (tuple, list)) or len(output) != 2:
        raise ArgumentTypeError(
            "multibox_loss: output is a pair, the offsets and the logits of the default boxes, not "
            f"{shown(output)}"
        )
    offsets, logits = (as_floats(part) for part in output)
    target = as_tensor(target, offsets.dtype)
    if target.shape != (*offsets.shape[:-1], 5) or logits.shape[:-1] != offsets.shape[:-1]:
        raise ShapeError(
            f"multibox_loss: offsets {offsets.shape}, logits {logits.shape} and target "
            f"{target.shape}; expected (N, A, 4), (N, A, C) and (N, A, 5){here()}"
        )
    labels = target[..., 4].astype("int64")
    positive = labels > 0
    of_classes = cross_entropy(ag.moveaxis(logits, -1, 1), labels, reduction="none")
    counts = ag.logical_or(positive, hard_negatives(of_classes, positive, ratio))
    of_boxes = smooth_l1_loss(offsets, target[..., :4], reduction="none").sum(axis=-1)
    losses = ag.where(counts, of_classes, 0.0) + ag.where(positive, of_boxes, 0.0)
    # without objects the sum is 0, and counts as good as nothing beside other batches
    objects = ag.maximum(ag.sum(positive.astype(losses.dtype)), 1e-6)
    return reduce("multibox_loss", losses, "mean", objects)
