"""The model of many machines: its laws, and the tables that are made of measurements."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import scaling_model as model  # noqa: E402

sys.path.remove(str(BENCHMARKS))

SECONDS = st.floats(1e-4, 10.0)
BYTES = st.floats(1e3, 1e10)
COUNTS = st.integers(1, 10).map(lambda power: 2**power)
NETWORKS = st.sampled_from([*model.NETWORKS.values()])


@given(st.floats(1e-7, 1e-3), st.floats(1e-12, 1e-8))
def test_a_fit_finds_the_line_that_times_lie_on(alpha: float, beta: float) -> None:
    sizes = [4**k for k in range(1, 13)]
    found = model.fit({n: alpha + n * beta for n in sizes})
    assert found == pytest.approx((alpha, beta), rel=1e-4)


def test_no_part_of_a_fit_is_negative() -> None:
    assert model.fit({1: 5.0, 100: 4.0})[1] == 0
    assert model.fit({1: 1e-9, 100: 1.0})[0] == 0


@given(BYTES, COUNTS, NETWORKS)
def test_an_exchange_takes_no_less_than_its_bytes(size: float, count: int, net: Any) -> None:
    least = 2 * (count - 1) / count * size * net.per_byte
    for reduction in model.REDUCTIONS.values():
        assert reduction(size, count, net) >= least * (1 - 1e-9)


@given(BYTES, st.integers(7, 10).map(lambda power: 2**power), NETWORKS)
def test_two_levels_are_faster_than_one_ring_on_many_machines(
    size: float, count: int, net: Any
) -> None:
    assert model.hierarchical(size, count, net) < model.ring(size, count, net)


@pytest.mark.parametrize("net", model.NETWORKS.values(), ids=model.NETWORKS)
def test_a_tree_is_for_small_messages_and_a_ring_for_large_ones(net: Any) -> None:
    for count in (16, 128, 1024):
        assert model.tree(1e3, count, net) < model.ring(1e3, count, net)
        assert model.tree(1e9, count, net) > model.ring(1e9, count, net)


@given(SECONDS, BYTES, COUNTS, NETWORKS)
def test_overlap_and_half_precision_cost_nothing_and_exchanges_something(
    seconds: float, nbytes: float, count: int, net: Any
) -> None:
    work = model.Work(seconds, nbytes)
    hidden = model.step_seconds(work, count, net, model.STRATEGIES["ring"])
    shown = model.step_seconds(work, count, net, model.STRATEGIES["ring, no overlap"])
    assert seconds <= hidden * (1 + 1e-9)
    assert hidden <= shown * (1 + 1e-9)
    two = model.STRATEGIES["hierarchical"]
    half = model.step_seconds(work, count, net, model.STRATEGIES["hierarchical, float16"])
    assert half <= model.step_seconds(work, count, net, two) * (1 + 1e-9)
    assert model.step_seconds(work, 1, net, two) == seconds


@given(st.floats(1e-7, 1e-2), st.floats(1e-11, 1e-8))
def test_a_message_costs_what_it_costs_however_many_there_are(alpha: float, beta: float) -> None:
    messages = {1 << k: 1.0 + (k > 14) + (k > 6) for k in range(2, 25, 2)}
    times = {size: count * alpha + size * beta for size, count in messages.items()}
    assert model.fit(times, messages) == pytest.approx((alpha, beta), rel=1e-6)


@given(BYTES)
def test_buckets_hold_all_gradients(nbytes: float) -> None:
    assert sum(model.buckets(nbytes)) == pytest.approx(nbytes)


def made_up(count: int) -> dict[str, Any]:
    ways = ("plain", "ddp") if count == 1 else ("ddp", "alone", "null", "few")
    steps = {
        f"{name} {kind} {way}": 0.01 * (2 if name == "GPT" else 1)
        for name in ("MLP", "GPT")
        for kind in ("weak", "strong")
        for way in ways
    }
    found = {"steps": steps, "parameters": {"MLP": 1_000_000, "GPT": 800_000}}
    if count == 1:
        return found | {"overhead": {"MLP": 0.0, "GPT": 0.0}}
    times = {"4": 1e-5, "4096": 2e-5, "4194304": 4e-3}
    messages = {"4": 1, "4096": 1, "4194304": 2}
    return found | {"exchanges": times, "averages": times, "messages": messages}


def test_the_report_tells_measured_and_predicted_apart(
    scripts: Callable[[str], Any], tmp_path: Path
) -> None:
    scaling = scripts("scaling")
    found = {count: made_up(count) for count in (1, 2, 4)}
    text = scaling.report(found, {count: made_up(count) for count in (1, 2)})
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert ["easured" in head or "redicted" in head for head in heads] == [True] * 4
    assert "| MLP | 10.00 | +0.0 % | 10.00 | 2.00 |" in text
    times, messages = {4: 1e-5, 4096: 2e-5, 1 << 22: 4e-3}, {4: 1, 4096: 1, 1 << 22: 2}
    sent = 1e3 * 4e6 * model.fit(times, messages)[1]
    assert f"| MLP | 2 | 10.00 | 10.00 | 10.00 | {sent:.2f} | {10 + sent:.2f} | 10.00 |" in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert "nan" not in line
    if scaling.draw(found, tmp_path / "scaling.svg"):
        assert (tmp_path / "scaling.svg").stat().st_size > 10_000


def test_a_worker_measures_every_model() -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "scaling_worker.py", "chaingrad", "0.001", "tiny"],
        cwd=BENCHMARKS.parent,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.partition("MEASURED ")[2])
    assert {name.rpartition(" weak")[0] for name in found["steps"]} == {*found["parameters"]}
    assert all(0 < seconds < 60 for seconds in found["steps"].values())


def test_pages_get_the_sections_that_they_have_places_for(scripts: Callable[[str], Any]) -> None:
    pages = scripts("scaling_pages")
    found = {count: made_up(count) for count in (1, 2, 4)}
    told = scripts("scaling").report(found, None)
    page = "before\n<!-- scaling: all-reduces -->\nold\n<!-- end -->\nbetween\n"
    page += "<!-- scaling: all -->\n<!-- end -->\nafter\n"
    filled = pages.put_into(page, told)
    assert "old" not in filled
    table = filled.partition("between")[0].splitlines()[2:-1]
    assert table[0] == "| bytes | 2 processes, µs | 4 processes, µs |"
    assert table[-2].startswith("| α, µs |")
    assert filled.count("\n### ") == told.count("\n## ") == 4
    assert pages.put_into(filled, told) == filled
