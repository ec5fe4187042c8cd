"""One process is the same program; and what is said where several cannot be started or meet."""

import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
from autograd.distributed import groups, mpi, run
from autograd.distributed.output import Output
from autograd.distributed.reductions import reduced
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DistributedError,
    InPlaceError,
    MissingFileError,
    MissingProgramError,
    ShapeError,
    StateError,
)

ROOT = Path(__file__).parent.parent


@pytest.fixture
def alone():
    dist.init_process_group()
    yield
    dist.destroy_process_group()


# ---- one process ---------------------------------------------------------------------------------


def test_one_process_needs_no_mpi(alone):
    assert (dist.get_rank(), dist.get_world_size(), dist.get_backend()) == (0, 1, "mpi")
    assert dist.is_initialized()
    assert groups.group_of(None, "").comms == []


IN_PLACE = {
    "all_reduce": lambda x: dist.all_reduce(x),
    "all_reduce avg": lambda x: dist.all_reduce(x, "avg"),
    "broadcast": lambda x: dist.broadcast(x, 0),
    "reduce": lambda x: dist.reduce(x, 0),
    "all_gather": lambda x: dist.all_gather([x * 0], x)[0],
    "gather": lambda x: dist.gather(x, [x * 0])[0],
    "scatter": lambda x: dist.scatter(x * 0, [x]),
    "reduce_scatter": lambda x: dist.reduce_scatter(x * 0, [x]),
    "all_to_all": lambda x: dist.all_to_all([x * 0], [x])[0],
    "all_to_all_single": lambda x: dist.all_to_all_single(x * 0, x),
    "all_gather_into_tensor": lambda x: dist.all_gather_into_tensor(x * 0, x),
    "reduce_scatter_tensor": lambda x: dist.reduce_scatter_tensor(x * 0, x),
}
FUNCTIONAL = {
    "all_reduce": lambda x: dist.nn.all_reduce(x),
    "all_reduce product": lambda x: dist.nn.all_reduce(x, "product"),
    "all_reduce max": lambda x: dist.nn.all_reduce(x, "max"),
    "all_gather": lambda x: dist.nn.all_gather(x)[0],
    "broadcast": lambda x: dist.nn.broadcast(x, 0),
    "reduce": lambda x: dist.nn.reduce(x),
    "gather": lambda x: dist.nn.gather(x)[0],
    "scatter": lambda x: dist.nn.scatter([x]),
    "reduce_scatter": lambda x: dist.nn.reduce_scatter(x, [x], "avg"),
    "all_to_all": lambda x: dist.nn.all_to_all([x], [x])[0],
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_collectives_of_one_process_leave_its_numbers(alone, name):
    x = ag.Tensor([[1.0, -2.0], [3.0, 0.5]])
    np.testing.assert_array_equal(IN_PLACE[name](x).numpy(), [[1, -2], [3, 0.5]])


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_collectives_of_one_process_pass_gradients_on(alone, name):
    x = ag.Tensor([[1.0, -2.0], [3.0, 0.5]], requires_grad=True)
    (FUNCTIONAL[name](x) * ag.Tensor([1.0, 4.0])).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [[1, 4], [1, 4]])


def test_handles_and_objects_of_one_process(alone):
    work = dist.all_reduce(ag.Tensor([2.0]), async_op=True)
    assert work.is_completed()
    assert work.wait()
    assert work.result().item() == 2
    assert dist.barrier() is None
    found = [None]
    dist.all_gather_object(found, "a")
    assert found == ["a"]
    both = [1]
    dist.broadcast_object_list(both)
    dist.scatter_object_list(found, [3])
    dist.gather_object(4, both)
    assert (found, both) == ([3], [4])


def test_half_precision_is_reduced_in_single():
    rows = np.full((4, 1), 30000, np.float16)
    out = np.empty(1, np.float16)
    reduced(rows, dist.ReduceOp.AVG, out)
    assert out[0] == 30000


