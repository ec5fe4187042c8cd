"""Cross-entropy: how wrong probabilities are, for two classes and for several.

python -m examples.cross_entropy
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import nn
from autograd import Tensor
from examples.shared import options_of, save

PROBABILITIES = [0.94, 0.90, 0.78, 0.56, 0.51, 0.47, 0.32, 0.10]  # of class 1
LABELS = [1, 1, 1, 0, 0, 1, 1, 0]


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(__doc__, "cross_entropy").parse_args(arguments)
    p, y = Tensor(PROBABILITIES, dtype="float64"), Tensor(LABELS, dtype="float64")
    losses = nn.BCELoss(reduction="none")(p, y).numpy()
    print("label  probability of 1  of the label  loss (nats)  loss (log10)")
    for label, probability, loss in zip(LABELS, PROBABILITIES, losses, strict=True):
        of_label = probability if label else 1 - probability
        print(f"{label:>5}  {probability:>16.2f}  {of_label:>12.2f}  {loss:>11.4f}  "
              f"{loss / math.log(10):>12.4f}")  # fmt: skip
    nats = nn.BCELoss()(p, y).item()
    print(f"mean loss: {nats:.4f} nats = {nats / math.log(10):.3f} in log10")
    # Two classes as a row of two probabilities: the categorical loss says the same.
    rows = np.column_stack([1 - np.array(PROBABILITIES), PROBABILITIES])
    categorical = nn.CategoricalCrossEntropy()(Tensor(rows), Tensor(np.eye(2)[LABELS])).item()
    sparse = nn.SparseCategoricalCrossEntropy()(Tensor(rows), Tensor(LABELS)).item()
    print(f"categorical, of one-hot rows: {categorical:.4f}; sparse, of labels: {sparse:.4f}")
    at = np.linspace(0.01, 0.99, 99)
    lines = {"label 1: −log p": -np.log(at), "label 0: −log(1 − p)": -np.log(1 - at)}
    figure = nn.plot.curves(lines, at, title="The loss of a probability",
                            xlabel="probability of class 1", ylabel="loss in nats")  # fmt: skip
    save(figure, options.out, "cross_entropy")
    return {
        "nats": nats,
        "log10": nats / math.log(10),
        "categorical": categorical,
        "sparse": sparse,
    }


if __name__ == "__main__":
    main()
