"""The rooflines of the benchmarks: what is counted, and the table that is made of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn

Modules = Callable[[str], Any]


@pytest.fixture
def count(scripts: Modules) -> Callable[..., Any]:
    """What a step does, of a workload of the table at other sizes."""

    def counted(name: str, **sizes: Any) -> Any:
        workload = scripts("workloads").WORKLOADS[name]
        return scripts("amounts").amounts(replace(workload, sizes={**workload.sizes, **sizes}))

    return counted


# ---- what is counted -----------------------------------------------------------------------------


def test_an_mlp_has_three_products_a_layer_but_for_the_gradient_of_its_data(count: Any) -> None:
    found = count("mlp", sizes=[7, 5, 3], batch=2)
    assert found.products == Counter(
        [(2, 7, 5, 1), (5, 2, 7, 1), (2, 5, 3, 1), (3, 2, 5, 1), (2, 3, 5, 1)]
    )
    assert found.nodes == 5  # linear, relu, linear, cross_entropy, mean


def test_adam_moves_seven_arrays_as_large_as_its_parameters(count: Any) -> None:
    assert count("adam", count=3, size=5).traffic == {2048: 7 * 3 * 25 * 4}  # 1200 bytes
    grown, small = (count("mlp", sizes=[n, 5, 3], batch=2).traffic.total() for n in (17, 7))
    assert grown - small == 7 * 10 * 5 * 4  # a product's own bytes are part of its time


def test_inference_goes_forward_alone(count: Any) -> None:
    found = count("inference", sizes=[7, 5, 3])
    assert found.products == Counter([(1, 7, 5, 1), (1, 5, 3, 1)])
    assert sum(found.calls.values()) == found.nodes == 3


def test_a_layer_of_lstm_makes_the_products_of_its_cells_with_fewer_calls(count: Any) -> None:
    sizes = {"length": 4, "batch": 3, "inputs": 2, "hidden": 5}
    layer, cells = count("lstm", **sizes), count("lstm-loop", **sizes)

    def operations(found: Any) -> float:
        return sum(p.operations * times for p, times in found.products.items())

    assert operations(layer) == operations(cells)
    assert sum(layer.products.values()) < sum(cells.products.values())
    assert layer.functions == cells.functions == {"exp": 5 * 4 * 3 * 5}


def test_a_second_derivative_has_the_products_of_the_first_and_more(count: Any) -> None:
    sizes = {"sizes": [7, 5, 3], "batch": 2}
    first, second = count("mlp", **sizes), count("hvp", **sizes)
    assert sum(second.products.values()) > 2 * sum(first.products.values())


def test_attention_counts_what_a_query_sees(count: Any) -> None:
    found = count("transformer", batch=2, length=6, width=8, heads=2)
    assert found.products[(6, 4, 3, 4)] == 2  # scores of half of the keys: forward, and by values
    assert found.functions["exp"] == 2 * 2 * 6 * 3


def test_convolutions_are_counted_directly_and_by_winograds_algorithm(scripts: Modules) -> None:
    module = scripts("amounts")
    x = ag.Tensor(np.ones((2, 16, 8, 8), np.float32), requires_grad=True)
    for layer, saves in ((nn.Conv2d(16, 24, 3, padding=1), True), (nn.Conv2d(16, 24, 5), False)):
        y = layer(x)
        found = module.Amounts()
        module.count_node(found, y._node, backward=True)
        taps = layer.weight.shape[2] ** 2
        assert found.direct == 3 * 2 * y.size * 16 * taps  # also by x, and by the weight
        assert (found.fewest < 0.5 * found.direct) is saves
        assert saves or found.fewest == found.direct


def test_a_chain_of_numbers_calls_forward_and_back_and_adds_gradients_up(count: Any) -> None:
    found = count("scalar", steps=5)
    assert found.nodes == 3 * 5 + 1  # ·, +, tanh; and the sum of the last, handed on as it is
    assert found.calls == {"numbers": 16 + 5 * (2 + 0 + 1) + 2 * 4}
    assert not found.traffic


@pytest.mark.parametrize("name", ["vgg", "resnet20", "lenet", "elementwise", "array"])
def test_networks_move_their_activations(scripts: Modules, name: str) -> None:
    workload = scripts("workloads").WORKLOADS[name]
    found = scripts("amounts").amounts(replace(workload, sizes=workload.tiny))
    assert found.traffic.total() > 0
    assert found.calls["arrays"] > found.calls["numbers"]


def test_a_fused_loop_moves_what_it_begins_with_and_ends_in(count: Any) -> None:
    found = count("elementwise", count=1000)
    assert found.fused.total() == 2 * 4 * 1000  # x, and its gradient; a and b are numbers
    hidden, outputs, weights = 2 * 5, 2 * 3, 7 * 5 + 5 + 5 * 3 + 3
    found = count("mlp", sizes=[7, 5, 3], batch=2)
    # products give to relu and to the loss, relu gives to a product; and Adam
    assert found.fused.total() == 2 * 4 * (hidden + hidden + outputs) + 7 * 4 * weights


# ---- what is measured ----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 5, 4, 1), (3, 5, 4, 6)])
def test_every_way_of_a_product_gives_the_product(scripts: Modules, shape: Any) -> None:
    ceilings, product = scripts("ceilings"), scripts("amounts").Product(*shape)
    rng = np.random.default_rng(0)
    x = rng.random((product.stack, product.rows, product.depth), np.float32)
    y = rng.random((product.stack, product.depth, product.columns), np.float32)
    expected = x @ y
    names = set()
    for name, way in ceilings.ways(product):
        out = way()
        out = out.reshape(product.stack, *out.shape[-2:])
        out = out.swapaxes(1, 2) if name.endswith("turned") else out
        np.testing.assert_allclose(out, expected, rtol=1e-5, err_msg=name)
        names.add(name)
    assert len(names) == 3 * 8
    seconds, name = ceilings.product(product)
    assert seconds > 0
    assert name in names


def test_rates_are_positive(scripts: Modules) -> None:
    ceilings = scripts("ceilings")
    assert ceilings.bandwidth(1 << 16) > 0
    assert ceilings.evaluation("tanh") >= ceilings.generated("tanh") > 0
    assert 0 < ceilings.handing_over(1e-4) < 1
    assert 0 < ceilings.call("numbers") < ceilings.bare_node() * 100


# ---- the table -----------------------------------------------------------------------------------


@pytest.fixture
def limits(scripts: Modules) -> Any:
    """With a machine of round numbers."""
    ceilings, module = scripts("ceilings"), scripts("limits")
    ceilings.product = lambda shape: (1e-3, "a way")
    ceilings.plain_product = lambda shape: 2e-3
    ceilings.rate = lambda: 1e9
    ceilings.bandwidth = lambda held: 1e9
    ceilings.evaluation = ceilings.generated = lambda name: 1e-9
    ceilings.call = lambda kind: 1e-6
    ceilings.bare_node = lambda: 1e-6
    ceilings.addition = lambda collects: 1e-6
    return module


def test_a_limit_is_the_sum_of_products_passes_and_calls(scripts: Modules, limits: Any) -> None:
    amounts = scripts("amounts")
    found = amounts.Amounts(
        products=Counter({amounts.Product(1, 1, 1): 3}), direct=8e6, fewest=2e6,
        functions=Counter({"tanh": 1 << 20, "exp": 1000}), traffic=Counter({1 << 20: 500_000}),
        nodes=7,
        calls=Counter({"arrays": 5, "numbers": 2}),
    )  # fmt: skip
    bound = limits.limit(found)
    assert bound.products == pytest.approx(3e-3 + 2e-3)
    assert bound.passes == pytest.approx(2**19 * 1e-9 + 1e-6)  # longer than the bytes take
    assert bound.calls == pytest.approx(14e-6)
    assert bound.total == pytest.approx(bound.products + bound.passes + bound.calls)
    assert limits.limit(found, directly=True).products == pytest.approx(3e-3 + 8e-3)
    assert limits.limit(amounts.Amounts()).total == 0


def test_a_limit_of_compiled_steps_has_fused_passes_and_no_calls(
    scripts: Modules, limits: Any
) -> None:
    amounts = scripts("amounts")
    found = amounts.Amounts(
        products=Counter({amounts.Product(1, 1, 1): 3}), functions=Counter({"tanh": 1000}),
        traffic=Counter({1 << 20: 500_000}), fused=Counter({1 << 20: 100_000}), nodes=7,
        calls=Counter({"arrays": 5}),
    )  # fmt: skip
    bound = limits.limit(found, compiled=True)
    assert (bound.products, bound.passes, bound.calls) == pytest.approx((3e-3, 1e-4, 0))
    workload = scripts("workloads").WORKLOADS["mlp"]
    taken = {"compiled": 6.2, "torch": 8.0, "jax": 4.0}
    line = limits.compiled_row("MLP", workload, bound, taken)
    assert line == "| MLP | ms | 3 | 0.1 | 3.1 | 4 | 0.78 | ≤ 0.7 | 6.2 | 2 |"
    assert limits.compiled_row("MLP", workload, bound, {}).endswith("| – | – | ≤ 0.7 | – | – |")
    assert line.count("|") == limits.COMPILED_HEAD.splitlines()[0].count("|")


def test_a_row_has_the_ratio_to_pytorch_and_the_distance(scripts: Modules, limits: Any) -> None:
    workload = scripts("workloads").WORKLOADS["mlp"]
    bound = limits.Limit(1e-3, 2e-3, 1e-3)
    line = limits.row("MLP", workload, bound, {"fast": 6.0, "torch": 8.0})
    assert line == "| MLP | ms | 1 | 2 | 1 | 4 | 0.5 | 6 | 1.5 |"
    assert limits.row("MLP", workload, bound, {}) == "| MLP | ms | 1 | 2 | 1 | 4 | – | – | – |"
    assert line.count("|") == limits.HEAD.splitlines()[0].count("|")


def test_the_table_is_printed_row_by_row(
    limits: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "steps", lambda name, torch, rounds, own: {own: 1.0})
    monkeypatch.setattr("sys.argv", ["limits.py", "--only", "mlp", "lenet", "lstm"])
    limits.main()
    text = capsys.readouterr().out
    assert "| MLP, small | ms | 5 |" in text
    assert "| nn.LSTM | ms |" in text
    assert "Winograd" not in text  # LeNet's kernels are 5x5
    assert "a call on numbers 1.00 µs" in text


def test_steps_may_come_from_a_record(
    limits: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "benchmarks.json"
    numbers = {"fast": [10.0, 30.0, 20.0], "torch": [40.0]}
    record.write_text(json.dumps({"workloads": {"adam": {"numbers": numbers}}}))
    monkeypatch.setattr("sys.argv", ["limits.py", "--only", "adam", "mlp", "--from", str(record)])
    limits.main()
    adam, mlp = capsys.readouterr().out.splitlines()[2:4]
    assert adam.startswith("| Adam alone | ms | 0 | 28 |")  # 16 · 250² · 7 · 4 bytes
    assert adam.endswith(" | 0.7 | 20 | 0.71 |")
    assert mlp.endswith(" | – | – | – |")


def test_ways_list_every_product(
    limits: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["limits.py", "--ways", "--only", "mlp"])
    limits.main()
    text = capsys.readouterr().out
    assert "| 32 × 784 × 256 | 1 | 1 | 1,000 | 13 | a way | 2,000 |" in text
    assert text.count("a way") == 5


def test_the_step_of_a_workload_is_measured_where_it_runs(limits: Any, tmp_path: Any) -> None:
    taken = limits.steps("inference", tmp_path / "no" / "python", 1, "fast")
    assert taken.keys() == {"fast"}
    assert taken["fast"] > 0