def test_a_data_parallel_model_of_one_process_is_the_model(alone):
    nn.manual_seed(0)
    inner = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    model = nn.parallel.DistributedDataParallel(inner)
    x = ag.Tensor(np.random.default_rng(0).standard_normal((4, 3)))
    with model.no_sync():
        (model(x) ** 2).sum().backward()
    first = [p.grad.numpy().copy() for p in inner.parameters()]
    model.zero_grad()
    (inner(x) ** 2).sum().backward()
    for mine, its in zip(first, inner.parameters(), strict=True):
        np.testing.assert_array_equal(mine, its.grad.numpy())


def test_a_parameter_without_gradient_is_named_in_one_process_too(alone):
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.Linear(2, 2), nn.Linear(2, 2)

        def forward(self, x):
            return self.used(x)

    model = nn.parallel.DistributedDataParallel(Idle())
    with pytest.raises(StateError, match=r"rank 0: idle.weight, idle.bias\n.*find_unused"):
        model(ag.ones(1, 2)).sum().backward()
    model = nn.parallel.DistributedDataParallel(Idle(), find_unused_parameters=True)
    model(ag.ones(1, 2)).sum().backward()


def test_listened_for_leaves_are_told_before_the_sweep_ends():
    from autograd.sweep.early import Listener

    told = []

    class Ear(Listener):
        def begin(self, numbers, create_graph):
            told.append(("begin", sorted(numbers)))

        def whole(self, number):
            told.append((number, leaves[number].grad.item()))

        def end(self):
            told.append("end")

        def stop(self):
            told.append("stop")

    leaves = [ag.Tensor(float(k), requires_grad=True) for k in (2, 3, 5, 7)]
    a, b, c, _ = leaves
    ear = Ear()
    ear.listen(leaves)
    first = a * b
    first.register_hook(lambda g: told.append("the first product"))
    (first * c * b).backward()
    assert told == [("begin", [0, 1, 2]), (2, 18.0), "the first product", *told[3:5], "end"]
    assert {*told[3:5]} == {(0, 45.0), (1, 60.0)}  # b is read in two places
    told.clear()
    y = a * 1
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert told == [("begin", [0]), "stop"]
    told.clear()
    ag.grad(a * b, [a, b])  # adds to no gradient
    assert told == []


# ---- what is said --------------------------------------------------------------------------------


def test_without_a_group_each_function_asks_for_one():
    for call in (dist.get_rank, dist.get_world_size, dist.barrier, dist.get_backend,
                 lambda: dist.all_reduce(ag.ones(2)), lambda: dist.nn.all_gather(ag.ones(2)),
                 lambda: dist.send(ag.ones(2), 0), dist.new_group, dist.destroy_process_group,
                 lambda: nn.parallel.DistributedDataParallel(nn.Linear(1, 1))):  # fmt: skip
        with pytest.raises(StateError, match=r"call autograd\.distributed\.init_process_group"):
            call()


def test_a_second_group_of_all_is_refused(alone):
    with pytest.raises(StateError, match="was called before"):
        dist.init_process_group()


INIT = [
    ({"backend": "gloo"}, ArgumentError, "backend is 'mpi', or left out, not 'gloo'"),
    ({"timeout": 0}, ArgumentError, "timeout is a time to wait, above 0 seconds"),
    ({"timeout": "long"}, ArgumentTypeError, "timeout is a number of seconds or a timedelta"),
    ({"world_size": 2}, DistributedError,
     "2 processes are asked for, and there is 1: start them by  python -m "
     "autograd.distributed.run -n 2"),
    ({"rank": 3}, ArgumentError, "rank is 3, and MPI says 0"),
]  # fmt: skip


TOLD = [
    ({"WORLD_SIZE": "2"}, DistributedError, r"2 processes are asked for \(WORLD_SIZE says so, as"),
    ({"WORLD_SIZE": "two"}, ArgumentError, "WORLD_SIZE is a whole number, not 'two'"),
    ({"RANK": "1"}, DistributedError, "RANK is 1, as torchrun sets it, and MPI says 0"),
    ({"RANK": "-1"}, ArgumentError, "RANK is a whole number, not '-1'"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "kind", "said"), TOLD)
def test_what_torchrun_leaves_in_the_environment_is_checked(monkeypatch, environ, kind, said):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(kind, match=said):
        dist.init_process_group()
    assert not dist.is_initialized()


