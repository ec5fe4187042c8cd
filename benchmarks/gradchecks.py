"""Checks of gradients beside PyTorch's, slow and fast; and of models in training.

python benchmarks/gradchecks.py [--repeat 5] [--only NAME ...]

Each library has a process of its own, and each number is the least of some repetitions. PyTorch's
slow mode forms the whole Jacobian, as `full=True` does here; its fast mode compares one number
(the default here runs 8 probes, or compares all of it up to 500 inputs). Models are checked in
train and eval mode below a cross-entropy, in float32; what is given as wrong has one wrong sign.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from library import open_library
from rounds import HERE

LIBRARIES = {
    "chaingrad": Path(sys.executable),
    "torch": HERE.parent / ".venv-peers" / "bin" / "python",
}
WIDTH, LENGTH = 16, 4
BLOCK = [
    (1, LENGTH, WIDTH), (WIDTH,), (WIDTH,), (3 * WIDTH, WIDTH), (3 * WIDTH,), (WIDTH, WIDTH),
    (WIDTH,), (WIDTH,), (WIDTH,), (2 * WIDTH, WIDTH), (2 * WIDTH,), (WIDTH, 2 * WIDTH), (WIDTH,),
]  # fmt: skip


def functions(library: Any) -> dict[str, tuple[Callable[..., Any], list[Any]]]:
    """Functions of their parameters, in float64, and these."""
    rng, F = np.random.default_rng(0), library.functional

    def leaves(*shapes: tuple[int, ...]) -> list[Any]:
        return [library.leaf(rng.normal(size=s) / max(1, s[-1]) ** 0.5) for s in shapes]

    x, labels = library.constant(rng.normal(size=(4, 20))), library.constant(np.arange(4))
    steps = library.constant(rng.normal(size=(5, 2, 6)))
    nothing = library.constant(np.zeros((2, 10)))

    def mlp(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
        return library.tanh(library.tanh(x @ w1 + b1) @ w2 + b2) @ w3 + b3

    def conv(image: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
        y = F.max_pool2d(F.relu(F.conv2d(image, w1, b1)), 2)
        return F.linear(F.relu(F.conv2d(y, w2, b2)).reshape(2, -1), w3, b3)

    def lstm(wi: Any, wh: Any, b: Any) -> Any:
        h = c = nothing
        for t in range(5):
            z = steps[t] @ wi + h @ wh + b
            i, g, o, keep = z[:, :10], z[:, 10:20], z[:, 20:30], z[:, 30:]
            c = library.sigmoid(keep) * c + library.sigmoid(i) * library.tanh(g)
            h = library.sigmoid(o) * library.tanh(c)
        return h

    def block(x: Any, *p: Any) -> Any:
        h = F.layer_norm(x, (WIDTH,), p[0], p[1])
        parts = F.linear(h, p[2], p[3]).reshape(1, LENGTH, 3, 2, WIDTH // 2)
        q, k, v = (parts[:, :, i].swapaxes(1, 2) for i in range(3))
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + F.linear(h.swapaxes(1, 2).reshape(1, LENGTH, WIDTH), p[4], p[5])
        h = F.layer_norm(x, (WIDTH,), p[6], p[7])
        return x + F.linear(F.gelu(F.linear(h, p[8], p[9])), p[10], p[11])

    layers = leaves((20, 32), (32,), (32, 32), (32,), (32, 5), (5,))
    images = leaves((2, 1, 10, 10), (4, 1, 3, 3), (4,), (6, 4, 3, 3), (6,), (5, 24), (5,))
    return {
        "x·x, 3 elements": (lambda x: x * x, leaves((3,))),
        "MLP 20-32-32-5, batch 4": (mlp, layers),
        "the same below cross-entropy": (lambda *p: F.cross_entropy(mlp(*p), labels), layers),
        "conv net 1-4-6-5, 10×10, batch 2": (conv, images),
        "LSTM 6-10, 5 steps, batch 2": (lstm, leaves((6, 40), (10, 40), (40,))),
        "transformer block, width 16": (block, leaves(*BLOCK)),
    }


def checks(name: str) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Rows, columns, and what is timed."""
    library = open_library(name)
    modes = ("full", "probes") if library.is_own else ("slow", "fast")
    for row, (f, inputs) in functions(library).items():
        for mode in modes:
            options = {"full": mode == "full"} if library.is_own else {"fast_mode": mode == "fast"}
            yield row, mode, lambda f=f, i=inputs, o=options: library.gradcheck(f, i, o)
    if library.is_own:
        yield from _models(library)
        yield from _wrong()


