"""Looking for a learning rate and a weight decay, with data kept for validation.

python -m examples.hyperparameters

Every trial draws both from a wide range, evenly by their logarithm, and trains for a few epochs.
The test images are looked at once, at the end, with the best choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from examples.shared import options_of, save


def trained(data: Any, held_out: Any, lr: float, decay: float, epochs: int) -> Any:
    nn.manual_seed(0)
    model = nn.models.MLP([64, 64, 10])
    model.compile(optim.SGD(model.parameters(), lr=lr, weight_decay=decay), nn.CrossEntropyLoss(),
                  ["accuracy"])  # fmt: skip
    model.fit(*data, epochs=epochs, verbose=0)
    return model, model.evaluate(*held_out)["accuracy"]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "hyperparameters", trials=40, epochs=10, seed=0).parse_args(
        arguments
    )
    rng = np.random.default_rng(options.seed)
    images, labels = nn.datasets.digits()
    train, validation, test = nn.data.train_test_split(
        images.reshape(-1, 64) / 16.0, labels, test_size=0.2, validation_size=0.2, rng=options.seed
    )
    trials = []
    for _ in range(options.trials):
        lr, decay = 10 ** rng.uniform(-4, 0), 10 ** rng.uniform(-8, -2)
        with np.errstate(over="ignore", invalid="ignore"):
            _, score = trained(train, validation, lr, decay, options.epochs)
        trials.append((score, lr, decay))
    best = sorted(trials, reverse=True)
    print("validation  learning rate  weight decay")
    for score, lr, decay in best[:5]:
        print(f"{score:>10.2%}  {lr:>13.2g}  {decay:>12.2g}")
    score, lr, decay = best[0]
    model, _ = trained(train, validation, lr, decay, 3 * options.epochs)
    accuracy = model.evaluate(*test)["accuracy"]
    print(f"the best, trained for {3 * options.epochs} epochs: test accuracy {accuracy:.2%}")
    figure, (ax,) = nn.plot.figure()
    with nn.plot.style():
        points = ax.scatter([t[1] for t in trials], [t[2] for t in trials],
                            c=[t[0] for t in trials], cmap="Blues", edgecolor=nn.plot.MUTED,
                            s=44)  # fmt: skip
        figure.colorbar(points, ax=ax, label="validation accuracy")
        ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="weight decay",
               title=f"{len(trials)} trials")  # fmt: skip
    save(figure, options.out, "hyperparameters")
    return {"best": best[0], "worst": best[-1], "test": accuracy}


if __name__ == "__main__":
    main()
