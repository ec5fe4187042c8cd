"""A differential equation learned through a Runge-Kutta solver, in double precision."""

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

rng = np.random.default_rng(9)
torch.set_default_dtype(torch.float64)
true_y0 = torch.tensor([[2.0, 0.0]])
t = torch.linspace(0.0, 1.0, 11)
true_A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])


class Lambda(nn.Module):
    def forward(self, t, y):
        return torch.mm(y**3, true_A)


class ODEFunc(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 2))
        for m in self.net.modules():
            if isinstance(m, nn.Linear):
                with torch.no_grad():
                    m.weight.copy_(torch.from_numpy(rng.normal(0, 0.1, tuple(m.weight.shape))))
                nn.init.constant_(m.bias, val=0)

    def forward(self, t, y):
        return self.net(y**3)


def rk4_step(func, t, dt, y):
    k1 = func(t, y)
    k2 = func(t + dt / 2, y + dt * k1 / 2)
    k3 = func(t + dt / 2, y + dt * k2 / 2)
    k4 = func(t + dt, y + dt * k3)
    return y + (k1 + 2 * k2 + 2 * k3 + k4) * dt / 6


def odeint(func, y0, t):
    solution = torch.empty(len(t), *y0.shape, dtype=y0.dtype, device=y0.device)
    solution[0] = y0
    ys = [y0]
    for t0, t1 in zip(t[:-1], t[1:]):
        ys.append(rk4_step(func, t0, t1 - t0, ys[-1]))
    return torch.stack(ys)


with torch.no_grad():
    true_y = odeint(Lambda(), true_y0, t)
func = ODEFunc()
optimizer = optim.RMSprop(func.parameters(), lr=1e-2)
losses = []
for _itr in range(6):
    optimizer.zero_grad()
    pred_y = odeint(func, true_y0, t)
    loss = torch.mean(torch.abs(pred_y - true_y))
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
y0 = true_y0.clone().requires_grad_()
(sensitivity,) = torch.autograd.grad(odeint(func, y0, t)[-1].sum(), y0)
torch.set_default_dtype(torch.float32)
results = {
    "losses": losses,
    "true": true_y.squeeze(1),
    "weight": func.net[0].weight,
    "sensitivity": sensitivity,
    "std": true_y.std(0),
    "max": true_y.max(dim=0).values,
    "where": true_y.max(dim=0)[1],
}
