"""Functions with a backward of one's own, checked; hooks; second derivatives; anomaly mode."""

import numpy as np
import torch

rng = np.random.default_rng(10)


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


class Clamp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, low, high):
        ctx.save_for_backward(x)
        ctx.low, ctx.high = low, high
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        inside = (x >= ctx.low) & (x <= ctx.high)
        return g * inside.to(g.dtype), None, None


class Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.sign(x)

    @staticmethod
    def backward(ctx, g):
        assert ctx.needs_input_grad == (True,)
        return g.clone()


P3 = LegendrePolynomial3.apply
x = torch.linspace(-np.pi, np.pi, 200)
y = torch.sin(x)
a, b, c, d = (torch.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
losses = []
for step in range(20):
    y_pred = a + b * P3(c + d * x)
    loss = (y_pred - y).pow(2).sum()
    if step % 5 == 4:
        losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 5e-6 * p.grad
            p.grad = None

assert torch.autograd.gradcheck(P3, (torch.randn(4, dtype=torch.double, requires_grad=True),))
u = torch.tensor(rng.standard_normal(6), requires_grad=True)
seen = []
hidden = Clamp.apply(u * 2, -1.0, 1.0)
hidden.register_hook(lambda g: seen.append(g.clone()))
(Straight.apply(u) * hidden).sum().backward()

z = torch.tensor([0.5, -1.5, 2.0], dtype=torch.float64, requires_grad=True)
with torch.autograd.set_detect_anomaly(True):
    (first,) = torch.autograd.grad(P3(z).sum(), z, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), z)
jacobian = torch.autograd.functional.jacobian(lambda v: v.outer(v).sum(0), z)
hessian = torch.autograd.functional.hessian(lambda v: (v**3).sum() * v[0], z)
results = {
    "losses": losses,
    "params": [a, b, c, d],
    "grad": u.grad,
    "seen": seen,
    "second": second,
    "jacobian": jacobian,
    "hessian": hessian,
}
