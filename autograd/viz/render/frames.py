"""What changes in a picture when another step of a loop is drawn: for the page's slider.

An element of the picture is a list of slots, its attributes and texts in their order. Where the
same element of the other picture has the same form, only the slots that differ are told; so it is
with the leaves of what says how the modules of a picture open and close.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from autograd.viz.model.loops import Loop
from autograd.viz.render import svg
from autograd.viz.scene.folding import Folding
from autograd.viz.scene.scene import Scene

__all__ = ["Turns", "frames"]

_SLOT = re.compile(r'="([^"]*)"|>([^<>]+)(?=<)')
_MOST = 2_000_000  # characters of all frames of a page

Turns = Iterable[tuple[Loop, list[tuple[int, Scene, Folding | None]]]]
Element = tuple[str, str]  # its id, its text


def frames(scene: Scene, turns: Turns, fold: Folding | None = None) -> list[dict[str, Any]]:
    """A record for each loop: what its steps are called, and how each changes the picture."""
    base = _elements(scene, fold)
    found, left = [], _MOST
    for loop, others in turns:
        record: dict[str, Any] = {
            "key": loop.key, "kind": loop.kind, "name": loop.name, "times": loop.times,
            "shown": loop.shown + 1,
            "frames": {loop.shown + 1: {"of": _ops(loop, loop.shown), "change": []}},
        }  # fmt: skip
        for copy, other, inner in others:
            elements = _elements(other, inner)
            renamed = _Modules(base, elements, _roles(loop, copy))
            change, size = _change(base, elements, renamed)
            modules = _modules(fold, inner, renamed)
            left -= size + len(str(modules))
            if left < 0:
                break
            record["frames"][copy + 1] = {
                "of": _ops(loop, copy), "change": change, "size": [other.width, other.height],
                **modules,
            }  # fmt: skip
        found.append(record)
    return found


def _elements(scene: Scene, fold: Folding | None) -> list[Element]:
    return [*svg.elements(scene), *svg.elements(fold or Folding(), mark="away ")]


def _ops(loop: Loop, copy: int) -> list[str]:
    return [step.key for step in loop.steps[copy]]


def _roles(loop: Loop, copy: int) -> dict[str, str]:
    """The keys of a copy, with those that stand in their place where the usual one is drawn."""
    roles: dict[str, str] = {}
    if copy and loop.shown:
        for a, b in zip(loop.states_of(copy - 1), loop.states_of(loop.shown - 1), strict=False):
            roles[a.key] = b.key
    for one, other in zip(loop.steps[copy], loop.steps[loop.shown], strict=True):
        roles[one.key] = other.key
        usual_of = {card.place: card for card in other.outputs}
        for a in one.outputs:
            if a.place in usual_of:
                roles[a.key] = usual_of[a.place].key
        for edge, usual in zip(one.edges, other.edges, strict=False):
            if edge.source.is_leaf:
                roles.setdefault(edge.source.key, usual.source.key)
    return roles


def _change(base: list[Element], other: list[Element], renamed: _Modules) -> tuple[list[Any], int]:
    """Entries [place in the base, slots], [place, 0] of what is gone, [place, text] of what comes
    after it; and their size in characters."""
    place = {key: i for i, (key, _) in enumerate(base)}
    entries: list[Any] = []
    seen, before, size = set(), -1, 0
    for key, text in other:
        at = place.get(renamed(key))
        slots = None if at is None else _differ(base[at][1], text)
        if at is None or at in seen or slots is None:
            entries.append([before, text])
            size += len(text)
            continue
        seen.add(at)
        before = at
        if slots:
            entries.append([at, slots])
            size += sum(len(str(each)) + 3 for each in slots)
    entries += [[i, 0] for i in range(len(base)) if i not in seen]
    return entries, size


class _Modules:
    """Takes an element's id to the one in its place; those of modules are paired in order."""

    def __init__(self, base: list[Element], other: list[Element], roles: dict[str, str]) -> None:
        ours, theirs = ([key for key, _ in each] for each in (base, other))
        only = [k for k in ours if k not in set(theirs) and re.fullmatch(r"m\d+", k)]
        new = [k for k in theirs if k not in set(ours) and re.fullmatch(r"m\d+", k)]
        self.roles = {**roles, **dict(zip(new, only, strict=False))}

    def __call__(self, key: str) -> str:
        return re.sub(r"[tom]\d+(?![\d])", lambda m: self.roles.get(m[0], m[0]), key)


def _modules(usual: Folding | None, fold: Folding | None, renamed: _Modules) -> dict[str, Any]:
    """What opens and closes: the leaves that differ, or all; and the usual names of modules."""
    if usual is None or fold is None:
        return {}
    ours, theirs = usual.data, fold.data
    names = {key: renamed(key) for key in theirs["modules"] if renamed(key) != key}
    if _form(ours) != _form(theirs):
        return {"layout": theirs, "names": names}
    pairs = enumerate(zip(_leaves(ours), _leaves(theirs), strict=True))
    return {"leaves": [x for i, (a, b) in pairs if a != b for x in (i, b)], "names": names}


def _leaves(value: Any) -> Iterator[Any]:
    """Keys, words and numbers, in the order of their source."""
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if not isinstance(value, (list, tuple)):
        yield value
        return
    for each in value:
        yield from _leaves(each)


def _form(value: Any) -> Any:
    """What is left without the leaves."""
    if isinstance(value, dict):
        return {i: _form(each) for i, each in enumerate(value.values())}
    return [_form(each) for each in value] if isinstance(value, (list, tuple)) else None


def _differ(usual: str, text: str) -> list[Any] | None:
    """Number and content of the slots that differ; None where the form does."""
    if _SLOT.sub("", usual) != _SLOT.sub("", text):
        return None
    pairs = zip(_slots(usual), _slots(text), strict=True)
    return [x for i, (a, b) in enumerate(pairs) if a != b for x in (i, html.unescape(b))]


def _slots(text: str) -> Iterator[str]:
    return (match[1] if match[1] is not None else match[2] for match in _SLOT.finditer(text))
