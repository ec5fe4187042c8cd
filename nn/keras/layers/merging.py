"""Layers of several inputs, and the functions of their names."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn import functional as F
from nn.keras.base.layer import Layer
from nn.keras.structure import leaves

__all__ = [
    "Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract", "add",
    "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract",
]  # fmt: skip


class _Merge(Layer):
    supports_masking = True

    def build(self, input_shape: Any) -> None:
        kind = type(self).__name__
        if not isinstance(input_shape, (list, tuple)) or not isinstance(
            input_shape[0], (tuple, list)
        ):
            raise ArgumentError(f"{kind} takes a list of inputs: {kind}()([a, b])")
        self.check(input_shape)
        self.built = True

    def check(self, shapes: Any) -> None:
        """Raise unless the shapes go together."""
        self.compute_output_shape(shapes)

    def call(self, inputs: Any) -> Any:
        return self.merged(list(inputs))

    def merged(self, inputs: list[Any]) -> Any:
        """One Tensor of several."""
        raise NotImplementedError

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        masks = [m for m in leaves(previous_mask) if m is not None]
        return np.logical_or.reduce(masks) if len({m.shape for m in masks}) == 1 else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = [tuple(s) for s in input_shape]
        rank = max(map(len, shapes))
        longer = [s if len(s) == rank else (s[0], *(1,) * (rank - len(s)), *s[1:]) for s in shapes]
        out = []
        for lengths in zip(*longer, strict=True):
            known = {n for n in lengths if n not in (None, 1)}
            if len(known) > 1:
                raise ShapeError(
                    f"{type(self).__name__} {self.name!r}: the inputs {shapes} do not go together"
                )
            out.append(known.pop() if known else None if None in lengths else 1)
        return tuple(out)


class Add(_Merge):
    """The sum of its inputs."""

    def merged(self, inputs: list[Any]) -> Any:
        return reduce(ag.add, inputs)


class Multiply(_Merge):
    """The product of its inputs."""

    def merged(self, inputs: list[Any]) -> Any:
        return reduce(ag.multiply, inputs)


class Average(_Merge):
    """The mean of its inputs."""

    def merged(self, inputs: list[Any]) -> Any:
        return reduce(ag.add, inputs) / len(inputs)


class Maximum(_Merge):
    """The larger of its inputs, place by place."""

    def merged(self, inputs: list[Any]) -> Any:
        return reduce(ag.maximum, inputs)


class Minimum(_Merge):
    """The smaller of its inputs, place by place."""

    def merged(self, inputs: list[Any]) -> Any:
        return reduce(ag.minimum, inputs)


class Subtract(_Merge):
    """The first input less the second."""

    def merged(self, inputs: list[Any]) -> Any:
        if len(inputs) != 2:
            raise ArgumentError(f"Subtract takes two inputs, got {len(inputs)}")
        return inputs[0] - inputs[1]


class Concatenate(_Merge):
    """Its inputs, one after the other along an axis."""

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def merged(self, inputs: list[Any]) -> Any:
        return ag.concat(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return None

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = [list(s) for s in input_shape]
        axis = self.axis % len(shapes[0])
        others = [[n for a, n in enumerate(s) if a != axis] for s in shapes]
        for other in others[1:]:
            if len(other) != len(others[0]) or any(
                n != m and None not in (n, m) for n, m in zip(other, others[0], strict=True)
            ):
                raise ShapeError(
                    f"Concatenate {self.name!r}: the inputs {[*map(tuple, shapes)]} differ in "
                    f"another axis than {self.axis}"
                )
        lengths = [s[axis] for s in shapes]
        out = list(shapes[0])
        out[axis] = None if None in lengths else sum(lengths)
        return tuple(out)


class Dot(_Merge):
    """The products of two inputs, summed over an axis of each; normalized ones are cosines."""

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axes, self.normalize = axes, normalize

    def _axes(self, ranks: Any) -> Any:
        axes = (self.axes,) * 2 if isinstance(self.axes, int) else self.axes
        return [a % rank for a, rank in zip(axes, ranks, strict=True)]

    def merged(self, inputs: list[Any]) -> Any:
        a, b = inputs
        one, two = self._axes((a.ndim, b.ndim))
        if self.normalize:
            a, b = F.normalize(a, dim=one, eps=1e-6), F.normalize(b, dim=two, eps=1e-6)
        left = "n" + "abcdef"[: a.ndim - 1]
        right = "n" + "uvwxyz"[: b.ndim - 1]
        right = right[:two] + left[one] + right[two + 1 :]
        kept = [c for c in left[1:] if c != left[one]] + [c for c in right[1:] if c != left[one]]
        out = ag.einsum(f"{left},{right}->n{''.join(kept)}", a, b)
        return out if out.ndim > 1 else out[:, None]

    def compute_output_shape(self, input_shape: Any) -> Any:
        a, b = input_shape
        one, two = self._axes((len(a), len(b)))
        if a[one] != b[two] and None not in (a[one], b[two]):
            raise ShapeError(
                f"Dot {self.name!r}: axis {one} of {tuple(a)} and axis {two} of {tuple(b)} differ"
            )
        kept = [n for i, n in enumerate(a) if i not in (0, one)]
        kept += [n for i, n in enumerate(b) if i not in (0, two)]
        return (a[0], *(kept or [1]))


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the inputs."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The first input less the second."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of the inputs."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of the inputs."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The larger of the inputs."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smaller of the inputs."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The inputs, one after the other along an axis."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """The products of two inputs, summed over an axis of each."""
    return Dot(axes, **kwargs)(inputs)
