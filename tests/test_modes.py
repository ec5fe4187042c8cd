"""Modes: recording on and off, per thread, per task and inside generators; scopes, traces, NaN."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine import modes
from autograd.errors import NaNError


@pytest.fixture(autouse=True)
def _fresh_mode() -> Iterator[None]:
    """A test that fails inside a mode shall not switch it on for the next one."""
    yield
    modes.set_mode(modes.Mode())


def leaf(data: Any = 2.0, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(data, requires_grad=True, name=name)


def records() -> bool:
    """Whether the engine records, seen by what it does and not only by what it says."""
    does = (leaf() * 3).requires_grad
    assert does == ag.is_grad_enabled()
    return does


# ---- recording -----------------------------------------------------------------------------------


def test_modes_nest_and_restore() -> None:
    assert records()
    with ag.no_grad():
        assert not records()
        with ag.enable_grad():
            assert records()
            with ag.set_grad_enabled(False):
                assert not records()
            assert records()
        assert not records()
    assert records()


@pytest.mark.parametrize("mode", [ag.no_grad, lambda: ag.set_grad_enabled(False), ag.tracing])
def test_a_mode_is_restored_after_an_error(mode: Callable[[], Any]) -> None:
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert records()
    x = leaf()
    assert (x * 2).grad_fn.where is None  # type: ignore[union-attr]


def test_a_mode_object_can_be_used_again_and_inside_itself() -> None:
    off = ag.no_grad()
    for _ in range(2):
        with off:
            assert not records()
            with off:
                assert not records()
            assert not records()
        assert records()


@pytest.mark.parametrize(
    "decorate", [ag.no_grad, ag.no_grad(), lambda f: ag.set_grad_enabled(False)(f)]
)
def test_modes_decorate_functions(decorate: Any) -> None:
    assert records()

    @decorate
    def inside(depth: int) -> list[bool]:
        """Its docstring."""
        return [records(), *(inside(depth - 1) if depth else [])]

    assert inside(2) == [False] * 3
    assert inside.__doc__ == "Its docstring."
    assert inside.__name__ == "inside"
    assert records()


def test_set_grad_enabled_acts_at_once() -> None:
    switched = ag.set_grad_enabled(False)
    try:
        assert not records()
    finally:
        with switched:  # leaving it restores
            pass
    assert records()


def test_results_under_no_grad_are_leaves() -> None:
    x = leaf()
    with ag.no_grad():
        y = x * 3
    assert y.is_leaf
    assert not y.requires_grad
    assert ag.Tensor(1.0, requires_grad=True).requires_grad
    with ag.no_grad():
        assert ag.Tensor(1.0, requires_grad=True).requires_grad


def test_backward_runs_under_no_grad() -> None:
    x = leaf(3.0)
    y = x * x
    with ag.no_grad():
        y.backward()
    assert x.grad is not None
    assert x.grad.item() == 6.0


def test_gradients_are_not_recorded_by_default() -> None:
    x = leaf(3.0)
    (x * x).backward()
    assert x.grad is not None
    assert not x.grad.requires_grad


# ---- generators, threads, tasks ------------------------------------------------------------------


def test_a_decorated_generator_is_in_its_mode_and_its_caller_is_not() -> None:
    seen: list[Any] = []

    @ag.no_grad()
    def numbers() -> Iterator[int]:
        try:
            while True:
                seen.append(records())
                try:
                    seen.append((yield 1))
                except KeyError:
                    seen.append(("thrown", records()))
        finally:
            seen.append(("closed", records()))

    generator = numbers()
    next(generator)
    assert records()
    generator.send("sent")  # type: ignore[attr-defined]
    assert records()
    generator.throw(KeyError)  # type: ignore[attr-defined]
    assert records()
    generator.close()  # type: ignore[attr-defined]
    assert records()
    assert seen[:6] == [False, "sent", False, ("thrown", False), False, ("closed", False)]


def test_a_decorated_generator_returns_its_value() -> None:
    @ag.no_grad()
    def steps() -> Any:
        received = yield 1
        return received * 2

    generator = steps()
    next(generator)
    with pytest.raises(StopIteration) as stop:
        generator.send(21)
    assert stop.value.value == 42


def test_a_decorated_coroutine_runs_in_its_mode() -> None:
    @ag.no_grad()
    async def inside() -> list[bool]:
        first = records()
        await asyncio.sleep(0)
        return [first, records()]

    async def main() -> None:
        assert await inside() == [False, False]
        assert records()

    asyncio.run(main())


def test_a_decorated_async_generator_runs_in_its_mode() -> None:
    @ag.no_grad()
    async def numbers() -> AsyncIterator[bool]:
        for _ in range(2):
            yield records()
            await asyncio.sleep(0)

    async def main() -> None:
        async for inside in numbers():
            assert not inside
            assert records()

    asyncio.run(main())


def test_an_error_thrown_into_a_decorated_async_generator_arrives_in_its_mode() -> None:
    seen: list[bool] = []

    @ag.no_grad()
    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
        except KeyError:
            seen.append(records())
            yield 2
        finally:
            seen.append(records())

    async def main() -> None:
        generator = numbers()
        assert await anext(generator) == 1
        assert await generator.athrow(KeyError()) == 2
        assert records()
        await generator.aclose()
        assert seen == [False, False]
        assert records()

    asyncio.run(main())


def test_tasks_have_modes_of_their_own() -> None:
    async def worker(off: bool) -> bool:
        if not off:
            await asyncio.sleep(0)
            return records()
        with ag.no_grad():
            await asyncio.sleep(0)
            return not records()

    async def main() -> list[bool]:
        return list(await asyncio.gather(*(worker(i % 2 == 0) for i in range(6))))

    assert asyncio.run(main()) == [True] * 6


def test_threads_have_modes_of_their_own() -> None:
    found: list[bool] = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: found.append(records()))
        thread.start()
        thread.join()
        assert not records()
    assert found == [True]


def test_one_mode_object_in_two_threads() -> None:
    off, found = ag.no_grad(), []
    entered, left = threading.Event(), threading.Event()

    def work() -> None:
        with off:
            entered.set()
            left.wait(10)  # the first to enter leaves first
            found.append(records())
        found.append(records())

    thread = threading.Thread(target=work)
    with off:
        thread.start()
        assert entered.wait(10)
    left.set()
    assert records()
    thread.join()
    assert found == [False, True]


# ---- scopes and traces ---------------------------------------------------------------------------


def test_scopes_name_what_is_recorded_inside() -> None:
    x = leaf()
    with ag.scope("encoder", "Encoder"), ag.scope("0", "Linear"):
        y = x * 3
    with ag.scope("", "Model"):
        z = x * 3
    assert y.grad_fn is not None
    assert z.grad_fn is not None
    assert repr(y.grad_fn.scope) == "encoder.0 (Linear)"
    assert y.grad_fn.scope.path == "encoder.0"  # type: ignore[union-attr]
    assert repr(z.grad_fn.scope) == "Model"
    assert (x * 3).grad_fn.scope is None  # type: ignore[union-attr]


def test_a_scope_decorates() -> None:
    @ag.scope("block")
    def f(x: Any) -> Any:
        return x * 3

    assert repr(f(leaf()).grad_fn.scope) == "block"


def test_trace_keeps_the_callers_line() -> None:
    x = leaf()
    with ag.tracing():
        y = ag.sum(x * 3)
    assert y.grad_fn is not None
    path, _, line = str(y.grad_fn.where).rpartition(":")
    assert Path(path).name == "test_modes.py"
    assert "ag.sum(x * 3)" in Path(path).read_text().splitlines()[int(line) - 1]
    assert (x * 3).grad_fn.where is None  # type: ignore[union-attr]


# ---- anomalies -----------------------------------------------------------------------------------


def test_detect_anomaly_names_the_rule_that_gave_nan() -> None:
    x = leaf([0.0, 1.0], name="x")
    with ag.detect_anomaly(), np.errstate(all="ignore"):
        y = ag.sqrt(x)  # 0 · ∞
        with pytest.raises(NaNError, match=r"sqrt: the rule for x gave NaN, recorded at .*modes"):
            y.backward([0.0, 1.0])


def test_detect_anomaly_lets_good_gradients_pass() -> None:
    x = leaf(3.0)
    with ag.detect_anomaly():
        (x * x).backward()
    assert x.grad is not None
    assert x.grad.item() == 6.0


def test_without_detect_anomaly_nan_is_a_number() -> None:
    x = leaf([0.0])
    with np.errstate(all="ignore"):
        (x / x).sum().backward()
    assert x.grad is not None
    assert np.isnan(x.grad.numpy()).all()


def test_an_error_in_a_rule_says_which_and_where() -> None:
    x = leaf([1.0], name="x")
    with ag.tracing():
        y = x * 10.0
    with np.errstate(over="raise"), pytest.raises(FloatingPointError) as caught:
        y.backward(np.array([3e38], np.float32))
    note = "\n".join(caught.value.__notes__)
    assert "while the rule of multiply for x ran at" in note
    assert "test_modes.py" in note
