"""Arrays of texts."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from nn.onnx.budget import sized, spread
from nn.onnx.patterns import Pattern
from nn.onnx.table import Call, row


@row("StringConcat", since=20)
def string_concat(call: Call, x: Any, y: Any) -> Any:
    """Texts after one another."""
    spread(x, y)
    shape = np.broadcast_shapes(x.shape, y.shape)
    widest = sum(max((len(str(t)) for t in v.reshape(-1)), default=0) for v in (x, y))
    sized((*shape, widest))
    return np.asarray(np.char.add(x.astype(str), y.astype(str)), object)


@row("StringSplit", since=20)
def string_split(call: Call, x: Any) -> Any:
    """The parts of texts between delimiters, filled up with empty ones; and how many."""
    delimiter, most = call("delimiter") or None, call("maxsplit", -1)
    parts = [str(t).split(delimiter, most) for t in x.reshape(-1)]
    parts = [[] if delimiter is None and p == [""] else p for p in parts]
    width = max(map(len, parts), default=0)
    sized((len(parts), width))
    filled = np.full((len(parts), width), "", object)
    for i, p in enumerate(parts):
        filled[i, : len(p)] = p
    counts = np.array([len(p) for p in parts], np.int64).reshape(x.shape)
    return filled.reshape(*x.shape, width), ag.Tensor(counts)


@row("StringNormalizer", since=10)
def string_normalizer(call: Call, x: Any) -> Any:
    """Texts without stop words, in capital or small letters."""
    exact = call("is_case_sensitive", 0)
    stop = {t if exact else t.lower() for t in call("stopwords", [])}
    change = {"LOWER": str.lower, "UPPER": str.upper}.get(call("case_change_action", "NONE"), str)

    def line(texts: Any) -> list[str]:
        kept = [str(t) for t in texts if (str(t) if exact else str(t).lower()) not in stop]
        return [change(t) for t in kept] or [""]

    return np.array(line(x) if x.ndim == 1 else [line(x[0])], object)


@row("RegexFullMatch", since=20)
def regex_full_match(call: Call, x: Any) -> Any:
    """Whether whole texts match a pattern."""
    pattern = Pattern(call("pattern"))
    found = [pattern.matches(str(t)) for t in x.reshape(-1)]
    return ag.Tensor(np.array(found, bool).reshape(x.shape))
