# fmt: off
# isort: skip_file
"""The public names of nn.utils, and where each is defined."""

from nn.utils import parametrizations as parametrizations, parametrize as parametrize, rnn as rnn
from nn.utils.clip_grad import (
    clip_grad_norm_ as clip_grad_norm_, clip_grad_value_ as clip_grad_value_,
    clip_grads_with_norm_ as clip_grads_with_norm_, get_total_norm as get_total_norm,
)
from nn.utils.convert_parameters import (
    parameters_to_vector as parameters_to_vector, vector_to_parameters as vector_to_parameters,
)
from nn.utils.hooked_norms import (
    remove_spectral_norm as remove_spectral_norm, remove_weight_norm as remove_weight_norm,
    spectral_norm as spectral_norm, weight_norm as weight_norm,
)
from nn.utils.stateless import functional_call as functional_call
