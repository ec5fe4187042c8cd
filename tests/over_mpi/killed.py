"""A training whose processes are killed, and which is started again, as often as is asked for.

`python -m tests.over_mpi.killed 20` kills 20 times; a test kills a few. `compiled` as a third
argument, behind a seed, kills trainings whose steps are plans. One process is killed at any moment,
or while the backup is gathered and written, in each of the steps of that in turn. Every time the
others end by themselves with an error, the backup is whole, and the training goes on from it with
as many processes as are drawn; its losses are those of a training that nobody has disturbed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds, on a machine that does much else
TIMEOUT = 15.0  # of the watchdog
PROGRAM = """
import json, os, signal, sys, time
from contextlib import suppress
from pathlib import Path
import numpy as np
import autograd as ag
import nn, optim
from autograd.distributed import alone

folder, pace, is_compiled = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "compiled"
moment, victim, number = sys.argv[4], int(sys.argv[5]), int(sys.argv[6])
rank, size = alone.joined()
come = 0

def kills(place, name, is_it, before=False, half=b""):  # behind that call, or before it
    function = getattr(place, name)

    def call(*args, **options):
        global come
        found = None if before else function(*args, **options)
        is_meant = bool(is_it(*args))
        come += is_meant
        if is_meant and come == number:
            if half and rank == victim:
                os.write(args[0], half)
            with suppress(ProcessLookupError):
                os.kill(int((folder / f"pid{victim}").read_text()), signal.SIGKILL)
        return function(*args, **options) if before else found

    setattr(place, name, call)

def is_new(path, *_):
    return ".chaingrad-" in str(path) and str(path).endswith(".tmp")

def is_file(handle, *_):
    return isinstance(handle, int) and os.path.isfile(f"/proc/self/fd/{handle}")

if moment == "gather":
    from autograd.distributed import objects
    kills(objects.exchanges, "all_gathered", lambda g, a, r, text, w:
          "all_gather_object, of" in text and (folder / f"pid{rank}").exists())
elif moment == "open":
    kills(os, "open", lambda path, flags, *_: is_new(path) and flags & os.O_CREAT)
elif moment == "write":
    kills(os, "fdopen", is_file, before=True, half=b"half of it")
elif moment in ("before fsync", "fsync"):
    kills(os, "fsync", is_file, before=moment == "before fsync")
elif moment == "rename":
    kills(os, "replace", is_new)

ag.set_default_dtype("float64")
_ = nn.manual_seed(1)
x = np.random.default_rng(0).standard_normal((24, 6))
model = nn.Sequential(nn.Linear(6, 16, bias=False), nn.BatchNorm1d(16), nn.Tanh(), nn.Dropout(0.2),
                      nn.Linear(16, 2))

def shared(params):
    if is_compiled:  # whole steps, with their exchanges
        return optim.Adam(params, lr=0.01)
    return optim.ZeroRedundancyOptimizer(params, optim.Adam, lr=0.01)

class Slow(nn.callbacks.Callback):
    def on_train_begin(self, logs):
        (folder / f"new{rank}").write_text(str(os.getpid()))
        os.replace(folder / f"new{rank}", folder / f"pid{rank}")

    def on_train_batch_end(self, batch, logs):
        time.sleep(pace)

model.compile(optimizer=shared, loss="mse", metrics="mae", jit_compile=is_compiled)
backup = nn.callbacks.BackupAndRestore(folder / "backup.safetensors", delete_checkpoint=False)
found = model.fit(x, x[:, :2] ** 2, batch_size=8, epochs=25, verbose=0, callbacks=[Slow(), backup])
assert model._compiled.jit.takes_steps == is_compiled
if rank == 0:
    (folder / "curve.json").write_text(json.dumps(found.history))
