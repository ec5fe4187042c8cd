"""The law of programs: run beside the eager call, they give the same bits, all they write too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import autograd as ag
import nn
import optim
from autograd.graph.pytree import is_record, parts_of

__all__ = [
    "Step",
    "assert_near",
    "assert_same",
    "assert_same_as_eager",
    "draw",
    "state_of",
    "trained",
]


class Step:
    """A call, and all that it may write to."""

    def __init__(self, call: Callable[..., Any], *holders: Any) -> None:
        self.call = call
        self.holders = holders  # modules, optimizers, schedules, Tensors, lists of such


def draw(*shape: int, seed: int = 0, dtype: Any = np.float32) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def state_of(holders: Iterable[Any]) -> list[Any]:
    """All numbers that are held, in order."""
    found: list[Any] = []
    for holder in holders:
        if isinstance(holder, nn.Module):
            tensors = [*holder.parameters(), *holder.buffers()]
            found += state_of(tensors)
        elif isinstance(holder, optim.Optimizer):
            for group in holder.param_groups:
                for p in group["params"]:
                    entry = holder.state.get(p, {})
                    found += [(name, entry[name]) for name in sorted(entry)]
                found += [{k: v for k, v in group.items() if k != "params"}]
        elif isinstance(holder, optim.lr_scheduler.LRScheduler):
            found.append(str(holder.state_dict()))
        elif isinstance(holder, ag.Tensor):
            found += [np.array(holder._value), holder.grad]
        elif isinstance(holder, (list, tuple)):
            found += state_of(holder)
        else:
            found.append(holder)
    return found


def flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [part for key in value for part in (key, *flat(value[key]))]
    if isinstance(value, (tuple, list)):
        return [part for each in value for part in flat(each)]
    if is_record(value):
        return [type(value), *flat(parts_of(value))]
    return [getattr(value, "_value", value)]


def assert_same(found: Any, right: Any) -> None:
    """The same bits, in the same structure."""
    found, right = flat(found), flat(right)
    assert len(found) == len(right)
    for a, b in zip(found, right, strict=True):
        if not isinstance(b, (np.ndarray, np.generic)):
            assert a == b
            continue
        assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
        if b.dtype.kind == "f":
            np.testing.assert_array_equal(signs(a), signs(b))
        np.testing.assert_array_equal(a, b)


def signs(x: Any) -> Any:
    """Where the sign is set; that of NaN means nothing, and processors make either."""
    return np.signbit(x) & ~np.isnan(x)


def assert_near(found: Any, right: Any, least: Any = np.float64) -> None:
    """The same but for rounding, in the same structure; `least` is the shortest dtype of all."""
    found, right = flat(found), flat(right)
    assert len(found) == len(right)
    for a, b in zip(found, right, strict=True):
        if not isinstance(b, (np.ndarray, np.generic)) or b.dtype.kind not in "fc":
            assert_same(a, b)
            continue
        assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
        finite = np.abs(b[np.isfinite(b)])
        scale = max(1.0, float(finite.max())) if finite.size else 1.0
        eps = max(float(np.finfo(dtype).eps) for dtype in (b.dtype, least))
        np.testing.assert_allclose(a, b, 0, 256 * eps * scale)


def copied(structure: Any) -> Any:
    """Arguments of their own, so that what a call writes into them stays there."""
    if isinstance(structure, ag.Tensor):
        twin = ag.Tensor(np.array(structure._value), name=structure.name)
        return twin.requires_grad_(structure.requires_grad)
    if isinstance(structure, np.ndarray):
        return structure.copy()
    if isinstance(structure, dict):
        return {key: copied(part) for key, part in structure.items()}
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*map(copied, structure))
    if isinstance(structure, (list, tuple)):
        return type(structure)(copied(part) for part in structure)
    if is_record(structure):
        return type(structure)(**copied(parts_of(structure)))
    return structure


Arguments = tuple[Any, ...]


def assert_same_as_eager(
    make: Callable[[], Step],
    batches: Sequence[Arguments],
    change: Callable[[Any], Any] | None = None,
    same: Callable[[Any, Any], None] = assert_same,
) -> Any:
    """Trace on the first batch, and run on all, beside the call itself; returns the program.

    `change` makes another program of it, which must do the same.
    """
    ag.random.manual_seed(5)
    traced = make()
    ag.random.manual_seed(5)
    eager = make()
    start = np.random.default_rng(11)
    with ag.random.drawing_from(start):
        before, bits = state_of(traced.holders), start.bit_generator.state
        first = copied(batches[0])
        program = ag.trace(traced.call, *first)
        assert_same(
            state_of([*traced.holders, list(first)]),
            [*before, *state_of([list(copied(batches[0]))])],
        )
        assert start.bit_generator.state == bits
    run = program if change is None else change(program)
    mine, theirs = np.random.default_rng(12), np.random.default_rng(12)
    for number, batch in enumerate(batches):
        given, right_given = copied(batch), copied(batch)
        with ag.random.drawing_from(theirs):
            right = eager.call(*right_given)
        with ag.random.drawing_from(mine):
            found = run(*given)
        try:
            same(found, right)
            same(state_of([*traced.holders, list(given)]),
                 state_of([*eager.holders, list(right_given)]))  # fmt: skip
        except AssertionError as error:
            error.add_note(f"at run {number} of\n{program}")
            raise
        assert mine.bit_generator.state == theirs.bit_generator.state
    return program


def trained(model: Any, optimizer: Any, loss: Callable[..., Any], *more: Any) -> Step:
    """The usual step of training."""

    def step(*batch: Any) -> Any:
        optimizer.zero_grad()
        value = loss(model, *batch)
        value.backward()
        optimizer.step()
        return value

    return Step(step, model, optimizer, *more)
