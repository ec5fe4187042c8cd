"""Saving: what is loaded is what was saved, to the last bit, and training goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import StateDictError
from nn.module import saving


def model(seed: int = 0, width: int = 5) -> nn.Sequential:
    nn.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, width), nn.Dropout(0.3), nn.ReLU(), nn.Linear(width, 2))


def parts(seed: int = 0) -> tuple[Any, Any, Any, Any]:
    net = model(seed)
    optimizer = optim.Adam(net.parameters(), lr=0.05, amsgrad=True)
    schedule = optim.lr_scheduler.StepLR(optimizer, 3, 0.5)
    rng = np.random.default_rng(0)
    data = rng.normal(size=(20, 3)).astype("float32"), rng.integers(0, 2, 20)
    return net, optimizer, schedule, nn.data.DataLoader(data, 4, shuffle=True, rng=7)


def train(net: Any, optimizer: Any, schedule: Any, loader: Any, epochs: int) -> None:
    loss_of = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss_of(net(x), y).backward()
            optimizer.step()
        schedule.step()


def same(a: Any, b: Any) -> bool:
    one, two = a.state_dict(), b.state_dict()
    return one.keys() == two.keys() and all(
        one[k].numpy().tobytes() == two[k].numpy().tobytes() for k in one
    )


def test_a_model_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    net, other = model(0), model(1)
    path = nn.save(net, tmp_path / "net.safetensors")
    assert path == tmp_path / "net.safetensors"
    assert not same(net, other)
    other.load_state_dict(nn.load(path))
    assert same(net, other)
    assert list(tmp_path.iterdir()) == [path], "no temporary file stays"
    nn.save({"a": ag.Tensor([1.0]), "b": np.int64(3)}, path)
    assert {k: v.tolist() for k, v in nn.load(path).items()} == {"a": [1.0], "b": 3}


def test_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = parts()
    nn.manual_seed(3)
    train(*whole, epochs=4)
    first = parts()
    nn.manual_seed(3)
    train(*first, epochs=2)
    nn.save_checkpoint(tmp_path / "c.safetensors", *first, epoch=2)
    second = parts(seed=9)
    nn.manual_seed(99)
    assert nn.load_checkpoint(tmp_path / "c.safetensors", *second) == {"epoch": 2}
    train(*second, epochs=2)
    assert same(whole[0], second[0])
    assert whole[2].get_last_lr() == second[2].get_last_lr()


def test_the_models_part_of_a_checkpoint_is_a_plain_state_dict(tmp_path: Path) -> None:
    everything = parts()
    train(*everything, epochs=1)
    path = nn.save_checkpoint(tmp_path / "c.safetensors", *everything)
    assert nn.load(path).keys() == everything[0].state_dict().keys()


def test_a_checkpoint_of_another_model_changes_nothing(tmp_path: Path) -> None:
    net, optimizer, schedule, loader = parts()
    train(net, optimizer, schedule, loader, 1)
    path = nn.save_checkpoint(tmp_path / "c.safetensors", net, optimizer)
    other = model(1, width=6)
    before = other.state_dict()
    with pytest.raises(StateDictError, match="misshaped"):
        nn.load_checkpoint(path, other)
    assert all(np.array_equal(before[k].numpy(), v.numpy()) for k, v in other.state_dict().items())
    fresh = model(1)
    before = fresh.state_dict()
    with pytest.raises(StateDictError, match="does not fit this SGD"):
        nn.load_checkpoint(path, fresh, optim.SGD(fresh.parameters(), momentum=0.9))
    assert all(np.array_equal(before[k].numpy(), v.numpy()) for k, v in fresh.state_dict().items())
    with pytest.raises(StateDictError, match="was saved without scheduler and loader"):
        nn.load_checkpoint(path, net, None, schedule, loader)
    nn.save(net, path)
    with pytest.raises(ValueError, match="holds no checkpoint, only a state dict"):
        nn.load_checkpoint(path, net)


@pytest.mark.parametrize("cut", [0, 4, 8, 60, -1])
def test_a_truncated_file_says_so(tmp_path: Path, cut: int) -> None:
    path = nn.save(model(), tmp_path / "net.safetensors")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="is no safetensors file, or is damaged"):
        nn.load(path)


DAMAGED: dict[str, Any] = {
    "no JSON": "not json", "a number": "3", "a list": "[]", "nothing": "{}",
    "too deep": '{"a":' * 5000 + "1" + "}" * 5000, "another version": {"version": 99},
    "no optimizer": {"optimizer": 5}, "no such array": {"optimizer": {"array": "nope"}},
    "no tree": {"optimizer": {"dict": 3}}, "two kinds": {"optimizer": {"x": 1, "y": 2}},
    "no schedule": {"scheduler": 3}, "no random state": {"rng": 3}, "empty random": {"rng": {}},
    "a negative random state": {"rng": {
        "bit_generator": "PCG64", "state": {"state": 1, "inc": 1}, "has_uint32": 0, "uinteger": -1,
    }},
    "no order": {"loader": {"rng": {"bit_generator": "Nope"}}},
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_checkpoint_says_so_and_changes_nothing(tmp_path: Path, name: str) -> None:
    everything = parts()
    train(*everything, epochs=1)
    path = nn.save_checkpoint(tmp_path / "c.safetensors", *everything, epoch=1)
    train(*everything, epochs=1)
    arrays, metadata = saving.read(path)
    damage = DAMAGED[name]
    text = damage if isinstance(damage, str) else (
        json.dumps(json.loads(metadata["chaingrad"]) | damage)
    )  # fmt: skip
    saving.write(path, arrays, {"chaingrad": text}, "the checkpoint")

    def held() -> Any:
        arrays: dict[str, Any] = {}
        states = [saving.without_arrays(p.state_dict(), f"{i}.", arrays)
                  for i, p in enumerate(everything)]  # fmt: skip
        return states, {k: a.tobytes() for k, a in arrays.items()}, ag.random.generator().random()

    nn.manual_seed(1)
    before = held()
    nn.manual_seed(1)
    with pytest.raises(ValueError, match=r"damaged checkpoint|of version 99"):
        nn.load_checkpoint(path, *everything)
    assert held() == before


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    import pickle

    path = tmp_path / "evil.safetensors"
    path.write_bytes(pickle.dumps(os.system))
    with pytest.raises(ValueError, match="is no safetensors file"):
        nn.load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = nn.save(model(0), tmp_path / "net.safetensors")
    before = path.read_bytes()

    def fails(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(saving.os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        nn.save(model(1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: nn.save(3, p / "x"), TypeError, "takes a module or a state dict, got int"),
        (lambda p: nn.save({"model": model().state_dict(), "epoch": 3}, p / "x"), TypeError,
         r"'model' is a dict\n  Other things go into a checkpoint: nn.save_checkpoint"),
        (lambda p: nn.save({"w": None}, p / "x"), TypeError, "'w' is a NoneType"),
        (lambda p: nn.save(model(), p / "no" / "x"), FileNotFoundError, "there is no directory"),
        (lambda p: nn.save_checkpoint(p / "x", model(), note=object()), TypeError, "numbers, str"),
        (
            lambda p: nn.save_checkpoint(p / "x", nn.ModuleDict({"optimizer": nn.Linear(1, 1)})),
            ValueError,
            "rename the module",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_says_why(tmp_path: Path, call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call(tmp_path)


def test_without_the_library_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ModuleNotFoundError, match="pip install safetensors"):
        nn.save(model(), tmp_path / "x")


WRITER = """
import sys
import numpy as np
import nn
net = nn.Linear(300, 300)
round = 0
while True:
    round += 1
    for p in net.parameters():
        p._value = np.full_like(p._value, round)
    nn.save(net, sys.argv[1])
    if round == 2:
        print("started", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    rng = np.random.default_rng(0)
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(rng.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        state = nn.load(path)
        values = {float(v) for t in state.values() for v in np.unique(t.numpy())}
        assert len(values) == 1, "parts of two saves"


def damaged_header(size: int, header: bytes, body: bytes = b"") -> bytes:
    return size.to_bytes(8, "little") + header + body


ONE = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
HEADERS: dict[str, tuple[bytes, str]] = {
    "header larger than the file": (damaged_header(1 << 62, b"{}"), "its header would take"),
    "header without end": (b"\xff" * 8 + b"{" * 99, "its header would take"),
    "promises more": (damaged_header(len(ONE), ONE, b"123"), "should have 66 bytes, and it has 65"),
    "promises less": (damaged_header(len(ONE), ONE, b"12345"), "66 bytes, and it has 67"),
    "promises much": (damaged_header(66, ONE.replace(b"4]", b"4000000000000]")),
                      "should have 4,000,000,000,074 bytes"),
    "deep": (damaged_header(20_000, b'{"a":' * 4000), "(recursion|Expecting value)"),
    "a list": (damaged_header(2, b"[]"), "no attribute"),
    "a number": (damaged_header(1, b"3"), "no attribute"),
    "parts that are none": (damaged_header(9, b'{"a":[1]}'), "indices"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_is_checked_before_the_file_is_read(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, message = HEADERS[name]
    path = tmp_path / "x"
    path.write_bytes(raw)
    monkeypatch.setattr(saving._library(), "load", lambda raw: pytest.fail("it was read"))
    with pytest.raises(ValueError, match=rf"is no safetensors file, or is damaged: .*{message}"):
        nn.load(path)


def test_a_file_of_zeros_as_large_as_a_disk_is_not_read(tmp_path: Path) -> None:
    path = nn.save(model(), tmp_path / "x")
    os.truncate(path, 1 << 42)
    with pytest.raises(ValueError, match="and it has 4,398,046,511,104"):
        nn.load(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ValueError, match="but a device, a pipe or a socket"):
            nn.load(path)
    with pytest.raises(IsADirectoryError):
        nn.load(tmp_path)


def test_states_nested_too_deep_are_refused(tmp_path: Path) -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="that are nested so deep, or hold themselves"):
        nn.save_checkpoint(tmp_path / "x", model(), circle=circle)
    deep = '{"list":[' * 300 + "1" + "]}" * 300
    path = nn.save_checkpoint(tmp_path / "x", model())
    arrays, metadata = saving.read(path)
    text = metadata["chaingrad"].replace('"extra": {"dict": []}', f'"extra": {deep}')
    assert deep in text
    saving.write(path, arrays, {"chaingrad": text}, "the checkpoint")
    found = nn.load_checkpoint(path, model())
    assert isinstance(found, list)
