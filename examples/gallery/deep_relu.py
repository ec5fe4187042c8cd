"""The network of deep_sigmoid.py with ReLU: the gradient arrives."""

from __future__ import annotations

import math

import nn
from autograd.viz import Picture
from examples.gallery.deep_sigmoid import of_layer


def picture() -> Picture:
    """Half of the units pass the gradient as it is; the factor √2 in the weights makes up for it.

    Source: He et al., Delving deep into rectifiers (2015).
    """
    return of_layer(nn.ReLU, gain=math.sqrt(2))
