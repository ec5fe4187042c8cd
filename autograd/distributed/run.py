"""The launcher: `python -m autograd.distributed.run -n 4 train.py`, and there are four processes.

It finds `mpiexec`, shares the cores out, puts the rank before each line of output, and ends all
processes when one of them fails.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

from autograd.distributed.mpi import INSTALL
from autograd.distributed.output import Output
from autograd.errors import ArgumentError, AutogradError, MissingFileError, MissingProgramError

__all__ = ["command", "environment", "main", "mpiexec"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
           "VECLIB_MAXIMUM_THREADS")  # fmt: skip
TIMEOUT = "CHAINGRAD_TIMEOUT"
_BY = re.compile(r"process rank (\d+)|Process name: \[[^\]]*,(\d+)\]")
# Names under which Open MPI finds a folder for what its processes on one machine share.
_FOLDERS = ("OMPI_MCA_btl_sm_backing_directory", "OMPI_MCA_osc_sm_backing_directory",
            "OMPI_MCA_osc_rdma_backing_directory", "PRTE_MCA_prte_tmpdir_base")  # fmt: skip


# Read a line from the launcher; where there comes none it has ended, and its processes are to end.
_GUARD = 'read -r line || kill "$0"'

# Who a process is, under the names that torchrun gives and programs for it read.
_TOLD = """
export RANK="${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-$PMIX_RANK}}" WORLD_SIZE=%d
export LOCAL_RANK="${OMPI_COMM_WORLD_LOCAL_RANK:-${MPI_LOCALRANKID:-$RANK}}"
export LOCAL_WORLD_SIZE="${OMPI_COMM_WORLD_LOCAL_SIZE:-${MPI_LOCALNRANKS:-$WORLD_SIZE}}"
exec "$@"
"""


def mpiexec() -> str:
    """The `mpiexec` that belongs to this Python, else that of the machine."""
    told = os.environ.get("MPIEXEC")
    own = [str(Path(place) / "mpiexec") for place in (Path(sys.prefix) / "bin",
                                                      Path(sys.executable).parent)]  # fmt: skip
    for name in [told] if told else [*own, "mpiexec", "mpirun"]:
        if found := shutil.which(name):
            return found
    raise MissingProgramError(
        f"{f'MPIEXEC is {told}, and there is no such program' if told else 'there is no mpiexec'}: "
        f"{INSTALL}  brings it along"
    )


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def environment(options: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, str]:
    """What the processes find in their environment: each its share of the cores."""
    found = {**environ, "PYTHONUNBUFFERED": "1"}
    threads = options.threads or max(1, cores() // options.n)
    for name in THREADS:
        if options.threads or name not in environ:
            found[name] = str(threads)
    found |= {"MASTER_ADDR": environ.get("MASTER_ADDR", "127.0.0.1"),
              "MASTER_PORT": environ.get("MASTER_PORT", "29500")}  # fmt: skip
    if options.n == 1:
        found |= {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "LOCAL_WORLD_SIZE": "1"}
    if options.timeout:
        found[TIMEOUT] = str(options.timeout)
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # Open MPI asks twice
        found |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return found


@contextmanager
def own_folder(options: argparse.Namespace) -> Iterator[dict[str, str]]:
    """Variables that give the processes a folder of their own for the memory that they share.

    Open MPI names its files by 16 bits of a hash, in a folder of all programs: of two that are run
    at once one may find the other's. On several machines it is left to itself.
    """
    if options.hostfile:
        yield {}
        return
    memory = "/dev/shm"
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(
        prefix="chaingrad-", dir=place, ignore_cleanup_errors=True
    ) as folder:
        yield dict.fromkeys(_FOLDERS, folder)


def _guard(pid: int) -> subprocess.Popen[bytes]:
    """Who ends a process when this one has ended and has not sent a line before."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, str(pid)],
        stdin=subprocess.PIPE, stdout=quiet, stderr=quiet,
        start_new_session=True,  # no Ctrl-C and no end of a terminal is for it
    )  # fmt: skip


@contextmanager
def terminable(process: subprocess.Popen[bytes], is_program: bool) -> Iterator[list[int]]:
    """A block in which what is to end the launcher ends the process too; which signals came.

    SIGTERM is a scheduler's or of `timeout`, SIGHUP comes when a terminal is closed, SIGINT is its
    Ctrl-C, of which a program that `is_program` hears by itself, and has time to end as it likes.
    SIGKILL is heard by nobody, but by a guard, who finds the end of its pipe.
    """
    came: list[int] = []

    def stop(number: int, frame: Any) -> None:
        came.append(number)
        if not (is_program and number == signal.SIGINT):
            process.terminate()

    is_main = current_thread() is main_thread()  # no other may listen
    names = ("SIGINT", "SIGTERM", "SIGHUP") if is_main else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = [(number, signal.signal(number, stop)) for number in numbers]
    guard = _guard(process.pid) if os.name == "posix" else None
    try:
        yield came
    finally:
        if guard is not None:
            guard.communicate(b"\n")
        for number, handler in before:
            signal.signal(number, handler)


