"""Workers: each task once or not at all, by who is free; they wait awake where a loop can."""

import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

from autograd.kernels.parallel import workers
from autograd.kernels.parallel.twins import compiled_twin, twins_run
from autograd.kernels.parallel.workers import BOARD, DONE, GIVEN, Workers

TIMEOUT = 10


@pytest.fixture
def crew():
    made = Workers()
    yield made
    made.stop()


def test_a_task_runs_on_another_thread(crew):
    met = []
    (task,) = crew.give(lambda: met.append(threading.current_thread().name), 1)
    while not met:
        time.sleep(0.001)
    assert task.wait() is None
    assert met == ["chaingrad-0"]


def test_what_a_task_raises_is_told_to_who_waits(crew):
    begun = threading.Event()

    def fails():
        begun.set()
        raise KeyError("lost")

    (task,) = crew.give(fails, 1)
    assert begun.wait(TIMEOUT)
    assert isinstance(task.wait(), KeyError)


def test_a_worker_that_is_busy_is_not_waited_for(crew):
    begun, go_on = threading.Event(), threading.Event()

    def waits():
        begun.set()
        go_on.wait(TIMEOUT)

    (first,) = crew.give(waits, 1)
    assert begun.wait(TIMEOUT)
    assert crew.give(lambda: None, 1) == []
    go_on.set()
    assert first.wait() is None
    assert len(crew.give(lambda: None, 1)) == 1  # it is free again


def test_a_task_that_has_not_begun_is_taken_back(crew, monkeypatch):
    """As where other programs have all cores: whoever gave it has done the work meanwhile."""
    kept = threading.Event()

    def stays(board, done, seen):
        board[DONE] = done
        kept.wait(TIMEOUT)

    monkeypatch.setattr(workers._ways, "awake", stays)
    met = []
    (task,) = crew.give(lambda: met.append(1), 1)
    assert task.wait() is None
    (other,) = crew.give(lambda: met.append(2), 1)
    kept.set()
    while not met:
        time.sleep(0.001)
    assert other.wait() is None
    assert met == [2]


def test_a_task_that_is_taken_back_keeps_nothing(crew, monkeypatch):
    """The worker may come to it much later, and to many at once."""
    kept = threading.Event()
    monkeypatch.setattr(workers._ways, "awake", lambda board, done, seen: kept.wait(TIMEOUT))
    array = np.zeros(10)
    found = weakref.ref(array)
    (task,) = crew.give(lambda a=array: a.sum(), 1)
    assert task.wait() is None
    del array
    assert found() is None
    kept.set()


def test_a_worker_that_is_done_before_the_next_is_asked_gets_both_tasks(crew):
    """Which it does one after the other, or not at all if they are taken back."""
    for _ in range(200):
        met = []
        tasks = crew.give(lambda met=met: met.append(1), 3)
        assert [task.wait() for task in tasks] == [None] * len(tasks)
        assert len(met) <= len(tasks)


def test_a_worker_that_waits_keeps_nothing_of_its_task(crew):
    """Else the arrays of the last loop would live until the next."""
    array, done = np.zeros(10), threading.Event()
    (task,) = crew.give(lambda a=array: done.set(), 1)
    assert done.wait(TIMEOUT)
    task.wait()
    array, task = weakref.ref(array), None
    end = time.monotonic() + TIMEOUT
    while array() is not None:
        time.sleep(0.001)
        assert time.monotonic() < end


@pytest.mark.parametrize("count", [1, 3])
def test_no_more_threads_are_made_than_asked_for(crew, count):
    for _ in range(5):
        for task in crew.give(lambda: None, count):
            task.wait()
    assert 1 <= len(crew.all) <= count


def test_no_thread_is_left_when_they_are_stopped(crew):
    for task in crew.give(lambda: None, 2):
        task.wait()
    crew.stop()
    assert not any(worker.thread.is_alive() for worker in crew.all)


@pytest.mark.parametrize("seconds", [0, 0.3], ids=["awake", "asleep"])
def test_a_program_ends_while_a_worker_waits(seconds):
    program = f"""
import time, numpy as np, autograd as ag
from autograd.kernels.parallel.threads import share
ag.set_num_threads(2)
ag.relu(ag.randn(1 << 20)).sum()
share(lambda _: time.sleep(0.01), range(4))
time.sleep({seconds})
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)


@pytest.mark.skipif(not twins_run(), reason="Numba's loops do not run")
class TestWaitingAwake:
    def test_it_tells_what_is_done_and_ends_at_once_when_more_is_given(self):
        board = np.zeros(BOARD, np.int64)
        board[GIVEN] = 5
        compiled_twin(workers.stay_awake)(board, 4, 4)
        assert board[DONE] == 4

    def test_it_sees_what_another_thread_writes(self):
        board = np.zeros(BOARD, np.int64)
        stay = compiled_twin(workers.stay_until)
        stay(board, 0)  # is compiled
        threading.Timer(0.01, board.__setitem__, (DONE, 3)).start()
        end = time.monotonic() + TIMEOUT
        while board[DONE] < 3:
            stay(board, 3)
            assert time.monotonic() < end

    def test_it_ends_by_itself(self):
        board = np.zeros(BOARD, np.int64)
        compiled_twin(workers.stay_until)(board, 1)
        compiled_twin(workers.stay_awake)(board, 0, 0)
        assert board[DONE] == 0

    def test_it_is_looked_for_when_numba_is_loaded(self, monkeypatch):
        ways = workers._Ways()
        monkeypatch.delitem(sys.modules, "numba", raising=False)
        ways.look()
        assert ways.awake is workers.stay_awake
        monkeypatch.setitem(sys.modules, "numba", sys)
        monkeypatch.setattr(workers, "compiled_twin", lambda kernel: kernel.__name__)
        ways.look()
        assert (ways.awake, ways.until) == ("stay_awake", "stay_until")
