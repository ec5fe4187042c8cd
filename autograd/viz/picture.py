"""Picture: a drawn graph that can be saved, shown in a notebook, printed, and stepped through."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import graphviz
import numpy as np

from autograd.errors import ArgumentError, AutogradError, DrawingError
from autograd.system.files import write_file
from autograd.system.memory import uncollected
from autograd.viz.model.costs import Costs
from autograd.viz.model.model import Model
from autograd.viz.model.numbers import measured_once, one_line, shaped
from autograd.viz.render import dot, svg
from autograd.viz.render.html import Steps, page
from autograd.viz.render.text import tree
from autograd.viz.scene.scene import Scene
from autograd.viz.styles.folding import folding
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.math import draw_math, fitted
from autograd.viz.styles.tower import Tower, tower_of
from autograd.viz.styles.turns import turns
from autograd.viz.words.badges import badges, cut_edges

__all__ = ["STYLES", "Picture"]

STYLES = ("auto", "math", "tower", "shapes", "profile")
_MOST_SCALAR_OPS = 30
_SUFFIXES = (".svg", ".html", ".png", ".pdf", ".dot", ".gv", ".txt")
_numbers = count(1)  # of the outputs of a notebook: ids must differ between them


class Picture:
    """A graph with its forward and backward pass, drawn. Shows itself in a notebook.

    `model` is what it shows: cards (tensors), steps (ops), and what flows along their edges.
    `scene` is where everything lies. Nothing but PNG and PDF needs a program.
    """

    def __init__(
        self,
        model: Model,
        style: str = "auto",
        detail: str | int = "auto",
        grads: bool = True,
        costs: Costs | None = None,
    ) -> None:
        self.model = model
        self.style = _style(model) if style == "auto" else style
        if self.style == "math":
            _check_numbers(model)
        self.detail = detail
        self.grads = grads and self.style != "shapes"
        self._looks = Looks(self.grads, costs, self.style == "shapes")

    @cached_property
    def _tower(self) -> Tower:
        return tower_of(self.model, self.detail, self._looks)

    @cached_property
    def scene(self) -> Scene:
        """The boxes, panels and lines, with their places."""
        is_math = self.style == "math"
        with uncollected(), measured_once():
            scene = draw_math(self.model, self.grads) if is_math else self._tower.scene()
            self._tell(scene)
        return scene

    def _tell(self, scene: Scene) -> None:
        """Break the lines that were cut, and let a hover over a badge tell the reason."""
        cut = {f"v{edge.target.key}p{edge.position}" for edge in cut_edges(self.model)}
        for line in scene.lines:
            line.is_cut = line.key.rstrip("ab") in cut
        boxes = {box.key: box for box in scene.boxes}
        for step, marks in badges(self.model, self.grads).items():
            box = boxes.get(scene.stands_for.get(step.key, step.key))
            for told in (mark.told for mark in marks):
                if box is not None and told not in box.tooltip:
                    box.tooltip = "; ".join(filter(None, (box.tooltip, told)))

    # ---- faces ---------------------------------------------------------------------------------

    def text(self, colour: bool = False) -> str:
        """The graph as a tree for the terminal, with values and gradients in columns."""
        return tree(self.model, self.grads, colour, self._looks.costs, self._looks.shapes)

    def svg(self, prefix: str = "") -> str:
        """The picture as an `<svg>` element; its ids begin with `prefix`."""
        return svg.render(self.scene, prefix)

    def html(self) -> str:
        """One self-contained page that steps through the backward pass."""
        with uncollected(), measured_once():
            scene = self.scene
            if self.style == "math":
                scene = fitted(scene, self.model, self.grads)
                self._tell(scene)
            loops = list(turns(self.model, scene, self.detail, self._looks))
            fold = None if self.style == "math" else folding(scene, self._tower)
            return page(self.model, scene, self.style, loops, fold)

    def dot(self) -> graphviz.Digraph:
        """The picture as a `graphviz.Digraph`, at its places; `source` is the text for Graphviz."""
        return dot.digraph(self.scene)

    def steps(self, height: int = 720) -> Steps:
        """The step-through for a notebook, in a frame of `height` pixels."""
        return Steps(self.html(), height)

    # ---- files ---------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file and return its path; the suffix says what.

        svg, html, txt, dot and gv need nothing; png and pdf need Graphviz' program `dot`.
        """
        return write_file(path, self._content(Path(path)), "the picture")

    def _content(self, path: Path) -> bytes:
        suffix = path.suffix.lower()
        if suffix in (".png", ".pdf"):
            return dot.run_dot(self.scene, suffix[1:])
        faces: dict[str, Callable[[], str]] = {
            ".txt": lambda: self.text() + "\n",
            ".svg": self.svg,
            ".html": self.html,
            ".dot": lambda: self.dot().source,
            ".gv": lambda: self.dot().source,
        }
        if suffix not in faces:
            raise ArgumentError(
                f"cannot save a picture as {path.name!r}: the suffix is none of "
                f"{', '.join(_SUFFIXES)}"
            )
        return faces[suffix]().encode("utf-8")

    # ---- notebooks and terminals ---------------------------------------------------------------

    def show(self) -> None:
        """Show it: in a notebook below the cell, else its page in a browser.

        Where there is no browser it is written where the page lies.
        """
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if hasattr(shell, "kernel"):
            sys.modules["IPython"].display.display(self)
            return
        file, name = tempfile.mkstemp(".html", "picture-")
        os.close(file)
        path = self.save(name)
        if not webbrowser.open(path.as_uri()):
            print(f"no browser was found; the page is {path}")

    def _repr_svg_(self) -> str | None:
        """For notebooks; None, so that they show text, where the picture cannot be drawn."""
        try:
            return self.svg(f"p{next(_numbers)}-")
        except (AutogradError, ArithmeticError, ValueError):
            return None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the picture, and the text beside it."""
        picture = self._repr_svg_()
        text = {"text/plain": self.text()}
        return text if picture is None else {"image/svg+xml": picture, **text}

    def __str__(self) -> str:
        """The text, coloured where it is printed to a terminal that wants colours."""
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return self.text(colour)

    def __repr__(self) -> str:
        names = ", ".join(card.name for card in self.model.outputs)
        return f"<Picture of {names}: {len(self.model.steps)} ops>"


def _check_numbers(model: Model) -> None:
    """The chain rule in numbers is of numbers."""
    arrays = [card for card in model.cards if np.size(card.value) != 1]
    if arrays:
        first = arrays[0]
        raise DrawingError(
            f'style="math" writes the chain rule in numbers, and {one_line(first.name)} is a '
            f'{shaped(first.shape)}: use style="tower" (or "auto"), or take single elements, such '
            "as x[0]"
        )


def _style(model: Model) -> str:
    """The chain rule in numbers for a few scalar ops, else a tower."""
    is_small = model.is_scalar and 0 < len(model.steps) <= _MOST_SCALAR_OPS
    return "math" if is_small else "tower"
