"""Initial values: fill a parameter in place, with PyTorch's names and formulas.

`rng` is a `numpy.random.Generator` or a seed; without it the default generator draws, which
`nn.manual_seed` sets. Weights are (out, in, ...): fan-in is in · receptive field, fan-out is
out · receptive field. Every function gives back `tensor`, which it has filled.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
