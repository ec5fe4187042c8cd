"""What CONTRIBUTING says of the house is true: each room is drawn, and walks go where it says."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import autograd as ag
import nn
import optim
from autograd import viz

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DRAWING = PAGE.partition("```text\n")[2].partition("```")[0]
PACKAGES = ("autograd", "nn", "optim")


def drawn() -> Iterator[tuple[str, str]]:
    """The rooms and files that the drawing names, each below its package and room."""
    package = room = ""
    for line in DRAWING.splitlines():
        depth = len(line) - len(line.lstrip())
        names = re.findall(r"(?<![\w/.*])([a-z_]\w*/|\w+\.py)(?![\w.])", line)
        for name in names:
            if depth == 0 and name == names[0]:
                package = name
            elif depth <= 2:
                room = name if name == names[0] else room
                yield package, name
            else:
                yield package + room, name


@pytest.mark.parametrize(("within", "name"), [*drawn()])
def test_what_is_drawn_is_there(within: str, name: str) -> None:
    package = within.partition("/")[0]
    assert [*(ROOT / within).glob(name)] or [*(ROOT / package).rglob(name.strip("/"))]


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_there_is_drawn(package: str) -> None:
    """All rooms, and of autograd each file; nn and optim hold an optimizer or face a file."""
    here = ROOT / package
    rooms = {f"{path.name}/" for path in here.iterdir() if (path / "__init__.py").exists()}
    files = {path.name for path in here.glob("[a-z]*.py")} if package != "optim" else set()
    assert rooms | files <= {name for within, name in drawn() if within.startswith(package)}


x = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
y = (x * x).sum()
conv, image = nn.Conv2d(3, 4, 3), ag.ones((2, 3, 8, 8), requires_grad=True)
linear = nn.Linear(2, 2)
linear(x).sum().backward()
adam = optim.Adam(linear.parameters())
WALKS: dict[str, Callable[[], Any]] = {
    "ag.softmax(x)": lambda: ag.softmax(x),
    "(x * x).sum().backward()": lambda: (x * x).sum().backward(),
    "conv(image)": lambda: conv(image),
    "adam.step()": lambda: adam.step(),
    "viz.draw(y).svg()": lambda: viz.draw(y).svg(),
    "ag.gradcheck(f, x)": lambda: ag.gradcheck(lambda x: (x * x).sum(), x),
}


def walk(call: Callable[[], Any]) -> list[str]:
    """The files of ours that run in a call, in the order in which they are come to."""
    found: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT):
            inside = path.relative_to(ROOT)
            if inside.parts[0] in PACKAGES:
                found[inside.as_posix()] = None

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return [*found]


def test_every_walk_is_in_the_table() -> None:
    assert re.findall(r"^\| `(.+?)` \| \d+ \|", PAGE, re.MULTILINE) == [*WALKS]


@pytest.mark.parametrize("call", WALKS)
def test_a_walk_goes_where_it_says_and_is_no_longer(call: str) -> None:
    row = re.search(rf"^\| `{re.escape(call)}` \| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert row is not None
    named = re.findall(r"`(.+?)`", row[2])
    for _ in range(3):  # what is remembered from call to call is met
        WALKS[call]()
    found = walk(WALKS[call])
    assert [path for path in found if path in named] == named
    assert len(found) <= int(row[1]), found


# ---- units ---------------------------------------------------------------------------------------


def test_sizes_of_memory_have_one_unit() -> None:
    """KiB, by `bytes_text` alone; the faces keep what their libraries print."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*")]
    told = [
        f"{file.relative_to(ROOT)}: {text}"
        for file in files
        if file.suffix in (".py", ".js") and not {"keras", "torch"} & set(file.parts)
        for text in re.findall(
            r"""\} ?[kKMG]B\b|["'][kKMG]B["']""", file.read_text(encoding="utf-8")
        )
    ]
    assert told == []
