"""Arguments are checked where they come in: the annotation says the kind, the name the range.

`stride: int | tuple[int, ...]` is a whole number, or several; that a stride is at least 1 is said
once, in RANGES, for everything public that has one. Where a name has another meaning, the
annotation is a name of its own (`p: Probability`). The checks of a function are read from its
signature at its first call.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from autograd.diagnose import blame, here
from autograd.errors import DTypeError
from autograd.kinds import KINDS, Kind, is_number, is_one_of, kinds_of

__all__ = [
    "ALIASES", "PACKAGES", "Check", "Decay", "Length", "Probability", "check_options", "checked",
    "checked_class", "checks_of", "guard", "guarded",
]  # fmt: skip

PACKAGES = ("autograd", "nn", "optim")
ALIASES = {"dim": "axis", "keepdim": "keepdims"}  # PyTorch's spellings

# Annotations of parameters whose name means something else elsewhere.
Probability: TypeAlias = float
Decay: TypeAlias = float  # what remains of an average: from 0 to 1
Length: TypeAlias = int  # 0 or more

# ---- ranges --------------------------------------------------------------------------------------


class Range(NamedTuple):
    """What numbers may be, and what to say of one that is not."""

    words: str
    fits: Callable[[Any], bool]


FINITE = Range("must be a finite number", math.isfinite)
NOT_NAN = Range("must not be NaN", lambda n: n == n)
ANY = Range("", lambda n: True)
NOT_NEGATIVE = Range("must not be negative", lambda n: n >= 0)
POSITIVE = Range("must be positive", lambda n: n > 0)
AT_LEAST_1 = Range("must be at least 1", lambda n: n >= 1)
SHARE = Range("must be a number from 0 to 1", lambda n: 0 <= n <= 1)
PROBABILITY = Range("is a probability, from 0 to 1", lambda n: 0 <= n <= 1)
BELOW_1 = Range("must be from 0 up to but not 1", lambda n: 0 <= n < 1)
TOO_LARGE = Range("is too large", lambda n: False)
EMPTY = Range("must not be empty", lambda n: False)

RANGES: dict[str, Range] = {
    name: limit
    for limit, names in (
        (AT_LEAST_1, (
            "kernel_size stride dilation groups in_channels out_channels channels hidden_size "
            "input_size num_layers num_heads nhead embed_dim d_model dim_feedforward num_groups "
            "num_channels num_features inputs outputs num_parameters num_pieces embedding_dim in1_features "
            "in2_features n_classes upscale_factor downscale_factor kdim vdim units classes width "
            "heads depth context vocabulary chunks batch_size T_0 T_max T_mult step_size "
            "step_size_up total_iters total_steps steps_per_epoch n_power_iterations history_size "
            "max_iter max_eval probes depths size output_size normalized_shape order number"
        )),
        (NOT_NEGATIVE, (
            "Length Lengths in_features out_features num_embeddings padding output_padding "
            "patience cooldown start_from_epoch prefetch proj_size minlength num m pixels "
            "ns_steps step_size_down num_encoder_layers num_decoder_layers lr weight_decay eps lr_decay "
            "momentum gamma max_lr base_lr min_lr swa_lr eta_min base_momentum max_momentum "
            "initial_accumulator_value t0 momentum_decay tolerance_grad tolerance_change clip_norm "
            "layer_norm_eps max_norm clip_value std atol rtol lambd power epochs min_delta steps "
            "initial_epoch anneal_epochs rng seed gain blank repeats reps paths correction ddof"
        )),
        (POSITIVE, "tau delta div_factor final_div_factor div_value scale_factor"),
        (SHARE, (
            "Decay label_smoothing sparsity pct_start rho validation_size validation_split decay "
            "dampening"
        )),
        (PROBABILITY, "Probability dropout dropout_p"),
        (BELOW_1, "betas"),
        (NOT_NAN, "min_val max_val threshold a b ord margin baseline p norm_type scale"),
        (FINITE, "Widths"),
        (ANY, "value padding_value fill_value fill nan posinf neginf val value_at_zero"),
    )
    for name in names.split()
}  # fmt: skip
_INFINITE = {"max_norm", "clip_value", "norm_type", "atol", "rtol", "min_delta"}
_NUMERIC = KINDS["float"].plain
_ARRAY, _CONSTANTS = KINDS["Array"], KINDS["Constants"]
_ARRAYS = {_ARRAY, _CONSTANTS}
_TOP = 2**63 - 1  # of whole numbers

# What a parameter is whose annotation says Any.
_BY_NAME = {
    name: annotation
    for annotation, names in {
        "Array": (
            "input input1 input2 target x x1 x2 y anchor positive negative query key value data "
            "log_probs targets input_lengths target_lengths var indices logits theta grid weight "
            "linear_weight linear_bias pos_weight attn_mask total_norm key_padding_mask offsets "
            "out_proj_weight tensor per_sample_weights lengths padded_sequences _weight "
            "start stop fill_value mean std"
        ),
        "Constants": "_random_samples q rcond repeats rtol tol",
        "Array | None": (
            "running_mean running_var bias_k bias_v in_proj_weight in_proj_bias q_proj_weight "
            "static_k k_proj_weight v_proj_weight static_v out_proj_bias permutation"
        ),
        "Array | bool": "bias",
        "int | Sequence[int | None] | None": "output_size",
        "int | Sequence[int]": "kernel_size dilation output_padding stride size padding",
        "float | Sequence[float]": "output_ratio scale_factor",
        "Dataset": "dataset",
        "float": "step",
        "Callable": "custom_encoder custom_decoder",
        "Module": "module",
        "Rng": "rng",
        "npt.DTypeLike | None": "dtype",
    }.items()
    for name in names.split()
}


def _numbers(value: Any) -> Iterator[Any]:
    """The numbers in a value, nested ones too."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif is_number(value):
        yield value


