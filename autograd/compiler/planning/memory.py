"""Buffers: where each value lies, for how long, and over what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.planning.arena import Life, placed
from autograd.compiler.planning.flow import Flow, bytes_of
from autograd.compiler.planning.lending import LEAST, Room, lent, widened
from autograd.compiler.planning.windows import is_contiguous
from autograd.compiler.schedule import Buffer, Kernel
from autograd.engine.node import Node

__all__ = ["Memory"]

WORTH = 32  # the part of the arena that lending has to save
SMALL = 1 << 12  # bytes of what a call gives that are copied into the arena, where they lie fixed


class Memory:
    """The buffers of groups that run in an order."""

    def __init__(
        self,
        lowered: Lowered,
        flow: Flow,
        order: Sequence[int],
        writes: Mapping[Node, tuple[Instruction, Instruction]],
    ) -> None:
        self.flow, self.order = flow, order
        self.turn = {k: turn for turn, k in enumerate(order)}
        self.buffers: list[Buffer] = []
        self._number: dict[Instruction, int] = {}
        self._over = dict(writes.values())  # what is written where a source lies
        self._ends = self._last_uses()
        self._lent: dict[Instruction, tuple[Instruction, int]] = {}  # whose memory, and where
        self._rooms: dict[Instruction, int] = {}  # bytes of what has more of them than it needs
        self._offsets, self.arena_bytes = self._arena()
        for x in lowered.instructions:
            if x.kind == "source":
                self.buffer(x)
        self.results = {node: self.buffer(x) for node, x in lowered.results.items()}
        self.in_place = {node: self.buffer(value) for node, (value, _) in writes.items()}

    # ---- how long ------------------------------------------------------------------------------

    def _last_uses(self) -> dict[Instruction, int]:
        """The turn of the last group that reads each root; what is kept lives to the end."""
        flow, ends = self.flow, {}
        for root, readers in flow.readers.items():
            ends[root] = max(self.turn[k] for k in readers)
        for root in flow.kept_roots:
            ends[root] = len(self.order)
        for k in reversed(self.order):  # a tuple is its parts, which live as long
            for x in flow.groups[k].members:
                if x.kind == "call" and x.name == "tuple":
                    for i in x.inputs:
                        if type(i) is Instruction:
                            root = flow.seen[i].root
                            ends[root] = max(ends[root], ends.get(x, self.turn[k]))
        return ends

    # ---- where ---------------------------------------------------------------------------------

    def _place(self, root: Instruction) -> str:
        if root.kind in ("source", "constant"):
            return root.kind
        if root in self._over:
            return "source"
        if root in self._lent:
            return "lent"
        maker = self.flow.groups[self.flow.maker[root]]
        is_kept = root in self.flow.kept_roots
        if maker.kind == "call" and (
            root.shape is None or root.dtype is None or is_kept or bytes_of(root) > SMALL
            or root.dtype.hasobject
        ):  # fmt: skip
            return "call"
        return "result" if root in self.flow.kept or root in self.flow.shown else "arena"

    def _arena(self) -> tuple[dict[Instruction, int], int]:
        """Offsets in the arena, or in what is lent; a loop may write over what it reads last."""
        slots: list[list[Instruction]] = []
        slot_of: dict[Instruction, list[Instruction]] = {}
        for turn, k in enumerate(self.order):
            taken: set[Instruction] = set()
            for x in self.flow.gives[k]:
                if self._place(x) != "arena":
                    continue
                old = next((r for r in self._dying(k, turn, x) if r not in taken), None)
                if old is None:
                    slot_of[x] = [x]
                    slots.append(slot_of[x])
                else:
                    taken.add(old)
                    slot_of[x] = slot_of[old]
                    slot_of[x].append(x)
        lives = [
            Life(bytes_of(s[0]), self.turn[self.flow.maker[s[0]]], max(self._end(x) for x in s))
            for s in slots
        ]
        offsets, total = placed(lives)
        self._lend(slots, lives, total)
        rest = [k for k, s in enumerate(slots) if s[0] not in self._lent]
        if self._lent:
            offsets, total = placed([lives[k] for k in rest])
        return {x: o for k, o in zip(rest, offsets, strict=True) for x in slots[k]}, total

    def _lend(self, slots: Sequence[list[Instruction]], lives: list[Life], total: int) -> None:
        """Let results lend their memory, if the arena is then a good deal smaller."""
        hosts = self._hosts()
        rooms = [Room(bytes_of(x), self.turn[self.flow.maker[x]], self._is_plain(x)) for x in hosts]
        places = lent(lives, rooms)
        sizes = widened(lives, rooms, places)
        if not any(places):
            return
        _, left = placed([x for x, place in zip(lives, places, strict=True) if place is None])
        grown = {x: n for x, room, n in zip(hosts, rooms, sizes, strict=True) if n > room.size}
        if left + sum(grown.values()) - sum(map(bytes_of, grown)) > total - total // WORTH:
            return
        self._rooms = grown
        for slot, place in zip(slots, places, strict=True):
            if place is not None:
                self._lent |= dict.fromkeys(slot, (hosts[place[0]], place[1]))

    def _hosts(self) -> list[Instruction]:
        """Large results in new memory, which is theirs from the beginning of a run."""
        return [
            x for x in self.flow.kept
            if bytes_of(x) >= LEAST and x in self.flow.maker and self._place(x) == "result"
            and self.flow.seen[x].root is x
            and self.flow.groups[self.flow.maker[x]].kind != "call"
        ]  # fmt: skip

    def _is_plain(self, x: Instruction) -> bool:
        """Whether its numbers lie in the order of C, as they do at the front of a larger array."""
        assert x.shape is not None
        assert x.dtype is not None
        return is_contiguous(x.shape, self.flow.seen[x].strides, x.dtype.itemsize)

    def _end(self, x: Instruction) -> int:
        return self._ends.get(x, self.turn[self.flow.maker[x]])

    def _dying(self, k: int, turn: int, x: Instruction) -> list[Instruction]:
        """Arrays that a loop is the last to read, as it goes, that lie as a new one would.

        No single numbers, which NumPy computes in another way if they are written over.
        """
        group = self.flow.groups[k]
        if x.dtype is None or bytes_of(x) <= x.dtype.itemsize:
            return []
        if group.kind != "loop" or x.kind != "elementwise" or x.shape != group.domain:
            return []
        seen = self.flow.seen
        found: dict[Instruction, bool] = {}
        for i in self.flow.reads[k]:
            window = seen[i]
            root = window.root
            lies_so = (
                not window.offset and window.strides == seen[x].strides
                and i.shape == x.shape and bytes_of(i) == bytes_of(x) == bytes_of(root)
            )  # fmt: skip
            found[root] = found.get(root, True) and lies_so
        return [
            root for root, fits in found.items()
            if fits and self._ends[root] == turn and root in self.flow.maker
            and self._place(root) == "arena" and self.flow.maker[root] != k
        ]  # fmt: skip

    # ---- as buffers and kernels ----------------------------------------------------------------

    def buffer(self, x: Instruction) -> Buffer:
        """The buffer of an instruction."""
        number = self._number.get(x)
        if number is not None:
            return self.buffers[number]
        root, offset, strides = self.flow.seen[x]
        place, base = self._place(root), None
        if root is not x:
            base = self.buffer(root).number
        elif x in self._over:
            source = self._over[x]
            base, strides = self.buffer(source).number, self.flow.seen[source].strides
        elif place == "lent":
            host, offset = self._lent[x]
            base = self.buffer(host).number
        elif place == "arena":
            offset = self._offsets[x]
        number = self._number[x] = len(self.buffers)
        room = 0 if base is not None else self._rooms.get(x, 0)
        self.buffers.append(Buffer(number, place, x.shape, x.dtype, strides, offset, base, x, room))
        return self.buffers[number]

    def kernels(self) -> list[Kernel]:
        """The groups in their order, with what they read and write."""
        found = []
        flow = self.flow
        ending: dict[int, list[int]] = {}
        for turn, k in enumerate(self.order):
            group = flow.groups[k]
            if group.kind == "call":
                first = next(iter(group.members))
                reads: tuple[Any, ...] = tuple(
                    self.buffer(i) if type(i) is Instruction else i for i in first.inputs
                )
            else:
                reads = tuple(self.buffer(i) for i in flow.reads[k])
            writes = tuple(self.buffer(x) for x in flow.gives[k])
            for buffer in writes:
                if buffer.place == "call":
                    ending.setdefault(self._end(buffer.instruction), []).append(buffer.number)
            found.append(
                Kernel(group.kind, reads, writes, tuple(group.members), tuple(ending.get(turn, ())))
            )
        return found
