"""Picture: a drawn graph that can be saved, shown in a notebook, and printed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import graphviz

from autograd.errors import AutogradError, DrawingError, MissingProgramError
from autograd.viz.model import Model
from autograd.viz.scalars import draw_scalars
from autograd.viz.text import tree
from autograd.viz.tower import draw_tower

__all__ = ["Picture"]

_MOST_SCALAR_OPS = 30
_SECONDS = 60
_SOURCES, _RENDERED = (".dot", ".gv"), (".svg", ".png", ".pdf")
_STACKS = {  # what dot measured with, and what a browser may take in its place
    'font-family="DejaVu Sans"': "font-family=\"'DejaVu Sans',Verdana,'Segoe UI',sans-serif\"",
    'font-family="Courier New"': (
        "font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\""
    ),
    'stroke="transparent"': 'stroke="none"',
    'fill="transparent"': 'fill="none"',
}
_INSTALL = """a picture needs Graphviz' program `dot`, and there is none on PATH.
  Debian, Ubuntu:  sudo apt install graphviz
  macOS:           brew install graphviz
  Windows:         winget install graphviz
  conda:           conda install -c conda-forge graphviz
  Without it: .text(), .save("graph.txt") and .save("graph.dot") need no program."""


class Picture:
    """A graph with its forward and backward pass, drawn. Shows itself in a notebook.

    `model` is what it shows: cards (tensors), steps (ops), and what flows along their edges.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    def dot(self) -> graphviz.Digraph:
        """The picture as a `graphviz.Digraph`; its `source` is the text for Graphviz."""
        if self.model.is_scalar and len(self.model.steps) <= _MOST_SCALAR_OPS:
            return draw_scalars(self.model)
        return draw_tower(self.model)

    def text(self) -> str:
        """The graph as a tree for the terminal, with values and gradients in columns."""
        return tree(self.model)

    def svg(self) -> str:
        """The picture as an `<svg>` element; raises MissingProgramError where `dot` is missing."""
        svg = self._render("svg").decode("utf-8")
        svg = svg[svg.index("<svg") :]
        for old, new in _STACKS.items():
            svg = svg.replace(old, new)
        return svg

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file and return its path; the suffix says what: svg, png, pdf, dot, gv or txt."""
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix == ".txt":
            content = (self.text() + "\n").encode("utf-8")
        elif suffix in _SOURCES:
            content = self.dot().source.encode("utf-8")
        elif suffix == ".svg":
            content = self.svg().encode("utf-8")
        elif suffix in _RENDERED:
            content = self._render(suffix[1:])
        else:
            known = ", ".join((*_RENDERED, *_SOURCES, ".txt"))
            raise ValueError(
                f"cannot save a picture as {path.name!r}: the suffix is none of {known}"
            )
        try:
            path.write_bytes(content)
        except OSError as error:
            why = (
                f"there is no directory {path.parent}"
                if not path.parent.is_dir()
                else error.strerror
            )
            raise type(error)(error.errno, f"cannot write the picture: {why}", str(path)) from None
        return path

    def _render(self, kind: str) -> bytes:
        program = shutil.which("dot")
        if program is None:
            raise MissingProgramError(_INSTALL)
        command = [program, f"-T{kind}", *(["-Gdpi=144"] if kind == "png" else [])]
        source = self.dot().source.encode("utf-8")
        try:
            done = subprocess.run(command, input=source, capture_output=True, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise DrawingError(
                f"dot did not finish within {_SECONDS} s for {len(self.model.steps)} ops; "
                "draw a smaller part of the graph, or use .text()"
            ) from None
        except OSError as error:
            raise MissingProgramError(
                f"{program} could not be run ({error}).\n{_INSTALL}"
            ) from error
        if done.returncode != 0 or not done.stdout:
            reason = done.stderr.decode("utf-8", "replace").strip()[-500:]
            raise DrawingError(f"dot failed (exit status {done.returncode}): {reason}")
        picture: bytes = done.stdout
        return picture

    def _repr_svg_(self) -> str | None:
        """For notebooks; None, so that they show text, where the picture cannot be drawn."""
        try:
            return self.svg()
        except AutogradError:
            return None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the picture, and the text beside it."""
        svg = self._repr_svg_()
        text = {"text/plain": self.text()}
        return text if svg is None else {"image/svg+xml": svg, **text}

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        names = ", ".join(card.name for card in self.model.outputs)
        return f"<Picture of {names}: {len(self.model.steps)} ops>"