def command(options: argparse.Namespace) -> list[str]:
    """What is run: the program itself for one process, else by mpiexec."""
    program = [sys.executable, *(["-m"] if options.module else []), options.program, *options.args]
    if options.n == 1 and not options.hostfile:
        return program
    if os.name == "posix":
        program = ["/bin/sh", "-c", _TOLD % options.n, "sh", *program]
    starter = mpiexec()
    asked = subprocess.run([starter, "--version"], capture_output=True, text=True, check=False)
    flags = ["-n", str(options.n)]
    if "Open MPI" in asked.stdout or "prte" in asked.stdout:
        flags += ["--oversubscribe", "--bind-to", "none", "--output", "tag"]
        if not (sys.stdin and sys.stdin.isatty()):  # whose end no process would be told of
            flags += ["--stdin", "none"]
        if options.hostfile:
            told = environment(options, os.environ)
            names = [name for name in (*THREADS, "PYTHONUNBUFFERED", TIMEOUT) if name in told]
            flags += ["--hostfile", options.hostfile]
            flags += [part for name in names for part in ("-x", name)]
    else:
        flags += ["-prepend-rank", *(["-f", options.hostfile] if options.hostfile else [])]
    return [starter, *flags, *program]


def run(options: argparse.Namespace) -> int:
    """Run the processes to their end; gives the exit code."""
    line, environ = command(options), environment(options, os.environ)
    if line[0] == sys.executable:
        process = subprocess.Popen(line, env=environ)
        with terminable(process, is_program=True):
            return _code(process.wait())
    with own_folder(options) as more:
        return _run(line, {**environ, **more}, options)


def _run(line: list[str], environ: dict[str, str], options: argparse.Namespace) -> int:
    pipe = subprocess.PIPE
    with subprocess.Popen(line, env=environ, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        streams = [Output(process.stdout, sys.stdout, not options.no_prefix),
                   Output(process.stderr, sys.stderr, not options.no_prefix)]  # fmt: skip
        with terminable(process, is_program=False) as came:
            process.wait()
        for stream in streams:
            stream.join()
    if came:
        return _code(-came[0])
    if process.returncode:
        print(_failure(streams, process.returncode, options.n), file=sys.stderr)
    return _code(process.returncode)


def _code(returncode: int) -> int:
    return 128 - returncode if returncode < 0 else returncode  # as shells say it of signals


def _failure(streams: Sequence[Output], code: int, count: int) -> str:
    """One sentence: which rank has failed, and of what."""
    if code < 0:
        return f"autograd.distributed.run: mpiexec was ended by signal {-code}, and all with it"
    told = "".join(line for stream in streams for line in stream.said).replace("\n", " ")
    by = _BY.search(told)
    rank = None if by is None else int(by[1] or by[2])
    killed = re.search(r"signal (\d+) \(([^)]*)\)", told)
    last = streams[1].errors.get(-1 if rank is None else rank, "")
    reason = f"it was ended by signal {killed[1]} ({killed[2]})" if killed else last
    who = "a process" if rank is None else f"rank {rank}"
    return (
        f"autograd.distributed.run: {who} of {count} has failed (exit code {_code(code)}), and the "
        f"others were ended{f': {reason}' if reason else ''}"
    )


def parse(args: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        "python -m autograd.distributed.run",
        description="Run a program in several processes, which meet in init_process_group().",
    )
    add = parser.add_argument
    add("-n", "--nproc-per-node", "--nproc_per_node", type=int, default=cores(), dest="n",
        metavar="N", help="how many processes (default: one for each core)")  # fmt: skip
    add("-m", "--module", action="store_true", help="PROGRAM is the name of a module")
    add("--threads", type=int, help="threads of each process (default: its share of the cores)")
    add("--timeout", type=float, help="seconds after which the watchdog says who waits for what")
    add("--hostfile", help="a file with the machines to run on, as mpiexec takes it")
    add("--nnodes", choices=["1", "1:1"], help="1, as torchrun takes it; else see --hostfile")
    for name in ("standalone", "master-addr", "master-port", "rdzv-backend", "rdzv-endpoint"):
        more: Any = {"action": "store_true"} if name == "standalone" else {"metavar": "..."}
        spelled = {f"--{name}": 0, f"--{name.replace('-', '_')}": 0}
        add(*spelled, help="taken as torchrun does; MPI needs none of it", **more)
    add("--no-prefix", action="store_true", help="no rank before the lines of the output")
    add("program", metavar="PROGRAM", help="a Python file, or with -m a module")
    add("args", nargs=argparse.REMAINDER, metavar="...", help="what the program gets")
    options = parser.parse_args(args)
    for name in ("n", "threads", "timeout"):
        if (value := getattr(options, name)) is not None and value <= 0:
            raise ArgumentError(
                f"run: {'-' if name == 'n' else '--'}{name} is above 0, not {value}"
            )
    if options.module:
        if not _is_module(options.program):
            raise MissingFileError(f"run: there is no module {options.program}")
    elif not Path(options.program).is_file():
        raise MissingFileError(f"run: there is no program {options.program}")
    if options.hostfile and not Path(options.hostfile).is_file():
        raise MissingFileError(f"run: there is no host file {options.hostfile}")
    return options


def _is_module(name: str) -> bool:
    """Whether there is such a module, as far as is known without running any of it."""
    try:
        return find_spec(name.partition(".")[0]) is not None
    except ValueError:  # it runs as __main__, and so is there
        return True


def main(args: Sequence[str] | None = None) -> int:
    """The command: gives its exit code."""
    try:
        return run(parse(args))
    except AutogradError as error:
        print(f"autograd.distributed.run: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
