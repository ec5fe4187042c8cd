"""Saving: what is loaded is what was saved, to the last bit, and training goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors

import autograd as ag
import nn
import optim
from autograd import tensor_files
from autograd.errors import ArgumentError, ArgumentTypeError, StateDictError
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
    arrays, metadata = tensor_files.read(path)
    damage = DAMAGED[name]
    text = damage if isinstance(damage, str) else (
        json.dumps(json.loads(metadata["chaingrad"]) | damage)
    )  # fmt: skip
    tensor_files.write(path, arrays, {"chaingrad": text}, "the checkpoint")

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
    with pytest.raises(ValueError, match="is a pickle, which may run any program"):
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
    monkeypatch.setattr(safetensors, "deserialize", lambda raw: pytest.fail("it was read"))
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
    arrays, metadata = tensor_files.read(path)
    text = metadata["chaingrad"].replace('"extra": {"dict": []}', f'"extra": {deep}')
    assert deep in text
    tensor_files.write(path, arrays, {"chaingrad": text}, "the checkpoint")
    found = nn.load_checkpoint(path, model())
    assert isinstance(found, list)


SMALL_FLOATS = {  # dtype in the file: bytes, numbers
    "BF16": (b"\x80\x3f\x49\x40\x80\xff\xc0\x7f", [1.0, 3.140625, -np.inf, np.nan]),
    "F8_E4M3": (b"\x38\xc5\x01\x7e\x7f", [1.0, -3.25, 2.0**-9, 448.0, np.nan]),
    "F8_E5M2": (b"\x3c\xc5\x01\x7c\x7e", [1.0, -5.0, 2.0**-16, np.inf, np.nan]),
    "F8_E4M3FNUZ": (b"\x40\xc5\x01\x7f\x80", [1.0, -1.625, 2.0**-10, 240.0, np.nan]),
    "F8_E5M2FNUZ": (b"\x40\xc5\x01\x7f\x80", [1.0, -2.5, 2.0**-17, 57344.0, np.nan]),
    "F8_E8M0": (b"\x7f\x80\x00\xff", [1.0, 2.0, 2.0**-127, np.nan]),
}


def one_array(dtype: str, content: bytes, count: int) -> bytes:
    part = {"dtype": dtype, "shape": [count], "data_offsets": [0, len(content)]}
    header = json.dumps({"w": part}).encode()
    return damaged_header(len(header), header, content)


@pytest.mark.parametrize("dtype", SMALL_FLOATS)
def test_floats_that_numpy_lacks_are_read_as_the_same_numbers(dtype: str, tmp_path: Path) -> None:
    content, numbers = SMALL_FLOATS[dtype]
    (tmp_path / "x").write_bytes(one_array(dtype, content, len(numbers)))
    found = nn.load(tmp_path / "x")["w"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.numpy(), np.array(numbers, np.float32))


def test_floats_of_less_than_a_byte_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(one_array("F4", b"\x11", 2))
    with pytest.raises(ValueError, match=r"'w' is F4, which is not read here.*BF16 or F32"):
        nn.load(tmp_path / "x")


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 2), (2, 3)])
@pytest.mark.parametrize("dtype", ["complex64", "complex128", ">c16", ">f8", "float16", "bool"])
def test_every_dtype_comes_back_as_it_was(dtype: str, shape: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    array = (rng.normal(size=shape) + 1j * rng.normal(size=shape) if "c" in dtype else
             rng.normal(size=shape) > 0 if dtype == "bool" else rng.normal(size=shape))  # fmt: skip
    given = np.asarray(array).astype(dtype)
    found = nn.load(nn.save({"w": given}, tmp_path / "x"))["w"].numpy()
    assert found.dtype == given.dtype.newbyteorder("=")
    assert found.shape == given.shape
    np.testing.assert_array_equal(found, given)


@pytest.mark.skipif(np.finfo(np.longdouble).bits == 64, reason="there longdouble is float64")
def test_a_dtype_that_files_lack_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match=r"have no float\d+, which .w. is; .* float64"):
        nn.save({"w": np.ones(2, np.longdouble)}, tmp_path / "x")
    assert not [*tmp_path.iterdir()]


def test_arrays_of_numpy_are_a_state_dict(tmp_path: Path) -> None:
    net = nn.Linear(2, 1)
    np.savez_compressed(tmp_path / "net.npz", weight=np.ones((1, 2), "f4"), bias=np.zeros(1))
    net.load_state_dict(nn.load(tmp_path / "net.npz"))
    assert net.weight.tolist() == [[1.0, 1.0]]
    with pytest.raises(ValueError, match="only a state dict"):
        nn.load_checkpoint(tmp_path / "net.npz", net)


def test_a_name_that_ends_in_npz_is_a_file_of_numpy(tmp_path: Path) -> None:
    state = {"file": np.ones(2), "a.b": np.complex128(1j), "empty": np.zeros((0, 3), "f4")}
    path = nn.save(state, tmp_path / "net.NPZ")
    with np.load(path) as held:
        assert {name: held[name].tolist() for name in held.files} == {
            name: value.tolist() for name, value in state.items()
        }
    back = nn.load(path)
    assert {name: (x.shape, x.dtype) for name, x in back.items()} == {
        name: (value.shape, value.dtype) for name, value in state.items()
    }


@pytest.mark.parametrize(
    "ending", [".pt", ".pth", ".bin", ".ckpt", ".pkl", ".h5", ".keras", ".weights.h5", ".onnx",
               ".npy", ".gguf", ".json", ".PT"],
)  # fmt: skip
def test_a_name_of_another_kind_says_what_to_write(ending: str, tmp_path: Path) -> None:
    net, path = model(), tmp_path / f"net{ending}"
    stem = path.stem
    for write in (
        lambda: nn.save(net, path),
        lambda: nn.save_checkpoint(path, net),
        lambda: nn.callbacks.ModelCheckpoint(path),
        lambda: nn.callbacks.ModelCheckpoint(path, save_weights_only=True),
        lambda: nn.callbacks.BackupAndRestore(path),
    ):
        with pytest.raises(ArgumentError, match=f"names .* write {stem}.safetensors"):
            write()
    assert not [*tmp_path.iterdir()]


def test_a_checkpoint_is_no_file_of_numpy(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"arrays alone, .* write net.safetensors"):
        nn.save_checkpoint(tmp_path / "net.npz", model())
    for name in ("net", "net.3", "net.safetensors", "03-0.12"):
        assert nn.save_checkpoint(tmp_path / name, model()).exists()


def archive(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, content)


def objects(path: Path) -> None:
    np.savez(path, a=np.array([object()], dtype=object))
    path.with_suffix(".pt.npz").rename(path)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (lambda p: p.write_bytes(b"\x80\x02}q\x00."), r"is a pickle.*\n.*safetensors"),
        (lambda p: archive(p, "m/data.pkl", b"\x80\x02"), r"is a pickle.*\n.*safetensors"),
        (lambda p: archive(p, "a.npy", b"\x93NUMPY"), "no archive of plain arrays, or is damaged"),
        (objects, "no archive of plain arrays.*allow_pickle"),
        (lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n"), "is an HDF5 file: model.load_weights"),
        (lambda p: archive(p, "model.weights.h5", b""), "is a model of Keras.*load_weights"),
        (lambda p: p.write_bytes(b"\x93NUMPY\x01\x00"), r"one array of NumPy: numpy.load\(path\)"),
        (lambda p: p.write_bytes(b"PK\x03\x04"), "no archive of plain arrays, or is damaged"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_says_how_to_bring_it_over(
    tmp_path: Path, written: Any, message: str
) -> None:
    written(tmp_path / "model.pt")
    with pytest.raises(ValueError, match=message):
        nn.load(tmp_path / "model.pt")


@pytest.mark.parametrize("length", [0x280, 0x380, 0x480, 0x580])
def test_a_header_as_long_as_a_pickle_begins_is_read(length: int, tmp_path: Path) -> None:
    header = ONE.ljust(length)
    (tmp_path / "x").write_bytes(damaged_header(len(header), header, bytes(4)))
    assert nn.load(tmp_path / "x")["a"].tolist() == [0.0]
