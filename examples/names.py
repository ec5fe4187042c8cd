"""New first names: a network that reads three letters and guesses the next.

python -m examples.names
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from examples.shared import options_of, save

LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # a dot begins and ends a name


def examples_of(names: Sequence[str], context: int) -> tuple[Any, Any]:
    """The letters before each letter, and the letter."""
    x, y = [], []
    for name in names:
        before = [0] * context
        for letter in f"{name}.":
            token = LETTERS.index(letter)
            x.append(before)
            y.append(token)
            before = [*before[1:], token]
    return np.array(x), np.array(y)


def new_names(
    model: nn.Sequential, count: int, context: int, rng: np.random.Generator
) -> list[str]:
    found = []
    while len(found) < count:
        before, name = [0] * context, ""
        while len(name) < 20:
            z = model.predict(np.array([before]))[0].astype(float)
            p = np.exp(z - z.max())
            token = int(rng.choice(len(LETTERS), p=p / p.sum()))
            if token == 0:
                break
            name += LETTERS[token]
            before = [*before[1:], token]
        found.append(name)
    return found


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(
        __doc__, "names", epochs=5, names=32_033, context=3, width=128, count=10, seed=0
    ).parse_args(arguments)
    nn.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    names = list(rng.permutation(nn.datasets.names()))[: options.names]
    cut = int(0.9 * len(names))
    train, held_out = (examples_of(part, options.context) for part in (names[:cut], names[cut:]))
    model = nn.Sequential(
        nn.Embedding(len(LETTERS), 10),
        nn.Flatten(),
        nn.Linear(10 * options.context, options.width),
        nn.Tanh(),
        nn.Linear(options.width, len(LETTERS)),
    )
    model.compile(optim.Adam(model.parameters(), lr=0.003), nn.CrossEntropyLoss(), ["accuracy"])
    history = model.fit(*train, batch_size=256, epochs=options.epochs, validation_data=held_out)
    invented = new_names(model, options.count, options.context, rng)
    loss = history.history["val_loss"][-1]
    print(f"loss on names not read: {loss:.3f} nats a letter (by chance: {np.log(27):.3f})")
    print(f"new names: {', '.join(invented)}")
    save(nn.plot.history(history), options.out, "names")
    return {"held out": loss, "names": invented}


if __name__ == "__main__":
    main()
