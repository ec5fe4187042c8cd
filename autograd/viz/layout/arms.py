"""A flow as a U: what shortcuts enclose goes down on the left, and up again on the right."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from autograd.viz.layout.chains import Net
from autograd.viz.layout.flow import Flow
from autograd.viz.layout.parts import PITCH, Laid, Part

__all__ = ["as_u"]

_LEAST = 3  # rows that a shortcut passes by
_AIR = 14.0


def as_u(flow: Flow, part: Callable[[int, bool], Part]) -> Laid | None:
    """The U, if shortcuts lie within each other around the middle; else None.

    What follows the outermost shortcut goes down again in a third column.
    """
    ends = _ends(flow)
    if ends is None:
        return None
    turn, last = ends
    arm_of = [(row > turn) + (row > last) for row in flow.row]
    nets: list[list[Net]] = [[], [], []]
    beside: list[int] = []
    for net in flow.nets:
        first = 0 if net.source is None else arm_of[net.source]
        after = (2 if 2 in arm_of else 1) if net.target is None else arm_of[net.target]
        if (
            after - first > 1
            or (net.source is None and after)
            or (net.target is None and not first)
        ):
            return None
        if first == 0 and after == 1 and not _turns(flow, net, turn):
            beside.append(net.key)
        for arm in range(first, after + 1):
            nets[arm].append(Net(
                net.key, net.source if arm == first else None, net.target if arm == after else None
            ))  # fmt: skip
    going = _arm(flow, arm_of, 0, nets[0], dict.fromkeys(beside, 1), None)
    coming = _arm(flow, arm_of, 1, nets[1], dict.fromkeys(beside, -1), part)
    _align(going, coming, beside)
    arms = _joined(going.laid(), coming.laid().flipped(), beside)
    tail = _arm(flow, arm_of, 2, nets[2], {}, None).laid() if 2 in arm_of else None
    return _down(arms, tail)


def _turns(flow: Flow, net: Net, turn: int) -> bool:
    return (
        net.source is not None and net.target is not None
        and flow.row[net.source] == turn and flow.row[net.target] == turn + 1
    )  # fmt: skip


def _arm(
    flow: Flow, arm_of: list[int], arm: int, nets: list[Net], beside: dict[int, int],
    upward: Callable[[int, bool], Part] | None,
) -> Flow:  # fmt: skip
    members = [p for p, own in enumerate(arm_of) if own == arm]
    place = {p: at for at, p in enumerate(members)}
    own = [
        Net(
            net.key, None if net.source is None else place[net.source],
            None if net.target is None else place[net.target],
        )
        for net in nets
    ]  # fmt: skip
    parts = [upward(p, True) if upward is not None else flow.parts[p] for p in members]
    return Flow(parts, own, beside)


def _ends(flow: Flow) -> tuple[int, int] | None:
    """The last rows of both arms: the middle of the innermost of at least two shortcuts, and
    what takes in the outermost."""
    skips = [
        (flow.row[n.source], flow.row[n.target])
        for n in flow.nets
        if n.source is not None and n.target is not None
        and flow.row[n.target] - flow.row[n.source] > _LEAST
    ]  # fmt: skip
    skips.sort(key=lambda skip: (skip[0], -skip[1]))
    is_nested = all(a[0] < b[0] and b[1] < a[1] for a, b in itertools.pairwise(skips))
    if len(skips) < 2 or not is_nested:
        return None
    return sum(skips[-1]) // 2, skips[0][1] + 1


def _align(going: Flow, coming: Flow, keys: list[int]) -> None:
    """Stretch the arms, from below to above, until shortcuts run level."""

    def at(flow: Flow, key: int) -> tuple[float, int]:
        channels, _, height = flow.heights()
        number, run = flow.run_of(key)
        y = flow.level_of(run, number, channels[number])
        return (height - y if flow is going else y), number

    for key in sorted(keys, key=lambda key: at(going, key)[0]):
        (low, here), (other, there) = at(going, key), at(coming, key)
        if low < other:
            going.slack[here] = going.slack.get(here, 0.0) + other - low
        else:
            coming.stretch[there] = coming.stretch.get(there, 0.0) + low - other


def _joined(left: Laid, right: Laid, keys: list[int]) -> Laid:
    """Both arms beside each other, standing on one ground, with what goes from one to the other."""
    ground = max(left.height, right.height)
    x = left.width + 2 * _AIR + PITCH * max(len(keys), 1)
    left, right = left.moved(0, ground - left.height), right.moved(x, ground - right.height)
    under = sorted(left.outs, key=left.outs.__getitem__, reverse=True)
    found = Laid(right.width, ground, left.ins, right.outs, left.places | right.places)
    found.main = left.main
    found.paths = {key: list(path) for key, path in left.paths.items()}
    for rank, key in enumerate(under):
        y = ground + _AIR + (rank + 0.5) * PITCH
        found.paths[key] += [(left.outs[key], y), (right.ins[key], y)]
    for rank, key in enumerate(keys):
        lane = x - _AIR - (rank + 0.5) * PITCH
        found.paths[key] += [(lane, found.paths[key][-1][1]), (lane, right.paths[key][0][1])]
    for key, path in right.paths.items():
        found.paths[key] = found.paths.get(key, []) + path
    found.height = ground + _AIR + PITCH * len(under)
    return found


def _down(arms: Laid, tail: Laid | None) -> Laid:
    """What leaves the right arm above goes on downwards, through a third column or beside it."""
    over = sorted(arms.outs, key=arms.outs.__getitem__)
    rise = PITCH * len(over) + _AIR * bool(over)
    found = arms.moved(0, rise)
    for key, x in found.ins.items():
        found.paths[key].insert(0, (x, 0.0))
    below = Laid(2 * _AIR + PITCH * len(over), 0.0) if tail is None else tail
    below = below.moved(found.width + _AIR, rise)
    for rank, key in enumerate(over):
        lane = found.width + _AIR + (len(over) - rank - 0.5) * PITCH
        lane = below.ins.get(key, lane)
        y = (rank + 0.5) * PITCH
        found.paths[key] += [(found.outs[key], y), (lane, y)]
        found.outs[key] = lane
    if tail is not None:
        found.outs = below.outs
    for key, path in below.paths.items():
        found.paths[key] = found.paths.get(key, []) + path
    found.places |= below.places
    if over:
        found.width = below.width
    found.height = max(found.height, below.height)
    for key, x in found.outs.items():
        found.paths[key].append((x, found.height))
    return found