def _models(library: Any) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    import autograd as ag

    nn, rng = library.nn, np.random.default_rng(0)

    class LSTM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.drop = nn.LSTM(8, 16, batch_first=True), nn.Dropout(0.2)
            self.out = nn.Linear(16, 10)

        def forward(self, x: Any) -> Any:
            return self.out(self.drop(self.rnn(x)[0][:, -1]))

    gpt = nn.models.GPT(16, context=8, width=32, depth=2, heads=4, dropout=0.1)
    for name, model, x in (
        ("LeNet-5, batch 4", nn.models.LeNet5(), rng.normal(size=(4, 1, 28, 28))),
        ("ResNet-20, batch 2", nn.models.ResNet20(), rng.normal(size=(2, 3, 32, 32))),
        ("LSTM 8-16 with dropout, 10 steps", LSTM(), rng.normal(size=(4, 10, 8))),
        ("GPT, width 32, depth 2, dropout", gpt, rng.integers(0, 16, (2, 8))),
    ):
        given = ag.Tensor(x.astype("float32") if x.dtype.kind == "f" else x)

        def loss(out: Any) -> Any:
            rows = out.reshape(-1, out.shape[-1])
            return nn.functional.cross_entropy(rows, ag.Tensor(np.arange(len(rows)) % 10))

        yield name, "module", lambda m=model, x=given, f=loss: ag.gradcheck_module(m, x, loss=f)
        graph = ag.Graph(loss(model(given)))
        yield name, "verify", graph.verify


def _wrong() -> Iterator[tuple[str, str, Callable[[], Any]]]:
    import autograd as ag
    from autograd.extend import op

    @op("sin x, wrongly", x=lambda g, x, signs: g * np.cos(x) * signs)
    def planted(x: Any, /, signs: Any = None) -> Any:
        return np.sin(x)

    for size, wrong in ((10**6, 1), (10**5, 1), (10**5, 1000), (10**5, 10**5)):
        signs = np.ones(size)
        signs[np.random.default_rng(0).choice(size, wrong, replace=False)] = -1

        x = ag.Tensor(np.random.default_rng(1).normal(size=size))
        pair = (
            lambda x, s=signs: planted(x, signs=s),
            lambda x, s=signs: planted(x, signs=s).sum(),
        )
        for name, f in zip(("", ", below a sum"), pair, strict=True):
            row = f"{wrong:,} wrong of {size:,}{name}"
            yield row, "failing", lambda f=f, x=x: ag.gradcheck(f, x, raise_exception=False)


def measured(name: str, repeat: int, only: list[str]) -> None:
    """A line of JSON for each number: row, column, seconds."""
    for row, column, run in checks(name):
        if only and not any(part in row for part in only):
            continue
        times = []
        while len(times) < repeat and (len(times) < 2 or sum(times) < repeat):
            begin = perf_counter()
            run()
            times.append(perf_counter() - begin)
        print(json.dumps([row, column, min(times)]), flush=True)


def tables(found: dict[tuple[str, str], float]) -> str:
    """Beside PyTorch's modes, and alone."""
    rows = list(dict.fromkeys(row for row, _ in found))

    def cell(row: str, column: str) -> str:
        seconds = found.get((row, column))
        return "–" if seconds is None else f"{1000 * seconds:,.3g}"

    text = []
    for columns in (("full", "slow", "probes", "fast"), ("module", "verify"), ("failing",)):
        mine = [r for r in rows if any((r, c) in found for c in columns)]
        if mine:
            text += [f"| ms | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
            text += [f"| {r} | {' | '.join(cell(r, c) for c in columns)} |" for r in mine] + [""]
    return "\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="at most (5)")
    parser.add_argument("--only", nargs="*", default=[], help="rows with these words in them")
    parser.add_argument("--library", choices=LIBRARIES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.library:
        measured(options.library, options.repeat, options.only)
        return
    found: dict[tuple[str, str], float] = {}
    for name, python in LIBRARIES.items():
        if not python.exists():
            print(f"without {name}: no {python}; `make bench-peers` installs it", file=sys.stderr)
            continue
        command = [str(python), str(Path(__file__)), "--library", name]
        command += ["--repeat", str(options.repeat), "--only", *options.only]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            row, column, seconds = json.loads(line)
            found[row, column] = seconds
        if done.returncode:
            print(f"{name}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    print(tables(found))


if __name__ == "__main__":
    main()
