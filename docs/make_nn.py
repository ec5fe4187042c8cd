"""Write docs/nn.md from the code: what `__all__` names, as its docstrings tell it.

A family is a file; the first sentence of its docstring says what it is, and its words before a
colon are the title. Of each public name the page shows the first sentence, and the paragraphs that
begin with `Shape:` and `Source:`.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "nn.md"

INTRODUCTION = """\
# Layers, losses, optimizers, schedules

All public names of `nn` and `optim`, family by family. Names, arguments and defaults are PyTorch's,
and so are the names and shapes of parameters and buffers: a `state_dict` of PyTorch loads as it is.

In shapes N is the batch, C the channels or classes, L the length of a sequence, D, H and W depth,
height and width; a length with ₒ is the output's own, and \\* stands for any number of axes.

This page is made from the docstrings by [make_nn.py](make_nn.py): `make docs` writes it anew.
"""


class Entry(NamedTuple):
    """A public name: what it is, the shapes it takes and gives, where it comes from."""

    name: str
    family: str  # the module that defines it
    what: str
    shape: str
    source: str


class Chapter(NamedTuple):
    """Some namespaces under one heading, in a table for each family or in a single one."""

    title: str
    namespaces: tuple[str, ...]
    by_family: bool = True


CHAPTERS = (
    Chapter("Layers and losses: nn", ("nn",)),
    Chapter("Functions: nn.functional", ("nn.functional",)),
    Chapter("Initial values: nn.init", ("nn.init",)),
    Chapter("Helpers: nn.utils", ("nn.utils", "nn.utils.parametrize", "nn.utils.parametrizations")),
    Chapter("Networks: nn.models", ("nn.models",), by_family=False),
    Chapter("Boxes and pictures: nn.vision", ("nn.vision",)),
    Chapter("Metrics: nn.metrics", ("nn.metrics",)),
    Chapter("Callbacks: nn.callbacks", ("nn.callbacks",), by_family=False),
    Chapter("Plots: nn.plot", ("nn.plot",), by_family=False),
    Chapter("Data: nn.data and nn.datasets", ("nn.data", "nn.data.transforms", "nn.datasets")),
    Chapter("Optimizers: optim", ("optim",), by_family=False),
    Chapter("Schedules: optim.lr_scheduler", ("optim.lr_scheduler",), by_family=False),
    Chapter("Averaged models: optim.swa_utils", ("optim.swa_utils",), by_family=False),
)


def entries(namespace: str) -> list[Entry]:
    """The classes and functions of a namespace; what comes from another package is told there."""
    module = importlib.import_module(namespace)
    root = namespace.partition(".")[0] + "."
    values = ((name, getattr(module, name)) for name in module.__all__)
    return [
        entry(name, value)
        for name, value in values
        if not isinstance(value, ModuleType) and value.__module__.startswith(root)
    ]


def entry(name: str, value: Any) -> Entry:
    paragraphs = (inspect.getdoc(value) or "").split("\n\n")
    return Entry(
        name,
        value.__module__,
        " ".join(paragraphs[0].split()),
        labelled("Shape:", paragraphs),
        labelled("Source:", paragraphs),
    )


def labelled(label: str, paragraphs: Iterable[str]) -> str:
    """What the paragraphs with this label say, in one line."""
    found = (p.removeprefix(label) for p in paragraphs if p.startswith(label))
    return " ".join(" ".join(found).split())


def sentence(family: str) -> str:
    """The first sentence of a module."""
    text = inspect.getdoc(importlib.import_module(family)) or ""
    return " ".join(text.partition("\n\n")[0].split())


def title(family: str) -> str:
    """What a module's first sentence is about: its words before a colon."""
    return sentence(family).partition(":")[0].removesuffix(".")


def link(family: str) -> str:
    """The file of a module, as a link from the page."""
    path = ROOT / family.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    shown = file.relative_to(ROOT).as_posix()
    return f"[{shown}](../{shown})"


def anchor(heading: str) -> str:
    """The link to a heading of this page."""
    return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def escape(text: str) -> str:
    """Plain words and formulas for a cell of a table; code between backticks stays as it is."""
    parts = re.split(r"(`[^`]*`)", text.replace("->", "→").replace("|", r"\|"))
    return "".join(p if p.startswith("`") else re.sub(r"[*<]", r"\\\g<0>", p) for p in parts)


def table(found: list[Entry]) -> list[str]:
    """The rows of a table, without the columns in which there is nothing."""
    columns = [
        ("name", [f"`{e.name}`" for e in found]),
        ("what it is", [escape(e.what) for e in found]),
        ("shape", [escape(e.shape.removesuffix(".")) for e in found]),
        ("source", [escape(e.source.removesuffix(".")) for e in found]),
    ]
    kept = [(head, cells) for head, cells in columns if any(cells)]
    cells = zip(*(cells for _, cells in kept), strict=True)
    rows = [[head for head, _ in kept], ["---"] * len(kept), *cells]
    return [f"| {' | '.join(row)} |" for row in rows]


def chapter(about: Chapter) -> list[str]:
    """The lines of a chapter: its families in the order of their files."""
    found = [entry for namespace in about.namespaces for entry in entries(namespace)]
    if not about.by_family:
        return [f"## {about.title}", "", *table(found), ""]
    found.sort(key=lambda entry: entry.family)  # stable: within a family the order of __all__
    lines, contents = [], []
    for family, members in itertools.groupby(found, lambda entry: entry.family):
        heading = title(family)
        contents.append(f"[{heading}]({anchor(heading)})")
        more = [] if sentence(family) == f"{heading}." else [escape(sentence(family)), ""]
        lines += [f"### {heading}", "", *more, link(family), "", *table(list(members)), ""]
    return [f"## {about.title}", "", " ·\n".join(contents), "", *lines]


def page() -> str:
    """The whole page."""
    contents = [f"* [{about.title}]({anchor(about.title)})" for about in CHAPTERS]
    chapters = [line for about in CHAPTERS for line in chapter(about)]
    return "\n".join([INTRODUCTION, *contents, "", *chapters]).rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
