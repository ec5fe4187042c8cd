"""Sequences of different lengths: padded to one length, or packed without padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import guard
from autograd.engine.diagnose import check_choice, here
from autograd.engine.kinds import declare
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.extend import raw
from autograd.ops.indexing.index import setitem

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences of different lengths without padding: all first elements, all second ones, ...

    The longest sequence comes first, so `batch_sizes[t]` rows of `data` belong to step t: abc and x
    are packed as axbc, with batch_sizes (2, 1, 1). `sorted_indices` say which place in the
    batch each sequence comes from, `unsorted_indices` to which it goes; None where they were sorted
    already. `pack_padded_sequence` and `pack_sequence` make it; recurrent layers take and return
    it.

    >>> import autograd as ag
    >>> import nn
    >>> packed = nn.utils.rnn.pack_sequence([ag.Tensor([1, 2, 3]), ag.Tensor([9])])
    >>> packed.data, packed.batch_sizes
    (Tensor([1, 9, 2, 3], dtype=int64), Tensor([2, 1, 1], dtype=int64))
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any,
        sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> Self:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        orders = (
            None if x is None else ag.asarray(x, "int64")
            for x in (sorted_indices, unsorted_indices)
        )
        return super().__new__(cls, ag.asarray(data), ag.asarray(batch_sizes, "int64"), *orders)

    def to(self, dtype: npt.DTypeLike) -> PackedSequence:
        """The same sequences in another dtype; itself if it has that already."""
        data = self.data if self.data.dtype == dtype else ag.astype(self.data, dtype)
        return self if data is self.data else type(self)(data, *self[1:])


def invert_permutation(permutation: Any) -> Tensor | None:
    """The permutation that undoes another; None stays None.

    Shape: (N,) -> the same.

    >>> import nn
    >>> nn.utils.rnn.invert_permutation([2, 0, 1])
    Tensor([1, 2, 0], dtype=int64)
    """
    if permutation is None:
        return None
    order = np.asarray(permutation)
    if order.ndim != 1 or order.dtype.kind not in "iu":
        raise ShapeError(f"permutation must be whole numbers on one axis, got {permutation!r:.80}")
    return ag.asarray(np.argsort(order))


def _places(sizes: Sequence[int], order: Any) -> tuple[Any, Any]:
    """For each packed row the step and the place in the batch that it belongs to."""
    steps = np.repeat(np.arange(len(sizes)), sizes)
    places = np.concatenate([np.arange(size) for size in sizes])
    return steps, places if order is None else np.asarray(order)[places]


def _checked_lengths(lengths: Any, batch: int, longest: int, shape: tuple[int, ...]) -> Any:
    found = np.asarray(lengths)
    if found.shape != (batch,):
        raise ShapeError(
            f"pack_padded_sequence: lengths are {found.shape} and input is {shape}: expected one "
            f"for each of the {batch} sequences, ({batch},).\n  Is batch_first as the input is?"
            f"{here()}"
        )
    if found.dtype.kind not in "iu":
        raise DTypeError(
            f"pack_padded_sequence: lengths must be integers, not {found.dtype}{here()}"
        )
    if len(wrong := np.flatnonzero((found < 1) | (found > longest))):
        raise ArgumentError(
            f"pack_padded_sequence: lengths[{wrong[0]}] is {found[wrong[0]]}; input is {shape}, so "
            f"it must lie between 1 and {longest}{here()}"
        )
    return found


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Padded sequences without their padding.

    `lengths` (N,) holds the length of each. They must descend, unless `enforce_sorted` is False:
    then they are sorted here, and the layers and `pad_packed_sequence` put the results back in the
    order of the input.

    Shape: (T, N, *), or (N, T, *) with `batch_first` -> packed data (Σ lengths, *).

    >>> import autograd as ag
    >>> import nn
    >>> padded = ag.Tensor([[1, 9], [2, 0], [3, 0]])
    >>> nn.utils.rnn.pack_padded_sequence(padded, [3, 1]).data
    Tensor([1, 9, 2, 3], dtype=int64)
    """
    input = ag.asarray(input)
    if input.ndim < 2 or not input.size:
        raise ShapeError(
            f"pack_padded_sequence: input is {input.shape}; it must be "
            f"{'(N, T, *)' if batch_first else '(T, N, *)'}, with nothing empty{here()}"
        )
    longest, batch = input.shape[:2][:: -1 if batch_first else 1]
    lengths, order = _checked_lengths(lengths, batch, longest, input.shape), None
    if not enforce_sorted:
        order = np.argsort(-lengths.astype(int), kind="stable")
        lengths = lengths[order]
    elif len(rising := np.flatnonzero(lengths[1:] > lengths[:-1])):
        k = rising[0]
        raise ArgumentError(
            f"pack_padded_sequence: lengths must descend, and lengths[{k}] is {lengths[k]} before "
            f"{lengths[k + 1]}.\n  With enforce_sorted=False they are sorted for you.{here()}"
        )
    sizes = (lengths > np.arange(lengths[0])[:, None]).sum(1)
    steps, places = _places(sizes.tolist(), order)
    data = input[(places, steps) if batch_first else (steps, places)]
    return PackedSequence(data, sizes, order)


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The inverse of `pack_padded_sequence`: padded sequences, and their lengths.

    They are padded with `padding_value`, to the length of the longest or to `total_length`.

    Shape: a packed `sequence` of N -> (T, N, *), or (N, T, *) with `batch_first`, and (N,).

    >>> import autograd as ag
    >>> import nn
    >>> packed = nn.utils.rnn.pack_sequence([ag.Tensor([1, 2, 3]), ag.Tensor([9])])
    >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    (Tensor([[1, 2, 3],
             [9, 0, 0]], dtype=int64), Tensor([3, 1], dtype=int64))
    """
    data, sizes, order, _ = sequence
    steps, places = _places(sizes.tolist(), order)
    length, batch = len(sizes), int(sizes[0].item())
    if total_length is not None:
        if total_length < length:
            raise ArgumentError(
                f"pad_packed_sequence: total_length is {total_length}, and the longest sequence "
                f"has {length}{here()}"
            )
        length = total_length
    lead, index = (length, batch), (steps, places)
    if batch_first:
        lead, index = lead[::-1], index[::-1]
    padding = np.full((*lead, *data.shape[1:]), padding_value, data.dtype)
    lengths = np.bincount(places, minlength=batch)
    return ag.asarray(setitem(padding, data, index)), ag.asarray(lengths)


def pad_sequence(
    sequences: Iterable[Any],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """`sequences` padded to the longest with `padding_value`, on the `padding_side` "right" or
    "left".

    Shape: N of (Lᵢ, *) -> (T, N, *), or (N, T, *) with `batch_first`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.utils.rnn.pad_sequence([ag.Tensor([1, 2, 3]), ag.Tensor([9])], batch_first=True)
    Tensor([[1, 2, 3],
            [9, 0, 0]], dtype=int64)
    """
    check_choice("padding_side", padding_side, ("right", "left"))
    given = _sequences("pad_sequence", sequences)
    data, lengths = ag.concat(given), [raw(x).shape[0] for x in given]
    places = np.repeat(np.arange(len(given)), lengths)
    steps = np.concatenate([np.arange(n) for n in lengths])
    if padding_side == "left":
        steps += np.repeat(max(lengths) - np.array(lengths), lengths)
    lead, index = (max(lengths), len(given)), (steps, places)
    if batch_first:
        lead, index = lead[::-1], index[::-1]
    padding = np.full((*lead, *raw(data).shape[1:]), padding_value, raw(data).dtype)
    return ag.asarray(setitem(padding, data, index))


def _sequences(name: str, sequences: Iterable[Any]) -> list[Tensor]:
    given = [ag.asarray(x) for x in sequences]
    if not given:
        raise ArgumentError(f"{name}: there are no sequences{here()}")
    for number, x in enumerate(given):
        if not x.ndim or x.shape[1:] != given[0].shape[1:]:
            raise ShapeError(
                f"{name}: sequences[0] is {given[0].shape} and sequences[{number}] is {x.shape}: "
                f"they may differ in their first axis alone{here()}"
            )
    return given


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """The inverse of `pad_sequence`: each sequence on its own.

    Shape: `padded_sequences` (T, N, *), or (N, T, *) with `batch_first`, and `lengths` (N,) -> a
    list of N (Lᵢ, *).

    >>> import autograd as ag
    >>> import nn
    >>> nn.utils.rnn.unpad_sequence(ag.Tensor([[1, 2], [9, 0]]), [2, 1], batch_first=True)
    [Tensor([1, 2], dtype=int64), Tensor([9], dtype=int64)]
    """
    padded = ag.asarray(padded_sequences)
    if padded.ndim < 2:
        raise ShapeError(
            f"unpad_sequence: padded_sequences are {padded.shape}; expected (L, N, *), or with "
            f"batch_first (N, L, *){here()}"
        )
    batch = padded.shape[0 if batch_first else 1]
    found = np.asarray(lengths)
    if found.shape != (batch,):
        raise ShapeError(
            f"unpad_sequence: lengths are {found.shape} and padded_sequences {padded.shape}: "
            f"expected one for each of the {batch} sequences, ({batch},){here()}"
        )
    return [
        padded[n, :length] if batch_first else padded[:length, n]
        for n, length in enumerate(found.tolist())
    ]


def pack_sequence(sequences: Iterable[Any], enforce_sorted: bool = True) -> PackedSequence:
    """`sequences`, packed: `pack_padded_sequence` of them padded, with its `enforce_sorted`.

    Shape: N of (Lᵢ, *) -> packed data (Σ Lᵢ, *).

    >>> import autograd as ag
    >>> import nn
    >>> nn.utils.rnn.pack_sequence([ag.Tensor([1, 2, 3]), ag.Tensor([9])]).data
    Tensor([1, 9, 2, 3], dtype=int64)
    """
    given = _sequences("pack_sequence", sequences)
    lengths = [len(x) for x in given]
    return pack_padded_sequence(pad_sequence(given), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The inverse of `pack_sequence`: each sequence on its own, in the first order.

    Shape: `packed_sequences` of N -> a list of N (Lᵢ, *).

    >>> import autograd as ag
    >>> import nn
    >>> packed = nn.utils.rnn.pack_sequence([ag.Tensor([1, 2, 3]), ag.Tensor([9])])
    >>> nn.utils.rnn.unpack_sequence(packed)
    [Tensor([1, 2, 3], dtype=int64), Tensor([9], dtype=int64)]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


declare("PackedSequence", "a PackedSequence", lambda value: isinstance(value, PackedSequence))
guard(__name__, __all__)
