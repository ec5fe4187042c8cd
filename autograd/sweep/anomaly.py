"""`detect_anomaly`: a Watch that looks for NaN in what rules give."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.modes import ModeChange
from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.watch import Watch
from autograd.errors import NaNError
from autograd.sweep.pull import input_name

__all__ = ["detect_anomaly"]


class _Anomaly(Watch):
    def passed(self, node: Node, position: int, g: Any) -> None:
        if np.isnan(raw(g)).any():
            where = f", recorded at {node.where}" if node.where else ""
            name = input_name(node, position)
            raise NaNError(f"{node.op.name}: the rule for {name} gave NaN{where}")


_ANOMALY = _Anomaly()


def detect_anomaly() -> ModeChange:
    """Keep source lines, and make backward raise at the first rule that produces NaN.

    >>> import autograd as ag
    >>> x = ag.Tensor(0.0, requires_grad=True, name="x")
    >>> import numpy as np
    >>> with ag.detect_anomaly(), np.errstate(all="ignore"):
    ...     (ag.sqrt(x) * 0.0).backward()
    Traceback (most recent call last):
    ...
    autograd.errors.NaNError: sqrt: the rule for x gave NaN...
    """
    return ModeChange(traces=True, watch=_ANOMALY)
