"""A character LSTM on Shakespeare: it reads letters and guesses the next one.

python -m examples.char_lstm
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from autograd import Tensor, no_grad
from examples.shared import options_of, save


class CharLSTM(nn.Module):
    """Letters (N, T) to logits (N, T, vocabulary), with the state to go on from."""

    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.out = nn.Linear(width, vocabulary)

    def forward(self, x: Any, state: Any = None) -> Any:
        y, state = self.lstm(self.letters(x), state)
        return self.out(y), state


def windows(tokens: Any, batch: int, length: int, rng: np.random.Generator) -> Any:
    """Random pieces of the text, and the same pieces one letter on."""
    starts = rng.integers(0, len(tokens) - length - 1, batch)
    at = starts[:, None] + np.arange(length)
    return Tensor(tokens[at]), Tensor(tokens[at + 1])


def loss_of(model: Any, x: Any, y: Any) -> Any:
    logits, _ = model(x)
    return nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))


def sample(model: Any, start: str, count: int, letters: str, rng: np.random.Generator) -> str:
    """Text that goes on from `start`, a letter at a time."""
    text, state = start, None
    x = np.array([[letters.index(c) for c in start]])
    with no_grad():
        for _ in range(count):
            logits, state = model(Tensor(x), state)
            z = logits.numpy()[0, -1].astype(float) / 0.8
            p = np.exp(z - z.max())
            x = np.array([[rng.choice(len(letters), p=p / p.sum())]])
            text += letters[x[0, 0]]
    return text


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(
        __doc__, "char_lstm", steps=2000, width=128, length=64, batch=32, letters=200, seed=0
    ).parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    nn.manual_seed(options.seed)
    text = nn.datasets.tiny_shakespeare()
    letters = "".join(sorted(set(text)))
    tokens = np.searchsorted(np.array(list(letters)), np.array(list(text)))
    cut = int(0.9 * len(tokens))
    model = CharLSTM(len(letters), options.width)
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    losses, start = [], time.perf_counter()
    for step in range(1, options.steps + 1):
        loss = loss_of(model, *windows(tokens[:cut], options.batch, options.length, rng))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step % max(1, options.steps // 10) == 0:
            recent = np.mean(losses[-100:])
            print(f"step {step:>5}   loss {recent:.3f}   {time.perf_counter() - start:.0f} s")
    with no_grad():
        parts = [loss_of(model, *windows(tokens[cut:], 64, options.length, rng)) for _ in range(10)]
    held_out = float(np.mean([part.item() for part in parts]))
    said = sample(model, "ROMEO:", options.letters, letters, rng)
    print(f"loss on text not read: {held_out:.3f} nats a letter (by chance: "
          f"{np.log(len(letters)):.3f})\n{said}")  # fmt: skip
    save(nn.plot.curves({"loss": losses}, title="Character LSTM", xlabel="step",
                        ylabel="nats a letter"), options.out, "loss")  # fmt: skip
    return {"losses": losses, "held out": held_out, "text": said}


if __name__ == "__main__":
    main()
