"""Initial values: fill a parameter in place, with PyTorch's names and formulas.

`rng` is a `numpy.random.Generator` or a seed; without it the default generator draws, which
`nn.manual_seed` sets. Weights are (out, in, ...): fan-in is in · receptive field, fan-out is
out · receptive field. Every function gives back `tensor`, which it has filled.
"""

from autograd.engine.arguments import guard
from nn.init.fill import constant_, normal_, ones_, trunc_normal_, uniform_, zeros_
from nn.init.scaled import (
    calculate_gain,
    fans,
    kaiming_normal_,
    kaiming_uniform_,
    lecun_normal_,
    lecun_uniform_,
    xavier_normal_,
    xavier_uniform_,
)
from nn.init.structured import dirac_, eye_, orthogonal_, sparse_

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "fans",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

guard(__name__, __all__)
