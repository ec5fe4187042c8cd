"""Local response normalisation: each channel by the squares of its neighbours."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.dtypes import in_single
from autograd.errors import ArgumentError
from nn.module.checks import check_floating


@checked
@in_single
def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """x / (k + alpha·m)^beta of (N, C, ...), where m is the mean of x² over `size` channels.

    Of these, size//2 are before the channel and the others from it on; beyond the ends are zeros.

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks (2012).

    Shape: (N, C, *) -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> x = ag.Tensor([[[1.0], [2.0]]])
    >>> nn.functional.local_response_norm(x, 2, alpha=2.0, beta=1.0)
    Tensor([[[0.5       ],
             [0.33333334]]], dtype=float32)
    """
    shape = check_floating("local_response_norm", input, 3)
    if size < 1:
        raise ArgumentError(f"local_response_norm: size must be 1 channel at least, got {size}")
    channels, before, after = shape[1], size // 2, (size - 1) // 2
    widths = ((0, 0), (before, after), *((0, 0) for _ in shape[2:]))
    squares = ag.zero_pad(ag.square(input), widths)
    # size - 1 additions of whole arrays: exact where sums over all channels would cancel
    total = squares[:, :channels]
    for shift in range(1, size):
        total = total + squares[:, shift : shift + channels]
    return input / (total * (alpha / size) + k) ** beta
