"""`summary` of the face: numbers to be kept of a run, and a file of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from autograd.engine.missing import not_in
from autograd.errors import ArgumentTypeError
from autograd.static.graph import get_default_graph
from autograd.static.scopes import get_collection
from autograd.static.symbol import Symbol

__all__ = ["FileWriter", "histogram", "merge", "merge_all", "scalar"]

KEY = "summaries"


def scalar(name: str, tensor: Any, collections: Any = None, family: Any = None) -> Any:
    """A number that `merge_all` gathers: a dict of its name and the symbol, which is a fetch.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     _ = tf.summary.scalar("loss", tf.constant(2.0))
    ...     session.run(tf.summary.merge_all())
    {'loss': np.float32(2.0)}
    """
    if not isinstance(tensor, Symbol):
        raise ArgumentTypeError(f"summary: {name} is a symbol, not {tensor!r:.60}")
    found = {get_default_graph()._scope + name: tensor}
    for key in collections or [KEY]:
        get_default_graph().collections.setdefault(key, []).append(found)
    return found


histogram = scalar


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """Several as one fetch."""
    return {tag: symbol for part in inputs for tag, symbol in part.items()}


def merge_all(key: str = KEY, scope: str | None = None) -> Any:
    """All of the graph as one fetch; None if there are none."""
    return merge(get_collection(key)) or None


class FileWriter:
    """Appends what a run gave for summaries to `events.jsonl`, a line of JSON for each step."""

    def __init__(self, logdir: Any, graph: Any = None, **options: Any) -> None:
        self.path = Path(os.fspath(logdir)) / "events.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write the numbers of a step; of arrays the mean, the least and the largest."""
        line = {"step": None if global_step is None else int(global_step)}
        line |= {tag: _written(value) for tag, value in summary.items()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def add_graph(self, graph: Any, global_step: Any = None) -> None:
        """Nothing: the program builds the graph."""

    def flush(self) -> None:
        """Nothing: each line is written at once."""

    close = flush


def _written(value: Any) -> Any:
    array = np.asarray(value)
    if array.ndim == 0:
        return array.item()
    parts = {"mean": array.mean(), "min": array.min(), "max": array.max()} if array.size else {}
    return {name: float(part) for name, part in parts.items()}


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)
