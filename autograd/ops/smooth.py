"""Activation functions without a kink: the sigmoid and its kin.

Formulas and defaults are PyTorch's. None overflows, however large its input.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograd.op import Array, op
from autograd.ops.special import d_gelu_exact, ndtr
from autograd.samples import Sample, draw, elementwise, sample

__all__ = [
    "expit",
    "gelu",
    "log_sigmoid",
    "logit",
    "logsigmoid",
    "mish",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "swish",
    "tanhshrink",
]

_ANY = (-3.0, 3.0)
_HUGE = (1000.0, -1000.0, 1e30, -1e30)
_SMOOTH = elementwise(_ANY, kinks=_HUGE)
