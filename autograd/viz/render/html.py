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

__all__ = ["Steps", "page"]


def page(model: Model, scene: Scene, style: str) -> str:
    """The whole document."""
    folder = files("autograd.viz.render").joinpath("page")
    parts = {
        name: folder.joinpath(f"page.{suffix}").read_text(encoding="utf-8")
        for name, suffix in (("style", "css"), ("script", "js"))
    }
    template = Template(folder.joinpath("page.html").read_text(encoding="utf-8"))
    names = ", ".join(one_line(card.name) for card in model.outputs)
    picture = svg.render(scene, adapts=False)
    picture = picture.replace('class="chaingrad"', f'class="{style}"', 1)
    return template.substitute(
        parts,
        title=html.escape(f"Backpropagation through {names}, step by step"),
        picture=picture,
        data=_json(page_data(model, scene.stands_for)),
    )


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
