"""The operations of an expression, one after the other, as LLVM's text.

Functions are written where they stand while they are few, and else called, each from one copy. An
expression of very many operations is cut into functions of some `PART` each, which hand values on
through memory: LLVM's time grows faster than the length of a function.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.native.far import DECLARED, FAR
from autograd.codegen.native.lanes import (
    Text,
    instruction,
    lane_type,
    literal,
    memory_type,
    vector,
)
from autograd.codegen.node import Node, entry, in_order, number_of

__all__ = ["Module", "text_of"]

_Names = dict[int, str]
PART = 500
INLINE = 24  # functions
_WIDEST = 8  # bytes of a number, at most


class Module:
    """The functions of one compiled loop, by name, and what they declare."""

    def __init__(self, lanes: int, scales: bool = False) -> None:
        self.lanes = lanes
        self.scales = scales  # whether the processor multiplies by powers of 2 in one step
        self.declared: set[str] = set()
        self.functions: dict[str, list[str]] = {}
        self._key = ""

    def narrowed(self) -> Module:
        """The same, for what is written number by number."""
        other = Module(1, self.scales)
        other.declared, other.functions = self.declared, self.functions
        return other

    def text(self) -> str:
        """The whole module."""
        return text_of(self.declared, self.functions.values())

    @property
    def key(self) -> str:
        """What tells the module from others."""
        if not self._key:
            self._key = hashlib.blake2b(self.text().encode(), digest_size=12).hexdigest()
        return self._key

    def repeated(self, text: Text, roots: Sequence[Node], names: Mapping[int, str]) -> _Names:
        """Write what is made of these entries and of numbers alone; the names, by node."""
        nodes = in_order(roots)
        if len(nodes) > PART:
            return {}
        same: set[int] = set()
        for node in nodes:
            if node.op == "entry":
                alike = node.data in names
            else:
                alike = node.op != "call" and all(a.number in same for a in node.args)
            if alike:
                same.add(node.number)
        used = {a.number for n in nodes if n.number not in same for a in n.args}
        used |= {r.number for r in roots}
        tops = [n for n in nodes if n.number in same & used and n.args]
        known = {n.number: names[n.data] for n in nodes if n.op == "entry" and n.data in names}
        if tops:
            self.straight(text, in_order(tops), known, _few(nodes))
        return known

    def body(
        self, text: Text, roots: Sequence[Node], names: Mapping[int, str],
        written: _Names | None = None,
    ) -> list[str]:  # fmt: skip
        """The names of the roots' values; `names` are those of the entries, by their numbers.

        `written` has the names of what stands before already, by node.
        """
        nodes = in_order(roots)
        inline = _few(nodes)
        if len(nodes) > 2 * PART:
            return _Cut(self, nodes, inline).body(text, roots, names)
        known = {n.number: names[n.data] for n in nodes if n.op == "entry"} | (written or {})
        self.straight(text, nodes, known, inline)
        return [known[root.number] for root in roots]

    def straight(
        self, text: Text, nodes: Sequence[Node], known: dict[int, str], inline: bool
    ) -> None:
        """Write nodes in their order; `known` has the names of what was written before."""
        for node in nodes:
            if node.number in known:
                continue
            if node.op == "constant":
                known[node.number] = literal(number_of(node), node.dtype, self.lanes)
                continue
            args = [known[a.number] for a in node.args]
            if node.op == "call":
                found = self._call(text, node, args)
            elif node.op in FUNCTIONS:
                found = self._function(text, node, args, inline)
            else:
                found = instruction(text, node, args)
            known[node.number] = found

    def _function(self, text: Text, node: Node, args: list[str], inline: bool) -> str:
        if node.op == "scale" and self.scales:
            return text.scaled(args[0], args[1], node.dtype)
        if inline:
            return self.body(text, [_formula(node, True)], dict(enumerate(args)))[0]
        name = f"@{node.op}_{self.lanes}_{lane_type(node.dtype)}"
        kinds = [text.type_of(a.dtype) for a in node.args]
        if name not in self.functions:
            self.functions[name] = []  # holds the place
            inner = Text(self.lanes, self.declared)
            names = {i: f"%a{i}" for i in range(len(args))}
            (found,) = self.body(inner, [_formula(node)], names)
            inner.do(f"ret {kinds[0]} {found}")
            given = ", ".join(f"{kind} %a{i}" for i, kind in enumerate(kinds))
            head = f"define internal {kinds[0]} {name}({given}) noinline"
            self.functions[name] = inner.function(head)
        given = ", ".join(f"{kind} {a}" for kind, a in zip(kinds, args, strict=True))
        return text.add(f"call {kinds[0]} {name}({given})")

    def _call(self, text: Text, node: Node, args: list[str]) -> str:
        """A function of the C library, in the lanes where it is asked for, if there are any."""
        typed, each = text.type_of(node.dtype), self._each(node)
        kinds = [text.type_of(a.dtype) for a in node.args]
        given = ", ".join(f"{kind} {a}" for kind, a in zip(kinds, args, strict=True))
        if node.args[0].op == "constant":
            return text.add(f"call {typed} {each}({given})")
        some = args[0]
        if self.lanes > 1:
            bits = text.add(f"bitcast {kinds[0]} {some} to i{self.lanes}")
            some = text.add(f"icmp ne i{self.lanes} {bits}, 0")
        before, rare, after = text.block, text.fresh("rare"), text.fresh("after")
        text.do(f"br i1 {some}, label %{rare}, label %{after}")
        text.start(rare)
        found = text.add(f"call {typed} {each}({given})")
        text.do(f"br label %{after}")
        text.start(after)
        zeros = literal(0, node.dtype, self.lanes)
        return text.add(f"phi {typed} [ {zeros}, %{before} ], [ {found}, %{rare} ]")

    def _each(self, node: Node) -> str:
        """The function that calls one of the C library's for each lane."""
        name = f"@each_{node.data}_{self.lanes}_{lane_type(node.dtype)}"
        if name not in self.functions:
            library = f"@{node.data}{'f' if node.dtype.itemsize == 4 else ''}"
            kinds = [lane_type(a.dtype) for a in node.args[1:]]
            if library in FAR:
                self.functions |= FAR
                self.declared.update(DECLARED)
            else:
                self.declared.add(f"declare {lane_type(node.dtype)} {library}({', '.join(kinds)})")
            self.functions[name] = self._lane_by_lane(name, library, node, kinds)
        return name

    def _lane_by_lane(self, name: str, library: str, node: Node, kinds: list[str]) -> list[str]:
        one, result = lane_type(node.dtype), vector(lane_type(node.dtype), self.lanes)
        bits, mask = vector("i1", self.lanes), vector("i8", self.lanes)
        wide = [vector(kind, self.lanes) for kind in kinds]
        zeros = literal(0, node.dtype, self.lanes)
        given = "".join(f", {kind} %a{i}" for i, kind in enumerate(wide))
        lines = [
            f"define internal {result} {name}({bits} %m{given}) noinline {{", "entry:",
            f"  %mask = zext {bits} %m to {mask}", f"  %where = alloca {mask}, align 64",
            f"  store {mask} %mask, ptr %where, align 64", f"  %found = alloca {result}, align 64",
            f"  store {result} {zeros}, ptr %found, align 64",
        ]  # fmt: skip
        for i, kind in enumerate(wide):
            lines += [f"  %p{i} = alloca {kind}, align 64",
                      f"  store {kind} %a{i}, ptr %p{i}, align 64"]  # fmt: skip
        lines += [
            "  br label %lane", "lane:", "  %i = phi i64 [ 0, %entry ], [ %next, %done ]",
            "  %pm = getelementptr i8, ptr %where, i64 %i", "  %b = load i8, ptr %pm",
            "  %asked = icmp ne i8 %b, 0", "  br i1 %asked, label %do, label %done", "do:",
        ]  # fmt: skip
        for i, kind in enumerate(kinds):
            lines += [f"  %q{i} = getelementptr {kind}, ptr %p{i}, i64 %i",
                      f"  %x{i} = load {kind}, ptr %q{i}"]  # fmt: skip
        values = ", ".join(f"{kind} %x{i}" for i, kind in enumerate(kinds))
        return [
            *lines, f"  %y = call {one} {library}({values})",
            f"  %pf = getelementptr {one}, ptr %found, i64 %i", f"  store {one} %y, ptr %pf",
            "  br label %done", "done:", "  %next = add i64 %i, 1",
            f"  %more = icmp ult i64 %next, {self.lanes}", "  br i1 %more, label %lane, label %out",
            "out:", f"  %all = load {result}, ptr %found, align 64", f"  ret {result} %all", "}",
        ]  # fmt: skip


