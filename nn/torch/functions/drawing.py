"""Random Tensors, Generators and seeds; the numbers are NumPy's, another sequence than there."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.generators import draw
from autograd.engine.generators import generator as default
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from nn.torch.devices import CPU, check_cpu
from nn.torch.functions.calling import filled, lengths, made, named, numbers
from nn.torch.functions.creating import options
from nn.torch.promotion import floating

_SEED: list[int] = [0]  # of the default generator


class Generator:
    """A source of random numbers with a seed of its own.

    >>> import nn.torch as torch
    >>> g = torch.Generator().manual_seed(0)
    >>> torch.rand(2, generator=g).shape
    torch.Size([2])
    """

    def __init__(self, device: Any = "cpu") -> None:
        check_cpu(device)
        self.device = CPU
        self._seed = 67280421310721  # as of one that nobody has seeded
        self.numpy = np.random.default_rng(self._seed)

    def manual_seed(self, seed: Any) -> Generator:
        """Start again at a seed."""
        self._seed = int(seed)
        self.numpy.bit_generator.state = np.random.default_rng(_positive(seed)).bit_generator.state
        return self

    def seed(self) -> int:
        """Start again anywhere; gives the seed."""
        self.manual_seed(np.random.SeedSequence().entropy % 2**63)  # type: ignore[operator]
        return self._seed

    def initial_seed(self) -> int:
        """The seed that it was started at."""
        return self._seed

    def get_state(self) -> Any:
        """Where it is, to be given to `set_state`."""
        return _state_of(self.numpy)

    def set_state(self, new_state: Any) -> None:
        """Go on where another was."""
        _go_on(self.numpy, new_state)


class _Default(Generator):
    """The one that `manual_seed` sets, of which all draw that are given none."""

    def __init__(self) -> None:
        self.device = CPU

    @property
    def numpy(self) -> Any:  # type: ignore[override]
        """NumPy's generator."""
        return default()

    def manual_seed(self, seed: Any) -> Generator:
        """Start again at a seed."""
        return manual_seed(seed)

    def initial_seed(self) -> int:
        """The seed that it was started at."""
        return _SEED[0]


_Default.__name__ = "Generator"
default_generator = _Default()


def _positive(seed: Any) -> int:
    return int(seed) % 2**64


def manual_seed(seed: Any) -> Any:
    """Start the default generator at a seed."""
    _SEED[0] = int(seed)
    autograd.manual_seed(_positive(seed))
    return default_generator


def seed() -> int:
    """Start the default generator anywhere; gives the seed."""
    manual_seed(np.random.SeedSequence().entropy % 2**63)  # type: ignore[operator]
    return _SEED[0]


def initial_seed() -> int:
    """The seed that the default generator was started at."""
    return _SEED[0]


def _state_of(numbers: Any) -> Any:
    import json  # late: few programs ask

    text = json.dumps(numbers.bit_generator.state).encode()
    return made(np.frombuffer(text, np.uint8).copy())


def _go_on(numbers: Any, state: Any) -> None:
    import json

    try:
        numbers.bit_generator.state = json.loads(bytes(raw(state)))
    except (TypeError, ValueError):
        raise ArgumentError("set_state: expected what get_state gave") from None


def get_rng_state() -> Any:
    """Where the default generator is."""
    return _state_of(default())


def set_rng_state(new_state: Any) -> None:
    """Let the default generator go on where it was."""
    _go_on(default(), new_state)


def rng_of(generator: Any) -> Any:
    """NumPy's generator of one of the face; None for the default."""
    if generator is None or isinstance(generator, np.random.Generator):
        return generator
    if not isinstance(generator, Generator):
        raise ArgumentTypeError(f"generator is a torch.Generator, got {generator!r:.80}")
    return generator.numpy


# ---- of a size -----------------------------------------------------------------------------------


def _sized(name: str, draw: Any, doc: str) -> Any:
    def call(*size: Any, out: Any = None, generator: Any = None, **kwargs: Any) -> Any:
        if "size" in kwargs:
            size = (kwargs.pop("size"),)
        dtype, requires_grad = options(kwargs, name)
        shape = lengths(size, name)
        value = made(draw(shape, dtype=dtype, rng=rng_of(generator)))
        return filled(out, value.requires_grad_() if requires_grad else value)

    named(call, name, doc)
    return call


rand = _sized("rand", autograd.rand, "Numbers spread evenly over [0, 1).")
randn = _sized("randn", autograd.randn, "Numbers of the standard normal distribution.")


def _like(name: str, draw: Any, doc: str) -> Any:
    def call(input: Any, *, generator: Any = None, **kwargs: Any) -> Any:
        dtype, requires_grad = options(kwargs, name)
        kind = raw(input).dtype if dtype is None else dtype
        value = made(draw(tuple(input.shape), dtype=kind, rng=rng_of(generator)))
        return value.requires_grad_() if requires_grad else value

    named(call, name, doc)
    return call


rand_like = _like("rand_like", autograd.rand, "Numbers of [0, 1), of another Tensor's size.")
randn_like = _like("randn_like", autograd.randn, "Normal numbers, of another Tensor's size.")


