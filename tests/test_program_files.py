"""Programs are compared, printed, verified, drawn and saved; a loaded one does the same."""

from __future__ import annotations

import ast
import json
import re
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import ArgumentError, TraceError
from autograd.program.functions import FUNCTIONS, function_named
from tests.layers import CASES
from tests.layers.case import Case, flatten
from tests.optim_table import BY_NAME, Row
from tests.programs import Step, assert_same, copied, draw, state_of, trained
from tests.test_program import SCHEDULES

F = nn.functional
pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")
ROOT = Path(__file__).parent.parent


def model_step(seed: int = 0, width: int = 4) -> Step:
    nn.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(3, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.5), nn.Linear(width, 2)
    )
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    return trained(model, optimizer, lambda model, x, y: F.cross_entropy(model(x), y))


X, Y = draw(5, 3), np.array([0, 1, 1, 0, 1])


def test_a_line_an_instruction_names_module_and_source() -> None:
    program = ag.trace(model_step().call, X, Y)
    lines = str(program).splitlines()
    assert len(lines) == len(program) + 1
    assert lines[0].split() == ["#", "op", "inputs", "shape", "dtype", "name", "module", "line"]
    text = [" ".join(line.split()[1:]) for line in lines]
    assert any(
        re.match(r"pull linear\.weight\(#\d.* 2×4 float32 4 \(Linear\) .*py:\d+", t) for t in text
    )
    assert any(t.startswith("write") and "0.weight.exp_avg_sq" in t for t in text)
    assert any(t.startswith("draw dropout_mask()") for t in text)
    names = {node.name for node in program.writes}
    assert {"0.weight", "0.weight.grad", "0.weight.step", "1.running_mean"} <= names


def test_two_traces_of_a_step_are_the_same_and_a_change_is_named() -> None:
    one, other = (ag.trace(model_step().call, X, Y) for _ in range(2))
    assert one.diff(other) is None
    wider = one.diff(ag.trace(model_step(width=5).call, X, Y))
    assert wider is not None
    assert re.match(r"instruction 2 is parameter 0.weight of float32 4×3 .* 5×3", wider)
    x = ag.Tensor([1.0, 2.0])
    assert "sin(#0)" in str(ag.trace(lambda x: ag.sin(x), x).diff(ag.trace(lambda x: ag.cos(x), x)))
    longer = ag.trace(lambda x: ag.sin(x), x).diff(ag.trace(lambda x: ag.exp(ag.sin(x)), x))
    assert "2 instructions here and 3 there: the first more there is exp(#1)" in str(longer)
    assert str(longer).endswith(f"at {__file__}:{_line('longer = ')}")
    powers = [ag.trace(lambda x, n=n: ag.sum(x, axis=n), ag.ones(2, 2)) for n in (0, 1)]
    assert "with (0" in str(powers[0].diff(powers[1]))


def _line(text: str) -> int:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_a_program_is_verified_and_drawn_as_a_graph() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    program = ag.trace(lambda x: (ag.tanh(w) * x).sum(), ag.Tensor([1.0, 3.0]))
    assert program.verify()
    assert program.graph.nodes == program.nodes
    assert "tanh" in ag.viz.draw(program.graph).svg()


def saved(program: Any, folder: Path) -> Any:
    return ag.Program.load(program.save(folder / "program.safetensors"))


def run_beside(program: Any, other: Any, batches: Any) -> None:
    for seed, batch in enumerate(batches):
        with ag.random.drawing_from(np.random.default_rng(seed)):
            right = program(*copied(batch))
        with ag.random.drawing_from(np.random.default_rng(seed)):
            found = other(*copied(batch))
        assert_same(found, right)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("case", CASES[::3], ids=str)
def test_a_saved_layer_does_the_same(case: Case, training: bool, tmp_path: Path) -> None:
    if "max_norm" in case.kwargs:
        return
    layer = case.make(dtype=np.float32).train(training)

    def call(*inputs: Any) -> Any:
        result = layer(*inputs)
        total = sum(y.sum() for y in flatten(result) if getattr(y, "requires_grad", False))
        if isinstance(total, ag.Tensor):
            total.backward()
        return result

    inputs = tuple(case.arrays(np.float32))
    with np.errstate(all="ignore"):
        program = ag.trace(call, *inputs)
        other = saved(program, tmp_path)
        assert program.diff(other) is None
        run_beside(program, other, [inputs, inputs])


