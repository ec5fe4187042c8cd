"""The step-through: one HTML file with the picture and its backward pass, without a network."""

from __future__ import annotations

import html
import json
from importlib.resources import files
from string import Template
from typing import Any

from autograd.viz.model.model import Model
from autograd.viz.model.numbers import one_line
from autograd.viz.model.steps import page_data
from autograd.viz.render import svg
from autograd.viz.scene.scene import Scene
from autograd.viz.scene.style import dark_rules, role_colours

__all__ = ["Steps", "page"]


_SUBJECTS = ("view", "minimap", "search", "figures", "about", "page")  # files of the script
_DARK = ':root[data-theme="dark"]'


def page(model: Model, scene: Scene, style: str) -> str:
    """The whole document."""
    folder = files("autograd.viz.render").joinpath("page")
    read = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}
    names = ", ".join(one_line(card.name) for card in model.outputs)
    picture = svg.render(scene, adapts=False)
    return Template(read["page.html"]).substitute(
        style=_colours() + read["page.css"],
        script="\n".join(['"use strict";', *(read[f"{each}.js"] for each in _SUBJECTS)]),
        title=html.escape(f"Backpropagation through {names}, step by step"),
        picture=picture.replace('class="chaingrad"', f'class="chaingrad {style}"', 1),
        data=_json(page_data(model, scene.stands_for, [box.key for box in scene.boxes])),
    )


def _colours() -> str:
    """Those of the picture, by role; dark ones on the screen alone, since paper is white.

    Under `:where`, so that the marks of the page are above them.
    """
    dark = f"{_DARK}{{color-scheme:dark;{role_colours(is_dark=True)}}}"
    dark += dark_rules(f":where({_DARK} .chaingrad)")
    return f":root{{color-scheme:light;{role_colours()}}}\n@media screen{{{dark}}}\n"


def _json(data: Any) -> str:
    """JSON that no `</script>` in a name can end."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class Steps:
    """The step-through in a notebook: the page, in a frame of its own."""

    def __init__(self, document: str, height: int) -> None:
        self.document = document
        self.height = height

    def _repr_html_(self) -> str:
        """An iframe that holds the page, so that neither styles the other."""
        return (
            f'<iframe srcdoc="{html.escape(self.document)}" width="100%" height="{self.height}" '
            'style="border:0" title="Backpropagation, step by step"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<step-through, {len(self.document):,} characters of HTML>"
