"""A network of three layers forward, as products of matrices.

python -m examples.three_layers
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd as ag
from autograd import Tensor
from examples.shared import options_of

X = [1.0, 0.5]
W1, B1 = [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3]
W2, B2 = [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2]
W3, B3 = [[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options_of(__doc__, "three_layers").parse_args(arguments)
    found: dict[str, Any] = {}
    z: Any = Tensor(X)
    for number, (w, b) in enumerate(((W1, B1), (W2, B2), (W3, B3)), start=1):
        a = z @ Tensor(w) + Tensor(b)
        z = ag.sigmoid(a) if number < 3 else a  # the last activation is the identity
        print(f"A{number} = Z{number - 1} W{number} + B{number} = {a.numpy().round(8)}"
              f"    {'σ' if number < 3 else 'identity'} -> {z.numpy().round(8)}")  # fmt: skip
        found[f"A{number}"], found[f"Z{number}"] = a.numpy(), z.numpy()
    return found


if __name__ == "__main__":
    main()