@pytest.mark.parametrize("row", BY_NAME, ids=str)
def test_a_saved_optimizer_goes_on(row: Row, tmp_path: Path) -> None:
    params = [
        ag.Tensor(draw(*shape, seed=i), requires_grad=True, name=f"p{i}")
        for i, shape in enumerate(row.shapes)
    ]
    optimizer = row.make(params)

    def step(target: Any) -> Any:
        optimizer.zero_grad()
        loss = sum(((p - target) ** 2).sum() for p in params)
        loss.backward()
        optimizer.step()
        return loss, [p.detach() for p in params]

    target = ag.Tensor(0.3)
    program = ag.trace(step, target)
    program(target)
    run_beside(program, saved(program, tmp_path), [(target,)] * 2)


def test_a_saved_step_goes_on_where_it_stood(tmp_path: Path) -> None:
    step = model_step()
    program = ag.trace(step.call, X, Y)
    program(X, Y)
    other = saved(program, tmp_path)
    assert program.diff(other) is None
    assert str(other).count("\n") == str(program).count("\n")
    before = state_of(step.holders)
    other(X, Y)
    assert_same(state_of(step.holders), before)  # it has parameters of its own
    run_beside(program, saved(program, tmp_path), [(X, Y)] * 2)


def test_all_kinds_of_values_go_into_a_file(tmp_path: Path) -> None:
    z = np.array([1 + 2j, 3 - 1j])

    def call(x: Any, options: Any) -> Any:
        masked = ag.where(x > 0, x, float("-inf"))
        rows = x[..., 1:, np.array([0, 1])]
        return {"a": (masked, rows), "b": [ag.real(x[0, 0, :2] * z), options["n"], None, 1.5]}

    x = draw(2, 3, 2, dtype=np.float64)
    program = ag.trace(call, x, {"n": 3})
    run_beside(program, saved(program, tmp_path), [(x, {"n": 3}), (-x, {"n": 3})])


def test_gradients_of_inputs_are_written_by_a_loaded_program(tmp_path: Path) -> None:
    program = ag.trace(lambda x: (x * x).sum().backward(), ag.Tensor([1.0], requires_grad=True))
    x = ag.Tensor([4.0], requires_grad=True)
    saved(program, tmp_path)(x)
    assert x.grad is not None
    assert x.grad.tolist() == [8.0]


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_a_generator_of_its_own_goes_on_where_it_stood(kind: str, tmp_path: Path) -> None:
    numbers = np.random.Generator(getattr(np.random, kind)(3))
    program = ag.trace(lambda x: (F.dropout(x, rng=numbers), ag.random.randn(3, rng=numbers)), X)
    numbers.random(5)
    run_beside(program, saved(program, tmp_path), [(X,)] * 3)


def scheduled(schedule: Any) -> Any:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    made = schedule(optimizer)

    def call(x: Any) -> Any:
        optimizer.zero_grad()
        loss = ((w - x.sum()) ** 2).sum()
        loss.backward()
        optimizer.step()
        made.step(*([loss] if isinstance(made, schedules.ReduceLROnPlateau) else []))
        return loss

    return call


schedules = optim.lr_scheduler
IN_FILES = SCHEDULES | {
    "cyclic": lambda o: schedules.CyclicLR(o, 0.1, 0.5),
    "polynomial": schedules.PolynomialLR,
    "warm restarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 3),
    "milestones": lambda o: schedules.MultiStepLR(o, [1, 3]),
    "plateau": lambda o: schedules.ReduceLROnPlateau(o, patience=0),
}


@pytest.mark.parametrize("name", IN_FILES)
def test_a_schedule_goes_on_where_it_stood(name: str, tmp_path: Path) -> None:
    program = ag.trace(scheduled(IN_FILES[name]), X)
    program(X)
    run_beside(program, saved(program, tmp_path), [(X,)] * 7)


def by_a_function() -> Any:
    return scheduled(lambda o: schedules.LambdaLR(o, lambda epoch: 0.9**epoch))


