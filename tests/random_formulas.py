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
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
from autograd.engine.node import Node
from autograd.engine.row import OPS, OUTPUT
from autograd.gradcheck import gradcheck
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.rounding import rounding_of_gradients
from autograd.graph.graph import Graph
from tests.broken_rules import SHOWN, WAYS, broken

__all__ = ["Formula", "formula", "judged", "library_call"]

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
    order: int = 1


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


# ---- calls of the table ----------------------------------------------------------------------

BEFORE: dict[str, Callable[[Any], Any]] = {  # what leaves every number as it is
    "": lambda x: x,
    "reshaped": lambda x: x.reshape(x.shape),
    "flipped twice": lambda x: ag.flip(ag.flip(x)),
    "halved, doubled": lambda x: (0.5 * x) * 2,
    "joined, cut": lambda x: ag.concatenate([x, x])[: len(x)] if x.ndim else x,
    "minus minus": lambda x: ag.negative(-x),
}
AFTER: dict[str, Callable[[Any], Any]] = {
    "": lambda y: y,
    "sum": lambda y: y.sum(),
    "mean": lambda y: y.mean(),
    "squared": lambda y: y * y,
    "weighted": lambda y: (y * np.linspace(0.5, 2.0, max(y.size, 1)).reshape(y.shape)).sum(),
    "doubled": lambda y: y + y,
}
VALUES: dict[str, Callable[[Any], Any]] = {
    "as they are": lambda x: x,
    "tied": lambda x: np.round(2 * x) / 2,
    "single": lambda x: x.astype("c8" if x.dtype.kind == "c" else "f4"),
    "Fortran": lambda x: np.asfortranarray(x),
    "strided": lambda x: np.stack([x, x], axis=-1)[..., 0],
    "large": lambda x: 30 * x,
    "tiny": lambda x: x * 1e-3,
    "all equal": lambda x: 0 * x + (x.reshape(-1)[0] if x.size else 0),
}


_MOST = 30  # elements of the inputs of a call
_APART = 1e-3  # eigenvalues whose vectors have a derivative, for sure
# 1e12 at 0, as PyTorch has it, where it has none; and those that leave numbers out
_OWN_SLOPES = (
    "bounded_log", "intersect1d", "setdiff1d", "setxor1d", "trim_zeros", "union1d",
)  # fmt: skip


def table() -> list[Any]:
    """Every op that has a derivative and samples, those of nn too."""
    for name in F.__all__:
        getattr(F, name)
    ops = [
        op
        for op in OPS.values()
        if op.differentiable and op.samples is not None and op.name not in _OWN_SLOPES
    ]
    return sorted(ops, key=lambda op: op.name)


def library_call(number: int) -> Formula | None:
    """A call of an op of the table, at one of its samples or near, with other ops around it."""
    choose, ops = Random(number), table()
    op = ops[number % len(ops)]
    found = [s for s in op.samples() if 0 < _moved(op, s) <= _MOST]
    if not found:
        return None
    sample = choose.choice(found)
    at = _moving(op, sample)
    values, before, after = (choose.choice([*t]) for t in (VALUES, BEFORE, AFTER))

    def f(*given: Any) -> Any:
        inputs = [*sample.inputs]
        for position, x in zip(at, given, strict=True):
            inputs[position] = BEFORE[before](x)
        made = op.record(*inputs, **sample.params)
        outs = made if isinstance(made, (tuple, list)) else [made]
        outs = [AFTER[after](y) for y in outs if y.dtype.kind in "fc"]
        return outs[0] if len(outs) == 1 else outs

    for kind in (values, "as they are"):
        inputs = tuple(
            ag.Tensor(VALUES[kind](np.asarray(sample.inputs[p], _wide(sample.inputs[p]))))
            for p in at
        )
        if op.name == "eig" and not _are_apart(inputs[0].numpy()):
            continue
        if _is_finite(f, inputs):
            steps = (op.name, str(sample), kind, before, after)
            order = 2 if sample.smooth and number % 7 == 0 else 1
            return Formula(f, inputs, tuple(step for step in steps if step), order)
    return None


def _are_apart(x: Any) -> bool:
    """Whether eigenvalues are: else their vectors are any, or have the slope of a root at 0."""
    values = np.linalg.eigvals(x)
    gaps = np.abs(values[..., None] - values[..., None, :]) + np.eye(x.shape[-1]) * np.max(abs(x))
    return bool(np.min(gaps, initial=np.inf) > _APART * np.max(np.abs(x)))


def _wide(value: Any) -> str:
    return "c16" if np.asarray(value).dtype.kind == "c" else "f8"


def _moving(op: Any, sample: Any) -> list[int]:
    named = [op.inputs[0]] * len(sample.inputs) if op.variadic else op.inputs
    return [
        position
        for position, (name, value) in enumerate(zip(named, sample.inputs, strict=False))
        if value is not None
        and np.asarray(value).dtype.kind in "fc"
        and np.size(value)
        and np.all(np.isfinite(value))
        and (op.composite or op.joint or name in op.rules)
    ]


def _moved(op: Any, sample: Any) -> int:
    return sum(np.size(sample.inputs[p]) for p in _moving(op, sample))


