"""Loops shared by threads: every piece once, errors raised, BLAS's threads as they were."""

import os
import threading
import time

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import autograd as ag
from autograd.kernels.matrix import dense
from autograd.kernels.parallel import blas, threads
from autograd.kernels.parallel.threads import serial_blas, share


@pytest.fixture
def two_threads():
    before = ag.get_num_threads()
    ag.set_num_threads(2)
    yield
    ag.set_num_threads(before)


def blas_threads():
    """Those of NumPy's BLAS; SciPy has one of its own, which may be loaded at any time."""
    controllers = ThreadpoolController().select(internal_api="openblas").lib_controllers
    return {c.get_num_threads() for c in controllers if "numpy" in c.filepath}


@pytest.mark.usefixtures("two_threads")
class TestShare:
    def test_each_piece_is_worked_on_once(self):
        out = np.zeros(1000)

        def work(i):
            out[i] += i

        share(work, range(1000))
        assert np.array_equal(out, np.arange(1000.0))

    def test_two_threads_work_at_once(self):
        meeting = threading.Barrier(2, timeout=10)
        share(lambda _: meeting.wait(), range(2))  # one thread alone would wait in vain

    def test_what_a_piece_raises_is_raised_when_all_have_stopped(self):
        running = []

        def work(i):
            if i == 0:
                raise KeyError("piece 0")
            running.append(i)
            time.sleep(0.01)
            running.remove(i)

        with pytest.raises(KeyError, match="piece 0"):
            share(work, range(50))
        assert not running

    def test_a_loop_inside_a_piece_is_a_plain_loop(self):
        met = []

        def nested(i):
            here = threading.get_ident()
            share(lambda _: met.append(threading.get_ident() == here), range(10))

        share(nested, range(2))
        assert met == [True] * 20

    def test_error_states_hold_in_every_thread(self):
        meeting = threading.Barrier(2, timeout=10)

        def work(_):
            meeting.wait()
            np.divide(np.ones(3), np.zeros(3))

        with np.errstate(divide="ignore"):
            share(work, range(2))  # a warning would be an error here
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
            share(work, range(2))

    def test_many_threads_may_share_loops_at_once(self):
        sums = {}

        def user(k):
            out = np.zeros(200)

            def work(i):
                out[i] = i * k

            for _ in range(20):
                share(work, range(200))
            sums[k] = out.sum()

        users = [threading.Thread(target=user, args=(k,)) for k in range(4)]
        for u in users:
            u.start()
        for u in users:
            u.join(30)
        assert sums == {k: 19900.0 * k for k in range(4)}

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
    def test_a_forked_child_has_threads_of_its_own(self):
        share(lambda _: None, range(2))
        child = os.fork()
        if not child:
            out = np.zeros(10)
            share(lambda i: out.__setitem__(i, 1), range(10))
            os._exit(0 if out.all() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.usefixtures("two_threads")
def test_blas_is_serial_inside_and_as_before_afterwards():
    assert blas_threads() == {2}
    with serial_blas():
        assert blas_threads() == {1}
        with serial_blas():
            pass
        assert blas_threads() == {1}
    assert blas_threads() == {2}


@pytest.mark.parametrize("number", [0, -1, 1.5, True, "2"])
def test_a_number_of_threads_below_one_is_refused(number):
    with pytest.raises((ValueError, TypeError), match=r"number must be (a whole|at least 1)"):
        ag.set_num_threads(number)


@pytest.mark.usefixtures("two_threads")
def test_serial_blas_does_not_make_one_thread_the_number_of_all():
    threads._threads.forget()  # as in a new process, in which nobody asked for the number
    with serial_blas():
        pass
    assert ag.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    ("length", "large", "parts"),
    [(5, True, [(0, 2), (2, 5)]), (5, False, [(0, 5)]), (1, True, [(0, 1)]), (0, True, [(0, 0)])],
)
def test_the_parts_of_a_range_come_in_their_order(length, large, parts):
    assert threads.share_range(lambda begin, end: (begin, end), length, large) == parts


def test_beside_a_blas_of_another_kind_there_are_as_many_threads_as_cores(monkeypatch):
    """macOS has one, and no `os.sched_getaffinity`."""
    other = type(threads._threads)()
    monkeypatch.setattr(blas, "_libraries", list)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert other.count() == os.cpu_count()


@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(600, 200, 150), (150, 600, 200), (8, 9, 7)]
)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_products_in_tiles_are_products(rows, inner, columns, count):
    rng = np.random.default_rng(0)
    a, b, bias = rng.random((rows, inner)), rng.random((columns, inner)).T, rng.random(columns)
    before = ag.get_num_threads()
    ag.set_num_threads(count)
    try:
        np.testing.assert_allclose(dense.product(a, b, bias), a @ b + bias, rtol=1e-13)
    finally:
        ag.set_num_threads(before)
