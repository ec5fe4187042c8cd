"""The profiler: every op and rule is counted, times add up, and nothing is left behind."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine import recorder
from autograd.engine.modes import current_mode
from autograd.engine.row import OPS

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))


def step(model: nn.Module) -> Any:
    loss = nn.CrossEntropyLoss()(model(ag.Tensor(X)), ag.Tensor([0, 1, 2, 0, 1, 2, 0, 1]))
    loss.backward()
    return loss


def test_every_op_and_rule_is_counted_with_its_module() -> None:
    model = network()
    with ag.profile() as p:
        step(model)
    seen = [(e.kind, e.name, e.module) for e in p.events]
    assert seen.count(("forward", "linear", "0")) == 1
    assert seen.count(("forward", "relu", "1")) == 1
    assert ("backward", "linear", "2") in seen
    assert ("backward", "relu", "1") in seen
    linear = next(e for e in p.events if e.module == "0")
    assert (linear.shape, linear.bytes) == ((8, 5), 160)
    totals = p.totals()
    assert totals["linear"]["calls"] == 2
    assert totals["linear"]["backward"] > 0
    assert set(p.totals("module")) >= {"0", "1", "2"}
    assert "linear 8×5" in p.totals("shape")


def test_the_results_are_those_without_a_profile() -> None:
    one, two = network(), network()
    two.load_state_dict(one.state_dict())
    loss = step(one)
    with ag.profile():
        again = step(two)
    assert loss.item() == again.item()
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        assert a.grad.numpy().tobytes() == b.grad.numpy().tobytes()


def test_nothing_is_left_behind_also_after_an_error() -> None:
    step(network())
    with pytest.raises(ag.errors.ShapeError), ag.profile() as p:
        ag.Tensor(X) @ ag.Tensor(X)
    assert p.seconds > 0
    assert current_mode().watches == ()
    assert not recorder.watched
    count = len(p.events)
    step(network())
    assert len(p.events) == count


def test_own_times_of_what_is_nested_add_up() -> None:
    x = ag.Tensor([0.5, 1.0], requires_grad=True)
    with ag.profile() as p, p.span("both"):
        (dx,) = ag.grad(ag.sum(x**3), x, create_graph=True)  # rules that record ops
        with p.span("pause"):
            time.sleep(0.002)
        dx.sum().backward()
    own = sum(e.own for e in p.events)
    (both,) = (e for e in p.events if e.name == "both")
    (pause,) = (e for e in p.events if e.name == "pause")
    assert own == both.duration, "every nanosecond is somebody's own, once"
    assert pause.own >= 2e6
    assert p.totals()["[pause]"]["forward"] >= 0.002
    assert both.own < both.duration - pause.duration


def test_profiles_may_be_nested_and_each_thread_has_its_own() -> None:
    x = ag.Tensor(1.0, requires_grad=True)

    def other() -> None:
        for _ in range(50):
            ag.cos(x)

    with ag.profile() as outer:
        ag.sin(x)
        with ag.profile() as inner:
            ag.tanh(x)
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
    assert [e.name for e in outer.events] == ["sin", "tanh"]
    assert [e.name for e in inner.events] == ["tanh"]


def test_ops_defined_in_the_block_are_timed_after_the_next_call() -> None:
    from autograd.engine.op import op

    with ag.profile() as p:

        @op("2x", x=lambda g: 2 * g, samples=None, reference=None)
        def doubled_for_the_profile(x: Any, /) -> Any:
            return 2 * x

        x = ag.Tensor(1.0, requires_grad=True)
        ag.sin(x)
        doubled_for_the_profile(x)
    del OPS["doubled_for_the_profile"]
    assert [e.name for e in p.events] == ["sin", "doubled_for_the_profile"]


def test_the_table_says_where_the_time_went() -> None:
    model = network()
    with ag.profile() as p:
        step(model)
        time.sleep(0.01)
    lines = str(p).splitlines()
    assert lines[0].split() == ["op", "calls", "forward", "ms", "backward", "ms", "share", "made"]
    assert any(line.startswith("linear ") for line in lines)
    outside = next(line for line in lines if line.startswith("between ops"))
    assert float(outside.split()[2]) >= 10, "the pause"
    assert lines[-1] == f"{1e3 * p.seconds:.3f} ms in all"
    assert any(
        line.startswith("2 more") for line in p.table(limit=len(p.totals()) - 2).splitlines()
    )
    assert repr(p).startswith(f"<Profile of {len(p.events)} calls, ")
    with pytest.raises(ValueError, match="by must be"):
        p.table(by="ops")


def test_the_trace_is_one_that_viewers_open(tmp_path: Path) -> None:
    with ag.profile() as p, p.span("step"):
        step(network())
    path = p.save(tmp_path / "trace.json")
    trace = json.loads(path.read_text(encoding="utf-8"))
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert len(events) == len(p.events)
    assert {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"} <= events[0].keys()
    assert events[0]["name"] == "step"
    assert any(event["name"] == "∇ linear" for event in events)
    ends = [event["ts"] + event["dur"] for event in events]
    assert max(ends) == pytest.approx(ends[0]), "the span encloses the rest"
    assert all(event["dur"] >= 0 for event in events)
