"""A simulation differentiated end to end: a fluid on a grid with rolls, and weights of a wing."""

import autograd.numpy as np
from autograd import grad, value_and_grad


def project(vx, vy):
    p = np.zeros(vx.shape)
    h = 1.0 / vx.shape[0]
    div = (
        -0.5
        * h
        * (
            np.roll(vx, -1, axis=0)
            - np.roll(vx, 1, axis=0)
            + np.roll(vy, -1, axis=1)
            - np.roll(vy, 1, axis=1)
        )
    )
    for _ in range(4):
        p = (
            div
            + np.roll(p, 1, axis=0)
            + np.roll(p, -1, axis=0)
            + np.roll(p, 1, axis=1)
            + np.roll(p, -1, axis=1)
        ) / 4.0
    vx = vx - 0.5 * (np.roll(p, -1, axis=0) - np.roll(p, 1, axis=0)) / h
    vy = vy - 0.5 * (np.roll(p, -1, axis=1) - np.roll(p, 1, axis=1)) / h
    return vx, vy


def advect(f, vx, vy):
    rows, cols = f.shape
    cell_ys, cell_xs = np.meshgrid(np.arange(rows), np.arange(cols))
    center_xs = (cell_xs - vx).ravel()
    center_ys = (cell_ys - vy).ravel()
    left_ix = np.floor(center_xs).astype(int)
    top_ix = np.floor(center_ys).astype(int)
    rw = center_xs - left_ix
    bw = center_ys - top_ix
    left_ix, right_ix = np.mod(left_ix, rows), np.mod(left_ix + 1, rows)
    top_ix, bot_ix = np.mod(top_ix, cols), np.mod(top_ix + 1, cols)
    flat_f = (1 - rw) * ((1 - bw) * f[left_ix, top_ix] + bw * f[left_ix, bot_ix]) + rw * (
        (1 - bw) * f[right_ix, top_ix] + bw * f[right_ix, bot_ix]
    )
    return np.reshape(flat_f, (rows, cols))


def simulate(vx, vy, smoke, num_time_steps):
    for _ in range(num_time_steps):
        vx_updated = advect(vx, vx, vy)
        vy_updated = advect(vy, vx, vy)
        vx, vy = project(vx_updated, vy_updated)
        smoke = advect(smoke, vx, vy)
    return smoke


n = 8
rs = np.random.RandomState(3)
init_smoke = rs.rand(n, n)
target = np.flipud(init_smoke)


def convert_param_vector_to_matrices(params):
    vx = np.reshape(params[: n * n], (n, n))
    vy = np.reshape(params[n * n :], (n, n))
    return vx, vy


def objective(params):
    init_vx, init_vy = convert_param_vector_to_matrices(params)
    final = simulate(init_vx, init_vy, init_smoke, 3)
    return np.mean((target - final) ** 2)


step = value_and_grad(objective)
params = 0.1 * rs.randn(2 * n * n)
values = []
for _ in range(5):
    value, gradient = step(params)
    params = params - 5.0 * gradient
    values.append(value)


def polyinterp(coefficients, x):
    powers = np.vstack([x**i for i in range(len(coefficients))])
    return np.tensordot(coefficients, powers, axes=1)


xs = np.linspace(0, 1, 5)
fit = grad(lambda c: np.linalg.norm(polyinterp(c, xs) - np.sqrt(xs + 0.1)))(np.ones(3))
results = {"values": values, "params": params, "fit": fit}
