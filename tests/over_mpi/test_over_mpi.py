"""Runs the cases beside it in processes of MPI: once for each number of processes, all of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd.distributed import run
from tests.over_mpi import killed

HERE = Path(__file__).parent


def run_cases(count: int, where: Path) -> str:
    """The output of pytest in so many processes, each of which runs all the cases."""
    options = run.parse(["-n", str(count), "--threads", "1", "--timeout", "60", "-m", "pytest",
                         "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header",
                         "--color=no",
                         "--rootdir", str(HERE.parents[1]), str(where)])  # fmt: skip
    environ = run.environment(options, {**os.environ, "PYTHONPATH": str(HERE.parents[1])})
    with run.own_folder(options) as more:
        found = subprocess.run(
            run.command(options),
            env={**environ, **more, "PYTHONFAULTHANDLER": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.mark.parametrize("count", [2, 4])
def test_cases_hold_in_several_processes(count):
    told = run_cases(count, HERE / "cases")
    assert told.count(" passed") == count, told


def launched(tmp_path, program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What becomes of a program that the launcher runs."""
    path = tmp_path / "program.py"
    path.write_text(program)
    command = [sys.executable, "-m", "autograd.distributed.run", "--threads", "1", *options, path]
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


BEGIN = """
import os, signal, sys, time
import autograd as ag
import autograd.distributed as dist
import nn
dist.init_process_group(timeout=2)
model = nn.Sequential(nn.Linear(3, 1))
model.compile(optimizer="sgd", loss="mse")
rank = dist.get_rank()
dist.barrier(async_op=True).wait(60)  # who begins late, on a busy machine, is no fault yet
"""
FAULTS = {  # what one of two processes does, and what is said of it
    "a rank that raises": ("raise ValueError('no such digit')",
                           ["[1] ValueError: no such digit", "rank 1 of 2 has failed"]),
    "a rank that raises, and leaves in order": (
        "\ntry:\n    raise ValueError('no such digit')\nfinally:\n    dist.destroy_process_group()",
        ["rank 1 of 2 has failed (exit code 1), and the others were ended: ValueError: no such"]),
    "a rank that is killed": ("os.kill(os.getpid(), signal.SIGKILL)",
                              ["rank 1 of 2 has failed", "it was ended by signal 9"]),
    "a rank that ends early": ("sys.exit()",
                               ["rank 0 waited", "all_reduce(sum) of float32 (2,)",
                                "rank 1: has come to the end of its program"]),
    "a rank that computes on": ("\nwhile True: time.sleep(0.1)",
                                ["rank 0 waited", "rank 1: waits for nobody: it is at",
                                 "program.py:13"]),
    "a rank that took another branch": ("dist.broadcast(ag.Tensor([1.0, 2.0]), 0)",
                                        ["rank 0: all_reduce(sum) of float32 (2,)",
                                         "rank 1: broadcast from 0 of float32 (2,)"]),
    "a rank that exits with a code": ("\n"
                                      "os._exit(3)", ["rank 1 of 2 has failed (exit code 3)"]),
    "a rank that evaluates alone": ("nn.functional.mse_loss(ag.Tensor([1.0]), ag.Tensor([2.0]))\n"
                                    "model.evaluate(ag.ones(4, 3).numpy(), ag.ones(4, 1).numpy())",
                                    ["rank 0: all_reduce(sum) of float32 (2,) at ", "program.py:1",
                                     "rank 1: "]),
    "a rank that is stopped": ("os.kill(os.getpid(), signal.SIGSTOP)",
                               ["rank 0 waited", "rank 1: does not answer", "is stopped"]),
    "a rank with another shape": ("dist.all_reduce(ag.Tensor([1.0]))",
                                  ["rank 1: all_reduce(sum) of float32 (1,)"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_one_ends_all_and_is_named(tmp_path, fault):
    done, said = FAULTS[fault]
    rest = "if rank == 1:\n    " + done.replace("\n", "\n    ").strip() + "\n"
    end = "dist.all_reduce(ag.Tensor([1.0, 2.0]))\ntime.sleep(1)\n"
    found = launched(tmp_path, BEGIN + rest + end, "-n", "2")
    assert found.returncode != 0
    for text in said:
        assert text in found.stderr, found.stderr


@pytest.mark.parametrize("ends_by", [signal.SIGTERM, signal.SIGKILL])
def test_a_launcher_that_ends_ends_all(tmp_path, ends_by):
    path = tmp_path / "program.py"
    path.write_text(BEGIN + f"open(rf'{tmp_path}/{{os.getpid()}}.pid', 'w').close()\n"
                            "time.sleep(100)\n")  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "autograd.distributed.run", "--threads", "1", "-n", "2", path],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    pids: list[int] = []
    until = time.monotonic() + 60
    while len(pids) < 2 and time.monotonic() < until:
        time.sleep(0.05)
        pids = [int(found.stem) for found in tmp_path.glob("*.pid")]
    process.send_signal(ends_by)
    process.communicate(timeout=60)
    assert process.returncode == (-ends_by if ends_by == signal.SIGKILL else 128 + ends_by)
    assert len(pids) == 2
    while alive := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:  # or not yet reaped
        assert time.monotonic() < until, alive
        time.sleep(0.05)


def test_the_launcher_passes_arguments_output_and_success(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(
        "import os, sys\nfrom autograd.distributed import *\ninit_process_group()\n"
        "print(get_rank(), sys.argv[1:], *map(os.environ.get, ('OMP_NUM_THREADS', 'RANK', \n"
        "      'LOCAL_RANK', 'WORLD_SIZE', 'LOCAL_WORLD_SIZE', 'MASTER_ADDR')))\n"
    )
    options = run.parse(["-n", "2", "--threads", "1", str(path), "--lr", "0.1"])
    found = subprocess.run(
        [sys.executable, "-m", "autograd.distributed.run", "-n", "2", "--threads", "1", path,
         "--lr", "0.1"],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert options.args == ["--lr", "0.1"]
    assert found.returncode == 0, found.stderr
    assert sorted(found.stdout.splitlines()) == [
        "[0] 0 ['--lr', '0.1'] 1 0 0 2 2 127.0.0.1",
        "[1] 1 ['--lr', '0.1'] 1 1 1 2 2 127.0.0.1",
    ]


@pytest.mark.parametrize(("way", "kills"), [("shared", 2), ("compiled", 1)])
def test_a_training_goes_on_from_where_killed_processes_left_it(way, kills):
    killed.run(kills, seed=21, way=way)  # rank 1 at any moment, then rank 0, with half a backup
