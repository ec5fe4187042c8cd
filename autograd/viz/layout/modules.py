"""Modules within modules, each laid out by itself, from the inside out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from autograd.viz.layout.chains import Net
from autograd.viz.layout.pages import ASPECT, Page, arranged
from autograd.viz.layout.parts import PITCH, Block, Laid, Part

__all__ = ["area", "lay"]

_PAD = 14.0  # around what is in a module
_BELOW_HEAD = 6.0
_HIGH = 60.0  # a title above which there is room beside it
_SHARES = (1.4, 1.0, 0.7, 0.5, 0.35)  # of a page, at which modules in it break into columns
_LOW, _LEAST = 1000.0, 600.0  # a module, and a picture, that is no higher stays one column
_APART = 40.0


def lay(
    root: Block, links: Sequence[tuple[str, str]], room: float = 0.0, rest: float = 0.0
) -> Laid:
    """Places of all blocks by their keys, and paths of all links by their numbers.

    Links go from box to box, and the boxes come in an order in which every link goes forward.
    `room` is the width that is there in any case, `rest` the height of what else is in the picture.
    """
    nets: dict[str, list[tuple[int, str | None, str | None]]] = defaultdict(list)
    above: dict[str, list[str]] = {}
    _ancestors(root, [], above)
    for number, (source, target) in enumerate(links):
        _enter(number, above[source], above[target], nets)
    low = max(_LOW, math.sqrt(ASPECT * area(root)))
    has_modules = any(item.items for item in root.items)  # which a share is about
    found: dict[float, Laid] = {}
    for share in _SHARES:
        laid = _module(root, nets, Page(low * share), False, Page(_LEAST, room, rest))
        high, wide = laid.height + rest, max(laid.width, room)
        too_high = max(1.0, high / wide / ASPECT)
        found.setdefault(high * wide * too_high**2, laid)
        if low * share < _LOW or not has_modules:
            break
    return found[min(found)]


def area(block: Block) -> float:
    """What the boxes in a block need, with the lines between them."""
    if not block.items:
        return (block.width + _APART) * (block.height + _APART)
    return sum(map(area, block.items))


def _ancestors(block: Block, path: list[str], above: dict[str, list[str]]) -> None:
    """The keys from the root down to every block."""
    above[block.key] = [*path, block.key]
    for item in block.items:
        _ancestors(item, above[block.key], above)


def _enter(
    number: int, source: list[str], target: list[str],
    nets: dict[str, list[tuple[int, str | None, str | None]]],
) -> None:  # fmt: skip
    """A link as each module on its way sees it."""
    common = 0
    while source[common + 1] == target[common + 1]:
        common += 1
    nets[source[common]].append((number, source[common + 1], target[common + 1]))
    for place in range(common + 1, len(source) - 1):
        nets[source[place]].append((number, source[place + 1], None))
    for place in range(common + 1, len(target) - 1):
        nets[target[place]].append((number, None, target[place + 1]))


def _module(
    block: Block, nets: dict[str, list[tuple[int, str | None, str | None]]], page: Page, up: bool,
    whole: Page | None = None,
) -> Laid:  # fmt: skip
    """The inside of a module; if it goes `up`, its links come in below and leave above."""
    place = {item.key: number for number, item in enumerate(block.items)}
    own = [
        Net(key, None if a is None else place[a], None if b is None else place[b])
        for key, a, b in nets[block.key]
    ]

    def part(number: int, upwards: bool) -> Part:
        item = block.items[number]
        if not item.items:
            laid = Laid(item.width, item.height, places={item.key: (0, 0, item.width, item.height)})
            top, bottom = (item.bottom, item.top) if upwards else (item.top, item.bottom)
            return Part(laid, item, item.port, top, bottom)
        inside = _module(item, nets, page, upwards)
        return Part(inside.flipped() if upwards else inside)

    laid = arranged(len(block.items), own, part, whole or page, up)
    if whole is not None:
        return laid
    return _framed(block, laid.flipped() if up else laid, up)


def _framed(block: Block, laid: Laid, up: bool) -> Laid:
    """With a margin, and the title above, left of the links that come in there.

    What stands beside a high title, such as a loop's chart, need not stand below it.
    """
    wide, high = block.head
    upper = laid.outs if up else laid.ins
    first = min(upper.values(), default=1e9)
    dx, dy = max(_PAD, wide + PITCH / 2 - first), high + _BELOW_HEAD
    if high > _HIGH and not up:
        left = min((p[0] for p in laid.places.values() if p[1] < dy), default=wide)
        beside = max(dx, wide + _PAD - left)
        lower = [(shift, _below_head(block, laid, shift)) for shift in (dx, beside)]
        dx, dy = min(lower, key=lambda move: (laid.width + move[0]) * (laid.height + move[1]))
    found = laid.moved(dx, dy)
    found.width = max(found.width + _PAD, wide + 2 * _PAD)
    found.height = max(found.height, high) + _PAD
    for key, path in found.paths.items():
        comes, goes = key in found.ins, key in found.outs
        if comes:
            path.insert(0, (path[0][0], found.height if up else 0.0))
        if goes:
            path.append((path[-1][0], 0.0 if up else found.height))
    found.places[block.key] = 0.0, 0.0, found.width, found.height
    return found


def _below_head(block: Block, laid: Laid, dx: float) -> float:
    """How far the inside moves down where it moves right by dx, so that it is clear of a title."""
    wide, high = block.head
    dy = _PAD
    for place in laid.places.values():
        if place[0] + dx < wide + _PAD:
            dy = max(dy, high + _BELOW_HEAD - place[1])
    for path in laid.paths.values():
        for x, y in path:
            if x + dx < wide + PITCH / 2 - 0.01:
                dy = max(dy, high + _BELOW_HEAD - y)
    return dy
