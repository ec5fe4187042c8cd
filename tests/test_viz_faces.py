"""The faces of a picture: SVG, dot, PNG, HTML, files, notebooks; and what is refused."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AutogradError, BackwardError, MissingProgramError
from autograd.viz import Picture, draw
from autograd.viz.__main__ import main
from autograd.viz.render import dot
from tests.graphs import affine, deep_network, leaf, network, shared

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> Any:
    return ElementTree.fromstring(svg)


# ---- SVG -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [affine, shared, network, deep_network])
def test_svg_is_well_formed_and_every_box_is_in_it(make: Any) -> None:
    picture = draw(make())
    root = parsed(picture.svg())
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    ids = [g.get("id") for g in root.iter(f"{SVG}g") if g.get("id")]
    assert len(set(ids)) == len(ids)
    assert {box.key for box in picture.scene.boxes} <= set(ids)
    texts = {e.text for e in root.iter(f"{SVG}text")}
    assert {"w", "b"} <= texts or {"a", "b", "p"} <= texts or "loss" in texts


def test_ids_carry_the_prefix() -> None:
    root = parsed(draw(affine()).svg("first-"))
    assert all(g.get("id", "first-").startswith("first-") for g in root.iter(f"{SVG}g"))


def test_shown_in_a_shell_the_page_opens_in_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("webbrowser.open", opened.append)
    draw(affine()).show()
    (page,) = tmp_path.iterdir()
    assert opened == [page.as_uri()]
    assert page.read_text(encoding="utf-8") == draw(affine()).html()
    assert str(page) in capsys.readouterr().out  # as append says False, no browser was found


def test_shown_in_a_notebook_a_picture_is_the_output_of_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    shell = SimpleNamespace(kernel=None)
    notebook = SimpleNamespace(
        get_ipython=lambda: shell, display=SimpleNamespace(display=shown.append)
    )
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    picture = draw(affine())
    picture.show()
    assert shown == [picture]
    assert not list(tmp_path.iterdir())


def test_pictures_need_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for suffix in ("svg", "html", "txt", "dot"):
        path = draw(network()).save(tmp_path / f"graph.{suffix}")
        assert path.stat().st_size > 500


@pytest.mark.parametrize(
    ("value", "text"), [(np.nan, "NaN"), (np.inf, "∞"), (-np.inf, "−∞"), (1e-30, "1e−30")]
)
def test_values_that_are_no_numbers_are_shown_in_full(value: float, text: str) -> None:
    x = leaf(value, "x")
    with np.errstate(all="ignore"):
        svg = draw(x * 1.0 + 0.5).svg()
    assert text in {e.text for e in parsed(svg).iter(f"{SVG}text")}


# ---- dot -----------------------------------------------------------------------------------------


def test_dot_draws_the_geometry_of_the_scene(requires_dot: None) -> None:
    """The centres of the boxes that dot draws are those of the scene."""
    import subprocess

    picture = draw(affine())
    source = picture.dot().source.encode()
    plain = subprocess.run(["dot", "-Tplain"], input=source, capture_output=True, check=True)
    centres = {}
    for line in plain.stdout.decode().splitlines():
        words = line.split()
        if words[0] == "node":
            centres[words[1]] = tuple(72 * float(word) for word in words[2:4])
    boxes = picture.scene.boxes
    first = boxes[0]
    for each in boxes:
        dx = centres[each.key][0] - centres[first.key][0]
        dy = centres[first.key][1] - centres[each.key][1]
        assert dx == pytest.approx(each.middle - first.middle, abs=0.1)
        middle = (each.y + each.bottom - first.y - first.bottom) / 2
        assert dy == pytest.approx(middle, abs=0.1)


@pytest.mark.parametrize(
    ("suffix", "magic"),
    [
        ("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph"),
        ("gv", b"digraph"), ("txt", b"tensor"), ("SVG", b"<svg"), ("html", b"<!doctype html>"),
    ],
)  # fmt: skip
def test_save_writes_what_the_suffix_says(
    tmp_path: Path, suffix: str, magic: bytes, requires_dot: None
) -> None:
    path = tmp_path / f"graph.{suffix}"
    assert draw(affine()).save(str(path)) == path
    assert path.read_bytes().startswith(magic)


def test_without_dot_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "pygraphviz", None)
    drawing = draw(affine())
    with pytest.raises(MissingProgramError) as caught:
        drawing.save(tmp_path / "graph.png")
    message = str(caught.value)
    for part in ("apt install graphviz", "dnf install", "brew install", "winget install",
                 "conda install", "pygraphviz", ".svg, .html"):  # fmt: skip
        assert part in message
    assert not (tmp_path / "graph.png").exists()


def fake_dot(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Picture:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    return draw(affine())


def test_a_failing_dot_is_reported_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = fake_dot(tmp_path, "cat > /dev/null; echo broken label >&2; exit 3", monkeypatch)
    with pytest.raises(AutogradError, match=r"exit status 3\): broken label"):
        drawing.save(tmp_path / "graph.png")


def test_a_dot_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dot, "SECONDS", 0.2)
    drawing = fake_dot(tmp_path, "exec sleep 30", monkeypatch)
    with pytest.raises(AutogradError, match=r"did not finish within 0\.2 s"):
        drawing.save(tmp_path / "graph.pdf")


def test_a_picture_too_large_for_dot_is_refused_before_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dot, "MOST_BOXES", 5)
    with pytest.raises(AutogradError, match=r'too large for a PNG; draw it with detail="auto"'):
        draw(affine()).save(tmp_path / "graph.png")


# ---- files and notebooks -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["graph.jpeg", "graph", "graph.txt.zip"])
def test_an_unknown_suffix_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"the suffix is none of \.svg, \.html, \.png"):
        draw(affine()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no directory .*missing"):
        draw(affine()).save(tmp_path / "missing" / "graph.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(OSError, match="cannot write the picture"):
        draw(affine()).save(tmp_path / "folder.txt")


def test_a_notebook_shows_the_picture_and_the_text_and_ids_never_clash() -> None:
    drawing = draw(affine())
    bundle = drawing._repr_mimebundle_()
    assert bundle.keys() == {"image/svg+xml", "text/plain"}
    ids = [
        {g.get("id") for g in parsed(each["image/svg+xml"]).iter(f"{SVG}g") if g.get("id")}
        for each in (bundle, drawing._repr_mimebundle_())
    ]
    assert not ids[0] & ids[1]


def test_a_repr_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = draw(affine())

    def fails(*_: Any) -> str:
        raise ValueError("broken")

    monkeypatch.setattr("autograd.viz.render.svg.render", fails)
    assert drawing._repr_svg_() is None
    assert drawing._repr_mimebundle_() == {"text/plain": drawing.text()}


def test_steps_are_an_iframe_that_holds_the_page() -> None:
    steps = draw(affine()).steps(height=500)
    shown = steps._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert 'height="500"' in shown
    assert repr(steps).startswith("<step-through, ")


def test_str_is_the_text_and_repr_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = draw(affine())
    assert str(drawing) == drawing.text()
    assert repr(drawing) == "<Picture of L: 4 ops>"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[34m9" in str(drawing)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in str(drawing)


# ---- what can be drawn ---------------------------------------------------------------------------


def test_a_function_is_drawn_with_its_arguments() -> None:
    picture = draw(lambda x, y: ag.tanh(x) * y, 0.5, 2.0)
    assert [step.op.name for step in picture.model.steps] == ["tanh", "multiply"]
    assert picture.model.steps[0].where
    w = leaf(2.0, "w")
    assert "data" in {card.kind for card in draw(lambda x: w * x, np.ones(2)).model.cards}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: draw(3), BackwardError, "cannot draw a int"),
        (lambda: draw(ag.Tensor(1.0)), BackwardError, "has no graph"),
        (lambda: draw(lambda: 3), BackwardError, "returned no Tensor that requires grad"),
        (lambda: draw(affine(), style="towr"), ValueError, "did you mean 'tower'"),
        (lambda: draw(affine(), detail="all"), ValueError, "'auto', 'full' or a depth"),
        (lambda: draw(affine(), names=["w"]), ValueError, "a mapping of names.*got list"),
        (lambda: draw(affine(), detail=-1), ValueError, "'auto', 'full' or a depth"),
    ],
)
def test_what_cannot_be_drawn_says_why(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


# ---- the command ---------------------------------------------------------------------------------


def program(folder: Path) -> Path:
    path = folder / "model.py"
    path.write_text(
        "import autograd as ag\nw = ag.Tensor(2.0, requires_grad=True)\nloss = ag.tanh(w * 3)\n"
        "def compute():\n    return w * w\n"
    )
    return path


def test_the_command_prints_or_writes_the_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = program(tmp_path)
    assert main([f"{path}:loss"]) == 0
    assert "tanh  ↩1" in capsys.readouterr().out
    assert main([f"{path}:compute", "-o", str(tmp_path / "out.html")]) == 0
    page = (tmp_path / "out.html").read_text()
    assert "model.py:5" in page, "source lines are traced"
    assert main([f"{path}:loss", "--detail", "1", "--style", "tower"]) == 0


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("model.py", "no FILE.py:NAME"),
        ("missing.py:loss", "there is no file missing.py"),
        ("{}:los", "defines no 'los'; it defines ag, w, loss, compute"),
        ("{}:ag", "cannot draw a module"),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, message: str
) -> None:
    assert main([what.format(program(tmp_path))]) == 1
    assert message in capsys.readouterr().err
