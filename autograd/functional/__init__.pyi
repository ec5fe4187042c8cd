# fmt: off
# isort: skip_file
"""The public names of autograd.functional, and where each is defined."""

from autograd.functional.checkpoints import checkpoint as checkpoint
from autograd.functional.derivatives import (
    grad as grad, jvp as jvp, linearize as linearize, stop_gradient as stop_gradient,
    straight_through as straight_through, value_and_grad as value_and_grad, vjp as vjp,
)
from autograd.functional.function import (
    Function as Function, FunctionCtx as FunctionCtx, once_differentiable as once_differentiable,
)
from autograd.functional.matrices import (
    hessian as hessian, hvp as hvp, jacobian as jacobian, laplacian as laplacian, vhp as vhp,
)
from autograd.functional.saving import (
    save_in_half as save_in_half, save_on_disk as save_on_disk,
    saved_tensors_hooks as saved_tensors_hooks,
)
from autograd.transforms.vmap import vmap as vmap
