"""Tables of vectors, one for each word of a vocabulary, looked up one by one or in bags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import autograd as ag
from autograd import Tensor
from autograd.errors import ShapeError
from autograd.extend import ArrayLike
from nn import init
from nn.embedding.embedding import MODES, check_dense, embedding, embedding_bag, padding_row
from nn.loss.reduction import as_tensor
from nn.module.checks import check_choice
from nn.module.module import Module
from nn.module.parameter import Parameter, empty

if TYPE_CHECKING:
    import numpy.typing as npt


class _Table(Module):
    """What both share: a weight (num_embeddings, embedding_dim), drawn from a normal distribution.

    The row `padding_idx` starts as zeros.
    """

    weight: Parameter
    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool

    def _fill(self, weight: Any, freeze: bool, dtype: npt.DTypeLike | None, rng: Any) -> None:
        shape = (self.num_embeddings, self.embedding_dim)
        self.padding_idx = padding_row(self._kind, self.padding_idx, self.num_embeddings)
        if weight is None:
            self.weight = Parameter(empty(shape, dtype), requires_grad=not freeze)
            self.reset_parameters(rng)
            return
        weight = as_tensor(weight)
        if weight.shape != shape:
            raise ShapeError(
                f"{self._kind}: _weight is {weight.shape}; for {shape[0]} rows of {shape[1]} "
                f"features it must be {shape}"
            )
        self.weight = Parameter(weight, requires_grad=not freeze)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw the weight anew."""
        init.normal_(self.weight, rng=rng)
        if self.padding_idx is not None:
            with ag.no_grad():
                self.weight[self.padding_idx] = 0.0

    def _described(self, **more: Any) -> str:
        options: dict[str, Any] = {}
        if self.max_norm is not None:
            options["max_norm"] = self.max_norm
        if self.norm_type != 2:
            options["norm_type"] = self.norm_type
        if self.scale_grad_by_freq:
            options["scale_grad_by_freq"] = True
        parts = (f"{name}={value!r}" for name, value in (options | more).items())
        return ", ".join((str(self.num_embeddings), str(self.embedding_dim), *parts))


def _sizes(kind: str, embeddings: Any) -> tuple[int, int]:
    shape = as_tensor(embeddings).shape
    if len(shape) != 2:
        raise ShapeError(f"{kind}: embeddings is {shape}; it must be (rows, features)")
    return shape


class Embedding(_Table):
    """A vector for each of `num_embeddings` words; an input names words by their numbers.

    `weight` is (num_embeddings, embedding_dim), drawn from the standard normal distribution. The
    row `padding_idx` starts as zeros and gets no gradient. With `max_norm` rows that are looked up
    are scaled down, in `weight` itself, to that norm at most (of the kind `norm_type`). With
    `scale_grad_by_freq` the gradient of a row is divided by the times it is named. `rng` is a
    generator or a seed; gradients are never `sparse`.

    Shape: (*) integers -> (*, embedding_dim).

    >>> import autograd as ag
    >>> import nn
    >>> words = nn.Embedding(10, 3, rng=0)
    >>> words(ag.Tensor([[1, 2, 4], [4, 3, 9]])).shape
    (2, 3, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        check_dense(self._kind, sparse)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self._fill(_weight, _freeze, dtype, rng)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """An Embedding with a copy of these vectors (rows, features); `freeze`: not trained.

        >>> import nn
        >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        Embedding(3, 2)
        """
        rows, features = _sizes(cls.__name__, embeddings)
        return cls(
            rows, features, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            embeddings, freeze,
        )  # fmt: skip

    def forward(self, input: ArrayLike) -> Tensor:
        return embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        padding = {} if self.padding_idx is None else {"padding_idx": self.padding_idx}
        return self._described(**padding)


class EmbeddingBag(_Table):
    """The mean, sum or max (`mode`) of the vectors of each bag of words.

    `offsets` say where in a flat input each bag starts; with `include_last_offset` they also say
    where the last one ends. `per_sample_weights`, one for each word, multiply the vectors of a sum.
    An empty bag gives zeros, and the word `padding_idx` does not count. The other options are those
    of Embedding.

    Shape: (B, L) integers -> (B, embedding_dim); or (N,) with offsets (B,).

    >>> import autograd as ag
    >>> import nn
    >>> bags = nn.EmbeddingBag(10, 3, mode="sum", rng=0)
    >>> bags(ag.Tensor([1, 2, 4, 5, 4]), ag.Tensor([0, 2])).shape
    (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        check_dense(self._kind, sparse)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = check_choice("mode", mode, MODES)
        self.include_last_offset = include_last_offset
        self.padding_idx = padding_idx
        self._fill(_weight, False, dtype, rng)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """An EmbeddingBag with a copy of these vectors (rows, features); `freeze`: not trained.

        >>> import nn
        >>> nn.EmbeddingBag.from_pretrained([[1.0, 2.0], [3.0, 4.0]], mode="max")
        EmbeddingBag(2, 2, mode='max')
        """
        rows, features = _sizes(cls.__name__, embeddings)
        made = cls(
            rows, features, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
            include_last_offset, padding_idx,
        )  # fmt: skip
        made.weight.requires_grad = not freeze
        return made

    def forward(
        self,
        input: ArrayLike,
        offsets: ArrayLike | None = None,
        per_sample_weights: ArrayLike | None = None,
    ) -> Tensor:
        return embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        padding = {} if self.padding_idx is None else {"padding_idx": self.padding_idx}
        return self._described(mode=self.mode, **padding)
