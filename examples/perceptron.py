"""The perceptron: logic gates with given weights, learned ones, and what one neuron cannot do.

python -m examples.perceptron
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from examples.shared import options_of, save
from nn.models import Perceptron

INPUTS = [[0, 0], [0, 1], [1, 0], [1, 1]]
GATES = {  # weights, bias, and what the gate says of the four inputs
    "AND": ([0.5, 0.5], -0.7, [0, 0, 0, 1]),
    "OR": ([0.6, 0.6], -0.5, [0, 1, 1, 1]),
    "NAND": ([-0.5, -0.5], 0.7, [1, 1, 1, 0]),
}
XOR = [0, 1, 1, 0]


def gate(name: str) -> Perceptron:
    neuron = Perceptron(2)
    neuron.set(*GATES[name][:2])
    return neuron


def says(neuron: Any, x: Any) -> list[int]:
    return [int(y) for y in neuron.predict(x).ravel()]


def go_out(rain: int, friend: int) -> int:
    """Shall I go out? Rain counts -5, a friend who comes along 6, and the sofa -2; 1 or -1."""
    neuron = Perceptron(2)
    neuron.set([-5.0, 6.0], -2.0)
    return 1 if says(neuron, [[rain, friend]])[0] else -1


def xor_of_gates(x: Any) -> list[int]:
    """AND of what NAND and OR say."""
    hidden = [list(pair) for pair in zip(says(gate("NAND"), x), says(gate("OR"), x), strict=True)]
    return says(gate("AND"), hidden)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "perceptron", epochs=100).parse_args(arguments)
    found: dict[str, Any] = {}
    print(f"inputs             {'  '.join(f'{a}{b}' for a, b in INPUTS)}")
    for name in GATES:
        found[name] = says(gate(name), INPUTS)
        print(f"{name:<5} given        {'   '.join(map(str, found[name]))}")
    for name, (_, _, labels) in GATES.items():
        neuron = Perceptron(2)
        epochs = neuron.learn(INPUTS, labels, epochs=options.epochs)
        found[f"{name} learned"] = says(neuron, INPUTS)
        print(f"{name:<5} learned      {'   '.join(map(str, found[f'{name} learned']))}"
              f"    in {epochs} epochs")  # fmt: skip
        if name == "AND":
            title = "AND: a line separates the classes"
            save(nn.plot.decision_boundary(neuron, INPUTS, labels, title=title), options.out, "and")
    try:
        Perceptron(2).learn(INPUTS, XOR, epochs=options.epochs)
    except RuntimeError as error:
        found["XOR alone"] = str(error)
        print(f"XOR   one neuron   fails: {error}")
    found["XOR"] = xor_of_gates(INPUTS)
    print(f"XOR   of gates     {'   '.join(map(str, found['XOR']))}    AND(NAND, OR)")
    found["go out"] = go_out(1, 1)
    print(f"rain, and a friend comes: -5 + 6 - 2 = -1, so y = {found['go out']}: stay at home")
    return found


if __name__ == "__main__":
    main()
