"""Writing files: whole or not at all, through links, with the mode of what was there."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import viz
from autograd.system import files
from autograd.system.files import write_file
from nn.callbacks import BackupAndRestore, CSVLogger, ModelCheckpoint

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and modes are POSIX's")

resource = pytest.importorskip("resource")

NET = nn.Sequential(nn.Linear(2, 2))


def fit(path: Path, callback: Callable[[Path], Any]) -> None:
    net = nn.Sequential(nn.Linear(2, 1))
    net.compile(optimizer="sgd", loss="mse")
    x = np.ones((4, 2), np.float32)
    epochs = 3 if path.is_file() else 2  # a backup goes on
    net.fit(x, x[:, :1], epochs=epochs, verbose=0, callbacks=[callback(path)])


def save_trace(path: Path) -> None:
    with ag.profile() as profile:
        ag.exp(ag.Tensor([1.0]))
    profile.save(path)


def save_picture(path: Path) -> None:
    picture = viz.draw(ag.exp(ag.Tensor(1.0, requires_grad=True, name="x")))
    picture.save(path)


# Every writer of the package, with a name for its file
WRITERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "write_file": ("a.txt", lambda path: write_file(path, "text", "the text")),
    "save": ("net.safetensors", lambda path: nn.save(NET, path)),
    "save_checkpoint": ("c.safetensors", lambda path: nn.save_checkpoint(path, NET, epoch=1)),
    "ModelCheckpoint": ("m.safetensors", lambda path: fit(path, ModelCheckpoint)),
    "weights only": ("w.safetensors",
                     lambda path: fit(path, lambda p: ModelCheckpoint(p, save_weights_only=True))),
    "BackupAndRestore": ("b.safetensors",
                         lambda path: fit(path, lambda p: BackupAndRestore(p, False))),
    "CSVLogger": ("log.csv", lambda path: fit(path, CSVLogger)),
    "CSVLogger that appends": ("log.csv",
                               lambda path: fit(path, lambda p: CSVLogger(p, append=True))),
    "Profile.save": ("trace.json", save_trace),
    "Picture.save": ("graph.svg", save_picture),
    "Picture.save as text": ("graph.txt", save_picture),
}  # fmt: skip
every_writer = pytest.mark.parametrize("name", WRITERS)


@pytest.fixture
def writer(name: str, tmp_path: Path) -> tuple[Callable[[Path], Any], Path]:
    file, write = WRITERS[name]
    return write, tmp_path / file


@every_writer
def test_a_new_file_has_the_mode_that_the_umask_leaves(writer: Any) -> None:
    write, path = writer
    before = os.umask(0o027)
    try:
        write(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_size > 0
    assert list(path.parent.iterdir()) == [path], "nothing else stays"


@every_writer
def test_links_and_modes_stay(writer: Any, tmp_path: Path) -> None:
    write, path = writer
    (tmp_path / "far").mkdir()
    target = tmp_path / "far" / path.name
    write(target)
    target.chmod(0o604)
    os.utime(target, (0, 0))
    (tmp_path / "between").symlink_to(Path("far") / path.name)
    path.symlink_to("between")
    write(path)
    assert path.is_symlink()
    assert (tmp_path / "between").is_symlink()
    assert target.stat().st_mtime > 0, "it was written anew"
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert list((tmp_path / "far").iterdir()) == [target]


@every_writer
def test_a_link_to_nothing_becomes_a_link_to_the_file(writer: Any, tmp_path: Path) -> None:
    write, path = writer
    path.symlink_to(tmp_path / "target")
    write(path)
    assert path.is_symlink()
    assert (tmp_path / "target").stat().st_size > 0


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(path))


OTHER: dict[str, tuple[Callable[[Path], Any], type[OSError], str]] = {
    "directory": (Path.mkdir, IsADirectoryError, "a directory is there, not a file"),
    "pipe": (os.mkfifo, OSError, "a pipe is there, not a file"),
    "socket": (make_socket, OSError, "a socket is there, not a file"),
    "device": (lambda p: p.symlink_to("/dev/null"), OSError, "a device is there, not a file"),
    "loop": (lambda p: p.symlink_to(p), OSError, "Too many levels of symbolic links"),
}


@pytest.mark.parametrize("other", OTHER)
@every_writer
def test_what_is_no_regular_file_is_refused_and_stays(writer: Any, other: str) -> None:
    write, path = writer
    make, error, message = OTHER[other]
    make(path)
    before = path.lstat()
    with pytest.raises(error, match=f"cannot write the .*{message}.*{path.name}"):
        write(path)
    after = path.lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert list(path.parent.iterdir()) == [path]


def test_the_null_device_stays_one() -> None:
    with pytest.raises(OSError, match="a device is there, not a file"):
        nn.save(NET, "/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@every_writer
def test_a_missing_folder_is_named(writer: Any) -> None:
    write, path = writer
    with pytest.raises(FileNotFoundError, match=r"there is no directory .*missing"):
        write(path.parent / "missing" / path.name)


@every_writer
def test_a_file_is_no_folder(writer: Any) -> None:
    write, path = writer
    path.parent.joinpath("file").touch()
    with pytest.raises(NotADirectoryError, match=r"cannot write the .*Not a directory"):
        write(path.parent / "file" / path.name)


@pytest.mark.parametrize(
    ("mode", "message"), [(0o444, "may not be written"), (0o666, "no file can be made in")]
)
def test_what_may_not_be_written_is_not_replaced(tmp_path: Path, mode: int, message: str) -> None:
    path = tmp_path / "folder" / "a"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(mode)
    path.parent.chmod(0o777 if mode == 0o444 else 0o555)
    code = f"from autograd.system.files import write_file; write_file({str(path)!r}, 'new', 'text')"
    drop = "import os; os.geteuid() or os.setuid(65534); "
    for folder in (tmp_path, *tmp_path.parents):  # for the other user to get there
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    found = subprocess.run(
        [sys.executable, "-c", f"import autograd.system.files; {drop}{code}"],
        capture_output=True, text=True, cwd=Path(ag.__file__).parents[1],
    )  # fmt: skip
    assert "PermissionError" in found.stderr
    assert message in found.stderr
    assert path.read_text() == "old"


def test_owner_and_group_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.touch()
    given = []
    there = os.stat_result((*path.stat()[:4], 12, 34, *path.stat()[6:]))
    monkeypatch.setattr(files.os, "fchown", lambda handle, *who: given.append(who))
    with path.open() as file:
        files._be_like(file.fileno(), there)
    assert given == [(12, 34)]


@pytest.mark.parametrize("name", [n for n in WRITERS if not n.startswith("CSVLogger")])
def test_a_full_disk_leaves_the_old_file(writer: Any, tmp_path: Path) -> None:
    write, path = writer
    write(path)
    old = path.read_bytes()
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2, was[1]))
    try:
        with pytest.raises(OSError, match=r"cannot write the .*: File too large"):
            write(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


HANGS = """
import os, sys
from autograd.system import files
replace = os.replace
def wait(*paths):
    print("written", flush=True)
    sys.stdin.read()
    replace(*paths)
