"""A child that is forked while other threads are in the middle of something does not hang."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

HEAD = """
import os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore")  # that a process with threads forks
import numpy as np
import autograd as ag, nn, optim
import nn.functional as F
data = np.arange(64, dtype="f4").reshape(16, 4)

def backward(size=5):
    w = ag.Tensor(np.ones(size), requires_grad=True)
    for _ in range(3):
        (w * 2).sum().backward()
    assert w.grad[0] == 6

def profile():
    with ag.profile() as p:
        backward()
    assert p.events

def draw():
    assert ag.random.randn(30_000).shape == (30_000,)

def load():
    assert len(list(nn.data.DataLoader(data, 4, shuffle=True, prefetch=2))) == 4

def train():
    net = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5), nn.LayerNorm(3))
    optimizer = optim.Adam(net.parameters())
    F.cross_entropy(net(data), np.zeros(16, int)).backward()
    optimizer.step()

def share():
    from autograd.kernels.parallel.threads import serial_blas, share
    out = np.zeros(10)
    with serial_blas():
        share(lambda i: out.__setitem__(i, i), range(10))
    assert out[9] == 9

def convolve():
    F.gelu(F.conv2d(images, filters)).sum().backward()

images = np.ones((4, 8, 24, 24), "f4")
filters = ag.Tensor(np.ones((8, 8, 3, 3), "f4"), requires_grad=True)
"""

# Forks while a thread does one thing over and over; each child does all of them.
MANY = """
ag.set_num_threads(2)
busy = {busy}
done = [backward, profile, draw, load, share]
for each in done:
    each()

def work():
    while True:
        busy()

threading.Thread(target=work, daemon=True).start()
children = []
for number in range(40):
    time.sleep(0.001 * (number % 5))
    child = os.fork()
    if not child:
        signal.alarm(20)  # one that hangs dies of it
        for each in done:
            each()
        os._exit(0)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
os.write(1, f"{{codes.count(0)}} of 40".encode())
os._exit(0)
"""


def told(code: str) -> str:
    """What a fresh interpreter prints. BLAS has one thread: with more, a fork hangs in OpenBLAS."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code], capture_output=True, text=True, timeout=120,
        cwd=Path(autograd.__file__).parents[1], env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "busy", ["backward", "lambda: backward(300_000)", "profile", "draw", "load", "train", "share",
             "lambda: data @ data.T"],
)  # fmt: skip
def test_no_child_hangs(busy: str) -> None:
    assert told(MANY.format(busy=busy)) == "40 of 40"


FIRST = """
ag.set_num_threads(2)
thread = threading.Thread(target={first})
thread.start()
codes = []
for number in range(6):
    time.sleep(0.02)
    child = os.fork()
    if not child:
        signal.alarm(60)
        {first}()
        os._exit(0)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
thread.join()
os.write(1, f"{{codes.count(0)}} of 6".encode())
os._exit(0)
"""


@pytest.mark.parametrize("first", ["convolve", "train", "profile"])
def test_a_fork_in_the_middle_of_a_first_call(first: str) -> None:
    """Another thread loads modules, Numba, or compiles a loop."""
    assert told(FIRST.format(first=first)) == "6 of 6"


INHERITED = """
from autograd.engine import recorder
from autograd.kernels.parallel import threads, twins
ag.set_num_threads(2)
release, ready = threading.Event(), threading.Barrier(2)

def hold():
    with threads.serial_blas(), twins.numpy_only(), ag.profile():
        ready.wait()
        release.wait()

thread = threading.Thread(target=hold)
thread.start()
ready.wait()
batches = iter(nn.data.DataLoader(data, 4, prefetch=1))
next(batches)
nn.manual_seed(3)
child = os.fork()
if not child:
    signal.alarm(20)
    assert ag.get_num_threads() == 2 and not threads._threads.serial
    assert not twins._switch.closed
    assert not recorder.watched
    try:
        next(batches)
    except RuntimeError as error:
        assert "prepared by a thread of the process that this one was forked from" in str(error)
    else:
        os._exit(1)
    del batches
    backward()
    os.write(1, str(ag.random.rand(1).tolist()).encode())
    os._exit(0)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
release.set()
thread.join()
assert len(list(batches)) == 3
nn.manual_seed(3)
print("", code, ag.random.rand(1).tolist())
"""


def test_what_dead_threads_had_open_is_closed_in_the_child() -> None:
    drawn, code, *expected = told(INHERITED).split()
    assert code == "0"
    assert [drawn] == expected, "the child draws what its parent would have drawn"


OWN = """
from autograd.engine import recorder
from autograd.kernels.parallel import threads, twins
with threads.serial_blas(), twins.numpy_only(), ag.profile() as p:
    child = os.fork()
    if not child:
        signal.alarm(20)
        assert twins._switch.closed and threads._threads.serial
        backward()
if not child:
    assert p.events and not twins._switch.closed and not threads._threads.serial
    assert not recorder.watched
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_what_the_thread_that_forks_has_open_stays_open() -> None:
    assert told(OWN) == "0\n"


def test_every_lock_of_the_package_is_open_in_a_child() -> None:
    """But for those of workers, which a child has none of, and makes anew."""
    root = Path(autograd.__file__).parents[1]
    paths = [path for name in ("autograd", "nn", "optim") for path in (root / name).rglob("*.py")]
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    lone = re.compile(r"(?<!forkable\()\b(RLock|Lock|Condition|Semaphore)\(")
    found = {n for n, text in texts.items() if lone.search(text.replace("threading.", ""))}
    assert len(texts) > 200
    assert found == {"autograd/kernels/parallel/workers.py"}
