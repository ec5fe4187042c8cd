"""Random programs by the thousand: `python -m tests.random_programs --from 0 --count 10000`.

Each number stands for a program of in-place changes, views, slices, draws, detached parts, second
order, state and steps of optimizers. It is called in eager mode, and run as each way of running
programs runs it; results and all that is written must be the same to the bit. `--run` names more
ways, as `module:function` (or `module:function.method`), which take a Program and give a callable.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter
from random import Random
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
import optim
from autograd.errors import AutogradError, TraceError
from autograd.program.algebra import simplification
from autograd.program.passes import common_subexpressions, constant_folding, dead_code
from autograd.program.plan import Plan
from autograd.program.recompute import recomputation
from tests.program_moves import MOVES, World
from tests.programs import Step, assert_same_as_eager, draw

__all__ = ["WAYS", "Recipe", "check", "recipe"]

Way = Callable[[Any], Any] | None
ENDINGS = ("value", "backward", "twice", "by hand", "penalty", "clipped", "accumulated")
OPTIMIZERS: tuple[Callable[[Any], Any], ...] = (
    lambda p: optim.SGD(p, lr=0.1),
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda p: optim.Adam(p, lr=0.1),
    lambda p: optim.AdamW(p, lr=0.1, amsgrad=True),
    lambda p: optim.RMSprop(p, lr=0.1, centered=True),
    lambda p: optim.Adagrad(p),
)


def simplified(program: Any) -> Any:
    """All passes."""
    for each in (constant_folding, common_subexpressions, simplification, dead_code):
        program = each(program)
    return recomputation(program, smallest=1)


WAYS: dict[str, Way] = {
    "interpreter": None,
    "plan": Plan,
    "passes": simplified,
    "simplified": simplification,
    "recomputed": lambda program: recomputation(program, smallest=1),
    "passes and plan": lambda program: Plan(simplified(program)),
}


class Recipe(NamedTuple):
    """What a random program does."""

    moves: tuple[tuple[str, int], ...]
    ending: str
    optimizer: int | None
    dtype: Any
    keeps: bool  # gradients of earlier calls

    def make(self) -> Step:
        """A fresh program with state of its own."""
        w = ag.Tensor(draw(3, 4, seed=3, dtype=self.dtype), requires_grad=True, name="w")
        b = ag.Tensor(draw(4, seed=4, dtype=self.dtype), requires_grad=True, name="b")
        world = World(self.dtype)
        params = [w, b, *world.linear.parameters(), *world.norm.parameters()]
        params += world.table.parameters()
        optimizer = None if self.optimizer is None else OPTIMIZERS[self.optimizer](params)

        def call(x: Any) -> Any:
            if not self.keeps:
                for p in params:
                    p.grad = None
            values = [w, b, x, x * w + b]
            for name, number in self.moves:
                values.append(MOVES[name](Random(number), values, world))
            loss = self.loss(values, w)
            self.end(loss, params)
            if optimizer is not None:
                optimizer.step()
            return {"loss": loss, "values": values[4:]}

        held = [] if optimizer is None else [optimizer]
        return Step(call, w, b, *world.holders(), *held)

    def loss(self, values: list[Any], w: Any) -> Any:
        total = (values[-1] * 0.5).sum() + (w * w).sum() * 0.1
        for value in values[4:-1:2]:
            total = total + value.mean() * 0.01
        return total

    def end(self, loss: Any, params: list[Any]) -> None:
        if self.ending == "value":
            return
        if self.ending == "penalty":
            grads = ag.grad(loss, params[:2], create_graph=True, allow_unused=True)
            loss = loss + sum((g * g).sum() for g in grads if g is not None) * 0.01
        loss.backward(retain_graph=self.ending in ("twice", "accumulated"))
        if self.ending in ("twice", "accumulated"):
            (loss * 0.5 if self.ending == "accumulated" else loss).backward()
        if self.ending == "clipped":
            nn.utils.clip_grad_norm_(params, 0.5)
        if self.ending == "by hand":
            with ag.no_grad():
                w = params[0]
                w -= 0.1 * w.grad


def recipe(number: int) -> Recipe:
    """The program of a number: its moves that eager mode can make."""
    choose = Random(number)
    count = choose.randint(1, 9)
    moves = [(choose.choice([*MOVES]), choose.randrange(1 << 30)) for _ in range(count)]
    ending = choose.choice(ENDINGS)
    optimizer = choose.choice([None, *range(len(OPTIMIZERS))])
    keeps = ending == "accumulated" or choose.random() < 0.2
    found = Recipe(tuple(moves), ending, optimizer, choose.choice([np.float32, np.float64]), keeps)
    while (fault := _fault(found)) is not None:
        if fault < len(found.moves):
            kept = (*found.moves[:fault], *found.moves[fault + 1 :])
            found = found._replace(moves=kept)
        elif found.ending != "value":
            found = found._replace(ending="value", optimizer=None)
        else:
            found = found._replace(moves=found.moves[:-1])
    return found


def _fault(found: Recipe) -> int | None:
    """Which move eager mode cannot make after those before it; their number, if it is the end."""
    step, done = found.make(), [0]
    moves = [(name, number) for name, number in found.moves]
    counted = found._replace(moves=tuple(moves))
    original = {name: MOVES[name] for name, _ in moves}

    def counting(name: str) -> Any:
        def run(*args: Any) -> Any:
            result = original[name](*args)
            done[0] += 1
            return result

        return run

    try:
        MOVES.update({name: counting(name) for name in original})
        for batch in batches(counted):
            done[0] = 0
            step.call(*batch)
    except (AutogradError, IndexError, ValueError):
        return done[0]
    finally:
        MOVES.update(original)
    return None


def batches(found: Recipe) -> list[tuple[Any, ...]]:
    return [(ag.Tensor(draw(3, 4, seed=s, dtype=found.dtype)),) for s in (0, 1)]


def check(number: int, ways: Sequence[Way]) -> str | None:
    """Compare one program; the reason, where it is refused in words."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = recipe(number)
        for way in ways:
            try:
                assert_same_as_eager(found.make, batches(found), way)
            except TraceError as error:
                return str(error).split(" at /")[0][:70]
            except Exception as error:
                error.add_note(f"random program {number}: {found}")
                raise
    return None


def _way(name: str) -> Way:
    module, _, attribute = name.partition(":")
    found: Way = WAYS[name] if name in WAYS else attrgetter(attribute)(
        importlib.import_module(module)
    )  # fmt: skip
    return found


def main() -> int:
    """Run a range of programs, and say which differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", dest="start", type=int, default=0)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--run", nargs="*", default=["interpreter", "passes and plan"])
    parser.add_argument("--most", type=int, default=20, help="differences that are shown")
    options = parser.parse_args()
    ways, refused, wrong = list(map(_way, options.run)), Counter[str](), 0
    begin = time.perf_counter()
    for number in range(options.start, options.start + options.count):
        try:
            reason = check(number, ways)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is shown)
            wrong += 1
            if wrong <= options.most:
                first = next(iter(str(error).strip().splitlines()), "")
                print(f"{number}: {type(error).__name__}: {first[:150]}", flush=True)
        else:
            refused.update([] if reason is None else [reason])
    seconds = time.perf_counter() - begin
    print(f"{options.count} programs in {seconds:.0f} s: {wrong} differ, {refused.total()} refused")
    for reason, times in refused.most_common():
        print(f"{times:6}  {reason}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
