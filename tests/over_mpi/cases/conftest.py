"""A case runs in all processes at once; one that fails in any of them ends them all."""

import os
import shutil
import sys
import tempfile

import pytest

import autograd.distributed as dist

# Each process cleans up its own files, and no other's.
_OWN = os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.mkdtemp()


def pytest_sessionstart():
    dist.init_process_group()


def pytest_unconfigure():
    shutil.rmtree(_OWN, ignore_errors=True)


def pytest_sessionfinish():
    if dist.is_initialized():
        dist.destroy_process_group()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and dist.get_world_size() > 1:
        from mpi4py import MPI

        print(f"rank {dist.get_rank()}, {item.name}:\n{report.longreprtext}", file=sys.__stderr__)
        sys.__stderr__.flush()
        MPI.COMM_WORLD.Abort(1)
    return report


@pytest.fixture
def rank():
    return dist.get_rank()


@pytest.fixture
def size():
    return dist.get_world_size()