class Check:
    """The check of one parameter; it is asked for values whose type is not `plain`."""

    __slots__ = ("counts", "infinite", "kinds", "known", "name", "numeric", "plain", "range", "top")

    def __init__(self, name: str, annotation: str, kinds: tuple[Kind, ...]) -> None:
        self.name = name
        self.kinds = kinds
        self.counts = any("number" in kind.words for kind in kinds) and not _ARRAYS & {*kinds}
        self.range = RANGES.get(annotation.removesuffix(" | None")) or RANGES.get(name, FINITE)
        self.infinite = name in _INFINITE or self.range in (ANY, NOT_NAN)
        self.plain = frozenset[type]().union(*[kind.plain for kind in kinds])
        self.numeric = self.plain & _NUMERIC
        if KINDS["float"] in kinds or self.range is not FINITE:
            self.plain -= _NUMERIC  # what is looked at; else every whole number fits
        self.top = _TOP if KINDS["int"] in kinds else math.inf
        self.known: set[Any] = set()  # tuples that fit

    def __call__(self, where: str, value: Any) -> Any:
        """The value, and of an array of no axes its number; TypeError or ValueError if unfit."""
        kind = type(value)
        if kind in self.numeric and -self.top < value < self.top and self.range.fits(value):
            return value if kind is float or kind is int else value.item()
        if kind is not tuple:
            self._look(where, value)
            return value.item() if self.counts and getattr(value, "ndim", 1) == 0 else value
        try:
            if value not in self.known:
                self._look(where, value)
                self.known.add(value)
        except TypeError:  # what has no hash
            self._look(where, value)
        return value

    def _look(self, where: str, value: Any) -> None:
        if not is_one_of(value, self.kinds):
            constant = self.counts or _CONSTANTS in self.kinds
            if constant and getattr(value, "requires_grad", False):
                raise DTypeError(
                    f"{where}: {self.name} is a constant, and the gradient of the Tensor that was "
                    f"given would be lost.\n  Pass its number, {self.name}=t.item(), or write the "
                    f"function with operators of Tensors.{here()}"
                )
            *most, last = dict.fromkeys(kind.words for kind in self.kinds)
            allowed = f"{', '.join(most)} or {last}" if most else last
            raise DTypeError(f"{where}: {self.name} must be {allowed}, got {value!r:.80}{here()}")
        if not self.counts:
            return
        faults = [fault for number in _numbers(value) if (fault := self._fault(number))]
        if isinstance(value, (tuple, list)) and not value and self.range in (AT_LEAST_1, POSITIVE):
            faults = [EMPTY]
        if faults:
            raise ValueError(f"{where}: {self.name} {faults[0].words}, got {value!r:.80}{here()}")

    def _fault(self, number: Any) -> Range | None:
        if number != number or abs(number) == math.inf:
            limited = self.range is not ANY and (number != number or not self.infinite)
            return FINITE if limited else None if self.range.fits(number) else self.range
        if not self.range.fits(number):
            return self.range
        return TOO_LARGE if abs(number) > self.top else None


def checks_of(function: Callable[..., Any]) -> dict[str, Check]:
    """The checks of a function's parameters, by name, for those that have one."""
    checks: dict[str, Check] = {}
    if function.__module__.partition(".")[0] not in PACKAGES:
        return checks  # what a user's own function takes is the user's to say
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = parameter.annotation
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if isinstance(annotation, type):
            annotation = annotation.__name__
        if not isinstance(annotation, str):
            continue
        if annotation in ("Any", "Any | None"):
            annotation = _BY_NAME.get(name, "Any")
        written = f"{annotation} | None" if parameter.default is None else annotation
        kinds = kinds_of(written, getattr(function, "__globals__", {}))
        if kinds is not None:
            checks[name] = Check(name, annotation, kinds)
    return checks


