"""keras.initializers: Keras' distributions and fans, over nn.init and keras.random.

An initializer is called with a shape, (in, out) or (*receptive field, in, out) as Keras has its
kernels, and gives a Tensor. One with a seed gives the same numbers at each call, and so does one
without: it takes a seed from the default generator when it is made, as Keras' do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.diagnose import check_choice
from autograd.engine.generators import draw
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, shown
from autograd.extend import raw
from nn.init import orthogonal_
from nn.keras import random
from nn.keras.backend import standardize_dtype
from nn.keras.engine.old_names import with_old_names
from nn.keras.identifiers import chapter, config_of, refused

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]  # fmt: skip

_SPREAD = 0.8796256610342398  # the standard deviation of a normal cut at two of its own
MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal", "normal")


class Initializer:
    """Base of initializers: a subclass writes `__call__(shape, dtype=None)`.

    >>> from nn import keras
    >>> keras.initializers.Constant(2.0)((2,))
    Tensor([2., 2.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An initializer of these arguments."""
        return cls(**config)

    def clone(self) -> Any:
        """Another with the same arguments."""
        return type(self).from_config(self.get_config())


class Zeros(Initializer):
    """Zeros."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ag.zeros(tuple(shape), dtype=np.dtype(standardize_dtype(dtype)))


class Ones(Initializer):
    """Ones."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ag.ones(tuple(shape), dtype=np.dtype(standardize_dtype(dtype)))


class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return Ones()(shape, dtype) * np.asarray(raw(self.value), standardize_dtype(dtype))


class Identity(Initializer):
    """The identity matrix, times `gain`; for matrices alone."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) != 2:
            raise ShapeError(f"keras.initializers.Identity is for matrices, got {tuple(shape)}")
        return self.gain * ag.eye(shape[0], shape[1], dtype=np.dtype(standardize_dtype(dtype)))


class RandomInitializer(Initializer):
    """Base of initializers that draw."""

    def __init__(self, seed: Any = None) -> None:
        self.seed = seed
        self._seed = int(draw("integers", 1, 10**9)) if seed is None else seed
        is_seed = isinstance(self._seed, (int, np.integer, random.SeedGenerator))
        if not is_seed:
            raise ArgumentTypeError(
                f"{type(self).__name__}: seed is a whole number or a keras.random.SeedGenerator, "
                f"got {shown(seed)}"
            )


class RandomNormal(RandomInitializer):
    """Numbers from the normal distribution."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.normal(shape, self.mean, self.stddev, dtype, self._seed)


class TruncatedNormal(RandomNormal):
    """Numbers from the normal distribution, none farther than two standard deviations."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self._seed)


class RandomUniform(RandomInitializer):
    """Numbers spread evenly from minval to maxval."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return random.uniform(shape, self.minval, self.maxval, dtype, self._seed)


class VarianceScaling(RandomInitializer):
    """Numbers whose variance is scale / fan, of the inputs, the outputs or both.

    `input_axes` and `output_axes` say which axes of the shape count, where not the last two do.

    >>> from nn import keras
    >>> w = keras.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=0)((3, 6))
    >>> bool(abs(w.numpy()).max() <= 1)
    True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        if scale <= 0:
            raise ArgumentError(f"VarianceScaling: scale must be positive, got {scale}")
        self.scale = scale
        self.mode = check_choice("mode", mode, MODES)
        known = check_choice("distribution", distribution.lower(), DISTRIBUTIONS)
        self.distribution = "truncated_normal" if known == "normal" else known
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        fan_in, fan_out = _fans(tuple(shape), self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        std = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * std
            return random.uniform(shape, -limit, limit, dtype, self._seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, std, dtype, self._seed)
        return random.truncated_normal(shape, 0.0, std / _SPREAD, dtype, self._seed)


def _fans(
    shape: tuple[int, ...], inputs: Sequence[int] | None, outputs: Sequence[int] | None
) -> tuple[int, int]:
    """How many values each output, input meets, of a kernel (*receptive field, in, out)."""
    if inputs is not None and outputs is not None:
        return math.prod(shape[i] for i in inputs), math.prod(shape[i] for i in outputs)
    receptive = math.prod(shape[:-2])
    ends = shape[-2:] if len(shape) > 1 else (*shape, *shape, 1, 1)
    return ends[0] * receptive, ends[1] * receptive


class _Scaled(VarianceScaling):
    """Base of the scalings that have names."""

    _options: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self._options, seed, input_axes, output_axes)


class GlorotUniform(_Scaled):
    """Evenly on ±√(6 / (fan-in + fan-out)); what Keras' layers take by default.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks (2010).
    """

    _options = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaled):
    """Truncated normal of variance 2 / (fan-in + fan-out)."""

    _options = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Scaled):
    """Evenly on ±√(6 / fan-in), before a rectifier.

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """

    _options = (2.0, "fan_in", "uniform")


class HeNormal(_Scaled):
    """Truncated normal of variance 2 / fan-in, before a rectifier."""

    _options = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Scaled):
    """Evenly on ±√(3 / fan-in)."""

    _options = (1.0, "fan_in", "uniform")


class LecunNormal(_Scaled):
    """Truncated normal of variance 1 / fan-in, as self-normalizing networks want it."""

    _options = (1.0, "fan_in", "truncated_normal")


class Orthogonal(RandomInitializer):
    """A random matrix of orthonormal rows or columns, times `gain`; the last axis has the columns.

    Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks (2014).
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if len(shape) < 2:
            raise ShapeError(f"keras.initializers.Orthogonal: two axes at least, got {shape}")
        flat = Zeros()((math.prod(shape[:-1]), shape[-1]), dtype)
        rng = self._seed.rng if isinstance(self._seed, random.SeedGenerator) else self._seed
        return orthogonal_(flat, self.gain, rng).reshape(tuple(shape))


# Keras' other spellings of the same classes
constant, ones, zeros, identity, orthogonal = Constant, Ones, Zeros, Identity, Orthogonal
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
random_normal, random_uniform = RandomNormal, RandomUniform
truncated_normal, variance_scaling = TruncatedNormal, VarianceScaling
glorot_normal, glorot_uniform, he_normal = GlorotNormal, GlorotUniform, HeNormal
he_uniform, lecun_normal, lecun_uniform = HeUniform, LecunNormal, LecunUniform

STFT = stft = STFTInitializer = refused(
    "initializers.STFT", "initialize with your own function of (shape, dtype=None)"
)

TABLE = {n: globals()[n] for n in __all__ if n not in ("deserialize", "get", "serialize")} | {
    "normal": RandomNormal, "one": Ones, "uniform": RandomUniform, "zero": Zeros,
}  # fmt: skip
_get, serialize, deserialize = chapter("initializer", TABLE)


def get(identifier: Any) -> Any:
    """The initializer of a name, a config, a class, a function of (shape, dtype), or an array.

    >>> from nn import keras
    >>> keras.initializers.get("zeros")((2,))
    Tensor([0., 0.], dtype=float32)
    """
    if isinstance(identifier, Mapping) or not hasattr(identifier, "__array__"):
        return _get(identifier)

    def given(shape: Any, dtype: Any = None) -> Any:
        if tuple(shape) != identifier.shape:
            raise ShapeError(f"the initial values are {identifier.shape}, and should be {shape}")
        return ag.asarray(identifier).detach().astype(np.dtype(standardize_dtype(dtype)))

    return given


__getattr__ = with_old_names(__name__)
