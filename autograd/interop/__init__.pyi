# fmt: off
# isort: skip_file
"""The public names of autograd.interop, and where each is defined."""

from autograd.interop.jax import from_jax as from_jax, jax_function as jax_function
from autograd.interop.scipy import linear_operator as linear_operator
from autograd.interop.torch import from_torch as from_torch, torch_function as torch_function