def _few(nodes: Sequence[Node]) -> bool:
    """Whether functions are written where they stand."""
    return sum(node.op in FUNCTIONS for node in nodes) <= INLINE


def text_of(declared: Iterable[str], functions: Iterable[list[str]]) -> str:
    """A module of functions."""
    bodies = ["\n".join(lines) for lines in functions]
    return "\n\n".join(["\n".join(sorted(declared)), *bodies]) + "\n"


def _formula(node: Node, as_it_is: bool = False) -> Node:
    """What a function is in primitives, of entries in the place of its operands.

    Where it is written for this node alone, constants are left: some choices fall away.
    """
    given = [
        a if as_it_is and a.op == "constant" else entry(i, a.dtype)
        for i, a in enumerate(node.args)
    ]  # fmt: skip
    return FUNCTIONS[node.op].formula(*given)


class _Cut:
    """A long expression as functions that hand values on through memory."""

    def __init__(self, module: Module, nodes: list[Node], inline: bool) -> None:
        self.module, self.inline = module, inline
        computed = [n for n in nodes if n.op not in ("entry", "constant")]
        self.entries = [n for n in nodes if n.op == "entry"]
        self.constants = [n for n in nodes if n.op == "constant"]
        self.parts = [computed[i : i + PART] for i in range(0, len(computed), PART)]
        self.slots: dict[int, int] = {}

    def body(self, text: Text, roots: Sequence[Node], names: Mapping[int, str]) -> list[str]:
        self._place(roots)
        room = text.room(_WIDEST * text.lanes * len(self.slots))
        for node in self.entries:
            self._store(text, node, names[node.data], room)
        for part in self.parts:
            text.do(f"call void {self._part(part)}(ptr {room})")
        return [self._load(text, root, room) for root in roots]

    def _place(self, roots: Sequence[Node]) -> None:
        """A slot of memory for each entry, each root, and what one part hands to another."""
        home = {n.number: i for i, part in enumerate(self.parts) for n in part}
        handed = [*self.entries, *roots]
        handed += [
            a for i, part in enumerate(self.parts) for n in part for a in n.args
            if home.get(a.number, i) != i
        ]  # fmt: skip
        for node in handed:
            if node.op != "constant":
                self.slots.setdefault(node.number, len(self.slots))

    def _part(self, part: list[Node]) -> str:
        module = self.module
        name = f"@part{sum(n.startswith('@part') for n in module.functions)}"
        module.functions[name] = []
        text = Text(module.lanes, module.declared)
        own = {n.number for n in part}
        known: dict[int, str] = {}
        for node in part:
            for a in node.args:
                if a.number in known or a.number in own:
                    continue
                if a.op == "constant":
                    known[a.number] = literal(number_of(a), a.dtype, module.lanes)
                else:
                    known[a.number] = self._load(text, a, "%room")
        module.straight(text, part, known, self.inline)
        for node in part:
            if node.number in self.slots:
                self._store(text, node, known[node.number], "%room")
        text.do("ret void")
        head = f"define internal void {name}(ptr %room) noinline"
        module.functions[name] = text.function(head)
        return name

    def _store(self, text: Text, node: Node, value: str, room: str) -> None:
        kind = vector(memory_type(node.dtype), text.lanes)
        if node.dtype.kind == "b":
            value = text.add(f"zext {text.type_of(node.dtype)} {value} to {kind}")
        text.do(f"store {kind} {value}, ptr {self._address(text, node, room)}")

    def _load(self, text: Text, node: Node, room: str) -> str:
        if node.op == "constant":
            return literal(number_of(node), node.dtype, text.lanes)
        kind = vector(memory_type(node.dtype), text.lanes)
        found = text.add(f"load {kind}, ptr {self._address(text, node, room)}")
        if node.dtype.kind == "b":
            found = text.add(f"trunc {kind} {found} to {text.type_of(node.dtype)}")
        return found

    def _address(self, text: Text, node: Node, room: str) -> str:
        place = _WIDEST * text.lanes * self.slots[node.number]
        return text.add(f"getelementptr i8, ptr {room}, i64 {place}")