def test_variables_of_torchrun_that_say_what_is_so_are_no_matter(monkeypatch):
    for name, value in {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1",
                        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    dist.init_process_group(init_method="env://")
    dist.destroy_process_group()


@pytest.mark.parametrize(("options", "kind", "said"), INIT)
def test_a_group_that_cannot_be_is_explained(options, kind, said):
    with pytest.raises(kind, match=said):
        dist.init_process_group(**options)
    assert not dist.is_initialized()


def test_the_time_to_wait_is_told_in_seconds_or_by_the_environment(monkeypatch):
    monkeypatch.setenv("CHAINGRAD_TIMEOUT", "7.5")
    for given, expected in [
        ({}, 7.5),
        ({"timeout": 3}, 3),
        ({"timeout": timedelta(minutes=1)}, 60),
    ]:
        dist.init_process_group("mpi", **given)
        assert groups.group_of(None, "").timeout == expected
        dist.destroy_process_group()
    monkeypatch.setenv("CHAINGRAD_TIMEOUT", "soon")
    with pytest.raises(ArgumentError, match="CHAINGRAD_TIMEOUT is a number of seconds above 0"):
        dist.init_process_group()


def test_starters_are_known_by_what_they_leave_in_the_environment():
    for environ, count in [
        ({}, 0),
        ({"OMPI_COMM_WORLD_SIZE": "4"}, 4),
        ({"PMI_SIZE": "2", "PMI_RANK": "1"}, 2),
        ({"PMIX_RANK": "0", "SLURM_STEP_NUM_TASKS": "8"}, 8),
        ({"PMIX_RANK": "0"}, -1),
        ({"SLURM_STEP_NUM_TASKS": "8"}, 0),
    ]:
        assert mpi.launched(environ) == count


def started_as(program: str, *, path: str = "", **environ: str) -> str:
    """What a process says that believes to be one of two."""
    command = [sys.executable, "-c", program]
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
        env={**os.environ, "OMPI_COMM_WORLD_SIZE": "2", "PYTHONPATH": path, **environ},
    )  # fmt: skip
    return found.stderr


HIDE = (
    "import sys\n"
    "class Hidden:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name.partition('.')[0] == 'mpi4py':\n"
    "            raise ModuleNotFoundError('no', name=name)\n"
    "sys.meta_path.insert(0, Hidden())\n"
)
BEGIN = "import autograd.distributed as dist; dist.init_process_group()"


def test_without_mpi4py_the_line_to_install_it_is_told():
    said = started_as(HIDE + BEGIN)
    assert "MissingPackageError: several processes speak over MPI, and mpi4py is not here" in said
    assert "pip install 'chaingrad[mpi]'" in said


def test_a_library_that_does_not_load_is_told(tmp_path):
    package = tmp_path / "mpi4py"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "MPI.py").write_text("raise RuntimeError('cannot load MPI library')")
    said = started_as(BEGIN, path=f"{tmp_path}")
    assert "finds no MPI library to load (cannot load MPI library)" in said
    assert "pip install 'chaingrad[mpi]'" in said


def test_mpiexec_of_another_mpi_is_told(tmp_path):
    package = tmp_path / "mpi4py"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "MPI.py").write_text(
        "class COMM_WORLD:\n    Get_size = staticmethod(lambda: 1)\n"
        "def Get_library_version(): return 'Some MPI v1, of today'\n"
    )
    said = started_as(BEGIN, path=f"{tmp_path}")
    assert "2 processes were started together, and each sees itself alone" in said
    assert "the library of mpi4py (Some MPI v1)" in said