def by_a_mode() -> Any:
    model = nn.Dropout(0.5)

    def call(x: Any) -> Any:
        model.eval()
        return model(x) * 1

    return call


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (by_a_function, "LambdaLR: .* is no function of chaingrad"),
        (by_a_mode, "a mode that a call"),
    ],
    ids=["a function", "a mode"],
)
def test_what_no_file_holds_is_named(make: Any, what: str, tmp_path: Path) -> None:
    program = ag.trace(make(), X)
    with pytest.raises(TraceError, match=what):
        program.save(tmp_path / "program.safetensors")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file_is_refused_when_it_is_loaded(seed: int, tmp_path: Path) -> None:
    """Cut short anywhere, or with other things in the place of any part of its structure."""
    path = ag.trace(scheduled(SCHEDULES["chained"]), X).save(tmp_path / "a")
    data, choose = path.read_bytes(), Random(seed)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    key = "chaingrad.program"
    for at in (*range(0, 16, 3), *(choose.randrange(len(data)) for _ in range(20))):
        path.write_bytes(data[:at])
        with pytest.raises(ArgumentError, match="holds no program, or is damaged"):
            ag.Program.load(path)
    for _ in range(60):
        content = json.loads(header["__metadata__"][key])
        damage(content, choose)
        changed = json.dumps({**header, "__metadata__": {key: json.dumps(content)}}).encode()
        changed += b" " * (-len(changed) % 8)
        path.write_bytes(len(changed).to_bytes(8, "little") + changed + data[8 + length :])
        with suppress(ArgumentError, TraceError):  # any other error is a fault
            ag.Program.load(path)


def damage(content: Any, choose: Random) -> None:
    others = [None, -1, 10**9, "os:system", [], {}, {"node": 10**9}, {"function": "os:system"},
              {"op": "add", "module": "os"}, {"float": "zz"}, {"": 1}, {"missing": 1}, [1, 2, 3],
              {"named": "nn:Linear", "parts": []}, {"array": "nope", "scalar": False}]  # fmt: skip
    while True:
        key = choose.choice([*(content if isinstance(content, dict) else range(len(content)))])
        part = content[key]
        if isinstance(part, (dict, list)) and part and choose.random() < 0.8:
            content = part
            continue
        content[key] = choose.choice(others)
        return


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data in (b"", b"12345678abcdefgh", nn.save(nn.Linear(1, 1), path).read_bytes()):
        path.write_bytes(data)
        with pytest.raises(ArgumentError, match="holds no program, or is damaged"):
            ag.Program.load(path)


def test_a_file_names_no_function_outside_of_the_table(tmp_path: Path) -> None:
    program = ag.trace(F.embedding, np.array([0, 1]), draw(3, 2))
    path = program.save(tmp_path / "a")
    data = path.read_bytes()
    for name in (b"os.path.genericpath:exists_", b"nn.embedding.embedding:_checked"):
        assert b"nn.embedding.embedding:_checked_rows" in data
        padded = name.ljust(len(b"nn.embedding.embedding:_checked_rows"), b"x")
        path.write_bytes(data.replace(b"nn.embedding.embedding:_checked_rows", padded))
        with pytest.raises(ArgumentError, match="no function that a program may call"):
            ag.Program.load(path)


def test_the_table_has_every_function_that_is_computed_or_draws() -> None:
    found = set()
    for package in ("autograd", "nn", "optim"):
        for path in (ROOT / package).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            imported = {
                alias.asname or alias.name: node.module
                for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }  # fmt: skip
            for node in ast.walk(tree):
                called = (
                    isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name)
                )
                if called and getattr(node.func, "id", None) in ("computed", "draw"):
                    name = node.args[0].id
                    if name.islower() and name not in ("function", "method"):
                        found.add(f"{imported.get(name, module)}:{name}")
    here = {
        name for name in FUNCTIONS if not name.startswith(("autograd.program", "autograd.tensors"))
    } - {"autograd.control.draws:unpacked"}  # which a body's draws are turned to
    found -= {"autograd.static.session:_drawn_by"}  # which a session draws, and gives to its plan
    functions = {name for name in found if "samples" not in name and _is_function(name)}
    assert functions == here
    for name in FUNCTIONS:
        assert callable(function_named(name))


def _is_function(name: str) -> bool:
    import importlib

    module, _, attribute = name.partition(":")
    return callable(getattr(importlib.import_module(module), attribute, None))
