"""Arrays made ready: classes one-hot, rows of length 1, sequences of one length, splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.diagnose import check_choice
from autograd.engine.generators import generator
from autograd.errors import ArgumentError, ArgumentTypeError, IndexRangeError, ShapeError
from nn.data import Subset, TensorDataset
from nn.keras.backend import tensor
from nn.keras.naming import renamed

__all__ = ["normalize", "pad_sequences", "split_dataset", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None, **old: Any) -> Any:
    """Classes, whole numbers from 0 on, as rows with a 1 at the class; by default as many as seen.

    >>> from nn import keras
    >>> keras.utils.to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    if old:
        return to_categorical(x, **renamed("to_categorical", old, {"nb_classes": "num_classes"}))
    if isinstance(x, Tensor):
        if num_classes is None:
            raise ArgumentError("to_categorical: of a Tensor give num_classes too")
        return tensor(to_categorical(x.numpy(), num_classes).astype("float32"))
    labels = np.array(x, dtype=np.int64)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = num_classes or int(labels.max()) + 1
    if labels.size and not -classes <= labels.min() <= labels.max() < classes:
        raise IndexRangeError(
            f"to_categorical: classes go from {labels.min()} to {labels.max()}, and num_classes is "
            f"{classes}; they are 0 to {classes - 1}"
        )
    return np.eye(classes)[labels]


def normalize(x: Any, axis: int = -1, order: float = 2) -> Any:
    """x divided by its norm along an axis; where that is 0 it stays 0.

    >>> from nn import keras
    >>> keras.utils.normalize([[3.0, 4.0]])
    array([[0.6, 0.8]])
    """
    is_tensor = isinstance(x, Tensor)
    array = np.asarray(x.numpy() if isinstance(x, Tensor) else x)
    norms = np.atleast_1d(np.linalg.norm(array, order, axis))
    norms[norms == 0] = 1
    found = array / np.expand_dims(norms, axis)
    return tensor(found.astype(array.dtype)) if is_tensor else found


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> Any:
    """Sequences as one array, cut or filled with `value`, "pre" at the front or "post" at the end.

    >>> from nn import keras
    >>> keras.utils.pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    check_choice("padding", padding, ("pre", "post"))
    check_choice("truncating", truncating, ("pre", "post"))
    if not hasattr(sequences, "__len__") or any(not hasattr(s, "__len__") for s in sequences):
        raise ArgumentTypeError("pad_sequences takes a list of sequences, such as [[1, 2], [3]]")
    if isinstance(value, str) and np.dtype(dtype).kind not in "OUS":
        raise ArgumentTypeError(f"pad_sequences: value {value!r} asks for dtype=object")
    length = max(map(len, sequences), default=0) if maxlen is None else maxlen
    beyond = next((np.shape(s)[1:] for s in sequences if len(s)), ())
    padded = np.full((len(sequences), length, *beyond), value, dtype=dtype)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[-length or len(sequence) :] if truncating == "pre" else sequence[:length]
        kept = np.asarray(kept, dtype=dtype)
        if not len(kept):
            continue
        if kept.shape[1:] != beyond:
            raise ShapeError(
                f"pad_sequences: an element is {kept.shape[1:]}, those of the first {beyond}"
            )
        row[: len(kept)] = kept if padding == "post" else row[: len(kept)]
        if padding == "pre":
            row[-len(kept) :] = kept
    return padded


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Any, Any]:
    """Two datasets of parts of arrays or of a dataset; sizes are shares or numbers of examples.

    >>> from nn import keras
    >>> left, right = keras.utils.split_dataset(list(range(10)), left_size=0.8)
    >>> len(left), len(right)
    (8, 2)
    """
    if not hasattr(dataset, "batch"):
        arrays = dataset if isinstance(dataset, tuple) else (dataset,)
        dataset = TensorDataset(*map(np.asarray, arrays))
    count = len(dataset)
    if left_size is None and right_size is None:
        raise ArgumentError("split_dataset: give left_size or right_size")
    left, right = (_count(size, count) for size in (left_size, right_size))
    left = count - right if left is None and right is not None else left
    right = count - left if right is None and left is not None else right
    if left is None or right is None or left < 1 or right < 1 or left + right > count:
        raise ArgumentError(
            f"split_dataset: {count} examples do not give parts of {left} and {right}"
        )
    order = generator(seed).permutation(count) if shuffle else np.arange(count)
    return Subset(dataset, order[:left]), Subset(dataset, order[count - right :])


def _count(size: float | None, count: int) -> int | None:
    return round(size * count) if isinstance(size, float) else size
