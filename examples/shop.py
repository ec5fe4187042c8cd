"""Nodes that add and multiply: a bill, and what it depends on.

python -m examples.shop

Two apples at 100 and three oranges at 150 with a tax of 10 % come to 715. The backward pass says
how much the bill changes with each number: an apple more costs 110, a price of apples one higher
2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd as ag
from autograd import viz
from examples.shared import options_of


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(__doc__, "shop").parse_args(arguments)
    apple = ag.Tensor(100.0, requires_grad=True, name="apple")
    apples = ag.Tensor(2.0, requires_grad=True, name="apples")
    orange = ag.Tensor(150.0, requires_grad=True, name="orange")
    oranges = ag.Tensor(3.0, requires_grad=True, name="oranges")
    tax = ag.Tensor(1.1, requires_grad=True, name="tax")

    fruit = apple * apples + orange * oranges
    bill = fruit * tax
    bill.backward()

    found = {"bill": bill.item()}
    print(f"bill = ({apple.item():g}·2 + {orange.item():g}·3) · 1.1 = {bill.item():g}")
    for leaf in (apple, apples, orange, oranges, tax):
        found[str(leaf.name)] = leaf.grad.item()
        print(f"∂bill/∂{leaf.name:<8}= {leaf.grad.item():g}")
    print(f"graph: {save_graph(bill, options.out)}")
    return found


def save_graph(bill: Any, folder: Any) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return viz.draw(bill).save(folder / "shop.svg")


if __name__ == "__main__":
    main()
