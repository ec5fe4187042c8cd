"""Regular expressions matched in time that is linear in the text, as ONNX asks for (RE2's).

Python's own matcher tries one way after another, of which a hostile pattern has more than all time.
Here all ways go on at once (Thompson, 1968); what one character is, Python's matcher says.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from autograd.errors import UnsupportedError
from nn.onnx.budget import budget

__all__ = ["Pattern"]

_TOKEN = re.compile(
    r"\(\?:|\(\?P?<\w+>|\(|\)|\||[*+?]\??|\{\d+(?:,\d*)?\}\??"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]|\\x[0-9a-fA-F]{2}|\\.|.",
    re.DOTALL,
)
_ENDS = {"^": "^", r"\A": "^", "$": "$", r"\z": "$", r"\b": r"\b", r"\B": r"\B"}
_MOST = 2**12  # places of a pattern with its repetitions written out


class Pattern:
    """A regular expression that texts match as a whole."""

    def __init__(self, pattern: str) -> None:
        flags = re.match(r"\(\?([ims]+)\)", pattern)
        self.flags = re.RegexFlag(0)
        for letter in flags[1] if flags else "":
            self.flags |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
        self.tokens = [m[0] for m in _TOKEN.finditer(pattern, flags.end() if flags else 0)][::-1]
        # A place is a character with where to go on, or where to go on without one (and at what).
        self.places: list[tuple[Any, tuple[int, ...], str]] = [(None, (), "")]
        try:
            self.start = self.either()(0)
        except RecursionError as error:
            raise UnsupportedError(f"the pattern {pattern[:40]!r}... is nested too deep") from error
        if self.tokens:
            raise UnsupportedError(f"the pattern {pattern!r} has a ')' too many")

    def place(self, test: Any, to: tuple[int, ...], at: str = "") -> int:
        """One place more."""
        if len(self.places) > _MOST:
            raise UnsupportedError(f"a pattern may have {_MOST:,} places, repetitions written out")
        self.places.append((test, to, at))
        return len(self.places) - 1

    def either(self) -> Any:
        """Alternatives, as a function from where to go on to where they begin."""
        ways = [self.row()]
        while self.tokens and self.tokens[-1] == "|":
            self.tokens.pop()
            ways.append(self.row())
        return lambda then: self.place(None, tuple(way(then) for way in ways))

    def row(self) -> Any:
        """One thing after another."""
        parts: list[Any] = []
        while self.tokens and self.tokens[-1] not in ("|", ")"):
            token = self.tokens.pop()
            if token[0] in "*+?{" and (token[0] != "{" or len(token) > 2):
                if not parts:
                    raise UnsupportedError(f"{token!r} in a pattern repeats nothing")
                parts.append(self.repeated(parts.pop(), token))
            elif token[0] == "(":
                parts.append(self.either())
                if not self.tokens or self.tokens.pop() != ")":
                    raise UnsupportedError("a '(' in a pattern is never closed")
            elif token in _ENDS:
                parts.append(lambda then, at=_ENDS[token]: self.place(None, (then,), at))
            else:
                parts.append(functools.partial(self.one, self.character(token)))
        return lambda then: functools.reduce(lambda to, part: part(to), reversed(parts), then)

    def one(self, test: Any, then: int) -> int:
        """One character."""
        return self.place(test, (then,))

    def character(self, token: str) -> Any:
        """Whether a character is what a token means."""
        try:
            matches = re.compile(token, self.flags).fullmatch
        except re.error as error:
            raise UnsupportedError(f"{token!r} in a pattern: {error}") from error
        return functools.lru_cache(maxsize=256)(lambda c: matches(c) is not None)

    def repeated(self, part: Any, token: str) -> Any:
        """A part again and again."""
        bounds = {"*": "0,", "+": "1,", "?": "0,1"}.get(token[0]) or token.strip("{}?")
        low, comma, high = bounds.partition(",")
        most = int(high) if high else None if comma else int(low)

        def build(then: int) -> int:
            if most is None:
                again = self.place(None, ())
                self.places[again] = (None, (part(again), then), "")
                then = again
            else:
                for _ in range(most - int(low)):
                    then = self.place(None, (part(then), then))
            for _ in range(int(low)):
                then = part(then)
            return then

        return build

    def matches(self, text: str) -> bool:
        """Whether the whole text is one of those meant."""
        budget().took(16.0 * len(self.places) * (len(text) + 1))
        now = self.reached({self.start}, text, 0)
        for i, c in enumerate(text):
            went = {to for k in now if self.places[k][0] and self.places[k][0](c)
                    for to in self.places[k][1]}  # fmt: skip
            now = self.reached(went, text, i + 1)
        return 0 in now

    def reached(self, start: set[int], text: str, i: int) -> set[int]:
        """All places that are reached without a character."""
        found, left = set(start), list(start)
        while left:
            test, to, at = self.places[left.pop()]
            if test is None and (not at or re.compile(at, self.flags).match(text, i)):
                left += [k for k in to if k not in found]
                found.update(to)
        return found
