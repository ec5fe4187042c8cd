"""Memory: how far a first step of training raises it."""

from __future__ import annotations

import gc
import os
import resource
import sys
from typing import Any

import numpy as np
from training import network

DEEP_MLP = [1024] * 51


def memory(library: Any) -> float:
    """How far a deep tanh MLP and its first step of SGD, batch 512, raise memory: MiB."""
    data = np.random.default_rng(0).standard_normal((512, DEEP_MLP[0])).astype(np.float32)
    start = memory_now()
    if library is None:
        from by_hand import Mlp

        by_hand = Mlp(DEEP_MLP, "tanh", after_last=True)
        outputs = by_hand.forward(data)
        outputs[-1].sum()
        gradients = by_hand.backward(outputs, np.ones_like(outputs[-1]))
        for parameter, g in zip(by_hand.parameters, gradients, strict=True):
            parameter -= 0.01 * g
        return memory_peak() - start
    model = network(library.nn, DEEP_MLP, library.nn.Tanh, after_last=True)
    optimizer, x = library.optim.SGD(model.parameters(), lr=0.01), library.constant(data)
    model(x).sum().backward()
    optimizer.step()
    return memory_peak() - start


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