def _is_finite(f: Any, inputs: tuple[Any, ...]) -> bool:
    """Whether f has finite values and gradients there, of one shape close by."""
    leaves = [x.detach().requires_grad_() for x in inputs]
    try:
        y = f(*leaves)
        ys = y if isinstance(y, list) else [y]
        size = sum(y.size for y in ys)
        rng = np.random.default_rng(0)  # equal ones part, too
        moved = [np.asarray(x.numpy()) + 1e-6 * rng.uniform(-1, 1, x.shape) for x in inputs]
        near = f(*map(ag.Tensor, moved))
        if [y.shape for y in (near if isinstance(near, list) else [near])] != [y.shape for y in ys]:
            return False
        ag.grad(sum(abs(y).sum() for y in ys), leaves, allow_unused=True)
        return size > 0 and all(np.all(np.isfinite(y.numpy())) for y in ys)
    except Exception:  # noqa: BLE001 - those values do not fit
        return False


# ---- the verdicts ------------------------------------------------------------------------------


def judged(number: int, make: Any = formula) -> tuple[str | None, str | None, bool]:
    """What is wrong with the check of a formula; of it broken; and whether it could be broken."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        made = make(number)
        if made is None:
            return None, None, False
        options: dict[str, Any] = {"raise_exception": False, "rng": number, "order": made.order}
        try:
            report = gradcheck(made.f, *made.inputs, **options)
        except Exception as error:  # noqa: BLE001 - a right program raises nothing
            return f"{made.steps}\n{type(error).__name__}: {error}", None, False
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
    choose = Random(number)
    leaves = [x.detach().requires_grad_() for x in made.inputs]
    y = made.f(*leaves)
    ys = [y for y in (y if isinstance(y, list) else [y]) if y.requires_grad]
    if not ys:
        return None
    nodes = [n for n in Graph(*ys).nodes if not n.is_leaf and n.op is not OUTPUT]
    for _ in range(12 if nodes else 0):
        node = choose.choice(nodes)
        position = choose.randrange(len(node.inputs))
        way = choose.choice([*WAYS])
        shown = SHOWN.get(way, "")
        if shown == "always":
            right = []
            moves = type(node.inputs[position]) is Node and type(node.spec) is tuple
            if not moves or not np.prod(node.spec[0]):
                continue
        else:
            right = _gradients(made, shown)
        try:
            with broken(node.op, position, way):
                wrong = _gradients(made, shown)
        except Exception:  # noqa: BLE001 - the mistake cannot be made there
            continue
        if shown == "always":
            return node.op, position, way
        for a, b in zip(right, wrong, strict=True):
            if not np.all(np.isfinite(a)):
                break
            apart = np.max(np.abs(a - b), initial=0)
            if not apart <= 1e-5 * np.max(np.abs(a), initial=0) and _is_more(made, apart):
                return node.op, position, way
    return None


def _is_more(made: Formula, apart: float) -> bool:
    """Whether that is more than rounding: a gradient may be 0 but for that, and stay so."""
    coarsest = max(np.finfo(x.dtype).eps for x in made.inputs)
    if not apart <= 5e5 * coarsest:  # of numbers of size 1, if it is no more
        return True
    values = [np.array(x.numpy()) for x in made.inputs]
    names = [str(number) for number in range(len(values))]
    recording = Function(made.f, values, range(len(values)), names).record()
    us = np.random.default_rng(0).uniform(0.5, 1.5, (1, recording.value.size))
    size = rounding_of_gradients(recording, us, np.random.default_rng(0))
    return bool(apart > 5e5 * coarsest * np.max(size))


def _gradients(made: Formula, shown: str) -> list[Any]:
    """The gradients that tell: by a large cotangent, with an input frozen, with create_graph."""
    found = []
    count = len(made.inputs)
    for still in range(count) if shown == "frozen" else (None,):
        leaves = [x.detach().requires_grad_(n != still) for n, x in enumerate(made.inputs)]
        y = made.f(*leaves)
        ys = [y for y in (y if isinstance(y, list) else [y]) if y.requires_grad]
        moving = [x for x in leaves if x.requires_grad]
        if not ys or not moving:
            continue
        rng = np.random.default_rng(0)
        scale = 2.0**20 if shown == "large" else 1.0
        us = [ag.Tensor((scale * rng.uniform(0.5, 1.5, y.shape)).astype(y.dtype)) for y in ys]
        gs = ag.grad(ys, moving, us, create_graph=shown == "graph", allow_unused=True)
        found.append(np.concatenate([np.zeros(x.size) if g is None else g.numpy().ravel()
                                     for x, g in zip(moving, gs, strict=True)]))  # fmt: skip
    return found


FAMILIES = {"formulas": formula, "calls": library_call}


def main() -> int:
    """Check a range of formulas, right and broken, and say where the check is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", type=int, default=0, dest="start")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--of", choices=[*FAMILIES], default="formulas")
    options = parser.parse_args()
    began, counts = time.perf_counter(), Counter[str]()
    for number in range(options.start, options.start + options.count):
        right, wrong, could = judged(number, FAMILIES[options.of])
        counts["broken"] += could
        for kind, what in (("blamed", right), ("", wrong)):
            if what is not None:
                kind = kind or " ".join(what.split()[: 2 if what.startswith("not") else 1])
                counts[kind] += 1
                print(f"{number}: {kind}: {what}\n", flush=True)
        done = number - options.start + 1
        if done % 100 == 0:
            print(f"{done} done, {time.perf_counter() - began:.0f} s: {dict(counts)}", flush=True)
    print(f"{options.count} programs, {time.perf_counter() - began:.0f} s: {dict(counts)}")
    return 1 if counts["blamed"] else 0


if __name__ == "__main__":
    sys.exit(main())