"""


# where in the writing of a backup: in the exchange that gathers it, behind the opening of the new
# file, with half of it written, ...; None is any moment
MOMENTS = [None, "write", "gather", "rename", "before fsync", "open", "fsync"]


class Kill(NamedTuple):
    """Which process is killed, and when."""

    victim: int = 0
    moment: str | None = None
    number: int = 0  # of the backup in whose writing it is


NOBODY = Kill()


def start(
    folder: Path, count: int, pace: float, way: str, kill: Kill = NOBODY
) -> subprocess.Popen[str]:
    """Begin the training in so many processes."""
    (folder / "train.py").write_text(PROGRAM)
    launch = [sys.executable, "-m", "autograd.distributed.run", "-n", str(count), "--threads", "1"]
    told = [str(folder), str(pace), way, str(kill.moment), str(kill.victim), str(kill.number)]
    command = [*launch, "--timeout", str(TIMEOUT), str(folder / "train.py"), *told]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a training, and what it said of errors."""
    said = process.communicate(timeout=PATIENCE)[1]
    return process.returncode, said


def curve_of(folder: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((folder / "curve.json").read_text())
    return found


def killed_once(folder: Path, count: int, draw: random.Random, way: str, kill: Kill) -> str | None:
    """Train in so many processes, and kill one of them; what was said, or None if it was over."""
    for old in folder.glob("pid*"):
        old.unlink()
    before = check_whole(folder)
    process = start(folder, count, 0.01, way, kill)
    begun = time.monotonic()
    while len([*folder.glob("pid*")]) < count and process.poll() is None:
        assert time.monotonic() - begun < PATIENCE, "the processes do not begin"
        time.sleep(0.01)
    if kill.moment is None:
        time.sleep(draw.uniform(0.0, 0.8))
        if process.poll() is None:
            os.kill(int((folder / f"pid{kill.victim}").read_text()), signal.SIGKILL)
    killed = time.monotonic()
    code, said = ended(process)
    if code == 0:
        return None
    took, last = time.monotonic() - killed, said.strip().splitlines()[-1]
    assert "has failed" in last, said
    assert "signal 9" in last, said
    assert took < TIMEOUT
    now = check_whole(folder)
    if kill.moment and not kill.victim:  # who writes is told when to end
        assert now == before + kill.number - (kill.moment != "rename")
    assert now >= before
    return f"{took:.1f} s: {last}"


def check_whole(folder: Path) -> int:
    """The epochs in the backup, which is whole if it is there at all."""
    import nn

    path = folder / "backup.safetensors"
    if not path.exists():
        return 0
    nn.load(path)
    model = nn.Sequential(
        nn.Linear(6, 16, bias=False, dtype="float64"), nn.BatchNorm1d(16, dtype="float64"),
        nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 2, dtype="float64"),
    )  # fmt: skip
    return int(nn.load_checkpoint(path, model)["epoch"])


def run(kills: int, seed: int = 0, way: str = "shared", tell: Any = lambda text: None) -> None:
    """Kill so many times, and compare the losses at the end."""
    import numpy as np

    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as straight, tempfile.TemporaryDirectory() as folder:
        code, said = ended(start(Path(straight), 2, 0.0, way))
        assert code == 0, said
        moments = [m for m in MOMENTS if way == "shared" or m != "gather"]
        done = 0
        for _ in range(3 * kills):
            count = draw.choice([2, 2, 4])
            victim = draw.choice([0, draw.randrange(1, count)])
            kill = Kill(victim, moments[done % len(moments)], draw.randrange(1, 5))
            told = killed_once(Path(folder), count, draw, way, kill)
            if told is None:  # it came to its end; the next begins anew
                (Path(folder) / "backup.safetensors").unlink(missing_ok=True)
            else:
                done += 1
            tell(f"{count} processes, {kill}: {told}; {check_whole(Path(folder))} epochs are kept")
            if done == kills:
                break
        assert done == kills
        code, said = ended(start(Path(folder), draw.choice([1, 2]), 0.0, way))
        assert code == 0, said
        found, wanted = curve_of(Path(folder)), curve_of(Path(straight))
        assert found.keys() == wanted.keys()
        for name in wanted:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12)
        assert not [*Path(folder).glob(".chaingrad-*")]  # what was half written
        tell(f"after {kills} kills the losses are those of an undisturbed training")


if __name__ == "__main__":
    given = sys.argv[2:]
    run(int(sys.argv[1]), int(given[0]) if given else 0, given[1] if given[1:] else "shared", print)
