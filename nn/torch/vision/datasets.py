"""nn.torch.vision.datasets: MNIST and Fashion-MNIST, as torchvision has them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.errors import MissingFileError
from nn import datasets as own
from nn.datasets.files import places
from nn.torch.absent import refusing, unknown
from nn.torch.tensor import as_face
from nn.torch.utils.data.dataset import Dataset

__all__ = ["MNIST", "FashionMNIST", "VisionDataset"]

_FIRST = "train-images-idx3-ubyte.gz"


class VisionDataset(Dataset[Any]):
    """Base of datasets of images: where they are, and what is done with images and labels."""

    def __init__(
        self,
        root: Any = None,
        transforms: Any = None,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.root = root
        self.transform = transform
        self.target_transform = target_transform


class MNIST(VisionDataset):
    """Handwritten digits: (image, label), where an image is an array (28, 28) of bytes.

    The files are looked for in `root`/MNIST/raw and where `nn.datasets.mnist` looks; `download`
    allows to fetch them.
    """

    _name = "mnist"
    classes: ClassVar[list[str]] = [
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six",
        "7 - seven", "8 - eight", "9 - nine",
    ]  # fmt: skip

    def __init__(
        self,
        root: Any,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, None, transform, target_transform)
        self.train = train
        read: Any = getattr(own, self._name.replace("-", "_"))
        images, labels = read(self._folder(root, download))[0 if train else 1]
        self.data = as_face(ag.asarray(images))
        self.targets = as_face(ag.asarray(labels.astype(np.int64)))
        self._images, self._labels = images, labels.tolist()

    def _folder(self, root: Any, download: bool) -> Path | None:
        """The folder with the files, or None for where they are by default."""
        base = Path(os.path.expanduser(root))
        for folder in (base / type(self).__name__ / "raw", base, *places(self._name)):
            if (folder / _FIRST).is_file():
                return folder
        if not download:
            raise MissingFileError(
                f"{type(self).__name__}: dataset not found in {root}; use download=True to "
                "download it"
            )
        return None

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The numbers of the classes."""
        return {name: number for number, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image, label = self._images[int(index)], self._labels[int(index)]
        if self.transform is not None:
            image = self.transform(image)
        return image, label if self.target_transform is None else self.target_transform(label)


class FashionMNIST(MNIST):
    """Pieces of clothing, in the format of MNIST."""

    _name = "fashion-mnist"
    classes: ClassVar[list[str]] = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
    ]  # fmt: skip


_OTHERS = "write a Dataset that reads the files; MNIST and FashionMNIST are here"
__getattr__ = refusing(
    "torchvision.datasets",
    unknown(__name__),
    dict.fromkeys(("CIFAR10", "CIFAR100", "ImageFolder", "ImageNet", "STL10", "SVHN"), _OTHERS),
)
