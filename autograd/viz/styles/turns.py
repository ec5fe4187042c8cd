"""The pictures of a folded loop in which another of its steps is drawn, for the page's slider.

With each comes what opens and closes in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd.viz.model.loops import Loop
from autograd.viz.model.model import Model
from autograd.viz.model.view import view_of
from autograd.viz.scene.folding import Folding
from autograd.viz.scene.scene import Scene
from autograd.viz.styles.folding import folding
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.panels import main_scope
from autograd.viz.styles.tower import tower_of

__all__ = ["turns"]

_MOST = 100  # steps that a slider offers
_LEAST = 5  # of a very large graph: the ends, the extremes and one between
_OPS = 60_000  # that all the pictures together are made from


def turns(
    model: Model, scene: Scene, detail: str | int, looks: Looks
) -> Iterator[tuple[Loop, list[tuple[int, Scene, Folding | None]]]]:
    """Of each loop of a picture its steps, from first to last: (step, picture, modules)."""
    view = scene.view
    if view is None or not view.loops:
        return
    most = _OPS // (len(model.steps) * len(view.loops))
    for loop in view.loops:
        others = []
        for copy in _offered(loop, max(_LEAST, min(_MOST, most))):
            if copy != loop.shown:
                turned = view.turned(loop, copy) or view_of(
                    model, detail, main_scope(model), {loop.key: copy}
                )
                tower = tower_of(model, detail, looks, turned)
                drawn = tower.scene()
                others.append((copy, drawn, folding(drawn, tower)))
        yield loop, others


def _offered(loop: Loop, most: int) -> list[int]:
    """All the steps; of very many the ends, the extremes, the drawn one, and some between."""
    if loop.times <= most:
        return list(range(loop.times))
    chosen = {0, loop.times - 1, loop.shown}
    if loop.curve.known:
        chosen |= {pick(loop.curve.known, key=lambda each: each[1])[0] - 1 for pick in (min, max)}
    chosen |= {fault - 1 for fault in (*loop.curve.faults[:1], *loop.curve.faults[-1:])}
    between = max(2, most - len(chosen))
    chosen |= {round(i * (loop.times - 1) / between) for i in range(between)}
    return sorted(chosen)
