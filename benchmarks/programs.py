"""Programs as users of PyTorch, Keras and HIPS autograd write them: there, and here by the faces.

python benchmarks/programs.py [--only PROGRAM ...] [--rounds 7] [--libraries torch keras hips]

The programs are those of `tests/differential/programs`, whole: data, model, training, results. Each
library has a process (Keras on PyTorch; HIPS autograd's environment is made by `make test-torch`,
PyTorch's too), in which every program runs once before it is timed. Rounds are interleaved, a
program in one library and then in the other, while the other process waits for its turn. Printed is
the median of each and of the ratios of the rounds, with the spread between quartiles.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from statistics import median, quantiles
from typing import IO, Any, cast

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / "tests" / "differential" / "programs"
PEERS = {
    "torch": ROOT / ".venv-peers" / "bin" / "python",
    "keras": ROOT / ".venv-peers" / "bin" / "python",
    "hips": ROOT / ".venv-hips" / "bin" / "python",
}


def serve(library: str, is_here: bool) -> None:
    """Time the programs whose names come on standard input; a line of JSON for each."""
    sys.path.insert(0, str(PROGRAMS))
    if is_here:
        sys.path.insert(0, str(ROOT))
    elif library != "hips":
        os.environ["KERAS_BACKEND"] = "torch"
    import harness
    import numpy as np

    np.seterr(all="ignore")
    for line in sys.stdin:
        name = line.strip()
        source = harness.program(library, name)
        source = harness.changed(source) if is_here else source
        before = time.perf_counter()
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            harness.run(source, name)
        print(json.dumps(time.perf_counter() - before), flush=True)


class Library:
    """A process that runs the programs of one library."""

    def __init__(self, library: str, python: Path, is_here: bool) -> None:
        command = [str(python), "-W", "ignore", __file__, "--serve", library]
        command += ["--here"] if is_here else []
        environment = os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            cwd="/" if not is_here else ROOT,
        )  # fmt: skip

    def seconds(self, name: str) -> float:
        stdin, stdout = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        stdin.write(name + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise SystemExit(f"{name} did not run; its error stands above")
        return float(json.loads(line))

    def close(self) -> None:
        cast("IO[str]", self.process.stdin).close()
        self.process.wait()


def names(library: str, only: list[str] | None) -> list[str]:
    found = sorted(path.stem for path in (PROGRAMS / library).glob("*.py"))
    return [name for name in found if only is None or name in only]


def spread(numbers: list[float]) -> float:
    if len(numbers) < 2:
        return 0.0
    low, _, high = quantiles(numbers, n=4)
    return high - low


def table(library: str, programs: list[str], rounds: int) -> list[tuple[Any, ...]]:
    """(program, milliseconds there, here, ratio, spread of the ratios) of every program."""
    theirs = Library(library, PEERS[library], is_here=False)
    ours = Library(library, Path(sys.executable), is_here=True)
    rows: list[tuple[Any, ...]] = []
    for name in programs:
        pairs = [(theirs.seconds(name), ours.seconds(name)) for _ in range(rounds + 1)][1:]
        ratios = [here / there for there, here in pairs]
        there, here = (1e3 * median(column) for column in zip(*pairs, strict=True))
        rows.append((name, there, here, median(ratios), spread(ratios)))
    theirs.close()
    ours.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--libraries", nargs="*", default=[*PEERS], choices=[*PEERS])
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.here)
        return
    print(
        "| library | program | there, ms | here, ms | ratio |\n| --- | --- | ---: | ---: | ---: |"
    )
    for library in options.libraries:
        programs = names(library, options.only)
        if not programs:
            continue
        for name, there, here, ratio, by in table(library, programs, options.rounds):
            print(f"| {library} | {name} | {there:.1f} | {here:.1f} | {ratio:.2f} ({by:.2f}) |")


if __name__ == "__main__":
    main()
