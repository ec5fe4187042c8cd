"""Data sets of images, as Keras gives them: bytes, and labels from 0 to 9."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, MissingPackageError
from nn.datasets.files import find_files
from nn.datasets.idx import read_idx

Part = tuple[Any, Any]  # images (N, H, W) and labels (N,)

_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_MNIST = (
    "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "d53e105ee54ea40749a09fcbcd1e9432",
    "9fb629c4189551a2d022fa330f9573f3",
    "ec29112dd5afa0611ce80d1b7f02629c",
)
_FASHION = (
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "25c81989df183df01b3e8a0aad5dffbe",
    "bef4ecab320f06d8554ea6380940ec79",
    "bb300cfdad3c16e7a12a480ee83cd310",
)


def mnist(path: str | os.PathLike[str] | None = None) -> tuple[Part, Part]:
    """Handwritten digits: 60,000 images to train on and 10,000 to test, 28×28, uint8.

    Gives `(x_train, y_train), (x_test, y_test)`. The IDX files come from the folder `path`, from
    the one that the variable CHAINGRAD_DATA names, from the cache, or from the network (which needs
    pooch), with their checksums.

    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document
    recognition (1998).
    """
    url = "https://ossci-datasets.s3.amazonaws.com/mnist/"
    return _read("mnist", _MNIST, url, path)


def fashion_mnist(path: str | os.PathLike[str] | None = None) -> tuple[Part, Part]:
    """Pieces of clothing, in the format of `mnist`: 60,000 and 10,000 images, 28×28, uint8.

    Looks where `mnist` looks, and where Debian's package dataset-fashion-mnist puts its files.

    Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms (2017).
    """
    url = "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    debian = ("/usr/share/datasets/fashion-mnist",)
    return _read("fashion-mnist", _FASHION, url, path, debian)


def _read(
    name: str, md5: tuple[str, ...], url: str, path: Any, elsewhere: tuple[str, ...] = ()
) -> tuple[Part, Part]:
    found = find_files(name, dict(zip(_FILES, md5, strict=True)), url, path, elsewhere)
    x_train, y_train, x_test, y_test = (read_idx(found[file]) for file in _FILES)
    for images, labels, part in ((x_train, y_train, "training"), (x_test, y_test, "test")):
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise ArgumentError(
                f"{name}: the {part} images are {images.shape} and their labels {labels.shape}; "
                "these files do not belong together"
            )
    return (x_train, y_train), (x_test, y_test)


def digits() -> Part:
    """Scikit-learn's handwritten digits: 1,797 images of 8×8 from 0 to 16, and their labels.

    They come with scikit-learn, so nothing is fetched.
    """
    try:
        load: Any = importlib.import_module("sklearn.datasets").load_digits
    except ImportError:
        raise MissingPackageError(
            "the digits come with scikit-learn:  pip install scikit-learn"
        ) from None
    found = load()
    return found.images.astype(np.uint8), found.target.astype(np.int64)
