"""A flow from above to below: the parts of one module in rows, and the links between them."""

from __future__ import annotations

from collections import defaultdict

from autograd.viz.layout.chains import Net, chains_of, rows_of
from autograd.viz.layout.channels import Run, levels
from autograd.viz.layout.columns import Columns
from autograd.viz.layout.parts import PITCH, Laid, Part, Point

__all__ = ["Flow"]

_GAP = 30.0  # between rows, where no link runs across
_MARGIN = 12.0  # above and below such runs
_EDGE = 10.0  # of a box, where no link arrives


class Flow:
    """Rows, columns, ports and channels of the parts of a module; `laid` puts them together.

    `beside` are links that leave to the right (value 1) or come in from the left (-1) between two
    rows, instead of at the lower or the upper border: the arms of a U.
    """

    def __init__(
        self, parts: list[Part], nets: list[Net], beside: dict[int, int] | None = None
    ) -> None:
        self.parts, self.nets, self.beside = parts, nets, beside or {}
        self.row = rows_of(len(parts), nets)
        through = [net for net in nets if net.key not in self.beside]
        straight = {each.laid.main for each in parts if each.laid.main is not None}
        self.chains = chains_of(self.row, through, straight)
        self.until = self._reach_down()
        self.columns = Columns(parts, self.row, self.chains, self.until)
        self.rows = max(self.row, default=-1) + 1
        self.width = max(self.columns.width, 1.0)
        self.ports: dict[tuple[int, bool], float] = {}  # (link, whether it arrives): x
        ends: list[tuple[list[Net], list[Net]]] = [([], []) for _ in parts]
        for net in nets:
            if net.target is not None:
                ends[net.target][0].append(net)
            if net.source is not None:
                ends[net.source][1].append(net)
        for part, (arriving, leaving) in enumerate(ends):
            self._choose_ports(part, True, arriving)
            self._choose_ports(part, False, leaving)
        self.runs: list[list[Run]] = []  # by the row below
        self._route()
        while self._clear():
            self._route()
        self.levels = [levels(runs) for runs in self.runs]
        self.stretch: dict[int, float] = {}  # by channel: free height above its runs
        self.slack: dict[int, float] = {}  # and below them

    # ---- rows ------------------------------------------------------------------------------------

    def _reach_down(self) -> list[int]:
        """The last row of each part: one that is high may stand beside several that are not."""
        until = list(self.row)
        for chain in self.chains[1:]:
            after = [self.row[part] for part in chain.parts[1:]] + [chain.last + 1]
            for part, row in zip(chain.parts, after, strict=False):
                until[part] = max(row - 1, self.row[part])
        high = [0.0] * (max(self.row, default=-1) + 1)
        for part, row in enumerate(self.row):
            if until[part] == row:
                high[row] = max(high[row], self.parts[part].laid.height)
        for part, row in enumerate(self.row):
            last, room = row, high[row]
            while room < self.parts[part].laid.height and last < until[part]:
                last += 1
                room += high[last] + _GAP
            until[part] = last
        return until

    def _clear(self) -> bool:
        """A part stands in its first row alone, where a link runs across between those it needs."""
        found = False
        for part, row in enumerate(self.row):
            if self.until[part] == row:
                continue
            left = self.columns.x[part]
            right = left + self.parts[part].laid.width
            between = (run for c in range(row + 1, self.until[part] + 1) for run in self.runs[c])
            if any(
                min(run.above, run.below) < right + PITCH
                and left - PITCH < max(run.above, run.below)
                for run in between
            ):
                self.until[part] = row
                found = True
        return found

    # ---- ports ---------------------------------------------------------------------------------

    def _choose_ports(self, part: int, arrives: bool, ends: list[Net]) -> None:
        """Where links meet a part: a module has ports, of a box the straight link has the middle,
        and the others lie beside it on the side to which they go, the outermost farthest."""
        each, x = self.parts[part], self.columns.x[part]
        if each.leaf is None:
            ports = each.laid.ins if arrives else each.laid.outs
            self.ports.update({(n.key, arrives): x + ports[n.key] for n in ends})
            return
        middle = x + each.port
        straight = (self.columns.straight_in if arrives else self.columns.straight_out).get(part)
        others = sorted((self._far(n, arrives, middle), n.key) for n in ends if n.key != straight)
        if straight is not None:
            self.ports[straight, arrives] = middle
        left = [key for far, key in others if far < middle][::-1]
        right = [key for far, key in others if far >= middle]
        shift = 0.5 if arrives else 0.0  # so that those of two boxes in line do not meet
        most = max(len(left), len(right)) + shift
        step = min(PITCH, (each.reach - _EDGE) / most) if most else PITCH
        for sign, keys in ((-1, left), (1, right)):
            for place, key in enumerate(keys, start=1):
                self.ports[key, arrives] = middle + sign * step * (place + shift)

    def _far(self, net: Net, arrives: bool, middle: float) -> float:
        """About where a link comes from or goes to."""
        if net.key in self.beside:
            return middle + 1e6 * self.beside[net.key]
        other = net.source if arrives else net.target
        if net.key in self.columns.lane:
            return self.columns.lane[net.key]
        if other is None:
            return middle
        return self.columns.x[other] + self.parts[other].port

    # ---- channels ------------------------------------------------------------------------------

    def _span(self, net: Net) -> tuple[int, int]:
        """The channels in which a link may change its x: below its source, above its target."""
        first = 0 if net.source is None else self.until[net.source] + 1
        last = self.rows if net.target is None else self.row[net.target]
        if net.key in self.beside:
            return (first, first) if self.beside[net.key] > 0 else (last, last)
        return first, last

    def _route(self) -> None:
        self.runs = [[] for _ in range(self.rows + 1)]
        for net in self.nets:
            self._run(net)

    def _run(self, net: Net) -> None:
        first, last = self._span(net)
        start, end = self.ports.get((net.key, False)), self.ports.get((net.key, True))
        if net.key in self.beside:
            right = self.beside[net.key] > 0
            run = Run(net.key, start or 0.0, self.width) if right else Run(net.key, 0.0, end or 0.0)
            self.runs[first].append(run)
            return
        lane = self.columns.lane.get(net.key)
        lane = next(x for x in (lane, end, start, 0.0) if x is not None)
        start, end = lane if start is None else start, lane if end is None else end
        if first == last:
            self.runs[first].append(Run(net.key, start, end))
        else:
            self.runs[first].append(Run(net.key, start, lane))
            self.runs[last].append(Run(net.key, lane, end))

    def _channel(self, number: int) -> float:
        """How high a channel is; at the border of the module it may be nothing."""
        high = self.levels[number] * PITCH + 2 * _MARGIN if self.levels[number] else 0.0
        if 0 < number < self.rows:
            high = max(high, _GAP)
        return high + self.stretch.get(number, 0.0) + self.slack.get(number, 0.0)

    # ---- put together --------------------------------------------------------------------------

    def heights(self) -> tuple[list[float], list[float], float]:
        """The upper edge of every channel and of every row, and the lower end."""
        ending: list[list[int]] = [[] for _ in range(self.rows)]
        for part, last in enumerate(self.until):
            ending[last].append(part)
        channels: list[float] = []
        rows: list[float] = []
        y = 0.0
        for number in range(self.rows + 1):
            channels.append(y)
            y += self._channel(number)
            if number < self.rows:
                rows.append(y)
                ends = (rows[self.row[p]] + self.parts[p].laid.height for p in ending[number])
                y = max(ends, default=y)
                y = max(y, rows[number])
        return channels, rows, y

    def run_of(self, key: int) -> tuple[int, Run]:
        """The only run of a link that leaves or comes in at a side, and its channel."""
        return next((n, run) for n, runs in enumerate(self.runs) for run in runs if run.key == key)

    def level_of(self, run: Run, number: int, top: float) -> float:
        """The height at which a run crosses its channel."""
        if run.is_straight:
            return top
        return top + self.stretch.get(number, 0.0) + _MARGIN + (run.level + 0.5) * PITCH

    def laid(self) -> Laid:
        """Everything in place."""
        channels, rows, height = self.heights()
        found = Laid(
            self.width,
            height,
        )
        moved = []
        for part, row in enumerate(self.row):
            inside = self.parts[part].laid.moved(self.columns.x[part], rows[row])
            found.places |= inside.places
            moved.append(inside)
        across: dict[int, list[Point]] = defaultdict(list)
        for number, runs in enumerate(self.runs):
            for run in runs:
                y = self.level_of(run, number, channels[number])
                across[run.key] += [(run.above, y), (run.below, y)]
        for net in self.nets:
            path = across[net.key]
            own = [*path]
            if net.key not in self.beside or self.beside[net.key] < 0:
                end = height if net.target is None else self._end(net.target, rows)
                own.append((path[-1][0], end))
            if net.key not in self.beside or self.beside[net.key] > 0:
                start = 0.0 if net.source is None else self._start(net.source, rows)
                own.insert(0, (path[0][0], start))
            if net.source is None and net.key not in self.beside:
                found.ins[net.key] = own[0][0]
            if net.target is None and net.key not in self.beside:
                found.outs[net.key] = own[-1][0]
            before = moved[net.source].paths.get(net.key, []) if net.source is not None else []
            after = moved[net.target].paths.get(net.key, []) if net.target is not None else []
            found.paths[net.key] = [*before, *own, *after]
        for inside in moved:
            found.paths = inside.paths | found.paths
        if self.chains and self.chains[0].lead in found.ins:
            found.main = self.chains[0].lead
        return found

    def _end(self, part: int, rows: list[float]) -> float:
        return rows[self.row[part]] + self.parts[part].top

    def _start(self, part: int, rows: list[float]) -> float:
        each = self.parts[part]
        return rows[self.row[part]] + each.laid.height - each.bottom
