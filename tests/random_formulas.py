"""Random formulas of the library's ops, checked: `python -m tests.random_formulas --count 2000`.

Each number stands for a formula of two arrays, which may hold ties, zeros, and large numbers. Its
gradients are right, so that gradcheck must find nothing; with one of its rules broken, in one of
the usual ways, gradcheck must find that, and name the op.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
from autograd.engine.row import OUTPUT
from autograd.gradcheck import gradcheck
from autograd.graph.graph import Graph

__all__ = ["Formula", "broken", "formula", "judged"]

F = nn.functional
UNARY: dict[str, Callable[[Any], Any]] = {
    name: getattr(ag, name)
    for name in (
        "sin", "cos", "tanh", "exp", "square", "abs", "sign", "floor", "ceil", "round", "rint",
        "sigmoid", "relu", "softmax", "log_softmax", "expm1", "arctan", "arcsinh", "sinc", "cumsum",
        "sort", "negative", "reciprocal", "logsumexp", "trunc", "flip",
    )
} | {
    name: getattr(F, name)
    for name in (
        "gelu", "silu", "softplus", "elu", "leaky_relu", "hardtanh", "mish", "relu6", "selu",
        "hardswish", "hardsigmoid", "softsign", "tanhshrink", "celu", "logsigmoid",
    )
} | {
    "log": lambda x: ag.log(x * x + 0.5),
    "sqrt": lambda x: ag.sqrt(x * x + 0.1),
    "cbrt": lambda x: ag.cbrt(x * x + 0.1),  # at 0 the slope is infinite, times 0 it is NaN
    "clip": lambda x: ag.clip(x, -1, 1),
    "power": lambda x: (abs(x) + 0.2) ** 1.5,
    "cube": lambda x: x**3,
    "log1p": lambda x: ag.log1p(ag.abs(x)),
    "cumprod": lambda x: ag.cumprod(ag.tanh(x) + 1.5, axis=0),
    "cummax": lambda x: ag.cummax(x, axis=-1),
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(2, 3) if x.size == 6 else x.reshape(-1),
    "getitem": lambda x: x[::-1],
    "taken": lambda x: x[[0, 2, 0]],
    "roll": lambda x: ag.roll(x, 1),
    "pad": lambda x: ag.pad(x, 1)[1:-1],
    "tril": lambda x: ag.tril(x) if x.ndim == 2 else x,
    "gram": lambda x: x @ x.T,
    "inverse": lambda x: ag.linalg.inv(x @ x.T + 2 * np.eye(x.shape[0])),
    "cholesky": lambda x: ag.linalg.cholesky(x @ x.T + np.eye(x.shape[0])),
    "slogdet": lambda x: ag.linalg.slogdet(x @ x.T + np.eye(x.shape[0]))[1] + x,
    "singular": lambda x: ag.linalg.svdvals(x).sum() * x,
    "eigenvalues": lambda x: ag.linalg.eigvalsh(x @ x.T + np.diag(np.arange(x.shape[0]))),
    "norm": lambda x: x / (1 + ag.linalg.vector_norm(x)),
    "standard": lambda x: (x - x.mean()) / (1 + ag.std(x)),
    "topk": lambda x: ag.topk(x, 2)[0],
    "median": lambda x: x - ag.median(x),
    "remainder": lambda x: x % 1.5,
}  # fmt: skip
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(ag, name)
    for name in (
        "add", "subtract", "multiply", "maximum", "minimum", "hypot", "logaddexp", "fmax", "fmin",
    )
} | {
    "divide": lambda x, y: x / (1 + y * y),
    "where": lambda x, y: ag.where(x > y, x, y * 0.1),
    "matmul": lambda x, y: (x @ y.T) @ y,
    "einsum": lambda x, y: ag.einsum("ij,ij->i", x, y),
    "concatenate": lambda x, y: ag.concatenate([x, y])[1:4],
    "stack": lambda x, y: ag.stack([x, y]).prod(axis=0),
    "outer": lambda x, y: ag.outer(x, y)[:3, :4],
    "arctan2": lambda x, y: ag.arctan2(x, 1 + y * y),
    "lerp": lambda x, y: x + 0.3 * (y - x),
    "solve": lambda x, y: ag.linalg.solve(x @ x.T + 2 * np.eye(x.shape[0]), y),
    "linear": lambda x, y: F.linear(x, y),
    "mse": lambda x, y: F.mse_loss(x, y) * x,
}  # fmt: skip
REDUCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(ag, name)
    for name in ("sum", "mean", "max", "min", "var", "logsumexp", "prod", "ptp")
}
ENDS = ("sum", "mean", "as it is", "weighted")


class Formula(NamedTuple):
    """What a number stands for: a function, its inputs, and how it is made."""

    f: Callable[..., Any]
    inputs: tuple[Any, ...]
    steps: tuple[str, ...]


def formula(number: int) -> Formula:
    """The formula of a number; moves that do not fit are left out."""
    choose = Random(number)
    rng = np.random.default_rng(number)
    inputs = tuple(ag.Tensor(_array(choose, rng), name=name) for name in "xy")
    moves: list[tuple[str, Callable[[list[Any]], Any]]] = []
    for _ in range(choose.randint(1, 6)):
        name, move = _move(choose)
        with np.errstate(all="ignore"):
            try:
                value = _run([*moves, (name, move)], inputs)[-1]
            except Exception:  # noqa: BLE001 - it does not fit
                continue
        numbers = value.numpy()
        if numbers.size and np.all(np.isfinite(numbers)) and np.max(np.abs(numbers)) < 1e6:
            moves.append((name, move))
    end = choose.choice(ENDS)
    weights = rng.normal(size=_run(moves, inputs)[-1].shape)

    def f(x: Any, y: Any) -> Any:
        last = _run(moves, (x, y))[-1]
        return {"sum": last.sum, "mean": last.mean}.get(end, lambda: last)() if (
            end != "weighted"
        ) else (last * weights).sum()  # fmt: skip

    return Formula(f, inputs, (*(name for name, _ in moves), end))


def _array(choose: Random, rng: np.random.Generator) -> Any:
    kind = choose.choice(["plain"] * 6 + ["ties", "zeros", "large", "zero row"])
    x = rng.normal(size=(3, 2))
    if kind == "ties":
        return np.round(x)
    if kind == "zeros":
        return np.zeros((3, 2))
    if kind == "large":
        return x * 30
    if kind == "zero row":
        x[1] = 0
    return x


def _move(choose: Random) -> tuple[str, Callable[[list[Any]], Any]]:
    i, j = choose.randrange(100), choose.randrange(100)
    kind = choose.choice(["unary", "unary", "binary", "reduction"])
    if kind == "unary":
        name = choose.choice([*UNARY])
        return name, lambda values: UNARY[name](values[-1 - i % min(2, len(values))])
    if kind == "binary":
        name = choose.choice([*BINARY])
        return name, lambda values: BINARY[name](values[-1], values[j % len(values)])
    name = choose.choice([*REDUCTIONS])
    axis = choose.choice([None, 0, -1])
    return name, lambda values: REDUCTIONS[name](values[-1], axis=axis, keepdims=True)


def _run(moves: Any, inputs: tuple[Any, ...]) -> list[Any]:
    values = [*inputs, inputs[0] * inputs[1]]
    for _, move in moves:
        values.append(move(values))
    return values


# ---- broken rules --------------------------------------------------------------------------------


def _one(g: Any, how: Callable[[Any], Any]) -> Any:
    """One element of many is wrong."""
    mask = np.zeros(g.shape)
    mask.reshape(-1)[-1:] = 1.0
    return g + mask * (how(g) - g)


WAYS: dict[str, Callable[[Any], Any]] = {
    "sign": lambda g: -g,
    "twice": lambda g: 2.0 * g,
    "a thousandth": lambda g: g * 1.001,
    "zero": lambda g: 0.0 * g,
    "one sign": lambda g: _one(g, lambda a: -a),
    "one lost": lambda g: _one(g, lambda a: 0 * a),
    "one percent": lambda g: _one(g, lambda a: 1.01 * a),
    "reversed": lambda g: g[::-1] if g.ndim else -g,
}


@contextmanager
def broken(op: Any, position: int, way: str) -> Iterator[None]:
    """One rule of an op gives what is wrong in the way named."""
    pulls, joint = op.pulls, op.joint
    if joint is not None:
        rule, slots = joint

        def wrong(*given: Any) -> Any:
            found = list(rule(*given))
            if found[position] is not None:
                found[position] = WAYS[way](found[position])
            return tuple(found)

        op.joint = wrong, slots
    else:
        rule, slots = pulls[position]
        new = (lambda *given: WAYS[way](rule(*given))), slots
        op.pulls = (*pulls[:position], new, *pulls[position + 1 :])
    try:
        yield
    finally:
        op.pulls, op.joint = pulls, joint


def judged(number: int) -> tuple[str | None, str | None, bool]:
    """What is wrong with the check of a formula; of it broken; and whether it could be broken."""
    made = formula(number)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        options: dict[str, Any] = {"raise_exception": False, "rng": number}
        report = gradcheck(made.f, *made.inputs, **options)
        right = None if report else f"{made.steps}\n{report}"
        chosen = _breakable(number, made)
        if chosen is None:
            return right, None, False
        op, position, way = chosen
        with broken(op, position, way):
            report = gradcheck(made.f, *made.inputs, **options)
    what = f"{made.steps}: {op.name}, input {position}, {way}"
    if report:
        return right, f"missed {what}\n{report}", True
    if not any(op.name in f"{found.where} {found.pattern}" for found in report.failures):
        return right, f"not named {what}\n{report}", True
    return right, None, True


def _breakable(number: int, made: Formula) -> tuple[Any, int, str] | None:
    """A rule that, broken, changes the gradient."""
    rng, choose = np.random.default_rng(number), Random(number)
    leaves = [x.detach().requires_grad_() for x in made.inputs]
    y = made.f(*leaves)
    if not y.requires_grad:
        return None
    u = rng.uniform(0.5, 1.5, y.shape)
    right = _gradient(y, leaves, u)
    nodes = [n for n in Graph(y).nodes if not n.is_leaf and n.op is not OUTPUT]
    for _ in range(12):
        node = choose.choice(nodes)
        position = choose.randrange(len(node.inputs))
        way = choose.choice([*WAYS])
        joint = node.op.joint is not None
        if not joint and (position >= len(node.op.pulls) or node.op.pulls[position][0] is None):
            continue
        with broken(node.op, position, way):
            try:
                wrong = _gradient(y, leaves, u)
            except Exception:  # noqa: BLE001 - the mistake cannot be made there
                continue
        size = np.max(np.abs(right))
        if np.max(np.abs(wrong - right)) > 1e-5 * size and np.all(np.isfinite(right)):
            return node.op, position, way
    return None


def _gradient(y: Any, leaves: list[Any], u: Any) -> Any:
    found = ag.grad(y, leaves, ag.Tensor(u), retain_graph=True, allow_unused=True)
    return np.concatenate([np.zeros(6) if g is None else g.numpy().ravel() for g in found])


def main() -> int:
    """Check a range of formulas, right and broken, and say where the check is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", type=int, default=0, dest="start")
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    began, counts = time.perf_counter(), Counter[str]()
    for number in range(options.start, options.start + options.count):
        right, wrong, could = judged(number)
        counts["broken"] += could
        for kind, what in (("blamed", right), ("", wrong)):
            if what is not None:
                kind = kind or " ".join(what.split()[: 2 if what.startswith("not") else 1])
                counts[kind] += 1
                print(f"{number}: {kind}: {what}\n", flush=True)
    print(f"{options.count} formulas, {time.perf_counter() - began:.0f} s: {dict(counts)}")
    return 1 if counts["blamed"] else 0


if __name__ == "__main__":
    sys.exit(main())
