"""The step-through: one HTML file with the picture and its backward pass, without a network."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from autograd.viz.model.guesses import asks_of
from autograd.viz.model.model import Model
from autograd.viz.model.numbers import one_line
from autograd.viz.model.steps import page_data
from autograd.viz.render import svg
from autograd.viz.render.frames import Turns, frames
from autograd.viz.render.javascript import javascript
from autograd.viz.render.packed import packed
from autograd.viz.scene.folding import Folding
from autograd.viz.scene.scene import Scene
from autograd.viz.scene.style import dark_rules, dark_text, role_colours
from autograd.viz.words.badges import badges
from autograd.viz.words.lit_paths import lit_paths

__all__ = ["Steps", "page"]


_SUBJECTS = (  # files of the script
    "inflate", "data", "view", "minimap", "search", "numbers", "heat", "figures", "about",
    "answers", "guess", "slider", "elements", "paths", "folding", "page",
)  # fmt: skip
_LAYOUT = (  # files of the layout, each after those that it imports
    "parts", "ribbons", "chains", "channels", "columns", "flow", "arms", "pages", "modules",
)  # fmt: skip
_SHEETS = ("page", "figures", "guess", "paths")
_DARK = ':root[data-theme="dark"]'


def page(
    model: Model, scene: Scene, style: str, turns: Turns = (), fold: Folding | None = None
) -> str:
    """The whole document; `turns` are the pictures of the other steps of each loop.

    With `fold` its modules open and close.
    """
    folder = files("autograd.viz.render").joinpath("page")
    read = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}
    loops = frames(scene, turns, fold)
    picture, looks = svg.render(scene, adapts=False, fold=fold), ""
    if not loops:  # whose frames count the attributes of texts
        picture, looks = _classed(picture)
    script = [read[f"{each}.js"] for each in _SUBJECTS]
    if fold is not None:
        script = [read["python.js"], layout_script(), *script]
    return Template(read["page.html"]).substitute(
        style="".join([_colours(), *(read[f"{each}.css"] for each in _SHEETS), looks]),
        script="\n".join(['"use strict";', *map(_short, script)]),
        title=html.escape(_title(model)),
        picture=picture.replace('class="chaingrad"', f'class="chaingrad {style}"', 1),
        data=packed(_json(_data(model, scene, fold) | {"loops": loops})),
    )


def _title(model: Model) -> str:
    names = ", ".join(one_line(card.name) for card in model.outputs)
    if model.failure:
        return f"As far as it came: {names}"
    return f"Backpropagation through {names}, step by step"


def _short(script: str) -> str:
    """A script without its comments' lines and its indentation."""
    lines = map(str.strip, script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _classed(picture: str) -> tuple[str, str]:
    """A picture whose texts and lines have classes for what many have in common, and these."""
    classes: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        name = classes.setdefault(match[2], f"x{len(classes)}")
        return f'{match[1]} class="{name}">'

    look = ' (?:text-anchor|font-family|font-weight|font-style)="[^"]*"'
    picture = re.sub(
        rf'(<text x="[^"]*" y="[^"]*")( font-size="\d+" fill="[^"]*"(?:{look})*)>',
        named, picture,
    )  # fmt: skip
    line = r'(<g[^>]* class="[^"]*\bline [^"]*"><path d="[^"]*") fill="none"'
    picture = re.sub(line, r"\1", picture)
    rules = ["#picture .line path{fill:none}"]
    for look, name in classes.items():
        pairs = re.findall(r' ([\w-]+)="([^"]*)"', look)
        style = ";".join(f"{key}:{value}{'px' * (key == 'font-size')}" for key, value in pairs)
        rules.append(f":where(#picture .{name}){{{style}}}")
        if dark := dark_text(dict(pairs)["fill"]):
            where = f":where({_DARK} #picture .{name})"
            rules.append(f"@media screen{{{where}{{fill:{dark}}}}}")
    return picture, "".join(rules)


def _data(model: Model, scene: Scene, fold: Folding | None) -> dict[str, Any]:
    """All that the script reads."""
    boxes = [box.key for box in (*scene.boxes, *(fold.boxes if fold else ()))]
    stands_for = fold.stands_for if fold else scene.stands_for
    return page_data(model, stands_for, boxes) | {
        "layout": fold.data if fold else None,
        "asks": asks_of(model),
        "paths": lit_paths(model, boxes, stands_for),
        "badges": _badges(model, stands_for),
        "failure": model.failure.sentence if model.failure else "",
    }


def _badges(model: Model, stands_for: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """What each badge means, by the box that shows it; the same reason once."""
    found: dict[str, list[dict[str, str]]] = {}
    for step, marks in badges(model).items():
        told = found.setdefault(stands_for.get(step.key, step.key), [])
        told += [each.record for each in marks if each.record not in told]
    return found


@cache
def layout_script() -> str:
    """The layout as the page runs it."""
    folder = files("autograd.viz.layout")
    text = javascript(
        {name: folder.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in _LAYOUT}
    )
    shown = "...parts, ...ribbons, ...modules"
    return f"const placing = (() => {{\n{text}\nreturn {{ {shown} }};\n}})();\n"


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
