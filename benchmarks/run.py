"""Run the workloads in every library that is there; write tables, a record and a plot.

A step of training is forward, loss, backward and optimizer. Rounds are interleaved - a number of
every library, then again - and a library's process is stopped while another is measured, so that a
machine that slows down for a while slows all of them. The tables show the median of the rounds, and
the spread between their quartiles in brackets.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from time import perf_counter

from columns import COLUMNS
from report import Record, report
from rounds import HERE, THREADS, check_values, environment, measure
from workloads import WORKLOADS

VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rounds", type=int, default=3, help="numbers per cell (default 3)")
    add("--threads", type=int, default=THREADS, help=f"of every library (default {THREADS})")
    add("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), metavar="WORKLOAD",
        help=f"some of: {', '.join(WORKLOADS)}")  # fmt: skip
    add("--columns", nargs="+", choices=COLUMNS, default=list(COLUMNS), metavar="COLUMN",
        help=f"some of: {', '.join(COLUMNS)}")  # fmt: skip
    add("--tiny", action="store_true",
        help="dimensions of 1 to 4, batches of 1 or 2: nothing but dispatch")  # fmt: skip
    add("--aims", action="store_true", help="what the ratios should reach, met or missed")
    add("--torch", type=Path, default=Path(".venv-peers/bin/python"),
        help="Python of an environment with PyTorch; left out where there is none")  # fmt: skip
    add("--jax", type=Path, default=Path(".venv-jax/bin/python"), help="the same with JAX")
    add("--limit", type=float, default=180, help="seconds for a first step, or no number")
    add("--out", type=Path, default=Path("out"), help="folder of what is written (default out)")
    add("--from", dest="record", type=Path, metavar="JSON",
        help="measure nothing: tables and plot of an earlier record")  # fmt: skip
    add("--profile", choices=[name for name in WORKLOADS if not WORKLOADS[name].is_alone],
        metavar="WORKLOAD", help="where the time of one goes, op by op, with a trace")  # fmt: skip
    return parser.parse_args(arguments)


def version(python: Path | str, package: str) -> str | None:
    """Of a package in the environment of that Python; None if either is missing."""
    try:
        done = subprocess.run(
            [python, "-c", VERSION, package], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def machine() -> str:
    """The processor's name and number of cores."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(": ")[2] if lines else name
    return f"{name}, {os.cpu_count()} cores"


def interpreters(
    columns: list[str], homes: dict[str, Path | str]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """The versions of what is there, and of each column that can run its Python."""
    versions: dict[str, str | None] = {"Python": platform.python_version()}
    pythons: dict[str, str] = {}
    for key in columns:
        column = COLUMNS[key]
        found = {package: version(homes[column.home], package) for package in column.packages}
        missing = [package for package, number in found.items() if number is None]
        if missing:
            print(f"without {column.title}: no {', '.join(missing)}", file=sys.stderr)
        else:
            versions |= found
            pythons[key] = str(homes[column.home])
    return versions, pythons


def measured(options: argparse.Namespace) -> Record:
    """Run what was asked for, in the columns that are there."""
    homes = {"own": sys.executable, "torch": options.torch, "jax": options.jax}
    versions, pythons = interpreters(options.columns, homes)
    record: Record = {
        "date": str(date.today()), "machine": machine(), "threads": options.threads,
        "tiny": options.tiny, "rounds": options.rounds, "versions": versions,
        "columns": list(pythons), "workloads": {},
    }  # fmt: skip
    for name in options.only:
        start = perf_counter()
        print(f"{name} ...", end="", file=sys.stderr, flush=True)
        more = ["--tiny"] if options.tiny else []
        of_workload = measure(
            name, pythons, options.rounds, options.limit, *more, threads=options.threads
        )
        check_values(name, of_workload.values)
        record["workloads"][name] = asdict(of_workload)
        print(f" {perf_counter() - start:.0f} s", file=sys.stderr)
    return record


def write(record: Record, options: argparse.Namespace) -> None:
    """Print the tables; write them, the record and the plot into the folder."""
    suffix = "-tiny" if record["tiny"] else ""
    text = report(record, options.aims)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"benchmarks{suffix}.md").write_text(text, encoding="utf-8")
    written = options.out / f"benchmarks{suffix}.json"
    written.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    try:
        from plot import draw
    except ImportError as error:
        print(f"without a plot: {error} (extra `examples`)", file=sys.stderr)
        return
    for kind in ("png", "svg"):
        draw(record, options.out / f"ratios{suffix}.{kind}")


def main() -> None:
    options = parse()
    if options.profile:
        trace = str(options.out / f"trace-{options.profile}.json")
        command = [sys.executable, str(HERE / "worker.py"), options.profile, "chaingrad"]
        subprocess.run(
            [*command, "--profile", trace],
            env=environment(COLUMNS["fast"], options.threads),
            check=True,
        )
    elif options.record:
        write(json.loads(options.record.read_text(encoding="utf-8")), options)
    else:
        write(measured(options), options)


if __name__ == "__main__":
    main()
