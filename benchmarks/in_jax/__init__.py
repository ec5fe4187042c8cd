"""The workloads in plain JAX, each a whole step in one `jax.jit` with its old state donated.

The names are those of `chains.py` and `training.py`; so are the arguments, without the library.
"""

from in_jax.chains import additions, chain, elementwise
from in_jax.functions import hessian, jacobian, per_example
from in_jax.training import (
    adam,
    convolutional,
    hessian_vector,
    inference,
    lstm,
    lstm_loop,
    mlp,
    transformer,
)

__all__ = [
    "adam", "additions", "chain", "convolutional", "elementwise", "hessian", "hessian_vector",
    "inference", "jacobian", "lstm", "lstm_loop", "mlp", "per_example", "transformer",
]  # fmt: skip
