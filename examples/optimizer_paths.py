"""Six optimizers on an elongated bowl, x²/20 + y², from (-7, 2).

python -m examples.optimizer_paths
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optim
from autograd import Tensor
from examples.shared import options_of, save
from nn import plot

OPTIMIZERS: dict[str, Any] = {
    "SGD": lambda p: optim.SGD(p, lr=0.95),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "AdaGrad": lambda p: optim.Adagrad(p, lr=1.5),
    "RMSProp": lambda p: optim.RMSprop(p, lr=0.2, alpha=0.9),
    "Adam": lambda p: optim.Adam(p, lr=0.3),
}


def bowl(x: Any, y: Any) -> Any:
    return x * x / 20 + y * y


def path_of(make: Any, steps: int) -> list[tuple[float, float]]:
    x = Tensor(-7.0, requires_grad=True)
    y = Tensor(2.0, requires_grad=True)
    optimizer = make([x, y])
    path = [(x.item(), y.item())]
    for _ in range(steps):
        optimizer.zero_grad()
        bowl(x, y).backward()
        optimizer.step()
        path.append((x.item(), y.item()))
    return path


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(__doc__, "optimizer_paths", steps=30).parse_args(arguments)
    figure, axes = plot.figure(2, 3, 3.6, 2.7)
    found: dict[str, float] = {}
    print(f"optimizer   after {options.steps} steps        height (8.45 at the start)")
    for ax, (name, make) in zip(axes, OPTIMIZERS.items(), strict=True):
        path = path_of(make, options.steps)
        found[name] = bowl(*path[-1])
        print(f"{name:<10}  ({path[-1][0]:+.3f}, {path[-1][1]:+.3f})   {found[name]:.2e}")
        plot.paths(bowl, {name: path}, xlim=(-8, 8), ylim=(-3, 3), ax=ax)
    save(figure, options.out, "optimizer_paths")
    return found


if __name__ == "__main__":
    main()
