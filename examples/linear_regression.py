"""Linear regression: the cost of W, its curve, and gradient descent down to the bottom.

python -m examples.linear_regression

The hypothesis is H = W·x on x = y = 1, 2, 3, and the cost the mean of (W·x - y)².
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
import nn
import optim
from autograd import Tensor
from examples.shared import course_table, options_of, save

x = Tensor([1.0, 2.0, 3.0])
y = Tensor([1.0, 2.0, 3.0])


def cost(w: Any) -> Any:
    return ag.mean(ag.square(w * x - y))


def descend(w0: float, lr: float, steps: int) -> list[float]:
    """W at each step of gradient descent."""
    w = Tensor(w0, requires_grad=True)
    path = [w0]
    for _ in range(steps):
        w.grad = None
        cost(w).backward()
        with ag.no_grad():
            w -= lr * w.grad
        path.append(w.item())
    return path


def line_through(table: dict[str, Any]) -> tuple[float, float]:
    """Slope and offset that fit a table best, found by a layer of one neuron."""
    nn.manual_seed(0)
    model = nn.Sequential([nn.Input((1,)), nn.Dense(1)])
    model.compile(optim.SGD(model.parameters(), lr=0.5, momentum=0.9), "mse")
    model.fit(table["input"][:, None], table["output"], epochs=200, batch_size=100, verbose=0)
    layer: Any = model[1]
    return layer.weight.item(), layer.bias.item()


def stand_in(rng: np.random.Generator) -> dict[str, Any]:
    inputs = rng.uniform(0, 1, 100)
    return {"input": inputs, "output": -3.8 * inputs - 0.1 + rng.normal(0, 0.5, 100)}


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "linear_regression", lr=0.03, steps=40).parse_args(arguments)
    costs = [cost(w).item() for w in (0.0, 1.0, 2.0)]
    for w, value in enumerate(costs):
        print(f"cost(W = {w}) = {value:.2f}")
    path = descend(3.0, options.lr, options.steps)
    first = ", ".join(f"{w:.3f}" for w in path[:5])
    print(f"gradient descent from W = 3: {first}, ... {path[-1]:.5f}")
    ws = np.linspace(-1, 3, 81)
    heights = [cost(float(w)).item() for w in ws]
    figure = nn.plot.curves(
        {"cost": heights}, ws, title="cost(W) = mean (W·x − y)²", xlabel="W", ylabel="cost"
    )
    with nn.plot.style():
        figure.axes[0].plot(path, [cost(w).item() for w in path], "o-", color=nn.plot.GRADIENT,
                            ms=4, label="gradient descent")  # fmt: skip
        figure.axes[0].legend()
    save(figure, options.out, "cost")
    table = course_table("linear_data.csv", stand_in)
    slope, offset = line_through(table)
    wanted = np.polyfit(table["input"], table["output"], 1)
    print(f"fitted: output = {slope:.3f}·input {offset:+.3f}; least squares: "
          f"{wanted[0]:.3f}·input {wanted[1]:+.3f}")  # fmt: skip
    return {"costs": costs, "W": path[-1], "line": (slope, offset), "least squares": tuple(wanted)}


if __name__ == "__main__":
    main()
