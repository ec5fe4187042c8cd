"""The guides for users of other libraries: the code on both sides runs, and gives the same."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag

DOCS = Path(__file__).parents[2] / "docs"
RNG = np.random.default_rng(0)


def blocks(page: str) -> list[tuple[str, str]]:
    """(left, right) of every row of code in the tables of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(code) % 2 == 0
    return list(zip(code[::2], code[1::2], strict=True))


def run(code: str, scope: dict[str, Any]) -> None:
    exec(compile(code, "guide", "exec"), scope)  # noqa: S102 - the page's own code


@pytest.fixture
def double() -> Iterator[None]:
    """Adam makes much of a last digit: in double precision the end is the same in any order."""
    ours, theirs = ag.get_default_dtype(), torch.get_default_dtype()
    ag.set_default_dtype("float64")
    torch.set_default_dtype(torch.float64)
    yield
    ag.set_default_dtype(ours)
    torch.set_default_dtype(theirs)


@pytest.mark.usefixtures("double")
def test_the_loop_of_pytorch_and_ours_end_with_the_same_weights() -> None:
    (their_model, our_model), (their_loop, our_loop) = blocks("from_pytorch.md")
    x = RNG.random((64, 1, 28, 28))
    y = RNG.integers(0, 10, 64)
    theirs: dict[str, Any] = {"x": x, "y": y}
    ours: dict[str, Any] = {"x": x, "y": y}
    run(their_model, theirs)
    run(our_model, ours)
    start = {k: v.detach().numpy().copy() for k, v in theirs["model"].state_dict().items()}
    ours["model"].load_state_dict(start)
    run(their_loop, theirs)
    run(our_loop, ours)
    for name, weight in theirs["model"].state_dict().items():
        found = ours["model"].state_dict()[name].numpy()
        assert not np.array_equal(found, start[name]), "it was trained"
        np.testing.assert_allclose(found, weight.numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours["outputs"].numpy(), theirs["outputs"].numpy(), atol=1e-9)


def test_the_lines_of_a_loop_are_the_same_but_for_names() -> None:
    for theirs, ours in blocks("from_pytorch.md"):
        assert len(theirs.splitlines()) == len(ours.splitlines())
    left, right = blocks("from_pytorch.md")[1]
    changed = [a for a, b in zip(left.splitlines(), right.splitlines(), strict=True) if a != b]
    assert all("torch" in line for line in changed)


@pytest.fixture
def keras(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "torch")
    found: Any = pytest.importorskip("keras") if not os.environ.get("CI") else __import__("keras")
    found.utils.set_random_seed(0)
    return found


@pytest.mark.parametrize(("optimizer", "tolerance"), [("sgd", 2e-5), ("adam", 0.02)])
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
def test_fit_of_keras_and_ours_report_the_same_numbers(
    keras: Any, capsys: Any, optimizer: str, tolerance: float
) -> None:
    """Adam to two per cent alone: Keras adds eps before its root is corrected for the start."""
    (their_model, our_model), (their_fit, our_fit), _ = blocks("from_keras.md")
    data = {
        "x_train": RNG.random((320, 28, 28), dtype="float32"),
        "y_train": RNG.integers(0, 10, 320),
        "x_test": RNG.random((64, 28, 28), dtype="float32"),
        "y_test": RNG.integers(0, 10, 64),
    }
    theirs, ours = dict(data), dict(data)
    run(their_model.replace("adam", optimizer), theirs)
    run(our_model.replace("adam", optimizer), ours)
    for mine, layer in zip(ours["model"][2:], theirs["model"].layers[1:], strict=True):
        kernel, bias = layer.get_weights()
        mine.load_state_dict({"weight": kernel.T, "bias": bias})
    run(their_fit, theirs)
    run(our_fit, ours)
    wanted, found = theirs["history"].history, ours["history"].history
    assert set(found) == set(wanted)
    names = wanted if optimizer == "sgd" else ("loss", "val_loss")  # accuracy jumps at near ties
    for name in names:
        np.testing.assert_allclose(found[name], wanted[name], rtol=tolerance, err_msg=name)
    scores = theirs["model"].evaluate(data["x_test"], data["y_test"], return_dict=True, verbose=0)
    ours_scores = ours["model"].evaluate(data["x_test"], data["y_test"])
    assert ours_scores["loss"] == pytest.approx(scores["loss"], rel=tolerance)
    difference = ours["model"].predict(data["x_test"]) - theirs["model"].predict(
        data["x_test"], verbose=0
    )
    if optimizer == "sgd":
        assert np.abs(difference).max() < tolerance
    assert capsys.readouterr().out.count("Total params: 203,530") == 2, "the same summary"


def test_the_callbacks_of_both_are_made_and_stop_alike(
    keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    import nn

    for code, scope in zip(blocks("from_keras.md")[2], ({"keras": keras}, {"nn": nn}), strict=True):
        run(code, scope)
        assert len(scope["callbacks"]) == 3
    stop, ours = keras.callbacks.EarlyStopping(patience=2), nn.callbacks.EarlyStopping(patience=2)
    assert (stop.patience, stop.monitor, stop.min_delta) == (
        ours.patience, ours.monitor, ours.min_delta,
    )  # fmt: skip