# ---- callables -----------------------------------------------------------------------------------


class _Arguments:
    """The checks of a function, in order and by name, once it is called."""

    __slots__ = ("by_name", "function", "in_order", "names", "skips")

    def __init__(self, function: Callable[..., Any], skips: int = 0) -> None:
        self.function = function
        self.skips = skips
        self.in_order: list[Check | None] | None = None

    def _read(self) -> None:
        self.by_name = checks_of(self.function)
        code = self.function.__code__
        self.names = code.co_varnames[self.skips : code.co_argcount]
        self.in_order = [self.by_name.get(name) for name in self.names]

    def __call__(self, where: str, args: Any, kwargs: dict[str, Any]) -> Any:
        """Check the arguments; the positional ones, with numbers for arrays that stand for such."""
        if self.in_order is None:
            self._read()
        changed = False
        for check, value in zip(self.in_order, args):  # type: ignore[arg-type]  # noqa: B905
            if check is not None and type(value) not in check.plain:
                changed |= check(where, value) is not value
        for name, value in kwargs.items():
            check = self.by_name.get(name)
            if check is not None and type(value) not in check.plain:
                kwargs[name] = check(where, value)
        if not changed:
            return args
        checks = dict(enumerate(self.in_order or ()))
        return [v if (c := checks.get(i)) is None else c(where, v) for i, v in enumerate(args)]

    def blame(
        self, where: str, args: Any, kwargs: Mapping[str, Any], error: Exception
    ) -> Exception:
        """The error to raise instead, if one of the arguments is to blame."""
        given = dict(zip(self.names, args)) | dict(kwargs)  # noqa: B905 (*args go on)
        arrays = {n for n, check in self.by_name.items() if _ARRAY in check.kinds}
        return blame(where, given, arrays, error)


def checked(function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
    """A function that checks its arguments, and takes PyTorch's `dim` and `keepdim` too."""
    signed = inspect.unwrap(function)
    code = signed.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    aliases = {theirs: ours for theirs, ours in ALIASES.items() if ours in known}
    where = name or function.__name__
    arguments = _Arguments(signed)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs and aliases:
            for theirs in aliases.keys() & kwargs.keys():
                if aliases[theirs] in kwargs:
                    raise TypeError(f"{where}() got two values for {aliases[theirs]!r}")
                kwargs[aliases[theirs]] = kwargs.pop(theirs)
        args = arguments(where, args, kwargs)
        try:
            return function(*args, **kwargs)
        except (AttributeError, OverflowError) as error:
            raise arguments.blame(where, args, kwargs, error) from None

    _CHECKED.add(call)
    return call


def checked_class(cls: type) -> None:
    """Let a class check the arguments of `__init__`, those of its instances and of subclasses.

    What a class hands on to the `__init__` of its own base is its own affair.
    """
    init = inspect.unwrap(cls.__init__)  # type: ignore[misc]
    if not inspect.isfunction(init):
        return
    arguments = _Arguments(init, skips=1)

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        made = next(c for c in type(self).__mro__ if c in _CHECKED)
        if made is cls:
            args = arguments(cls.__name__, args, kwargs)
        init(self, *args, **kwargs)

    _CHECKED.add(cls)
    cls.__init__ = __init__  # type: ignore[misc]


_CHECKED: set[Any] = set()  # classes and functions


def guard(module: str, names: Iterable[str]) -> None:
    """Let the public functions and classes of a module check their arguments."""
    namespace = vars(sys.modules[module])
    for name in names:
        if name in namespace:
            namespace[name] = guarded(namespace[name])


def guarded(value: Any) -> Any:
    """A public function or class that checks its arguments; anything else as it is."""
    if inspect.isclass(value):
        if value not in _CHECKED and not issubclass(value, (BaseException, tuple)):
            checked_class(value)
        return value
    if not inspect.isfunction(value) or hasattr(value, "op") or value in _CHECKED:
        return value
    home = vars(sys.modules[value.__module__])
    new = checked(value)
    if home.get(new.__name__) is value:
        home[new.__name__] = new  # so that it can be pickled
    return new


def check_options(where: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Check options by name as if the function were called with them."""
    for name, check in _checks_by_function(function).items():
        if name in options and type(options[name]) not in check.plain:
            check(where, options[name])


_checks_by_function = functools.cache(checks_of)