def randint(low: Any, *args: Any, generator: Any = None, out: Any = None, **kwargs: Any) -> Any:
    """Whole numbers from low (0, if there is but a high) up to but without high, of a size."""
    given = [low, *args]
    size = kwargs.pop("size", None)
    if size is None:
        size = given.pop()
    high = kwargs.pop("high", None)
    if high is None:
        high = given.pop()
    start = given[0] if given else 0
    dtype, requires_grad = options(kwargs, "randint")
    if not isinstance(size, (tuple, list)):
        raise ArgumentTypeError(f"randint: size is a tuple, such as ({size},), got {size!r}")
    shape = lengths((size,), "randint")
    if int(high) <= int(start):
        raise ArgumentError(f"randint: no whole numbers from {start} up to but without {high}")
    drawn = draw("integers", int(start), int(high), shape, dtype=np.int64, rng=rng_of(generator))
    value = made(drawn, np.dtype(np.int64) if dtype is None else dtype)
    return filled(out, value.requires_grad_() if requires_grad else value)


def randint_like(input: Any, low: Any, high: Any = None, **kwargs: Any) -> Any:
    """Whole numbers, of another Tensor's size and dtype."""
    bounds = (0, low) if high is None else (low, high)
    dtype, requires_grad = options(kwargs, "randint_like")
    drawn = autograd.randint(bounds[0], bounds[1], tuple(input.shape))
    value = made(drawn, dtype or raw(input).dtype)
    return value.requires_grad_() if requires_grad else value


def randperm(n: int, *, generator: Any = None, out: Any = None, **kwargs: Any) -> Any:
    """The numbers 0 … n − 1 in random order."""
    dtype, requires_grad = options(kwargs, "randperm")
    value = made(autograd.randperm(n, rng=rng_of(generator)), dtype or np.dtype(np.int64))
    return filled(out, value.requires_grad_() if requires_grad else value)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    out: Any = None,
    **kwargs: Any,
) -> Any:
    """Numbers of normal distributions, of a size or of the sizes of mean and std."""
    dtype, requires_grad = options(kwargs, "normal")
    with autograd.no_grad():
        shape = None if size is None else lengths((size,), "normal")
        value = made(autograd.normal(mean, std, shape, dtype=dtype, rng=rng_of(generator)))
    return filled(out, value.requires_grad_() if requires_grad else value)


def bernoulli(input: Any, p: Any = None, *, generator: Any = None, out: Any = None) -> Any:
    """1 with the probability that stands in `input`, else 0."""
    chances = (
        numbers(input, "odds to draw by")
        if p is None
        else np.full(input.shape, p, raw(input).dtype)
    )
    return filled(out, made(autograd.bernoulli(chances, rng=rng_of(generator)), raw(input).dtype))


def poisson(input: Any, generator: Any = None) -> Any:
    """Counts of Poisson distributions with these rates."""
    drawn = default(rng_of(generator)).poisson(numbers(input, "rates to draw by"))
    return made(np.asarray(drawn, raw(input).dtype))


def binomial(count: Any, prob: Any, generator: Any = None) -> Any:
    """How many of `count` have happened, each with the probability `prob`."""
    drawn = default(rng_of(generator)).binomial(
        numbers(count, "counts to draw by").astype(np.int64), numbers(prob, "odds to draw by")
    )
    return made(np.asarray(drawn, raw(count).dtype))


def multinomial(
    input: Any,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Any = None,
    out: Any = None,
) -> Any:
    """Places drawn with the weights of each row, with replacement or without."""
    weights = np.atleast_2d(numbers(input, "weights to draw by")).astype(np.float64)
    if input.ndim not in (1, 2) or raw(input).dtype.kind != "f":
        raise ArgumentError("multinomial: expected floating weights, of one or two dimensions")
    if not np.isfinite(weights).all() or (weights < 0).any() or (weights.sum(1) <= 0).any():
        raise ArgumentError("multinomial: weights are finite, not negative, and not all zero")
    if not replacement and num_samples > weights.shape[1]:
        raise ArgumentError(f"multinomial: {num_samples} of {weights.shape[1]} without replacement")
    source = default(rng_of(generator))
    if replacement:
        ends = np.cumsum(weights, 1)
        points = source.random((len(weights), num_samples)) * ends[:, -1:]
        pairs = zip(ends, points, strict=True)
        places = np.stack([np.searchsorted(e, p, "right") for e, p in pairs])
        last = weights.shape[1] - 1 - (weights[:, ::-1] > 0).argmax(1)  # for what was rounded up
        places = np.minimum(places, last[:, None])
    else:
        with np.errstate(divide="ignore"):
            race = np.log(weights) + source.gumbel(size=weights.shape)
        places = np.argsort(-race, 1)[:, :num_samples]
    found = places.astype(np.int64)
    return filled(out, made(found if input.ndim == 2 else found[0]))


def dropout(input: Any, p: float = 0.5, train: bool = True) -> Any:
    """Elements set to zero with probability p, the others scaled to keep the mean."""
    from nn.functional import dropout as drop  # late: nn's layers

    return drop(floating(input), p, train)