files.os.replace = wait
files.write_file(sys.argv[1], b"x" * 1000, "the text")
"""


def hanging(path: Path) -> subprocess.Popen[str]:
    """A process that is about to rename what it has written."""
    process = subprocess.Popen(
        [sys.executable, "-c", HANGS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=Path(ag.__file__).parents[1],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


def test_the_leftovers_of_killed_runs_are_removed_and_those_of_living_ones_are_not(
    tmp_path: Path,
) -> None:
    killed, living = hanging(tmp_path / "a"), hanging(tmp_path / "b")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    others = [tmp_path / name for name in (".chaingrad-notes.tmp", ".c.tmp", "chaingrad-1.tmp")]
    for other in others:
        other.write_text("of somebody else")
    assert len(list(tmp_path.iterdir())) == 2 + len(others)
    path = write_file(tmp_path / "c", "new", "the text")
    left = set(tmp_path.iterdir()) - {path, *others}
    assert len(left) == 1, "that of the living one alone"
    assert left.pop().read_bytes() == b"x" * 1000
    living.communicate()
    assert set(tmp_path.iterdir()) - {path, *others, tmp_path / "b"} == set()


def test_a_file_taken_away_before_it_has_its_lock_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, taken = files._locked, []

    def late(handle: int) -> bool:
        if not taken:
            taken.extend(tmp_path.iterdir())
            files._remove_leftovers(tmp_path)
        return lock(handle)

    monkeypatch.setattr(files, "_locked", late)
    assert write_file(tmp_path / "a", "new", "the text").read_text() == "new"
    assert len(taken) == 1


def test_file_systems_without_locks_are_written_and_nothing_is_removed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> None:
        raise OSError(95, "Operation not supported")

    left = tmp_path / f".chaingrad-{'0' * 16}.tmp"
    left.touch()
    monkeypatch.setattr(files.fcntl, "flock", refuses)
    assert write_file(tmp_path / "a", "new", "the text").read_text() == "new"
    assert left.exists()


def test_a_log_goes_on_in_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,0.")  # broken off
    fit(path, lambda p: CSVLogger(p, append=True))
    lines = path.read_text().splitlines()
    assert lines[:2] == ["epoch,loss", "0,0."]
    assert [line.split(",")[0] for line in lines[2:]] == ["0", "1", "2"]


def test_a_finished_training_removes_its_backup_and_no_link_to_it(tmp_path: Path) -> None:
    path = tmp_path / "link"
    path.symlink_to(tmp_path / "backup")
    fit(path, BackupAndRestore)
    assert path.is_symlink()
    assert not path.exists()


@pytest.mark.parametrize("step", ["listdir", "fchmod", "fsync", "replace"])
def test_a_stop_at_any_step_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    path = write_file(tmp_path / "a", "old", "the text")
    monkeypatch.setattr(files.os, step, stop)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, "new", "the text")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]
