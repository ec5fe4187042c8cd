"""Places from left to right: each chain as far left as what was placed before it allows."""

from __future__ import annotations

from collections import defaultdict

from autograd.viz.layout.chains import Chain
from autograd.viz.layout.parts import GAUGE, PITCH, Part

__all__ = ["Columns"]

_BESIDE = 15.0  # free on each side of a part
_ASIDE = GAUGE + 4.0


class Columns:
    """x of every part (its left edge), and of the rows that a link passes (its lane)."""

    def __init__(
        self, parts: list[Part], row: list[int], chains: list[Chain], until: list[int]
    ) -> None:
        self.parts, self.row, self.until = parts, row, until
        self.x: list[float] = [0.0] * len(parts)
        self.lane: dict[int, float] = {}
        self.straight_in: dict[int, int] = {}  # by part: the link that arrives at its port
        self.straight_out: dict[int, int] = {}
        rows = max(row, default=-1) + 1
        self._left, self._right = [0.0] * rows, [0.0] * rows  # the ends of what each row has
        self._starting: dict[int, list[float]] = defaultdict(list)  # x of lanes, by channel
        self._ending: dict[int, list[float]] = defaultdict(list)
        for chain in chains:
            self._place(chain, chain is chains[0], self._is_earlier(chain, chains[0]))
        least = min(self._left, default=0.0)
        self.x = [x - least for x in self.x]
        self.lane = {key: x - least for key, x in self.lane.items()}
        self.width = max(self._right, default=0.0) - least

    def _is_earlier(self, chain: Chain, main: Chain) -> bool:
        """Whether parts come before those of the main chain that they stand beside."""
        beside = [part for part in main.parts if self.row[part] >= chain.first]
        return bool(chain.parts and beside) and chain.parts[0] < beside[0]

    def _place(self, chain: Chain, is_main: bool, at_left: bool) -> None:
        spans = self._spans(chain)
        rows = range(chain.first, chain.last + 1)
        if is_main:
            origin = 0.0
        elif at_left:
            origin = min((self._left[r] - spans[r][1] for r in rows), default=0.0)
        else:
            origin = max((self._right[r] - spans[r][0] for r in rows), default=0.0)
        origin = self._apart(chain, origin, -_ASIDE if at_left else _ASIDE)
        for r in rows:
            if is_main or at_left:
                self._left[r] = origin + spans[r][0]
            if is_main or not at_left:
                self._right[r] = origin + spans[r][1]
        for part in chain.parts:
            self.x[part] += origin
        for key in (chain.lead, *chain.inner, chain.trail):
            if key is not None:
                self.lane[key] += origin

    def _apart(self, chain: Chain, origin: float, aside: float) -> float:
        """Lanes that begin in the channel in which others end are not below these, since two links
        that change their places could not pass each other."""
        ends = [(self._ending, chain.first, chain.lead)]
        ends.append((self._starting, chain.last + 1, chain.trail if chain.parts else chain.lead))
        while any(
            key is not None
            and any(abs(self.lane[key] + origin - x) < abs(aside) for x in known[at])
            for known, at, key in ends
        ):
            origin += aside
        for key in (chain.lead, chain.trail):
            if key is not None:
                self._starting[chain.first].append(self.lane[key] + origin)
                self._ending[chain.last + 1].append(self.lane[key] + origin)
        return origin

    def _spans(self, chain: Chain) -> dict[int, tuple[float, float]]:
        """By row what a chain takes left and right of where it begins; sets x from there."""
        spans: dict[int, tuple[float, float]] = {}
        line, row = 0.0, chain.first
        links = [*chain.inner, chain.trail]
        arriving = chain.lead

        def lanes(last: int) -> None:
            for r in range(row, last + 1):
                spans[r] = line - PITCH / 2, line + PITCH / 2

        if arriving is not None:
            self.lane[arriving] = line
        for part, leaving in zip(chain.parts, links, strict=False):
            lanes(self.row[part] - 1)
            each = self.parts[part]
            x = line - self._port(part, arriving, each.laid.ins, self.straight_in)
            self.x[part] = x
            for r in range(self.row[part], self.until[part] + 1):
                spans[r] = x - _BESIDE, x + each.laid.width + _BESIDE
            line = x + self._port(part, leaving, each.laid.outs, self.straight_out)
            row, arriving = self.until[part] + 1, leaving
            if leaving is not None:
                self.lane[leaving] = line
        lanes(chain.last)
        return spans

    def _port(
        self, part: int, link: int | None, ports: dict[int, float], straight: dict[int, int]
    ) -> float:
        if link is not None:
            straight[part] = link
        if self.parts[part].leaf is not None:
            return self.parts[part].port
        if link is not None:
            return ports[link]
        return min(ports.values(), default=self.parts[part].laid.width / 2)
