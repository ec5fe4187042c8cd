# fmt: off
# isort: skip_file
"""The public names of autograd.differential_operators, and where each is defined."""

from autograd.differential_operators.gradients import (
    deriv as deriv, elementwise_grad as elementwise_grad, grad as grad,
    grad_and_aux as grad_and_aux, grad_named as grad_named, holomorphic_grad as holomorphic_grad,
    make_jvp as make_jvp, make_vjp as make_vjp, multigrad_dict as multigrad_dict,
    value_and_grad as value_and_grad,
)
from autograd.differential_operators.jacobians import (
    hessian as hessian, hessian_tensor_product as hessian_tensor_product,
    hessian_vector_product as hessian_vector_product, jacobian as jacobian,
    make_ggnvp as make_ggnvp, make_hvp as make_hvp,
    make_jvp_reversemode as make_jvp_reversemode,
    tensor_jacobian_product as tensor_jacobian_product,
    vector_jacobian_product as vector_jacobian_product,
)
from autograd.functional.checkpoints import checkpoint as checkpoint
