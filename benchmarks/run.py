"""Run the workloads in every library that is there, and print a Markdown table.

Each number comes from a process of its own. Rounds are interleaved - every workload in every
library, then all again - so that a machine that slows down for a while slows all of them. The table
shows the median of the rounds, and the spread between their quartiles in brackets.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from workloads import WORKLOADS

HERE = Path(__file__).parent
THREADS = "2"
# glibc's allocator set as `autograd.memory` sets it. Plain NumPy by hand gets the same, so that the
# two differ by the engine alone.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(512 << 20)}
NAMES = {"chaingrad": "chaingrad", "numpy": "NumPy by hand", "torch": "PyTorch"}
VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="numbers per cell (default 5)")
    parser.add_argument(
        "--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="WORKLOAD",
        help=f"some of: {', '.join(WORKLOADS)}",
    )  # fmt: skip
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-peers/bin/python"),
        help="Python of an environment with PyTorch; left out where there is none",
    )  # fmt: skip
    parser.add_argument(
        "--profile", choices=WORKLOADS, metavar="WORKLOAD",
        help="print where the time of one workload goes, op by op, and nothing else",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, default=Path("out/benchmarks.json"))
    return parser.parse_args()


def call(python: str, *arguments: str) -> str:
    """The output of a Python process, which has two threads for its linear algebra."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, THREADS)
    if arguments[-1] == "numpy":
        environment |= KEEP_MEMORY
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a program is compiled at its first import
    done = subprocess.run(
        [python, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout.strip()


def measure(pythons: dict[str, str], only: list[str], rounds: int) -> dict[str, Any]:
    """workload -> library -> the numbers of all rounds."""
    found: dict[str, Any] = {name: {} for name in only}
    losses: dict[str, dict[str, float | None]] = {}
    for turn in range(rounds):
        for name in only:
            for library in WORKLOADS[name].libraries:
                if library in pythons:
                    print(f"round {turn + 1}: {name}, {library}", file=sys.stderr)
                    script = str(HERE / WORKLOADS[name].script)
                    answer = json.loads(call(pythons[library], script, name, library))
                    found[name].setdefault(library, []).append(answer["value"])
                    losses.setdefault(name, {})[library] = answer.get("loss")
        check_losses(losses)
    return found


def check_losses(losses: dict[str, dict[str, float | None]]) -> None:
    """Stop if two libraries do not begin with the same loss: they would not do the same work."""
    for name, by_library in losses.items():
        known = {library: loss for library, loss in by_library.items() if loss is not None}
        if known and max(known.values()) - min(known.values()) > 1e-4 * max(known.values()):
            raise SystemExit(f"{name}: the first losses differ: {known}")


def cell(numbers: list[float] | None) -> str:
    if not numbers:
        return "–"
    if len(numbers) == 1:
        return shown(numbers[0], 3)
    low, _, high = quantiles(numbers, n=4, method="inclusive")
    return f"{shown(median(numbers), 3)} ({shown(high - low, 1)})"


def shown(number: float, digits: int) -> str:
    """The number with so many digits that count, never as a power of ten."""
    return f"{float(f'{number:.{digits}g}'):g}"


def ratio(found: dict[str, list[float]], other: str) -> str:
    if other not in found or "chaingrad" not in found:
        return "–"
    return f"{median(found['chaingrad']) / median(found[other]):.2f}"


def table(results: dict[str, Any], libraries: list[str]) -> str:
    others = [library for library in libraries if library != "chaingrad"]
    heads = [
        "workload", "unit", *(NAMES[library] for library in libraries),
        *(f"chaingrad ÷ {NAMES[library]}" for library in others),
    ]  # fmt: skip
    rows = [heads, ["---", "---", *["---:"] * (len(heads) - 2)]]
    for name, found in results.items():
        workload = WORKLOADS[name]
        cells = [cell(found.get(library)) for library in libraries]
        ratios = [ratio(found, library) for library in others]
        rows.append([workload.title, workload.unit, *cells, *ratios])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine() -> str:
    """The processor's name and number of cores."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(": ")[2] if lines else name
    return f"{name}, {os.cpu_count()} cores"


def main() -> None:
    options = parse()
    if options.profile:
        print(call(sys.executable, str(HERE / "workloads.py"), options.profile, "chaingrad",
                   "profile"))  # fmt: skip
        return
    pythons = {"chaingrad": sys.executable, "numpy": sys.executable}
    if options.peers.exists():
        pythons["torch"] = str(options.peers)
    else:
        print(f"no {options.peers}: without PyTorch (`make bench-peers` adds it)", file=sys.stderr)
    versions = {name: call(python, "-c", VERSION, name) for name, python in pythons.items()}
    results = measure(pythons, options.only, options.rounds)
    described = ", ".join(f"{name} {version}" for name, version in versions.items())
    print(f"{machine()}, {THREADS} threads; Python {platform.python_version()}, {described};")
    print(f"median of {options.rounds} rounds (spread between the quartiles)\n")
    print(table(results, list(pythons)))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    record = {"machine": machine(), "versions": versions, "results": results}
    options.json.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
