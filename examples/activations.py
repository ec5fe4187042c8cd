"""Activation functions and their derivatives, and the gradient that vanishes below sigmoids.

python -m examples.activations
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd import Tensor
from examples.shared import options_of, save

FUNCTIONS: dict[str, Any] = {
    "step": nn.Step(),
    "sigmoid": ag.sigmoid,
    "tanh": ag.tanh,
    "ReLU": ag.relu,
    "leaky ReLU": nn.LeakyReLU(0.1),
    "PReLU": nn.PReLU(init=0.25),
    "ELU": nn.ELU(),
    "Maxout": lambda x: ag.maximum(0.5 * x, -0.2 * x),  # of two lines
}


def value_and_slope(f: Any, x: Any) -> tuple[Any, Any]:
    at = Tensor(x, requires_grad=True)
    y = f(at)
    if y.requires_grad:
        y.sum().backward()
    slope = np.zeros_like(x) if at.grad is None else at.grad.numpy()
    return y.detach().numpy(), slope


def gradients(activation: str, depth: int, seed: int) -> list[float]:
    """The root mean square of the gradient by each weight of a deep network, first layer first."""
    nn.manual_seed(seed)
    model = nn.models.MLP([64] * (depth + 1), activation)
    for name, parameter in model.named_parameters():
        if name.endswith("weight"):
            gain = "relu" if activation == "relu" else "sigmoid"
            nn.init.kaiming_normal_(parameter, nonlinearity=gain)
    x = Tensor(np.random.default_rng(seed).normal(size=(32, 64)).astype("float32"))
    ag.square(model(x)).mean().backward()
    grads = [p.grad for n, p in model.named_parameters() if n.endswith("weight")]
    return [float(np.sqrt(np.mean(g.numpy() ** 2))) for g in grads if g is not None]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "activations", depth=20, seed=0).parse_args(arguments)
    x = np.linspace(-3, 3, 241).astype("float32")
    figure, axes = nn.plot.figure(2, 4, 2.7, 2.3)
    for ax, (name, f) in zip(axes, FUNCTIONS.items(), strict=True):
        value, slope = value_and_slope(f, x)
        nn.plot.curves({"h(x)": value, "h′(x)": slope}, x, title=name, ax=ax)
        if name != "step":
            ax.get_legend().remove()
    save(figure, options.out, "activations")
    h1, h2 = ag.sigmoid(Tensor(1.0)).item(), ag.sigmoid(Tensor(2.0)).item()
    print(f"sigmoid: h(1) = {h1:.3f}, h(2) = {h2:.3f}")
    found = {name: gradients(name, options.depth, options.seed) for name in ("sigmoid", "relu")}
    for name, norms in found.items():
        print(f"{options.depth} layers of {name}: gradient {norms[0]:.1e} in the first layer, "
              f"{norms[-1]:.1e} in the last")  # fmt: skip
    figure = nn.plot.curves(found, np.arange(1, options.depth + 1), log=True, xlabel="layer",
                            ylabel="rms of the gradient", title="Vanishing gradient")  # fmt: skip
    save(figure, options.out, "vanishing_gradient")
    return {"h1": h1, "h2": h2, **found}


if __name__ == "__main__":
    main()
