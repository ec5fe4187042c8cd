"""torch.func: gradients of a stateless model, per example, Jacobians, Hessians and products."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import (
    functional_call,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    vjp,
    vmap,
)

rng = np.random.default_rng(11)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
for p in model.parameters():
    p.data = torch.tensor(rng.standard_normal(p.shape), dtype=torch.float32)
params = {k: v.detach() for k, v in model.named_parameters()}
buffers = {k: v.detach() for k, v in model.named_buffers()}
x = torch.tensor(rng.standard_normal((5, 3)), dtype=torch.float32)
t = torch.tensor([0, 1, 1, 0, 1])


def compute_loss(params, buffers, sample, target):
    batch = sample.unsqueeze(0)
    targets = target.unsqueeze(0)
    predictions = functional_call(model, (params, buffers), (batch,))
    return F.cross_entropy(predictions, targets)


per_example = vmap(grad(compute_loss), in_dims=(None, None, 0, 0))(params, buffers, x, t)
whole, value = grad_and_value(
    lambda params: F.cross_entropy(functional_call(model, params, (x,)), t)
)(params)


def f(v):
    return torch.sin(v) * v.sum()


v = torch.tensor([0.3, -1.2, 2.0])
out, pull = vjp(f, v)
_, pushed = jvp(f, (v,), (torch.ones(3),))
predict = vmap(lambda w: w @ w)
results = {
    "per_example": per_example,
    "mean": {k: g.mean(0) for k, g in per_example.items()},
    "whole": whole,
    "value": value,
    "jacrev": jacrev(f)(v),
    "jacfwd": jacfwd(f)(v),
    "hessian": hessian(lambda v: (v**2).prod())(v),
    "vjp": pull(torch.ones(3))[0],
    "jvp": pushed,
    "vmap": predict(x),
    "argnums": grad(lambda a, b: (a * b**2).sum(), argnums=1)(v, v),
}
