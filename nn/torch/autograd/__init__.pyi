# fmt: off
# isort: skip_file
"""The public names of nn.torch.autograd, and where each is defined."""

from autograd.engine.modes import (
    enable_grad as enable_grad, no_grad as no_grad, set_grad_enabled as set_grad_enabled,
)
from nn.torch.autograd import (
    functional as functional, function as function, graph as graph,
)
from nn.torch.autograd.function import Function as Function
from nn.torch.autograd.gradients import (
    Variable as Variable, backward as backward, detect_anomaly as detect_anomaly, grad as grad,
    gradcheck as gradcheck, gradgradcheck as gradgradcheck,
    set_detect_anomaly as set_detect_anomaly,
)
from nn.torch.settings import inference_mode as inference_mode
