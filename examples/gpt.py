"""A small GPT on Shakespeare, letter by letter.

python -m examples.gpt
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from examples.shared import options_of, save


class Windows(nn.data.Dataset):
    """Pieces of a text, and the same pieces one letter on; `count` of them, spread evenly."""

    def __init__(self, tokens: Any, length: int, count: int) -> None:
        self.tokens, self.length = tokens, length
        self.starts = np.linspace(0, len(tokens) - length - 1, count).astype(int)

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, indices: Any) -> tuple[Any, Any]:
        at = self.starts[indices][:, None] + np.arange(self.length)
        return self.tokens[at], self.tokens[at + 1]


def loss_of(logits: Any, target: Any) -> Any:
    return nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), target.reshape(-1))


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(
        __doc__, "gpt", epochs=5, steps=400, width=64, depth=3, heads=4, context=64, batch=32,
        letters=200, seed=0,
    ).parse_args(arguments)  # fmt: skip
    nn.manual_seed(options.seed)
    text = nn.datasets.tiny_shakespeare()
    letters = "".join(sorted(set(text)))
    tokens = np.searchsorted(np.array(list(letters)), np.array(list(text)))
    cut = int(0.9 * len(tokens))
    model = nn.models.GPT(
        len(letters), options.context, options.width, options.depth, options.heads
    )
    print(f"{sum(p.size for p in model.parameters()):,} parameters")
    model.compile(optim.AdamW(model.parameters(), lr=0.003, weight_decay=0.01), loss_of,
                  clip_norm=1.0)  # fmt: skip
    data = Windows(tokens[:cut], options.context, options.steps * options.batch)
    held_out = Windows(tokens[cut:], options.context, 10 * options.batch)
    loader = nn.data.DataLoader(data, options.batch, shuffle=True)
    history = model.fit(loader, epochs=options.epochs, validation_data=held_out)
    said = model.generate([letters.index(c) for c in "ROMEO:"], options.letters, 0.8, options.seed)
    loss = history.history["val_loss"][-1]
    print(f"loss on text not read: {loss:.3f} nats a letter (by chance: "
          f"{np.log(len(letters)):.3f})\n{''.join(letters[t] for t in said)}")  # fmt: skip
    save(nn.plot.history(history), options.out, "loss")
    return {"held out": loss, "first": history.history["loss"][0],
            "text": "".join(letters[t] for t in said)}  # fmt: skip


if __name__ == "__main__":
    main()
