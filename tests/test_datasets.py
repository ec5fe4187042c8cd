"""Data sets: the real files where they lie beside the project; small and damaged ones anywhere."""

from __future__ import annotations

import gzip
import os
import struct
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import datasets
from nn.datasets import files, images, read_csv, read_idx

DATA = Path(os.environ.get("CHAINGRAD_DATA", "")) if os.environ.get("CHAINGRAD_DATA") else None
needs_data = pytest.mark.skipif(
    DATA is None and not os.environ.get("CI"), reason="CHAINGRAD_DATA names no folder"
)


def idx(array: Any) -> bytes:
    kinds = {"uint8": 0x08, "int32": 0x0C, "float32": 0x0D}
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, kinds[str(array.dtype)], array.ndim,
                         *array.shape)  # fmt: skip
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def small(folder: Path, packed: bool = True) -> Path:
    """A data set of three images and two, in files of the right names."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(0, 256, (3, 4, 4)).astype(np.uint8), np.array([1, 2, 3], np.uint8),
        rng.integers(0, 256, (2, 4, 4)).astype(np.uint8), np.array([4, 5], np.uint8),
    ]  # fmt: skip
    for name, array in zip(images._FILES, arrays, strict=True):
        raw = idx(array)
        (folder / name).write_bytes(gzip.compress(raw) if packed else raw)
    return folder


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 5)])
def test_an_idx_file_gives_back_its_array(tmp_path: Path, dtype: str, shape: Any) -> None:
    array = (np.arange(int(np.prod(shape))).reshape(shape) * 3).astype(dtype)
    path = tmp_path / "x.idx"
    path.write_bytes(idx(array))
    found = read_idx(path)
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
    assert found.flags.writeable


@pytest.mark.parametrize("packed", [True, False])
def test_files_in_a_folder_are_read(tmp_path: Path, packed: bool) -> None:
    (x, y), (x_test, y_test) = datasets.mnist(small(tmp_path, packed))
    assert x.shape == (3, 4, 4)
    assert y.tolist() == [1, 2, 3]
    assert x_test.dtype == np.uint8
    assert y_test.tolist() == [4, 5]


def test_the_variable_then_the_cache_then_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CHAINGRAD_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs pooch:  pip install pooch"):
        datasets.mnist()
    small(tmp_path / "cache" / "chaingrad" / "mnist")
    assert len(datasets.mnist()[0][0]) == 3
    small(tmp_path / "data" / "mnist")
    found = files.find_files("mnist", dict.fromkeys(images._FILES, ""), "")
    assert all(str(path).startswith(str(tmp_path / "data")) for path in found.values())


def test_without_a_network_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Offline:
        @staticmethod
        def retrieve(*_: Any, **__: Any) -> str:
            raise OSError("no route to host")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CHAINGRAD_DATA", raising=False)
    monkeypatch.setitem(sys.modules, "pooch", Offline)
    with pytest.raises(OSError, match=r"(?s)no route to host.*path=\.\.\., or the variable"):
        datasets.mnist()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is no IDX file: it begins with nothing"),
        (b"PK\x03\x04", "is no IDX file: it begins with 50 4b 03 04"),
        (b"\0\0\x08\x03\0\0", "ends inside its header"),
        (idx(np.zeros(5, np.uint8))[:-1], "takes 5 bytes, and there are 4"),
        (idx(np.zeros(5, np.uint8)) + b"x", "takes 5 bytes, and there are more"),
        (gzip.compress(idx(np.zeros(50, np.uint8)))[:-9], "is damaged: .*; fetch it again"),
        (b"\x1f\x8bjunk", "is damaged: .*; fetch it again"),
        (gzip.compress(idx(np.zeros(50, np.uint8)) + b"x"), "takes 50 bytes, and there are more"),
        (gzip.compress(idx(np.zeros(50, np.uint8))[:-1]), "takes 50 bytes, and there are 49"),
        (gzip.compress(idx(np.zeros(50, np.uint8)))[:-8] + b"?" * 8, "is damaged: CRC check"),
        (gzip.compress(b"\0\0\x08\x03\0\0"), "ends inside its header"),
        (b"\0\0\x0e\x03" + b"\xff" * 12 + b"x", "bytes, and there are 1"),
        (gzip.compress(b"\0\0\x0e\x03" + b"\xff" * 12 + b"x"), "bytes, and there are 1"),
        (b"\0\0\x08\xff" + b"\0\0\0\1" * 255 + b"x", "holds an array that NumPy cannot"),
        (b"\0\0\x08\x05" + b"\xff" * 16 + bytes(4), "holds an array that NumPy cannot"),
    ],
    # the time in a gzip header would give every test process other names
    ids=[
        "empty",
        "zip",
        "short header",
        "too short",
        "too long",
        "cut gzip",
        "no gzip",
        "long gzip",
        "short gzip",
        "bad sum",
        "short header in gzip",
        "huge",
        "huge in gzip",
        "too many axes",
        "too long axes",
    ],
)
def test_a_damaged_file_says_how(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=message):
        read_idx(path)


def test_a_bomb_is_not_expanded(tmp_path: Path) -> None:
    """A header that promises little, and 64 MiB of zeros behind it."""
    path = tmp_path / "x.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(idx(np.zeros(5, np.uint8)))
        for _ in range(64):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(ValueError, match="takes 5 bytes, and there are more"):
        read_idx(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 20


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    folder = small(tmp_path)
    (folder / images._FILES[1]).write_bytes(idx(np.zeros(7, np.uint8)))
    with pytest.raises(ValueError, match=r"\(3, 4, 4\) and their labels \(7,\)"):
        datasets.mnist(folder)
    (folder / images._FILES[0]).unlink()
    with pytest.raises(FileNotFoundError, match="has no train-images"):
        datasets.mnist(folder)


def test_the_digits_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = datasets.digits()
    assert x.shape == (1797, 8, 8)
    assert (x.max(), y.max()) == (16, 9)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ModuleNotFoundError, match="pip install scikit-learn"):
        datasets.digits()


@needs_data
def test_the_real_mnist() -> None:
    (x, y), (x_test, y_test) = datasets.mnist()
    assert (x.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.mean(x / 255) == pytest.approx(0.1307, abs=5e-5)


@needs_data
def test_the_real_fashion_mnist() -> None:
    (x, y), (x_test, _) = datasets.fashion_mnist()
    assert (x.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert np.bincount(y).tolist() == [6000] * 10


@needs_data
def test_the_tables_of_the_course() -> None:
    assert DATA is not None
    table = read_csv(DATA / "course" / "linear_data.csv")
    assert list(table) == ["input", "output"]
    slope, shift = np.polyfit(table["input"], table["output"], 1)
    assert slope == pytest.approx(-3.8225, abs=5e-5)
    assert shift == pytest.approx(-0.1017, abs=5e-5)
    assert len(read_csv(DATA / "course" / "twisted_data.csv")["y"]) == 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,a\n1,2\n", "comes twice: a, a"),
        ("a,b\n1,2\n3\n", "line 3: 1 cells for the 2 columns a, b"),
        ("a,b\n1,x\n", "line 2: 'x' in column b is no number"),
        ("a,b\n1,\n", "line 2: '' in column b is no number"),
        (" a , b \n\n  \n1,2\n3,y\n", "line 5: 'y' in column b is no number"),
        ("a,b\n1,2\n,\n", "line 3: '' in column a is no number"),
        ("a,b\n1,2,3\n", "line 2: 3 cells for the 2 columns a, b"),
        ("a,b\n1,1_000\n", "line 2: '1_000' in column b is no number"),
        ("a,b\n1," + "x" * 99 + "\n", f"line 2: '{'x' * 40}…' in column b"),
        ("a,b\n1,2\0\n", r"line 2: (line contains NUL|.2.x00. in column b is no number)"),
        ('a,b\n"1\n",2\n3,"4\n', "line 4: unexpected end of data"),
        ('a,b\n1,"2"x\n', "line 2: ',' expected after '\"'"),
        ("a,b\n1," + "2" * 200_000 + "\n", "line 2: field larger than field limit"),
        ("a,,c\n1,2,3\n", "line 1: a column has no name: a, , c"),
        ("a;b\n1;2\n", "line 2: '1;2' in column a;b is no number"),
        ("\n\n", "is empty"),
        (" \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"a,b\n1,2\n\xe4,3\n", "line 3: byte 0xe4 is no UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(tmp_path: Path, text: Any, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=f"t.csv.*{message}"):
        read_csv(path)


def test_a_text_that_is_none_says_where(tmp_path: Path) -> None:
    (tmp_path / "tinyshakespeare.txt").write_bytes(b"To be\nor n\xf6t\n")
    with pytest.raises(ValueError, match=r"tinyshakespeare.txt, line 2: byte 0xf6 is no ASCII"):
        datasets.tiny_shakespeare(tmp_path)


def test_a_table_has_its_columns_by_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfx, y\r\n1, 2.5\r\n-3,4e1\r\n\r\n")
    table = read_csv(path)
    assert {name: column.tolist() for name, column in table.items()} == {
        "x": [1.0, -3.0], "y": [2.5, 40.0],
    }  # fmt: skip


# ---- texts ---------------------------------------------------------------------------------------


@needs_data
def test_the_real_texts_are_those_that_are_described() -> None:
    text = datasets.tiny_shakespeare()
    assert len(text) == 1_115_394
    assert len(set(text)) == 65
    assert text.startswith("First Citizen:")
    names = datasets.names()
    assert len(names) == 32_033
    assert names[0] == "emma"
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")


def test_a_text_is_found_under_either_name(tmp_path: Path) -> None:
    for file in ("input.txt", "tinyshakespeare.txt"):  # the second is looked for first
        (tmp_path / file).write_text(f"from {file}")
        assert datasets.tiny_shakespeare(tmp_path) == f"from {file}"
    with pytest.raises(FileNotFoundError, match=r"has no names\.txt"):
        datasets.names(tmp_path)
