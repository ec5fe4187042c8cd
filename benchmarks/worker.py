"""One workload, in one library, in this process: `python worker.py WORKLOAD LIBRARY [--tiny]`.

It prints a line of JSON when it has prepared a step and warmed it up: the `value` of its first
step, by which libraries are compared. For every line that it reads it then prints another: how long
a step takes. A workload that is measured once a process prints that number and ends. With
`--profile` chaingrad's own profiler is printed instead, and its trace is written.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from library import Step, open_library
from workloads import UNITS, WORKLOADS, Workload

WARM_UP = 3  # steps; compilers do their work in these
PROFILED = 20
OWN_MODULES = {
    "numpy": "by_hand",
    "jax": "in_jax",
    "jax-eager": "in_jax",
}  # of the libraries that `open_library` lacks


def prepare(workload: Workload, name: str, sizes: dict[str, Any]) -> tuple[Any, Any]:
    """The opened library (None if it has a module of its own), and what `prepare` gave."""
    assert workload.prepare is not None, "a workload with a script of its own"
    if name in OWN_MODULES:
        module = importlib.import_module(OWN_MODULES[name])
        return None, getattr(module, workload.prepare.__name__)(**sizes)
    library = open_library(name)
    made = workload.prepare(library, **sizes)
    return library, made if workload.once else library.compiled(made)


def first_value(library: Any, made: Any) -> float | None:
    """The mean of what a step returned, or of the first of several, if it returned something."""
    if made is None:
        return None
    made = made[0] if isinstance(made, tuple) else made
    return float(np.mean(np.asarray(library.numpy(made) if library else made)))


def seconds(step: Step, least: float) -> float:
    """Median time of a step, over at least 5 that together take at least `least` seconds."""
    step()  # the first after a pause finds cold caches
    times: list[float] = []
    while sum(times) < least or len(times) < 5:
        start = perf_counter()
        step()
        times.append(perf_counter() - start)
    return median(times)


def answers(workload: Workload, name: str, tiny: bool, least: float) -> Iterator[dict[str, Any]]:
    """What the process prints; it takes one step further when it is asked."""
    sizes = workload.tiny if tiny else workload.sizes
    library, made = prepare(workload, name, sizes)
    if workload.once:
        yield {"number": made}
        return
    scale = UNITS[workload.unit] / workload.operations(sizes)
    if workload.first:
        start = perf_counter()
        value = first_value(library, made())
        yield {"value": value, "number": (perf_counter() - start) * scale}
        return
    quiet = library is not None and not workload.records
    with library.no_grad() if quiet else nullcontext():
        value = first_value(library, made())
        for _ in range(WARM_UP - 1):
            made()
        yield {"value": value}
        while True:
            yield {"number": seconds(made, least) * scale}


def profile(workload: Workload, trace: Path) -> None:
    """Print where the time of some steps goes, op by op, and write the trace of every call."""
    import autograd

    library, step = prepare(workload, "chaingrad", workload.sizes)
    with nullcontext() if workload.records else library.no_grad():
        for _ in range(WARM_UP):
            step()
        with autograd.profile() as p:
            for _ in range(PROFILED):
                step()
    trace.parent.mkdir(parents=True, exist_ok=True)
    p.save(trace)
    print(f"{workload.title}, {PROFILED} steps; every call in {trace}\n{p}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("library")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--profile", type=Path, metavar="TRACE")
    parser.add_argument("--least", type=float, default=0.5, help="seconds for a number")
    options = parser.parse_args()
    workload = WORKLOADS[options.workload]
    if options.profile:
        profile(workload, options.profile)
        return
    answering, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    try:
        for answer in answers(workload, options.library, options.tiny, options.least):
            print(json.dumps(answer), file=answering, flush=True)
            if not sys.stdin.readline():
                return
    except Exception as error:
        first_line = str(error).strip().partition("\n")[0]
        failed = f"{type(error).__name__}: {first_line}"
        print(json.dumps({"failed": failed}), file=answering, flush=True)
        raise


if __name__ == "__main__":
    main()
