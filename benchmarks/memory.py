"""Memory: how far steps of training raise it."""

from __future__ import annotations

import gc
import os
import resource
import sys
from typing import Any

from data import normal
from library import Step, training
from training import network


def memory(library: Any, sizes: list[int], batch: int) -> float:
    """How far a deep tanh MLP and its first step of SGD raise memory: MiB."""
    data = normal(batch, sizes[0])
    start = memory_now()
    deep(library, sizes, data)()
    return memory_peak() - start


def later(library: Any, sizes: list[int], batch: int) -> float:
    """How far the MLP and its second step do, when whatever the first one needs is gone: MiB."""
    data = normal(batch, sizes[0])
    start = memory_now()
    step = deep(library, sizes, data)
    step()
    memory_now()
    step()
    return memory_peak() - start


def deep(library: Any, sizes: list[int], data: Any) -> Step:
    """A step of SGD on the MLP, as the library compiles it."""
    model = network(library.nn, sizes, library.nn.Tanh, after_last=True)
    optimizer, x = library.optim.SGD(model.parameters(), lr=0.01), library.constant(data)
    step: Step = library.compiled(training(library, optimizer, lambda: model(x).sum()))
    return step


def memory_now() -> float:
    """Resident memory in MiB; the record of its peak starts anew where the system can do that."""
    gc.collect()
    if not os.path.exists("/proc/self/clear_refs"):
        return memory_peak()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return status_of_process("VmRSS")


def memory_peak() -> float:
    """The most resident memory so far, in MiB."""
    if os.path.exists("/proc/self/status"):
        return status_of_process("VmHWM")
    unit = 1 << 20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def status_of_process(field: str) -> float:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(field))
    return int(line.split()[1]) / 1024  # the system counts in KiB
