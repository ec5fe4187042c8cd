"""Single operations, forward and backward, beside PyTorch eager: where are the cliffs?

python benchmarks/ops.py [--only OPERATION ...] [--rounds 5]

A number is the time of an operation on leaves of a shape and of its backward pass from a given
cotangent. Each library has a process; rounds are interleaved as in `run.py`: a number of every
library, then again, while the others are stopped. Printed are the geometric mean of the ratios to
PyTorch for each shape, the worst twenty, and, with --all, every operation.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np
from columns import COLUMNS, REFERENCE
from library import Step, open_library
from operations import OPERATIONS, Operation, Shape
from report import markdown, ratios, shown
from rounds import HERE, THREADS, Measured, Worker, check_values, environment
from run import interpreters, machine
from worker import WARM_UP, seconds

SHAPES: tuple[Shape, ...] = ((8, 8), (64, 256), (1024, 1024))
WORST = 20
Case = tuple[str, Shape]
Found = dict[Case, Measured]


# ---- in the process of a library -----------------------------------------------------------------


def prepare(library: Any, operation: Operation, shape: Shape) -> tuple[Step, float]:
    """Forward and backward, and a number by which libraries are compared."""
    rng = np.random.default_rng(0)
    drawn = [draw(rng, shape) for draw in operation.draws]
    leaves = [library.leaf(x) for x in drawn[: operation.leaves]]
    inputs = [*leaves, *map(library.constant, drawn[operation.leaves :])]
    size = tuple(operation.run(library, *inputs).shape)
    g = library.constant(rng.standard_normal(size).astype(np.float32))

    def step() -> Any:
        for leaf in leaves:
            leaf.grad = None
        out = operation.run(library, *inputs)
        out.backward(g)
        return out

    found = [step(), *(leaf.grad for leaf in leaves)]
    means = [np.mean(np.abs(library.numpy(x)), dtype=np.float64) for x in found]
    return step, float(sum(means))


def answers(name: str, cases: Iterable[Case], rounds: int, least: float) -> Iterator[Any]:
    """What the process prints, one line further whenever it is asked."""
    library = open_library(name)
    yield {"value": None}
    for operation, shape in cases:
        try:
            step, value = prepare(library, OPERATIONS[operation], shape)
        except Exception as error:  # noqa: BLE001 - said in a footnote
            yield {"failed": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"}
            continue
        for _ in range(WARM_UP):
            step()
        yield {"value": value}
        for _ in range(rounds):
            yield {"number": 1e3 * seconds(step, least)}


def serve(options: argparse.Namespace) -> None:
    answering, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    for answer in answers(options.serve, cases_of(options), options.rounds, options.least):
        print(json.dumps(answer), file=answering, flush=True)
        if not sys.stdin.readline():
            return


# ---- in the process that asks --------------------------------------------------------------------


def cases_of(options: argparse.Namespace) -> list[Case]:
    return [(name, shape) for shape in options.shapes for name in options.only]


def measured(options: argparse.Namespace, pythons: dict[str, str]) -> Found:
    """The milliseconds of every case, by column."""
    shapes = [f"{height}x{width}" for height, width in options.shapes]
    script = [str(HERE / "ops.py"), "--rounds", str(options.rounds), "--only", *options.only]
    script += ["--least", str(options.least), "--shapes", *shapes]
    found: Found = {}
    with ExitStack() as stack:
        workers = {}
        for key, python in pythons.items():
            command = [python, *script, "--serve", COLUMNS[key].library]
            variables = environment(COLUMNS[key], options.threads)
            workers[key] = stack.enter_context(Worker(command, variables, options.limit))
            workers[key].answer()
        for case in cases_of(options):
            print(*case, file=sys.stderr)
            found[case] = measure(workers, options.rounds)
            if OPERATIONS[case[0]].is_alike:
                check_values(f"{case[0]} {case[1]}", found[case].values)
    return found


def measure(workers: dict[str, Worker], rounds: int) -> Measured:
    """One case."""
    of_case = Measured()
    for key, worker in workers.items():
        with of_case.excuse(key):
            of_case.values[key] = worker.ask("value")
    for _ in range(rounds):
        for key in of_case.values:
            with of_case.excuse(key):
                of_case.numbers.setdefault(key, []).append(workers[key].ask())
    return of_case


# ---- what is printed -----------------------------------------------------------------------------


def ratio(of_case: Measured, column: str) -> float | None:
    """The median of what the column took divided by what PyTorch took, round by round."""
    found = ratios(of_case.numbers, column)
    return median(found) if found else None


def means(found: Found, columns: list[str]) -> str:
    """The geometric mean for each shape, how many operations are above 1 and above 3."""
    rows = [["÷ PyTorch, geometric mean", "operations"]]
    for key in columns:
        rows[0] += [COLUMNS[key].title, "above 1", "above 3"]
    for shape in dict.fromkeys(shape for _, shape in found):
        here = [of_case for (_, size), of_case in found.items() if size == shape]
        row = [str(shape), str(len(here))]
        for key in columns:
            known = [r for of_case in here if (r := ratio(of_case, key)) is not None]
            mean = shown(geometric_mean(known)) if known else "–"
            row += [mean, *(str(sum(r > most for r in known)) for most in (1, 3))]
        rows.append(row)
    return markdown(rows, 1)


def table(found: Found, column: str, most: int | None = None) -> str:
    """The cases that take longest beside PyTorch, from the worst down."""
    known = {case: r for case, of in found.items() if (r := ratio(of, column)) is not None}
    rows = [["operation", "shape", f"{COLUMNS[column].title} ms", "PyTorch ms", "÷ PyTorch"]]
    for case in sorted(known, key=known.__getitem__, reverse=True)[:most]:
        numbers = found[case].numbers
        took = [shown(median(numbers[key])) for key in (column, REFERENCE)]
        rows.append([case[0], str(case[1]), *took, shown(known[case])])
    return markdown(rows, 2)


def report(found: Found, columns: list[str], everything: bool = False) -> str:
    """All as Markdown."""
    parts = [means(found, columns)]
    for key in columns:
        parts.append(table(found, key, None if everything else WORST))
    failed = {
        f"{name} {shape}, {COLUMNS[key].title}: {why}"
        for (name, shape), of_case in found.items()
        for key, why in of_case.reasons.items()
    }
    return "\n\n".join([*parts, *sorted(failed)])


def shape_from(text: str) -> Shape:
    height, width = map(int, text.split("x"))
    return height, width


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="numbers per cell (default 5)")
    add("--least", type=float, default=0.02, help="seconds for a number (default 0.02)")
    add("--threads", type=int, default=THREADS, help=f"of every library (default {THREADS})")
    add("--only", nargs="+", choices=OPERATIONS, default=list(OPERATIONS), metavar="OPERATION")
    add("--shapes", nargs="+", type=shape_from, default=list(SHAPES), metavar="8x8")
    add("--columns", nargs="+", choices=COLUMNS, default=["fast", "chaingrad", REFERENCE],
        metavar="COLUMN", help="of chaingrad and PyTorch (default all three)")  # fmt: skip
    add("--torch", type=Path, default=Path(".venv-peers/bin/python"))
    add("--limit", type=float, default=60, help="seconds for an answer")
    add("--all", action="store_true", help="every operation, not only the worst")
    add("--serve", metavar="LIBRARY", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    if options.serve:
        serve(options)
        return
    versions, pythons = interpreters(
        options.columns, {"own": sys.executable, "torch": options.torch}
    )
    if REFERENCE not in pythons:
        raise SystemExit(f"there is no PyTorch in {options.torch}: make bench-peers")
    found = measured(options, pythons)
    words = ", ".join(f"{name} {number}" for name, number in versions.items())
    print(f"{machine()}, {options.threads} threads; {words}; median of {options.rounds} rounds.\n")
    print(report(found, [key for key in pythons if key != REFERENCE], options.all))


if __name__ == "__main__":
    main()
