"""One comparison: the function at a point, and what all findings about it share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.naming.blame import Blame
from autograd.gradcheck.numeric.function import FAILURES, Function, Recording
from autograd.gradcheck.report.finding import Finding

__all__ = ["Case"]


class Case:
    """What all findings of one comparison share: the function, its names, how to run it again."""

    def __init__(self, function: Function, x: Array, name: str, order: int, seed: str) -> None:
        self.function = function
        self.x = x
        self.name = name
        self.order = order
        self.seed = seed
        self._recording: Recording | None = None
        self.blame: Callable[[], Blame] = Blame
        self._blamed: Blame | None = None
        self.repro = ""
        self.raised: Exception | None = None  # what f raised last, at a point beside this one
        self.without = ""  # a node that has no derivative
        self.quick = False  # whether it fails is all that is asked

    @property
    def recording(self) -> Recording:
        """The function run at the point; it may raise, where it does so then and now."""
        if self._recording is None:
            self._recording = self.function.record(self.x)
        return self._recording

    @property
    def blamed(self) -> Blame:
        """The first bad node; looked for once."""
        if self._blamed is None:
            self._blamed = self.blame()
        return self._blamed

    def finding(self, leg: str, number: int | None = None, **more: Any) -> Finding:
        """A finding about one checked input, or about the function."""
        dtypes = [a.dtype for a in self.function.checked]
        dtype = str(dtypes[number] if number is not None else dtypes[0])
        title = self.function.names[number] if number is not None else ""
        repro = self.repro
        if number is not None and len(self.function.names) > 1 and self.order == 1:
            repro = repro.replace(", rng=", f", wrt={self.function.positions[number]}, rng=")
        made = {"dtype": dtype, "function": self.name, "seed": self.seed, "repro": repro}
        return Finding(leg, title, self._output(), self.order, **(made | more))

    def _output(self) -> str:
        try:
            names = [y.name for y in self.recording.outputs]
        except FAILURES:  # which is what the finding says
            names = []
        return names[0] if len(names) == 1 and names[0] else "out" if self.order == 1 else "grad"

    def output_name(self, i: int) -> str:
        """`out[1, 2]`, of the flat output number i; nothing where there is only one."""
        outputs = self.recording.outputs
        if self.recording.value.size == 1:
            return ""
        for number, y in enumerate(outputs):
            width = 2 if y.dtype.kind == "c" else 1
            if i < y.size * width:
                index = np.unravel_index(i // width, y.shape)
                inner = ", ".join(str(int(k)) for k in index)
                title = self._output() + (str(number) if len(outputs) > 1 else "")
                part = (".imag" if i % 2 else ".real") if width == 2 else ""
                return title + (f"[{inner}]" if inner else "") + part
            i -= y.size * width
        return ""