def test_arguments_that_do_not_fit_are_told_by_name(alone):
    x = ag.ones(2)
    with pytest.raises(ArgumentError, match="tensor_list is a list of 1 Tensors, one a process, n"):
        dist.all_gather([x, x], x)
    with pytest.raises(ShapeError, match=r"tensor_list\[0\] is float32 \(3,\), and what comes is"):
        dist.all_gather([ag.ones(3)], x)
    with pytest.raises(ArgumentTypeError, match=r"input_list\[0\] is a Tensor, not ndarray"):
        dist.reduce_scatter(x, [np.ones(2)])
    with pytest.raises(ArgumentError, match="src is 1, and the ranks of the group are 0"):
        dist.broadcast(x, 1)
    with pytest.raises(ArgumentTypeError, match="src must be a whole number, got 'a'"):
        dist.broadcast(x, "a")
    with pytest.raises(ArgumentTypeError, match=r"group is what new_group\(\) gives"):
        dist.all_reduce(x, group=3)
    with pytest.raises(ArgumentError, match="ranks are one or more, each once"):
        dist.new_group([0, 0])
    with pytest.raises(ArgumentError, match="which is this process itself"):
        dist.send(x, 0)
    with pytest.raises(ArgumentError, match="a process alone gets no messages"):
        dist.recv(x)
    with pytest.raises(ShapeError, match="output_tensor is float32"):
        dist.all_gather_into_tensor(ag.ones(3), x)
    with pytest.raises(InPlaceError, match="a result of the graph"):
        dist.reduce(ag.ones(2, requires_grad=True) * 2)
    with pytest.raises(ArgumentError, match=r"ReduceOp\.BOR has no derivative"):
        dist.nn.all_reduce(ag.Tensor(np.ones(2, int)), "bor")
    with pytest.raises(ArgumentError, match="object_list is a list of 1 places"):
        dist.all_gather_object([], 1)


DDP = [
    ({"module": 3}, ArgumentTypeError, "module must be an nn.Module, got 3"),
    ({"module": nn.ReLU()}, ArgumentError, "no parameter that requires grad"),
    ({"module": nn.Linear(1, 1), "device_ids": [0]}, ArgumentError, "there are no devices here"),
    ({"module": nn.Linear(1, 1), "bucket_cap_mb": 0}, ArgumentError, "bucket_cap_mb is above 0"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "kind", "said"), DDP)
def test_a_data_parallel_model_that_cannot_be_is_explained(alone, options, kind, said):
    with pytest.raises(kind, match=said):
        nn.parallel.DistributedDataParallel(**options)


# ---- the launcher --------------------------------------------------------------------------------


def test_the_launcher_shares_the_cores_out(monkeypatch, tmp_path):
    program = tmp_path / "train.py"
    program.write_text("")
    monkeypatch.setattr(run, "cores", lambda: 8)
    options = run.parse(["-n", "4", "--timeout", "5", str(program), "-n", "3"])
    assert options.args == ["-n", "3"]
    found = run.environment(options, {"MKL_NUM_THREADS": "7"})
    assert found["OMP_NUM_THREADS"] == "2"
    assert found["MKL_NUM_THREADS"] == "7"  # the user's
    assert found["CHAINGRAD_TIMEOUT"] == "5.0"
    assert run.environment(run.parse(["-n", "64", str(program)]), {})["OMP_NUM_THREADS"] == "1"


def test_options_of_torchrun_are_taken(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("")
    options = run.parse(["--standalone", "--nnodes=1", "--nproc_per_node=2", "--master_port", "1",
                         "--rdzv-backend=c10d", str(program), "--standalone"])  # fmt: skip
    assert (options.n, options.args) == (2, ["--standalone"])


def test_processes_of_one_machine_have_a_folder_of_their_own(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("")
    with run.own_folder(run.parse(["-n", "2", str(program)])) as one:
        assert len({*one.values()}) == 1
        assert all(Path(folder).is_dir() for folder in one.values())
        with run.own_folder(run.parse(["-n", "2", str(program)])) as other:
            assert {*one.values()}.isdisjoint(other.values())
    assert not any(Path(folder).exists() for folder in one.values())
    hosts = tmp_path / "hosts"
    hosts.write_text("localhost slots=2")
    with run.own_folder(run.parse(["-n", "2", "--hostfile", str(hosts), str(program)])) as more:
        assert more == {}


def test_one_process_is_run_without_mpiexec(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("")
    assert run.command(run.parse(["-n", "1", str(program)])) == [sys.executable, str(program)]
    assert run.command(run.parse(["-n", "1", "-m", "json"])) == [sys.executable, "-m", "json"]


def passed_on(told: bytes) -> str:
    found = io.StringIO()
    Output(io.BytesIO(told), found, True).join()
    return found.getvalue()


LINES = {  # what mpiexec gives, and what is shown
    "lines": (b"[1,0]<stdout>: a\n[1,3]<stdout>: b\n", "[0] a\n[3] b\n"),
    "of MPICH": (b"[0] a\n[1] b\n", "[0] a\n[1] b\n"),
    "ends without a newline": (b"[1,0]<stdout>: a[1,1]<stdout>: b", "[0] a\n[1] b\n"),
    "an end behind others": (b"[1,0]<stdout>: a[1,1]<stdout>: b\n", "[0] a\n[1] b\n"),
    "an edge at the end": (b"[1,0]<stdout>: a\n[1,0]<stdout>: %s\n" % (b"-" * 70),
                           f"[0] a\n[0] {'-' * 70}\n"),
    "a box of one's own": (b"".join(b"[1,0]<stdout>: %s\n" % part for part in
                                    (b"-" * 60, b"table", b"-" * 60, b"", b"x")),
                           f"[0] {'-' * 60}\n[0] table\n[0] {'-' * 60}\n[0] \n[0] x\n"),
    "what MPI_ABORT says": (b"".join(b"[1,0]<stderr>: %s\n" % part for part in
                                     (b"-" * 70, b"MPI_ABORT was invoked on rank 0", b"with code",
                                      b"-" * 70, b"y")), "[0] y\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LINES)
def test_the_launcher_puts_the_rank_before_each_line(kind):
    told, shown = LINES[kind]
    assert passed_on(told) == shown


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_launcher_of_one_process_that_ends_ends_it(tmp_path, name):
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("there is no such signal here")
    program, said = tmp_path / "train.py", tmp_path / "said"
    program.write_text(f"import os, time\nopen({str(said)!r}, 'w').write(str(os.getpid()))\n"
                       "time.sleep(60)\n")  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "autograd.distributed.run", "-n", "1", program]
    )
    until = time.monotonic() + 60
    while not (said.exists() and said.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(number)
    process.wait(timeout=60)
    while is_there(int(said.read_text())):  # a moment longer than who could not wait for it
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_launcher_passes_on_the_exit_code_of_one(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("import sys; sys.exit(int(sys.argv[1]))")
    assert run.main(["-n", "1", str(program), "0"]) == 0
    assert run.main(["-n", "1", str(program), "5"]) == 5


def test_an_mpiexec_that_is_killed_is_named(tmp_path, monkeypatch, capsys):
    program, starter = tmp_path / "program.py", tmp_path / "mpiexec"
    program.touch()
    starter.write_text('#!/bin/sh\n[ "$1" = --version ] || kill -9 $$\n')
    starter.chmod(0o755)
    monkeypatch.setenv("MPIEXEC", str(starter))
    assert run.main(["-n", "2", str(program)]) == 128 + 9
    assert "mpiexec was ended by signal 9, and all with it" in capsys.readouterr().err


def test_what_cannot_be_launched_is_explained(monkeypatch, tmp_path, capsys):
    with pytest.raises(MissingFileError, match=r"there is no program nothing\.py"):
        run.parse(["nothing.py"])
    with pytest.raises(MissingFileError, match="there is no module no_such_module"):
        run.parse(["-m", "no_such_module.train"])
    with pytest.raises(MissingFileError, match="there is no host file no-such-hosts"):
        run.parse(["--hostfile", "no-such-hosts", __file__])
    with pytest.raises(ArgumentError, match="-n is above 0, not 0"):
        run.parse(["-n", "0", "nothing.py"])
    monkeypatch.setenv("MPIEXEC", "no-such-mpiexec")
    with pytest.raises(MissingProgramError, match="MPIEXEC is no-such-mpiexec"):
        run.mpiexec()
    monkeypatch.delenv("MPIEXEC")
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    with pytest.raises(MissingProgramError, match="there is no mpiexec: pip install"):
        run.mpiexec()
    assert run.main(["-n", "2", str(tmp_path / "nothing.py")]) == 2
    assert "there is no program" in capsys.readouterr().err
