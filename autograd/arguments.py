"""Arguments are checked where they come in: the annotation says the type, the name the range.

`stride: int | tuple[int, ...]` is a whole number, or several; that a stride is at least 1 is said
once, in RANGES, for everything public that has one. Where a name has another meaning, the
annotation is a name of its own (`p: Probability`). Nothing here is asked for twice: the checks of a
function are read from its signature at its first call.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.diagnose import here
from autograd.errors import DTypeError

__all__ = [
    "Check", "Coefficient", "Decay", "Probability", "check_options", "checked", "checked_class",
    "checks_of", "declare", "guard",
]  # fmt: skip

PACKAGES = ("autograd", "nn", "optim")
ALIASES = {"dim": "axis", "keepdim": "keepdims"}  # PyTorch's spellings

# Annotations of parameters whose name means something else elsewhere.
Probability: TypeAlias = float
Decay: TypeAlias = float  # what remains of an average: from 0 to 1
Coefficient: TypeAlias = float  # any finite number

# ---- types ---------------------------------------------------------------------------------------

_SPELLED = {  # other names of annotations
    "Axis": "int | Sequence[int] | None",
    "DType": "dtype | None",
    "Lengths": "int | Sequence[int]",
    "OutputSize": "int | Sequence[int | None] | None",
    "Probability": "float",
    "Decay": "float",
    "Coefficient": "float",
    "Rng": "rng | None",
    "Shape": "int | Sequence[int]",
    "Sizes": "int | Sequence[int]",
    "Tensors": "Tensor | Iterable",
    "np.random.Generator": "rng",
    "npt.DTypeLike": "dtype",
    "str | os.PathLike[str]": "path",
}


def is_whole(value: Any) -> bool:
    """Whether it is a whole number: Python's, NumPy's, or an array or Tensor of no axes."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind:
        return kind in "iu" and getattr(value, "ndim", 1) == 0
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether it is a real number, of Python, NumPy, or in a Tensor that needs no gradient."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind:
        constant = not getattr(value, "requires_grad", False)
        return kind in "iuf" and getattr(value, "ndim", 1) == 0 and constant
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_flag(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_)) or (type(value) is int and value in (0, 1))


def is_tensor(value: Any) -> bool:
    return hasattr(value, "_value") and hasattr(value, "_node")


def is_array(value: Any) -> bool:
    """Whether it holds numbers: a Tensor, an array of any library, a number or lists of them."""
    dtype = getattr(value, "dtype", None)
    if dtype is not None and not isinstance(value, type):
        return getattr(dtype, "kind", "f") in "biufc"
    if isinstance(value, (list, tuple)):
        return all(map(is_array, value))
    return isinstance(value, (int, float, complex)) or any(
        hasattr(type(value), protocol)
        for protocol in ("__autograd_op__", "__array_ufunc__", "__array__")
    )


def is_dtype(value: Any) -> bool:
    try:
        return value is not None and np.dtype(value).kind in "biufc"
    except (TypeError, ValueError):
        return False


def is_text(value: Any) -> bool:
    return isinstance(value, (str, bytes))


def is_path(value: Any) -> bool:
    return isinstance(value, str) or hasattr(value, "__fspath__")


class Kind(NamedTuple):
    """One thing that an argument can be: in words, and as a test of values no type tells."""

    words: str
    fits: Callable[[Any], bool]
    plain: frozenset[type] = frozenset()  # types that always fit


KINDS = {
    "Array": Kind("a Tensor, an array or numbers", is_array),
    "None": Kind("None", lambda value: value is None, frozenset([type(None)])),
    "Tensor": Kind("a Tensor", is_tensor),
    "bool": Kind("True or False", is_flag, frozenset([bool, np.bool_])),
    "dtype": Kind("a dtype such as 'float32'", is_dtype),
    "float": Kind("a number", is_number, frozenset([float, int, np.float64, np.int64])),
    "int": Kind("a whole number", is_whole, frozenset([int, np.int64])),
    "path": Kind("a path", is_path, frozenset([str])),
    "rng": Kind(
        "a numpy.random.Generator or an int that seeds one",
        lambda value: isinstance(value, np.random.Generator) or is_whole(value),
    ),
    "str": Kind("a string", lambda value: isinstance(value, str), frozenset([str])),
}
_PLURALS = {"a whole number": "whole numbers", "a number": "numbers", "True or False": "booleans"}


def declare(annotation: str, words: str, fits: Callable[[Any], bool]) -> None:
    """Say what an annotation stands for."""
    KINDS[annotation] = Kind(words, fits)


def _split(text: str, sign: str) -> list[str]:
    """The parts of an annotation between signs that stand in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == sign and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


@functools.cache
def _kinds(annotation: str) -> tuple[Kind, ...] | None:
    """The alternatives of an annotation; None if it says nothing that could be checked."""
    annotation = _SPELLED.get(annotation, annotation)
    found: list[Kind] = []
    parts = _split(annotation, "|")
    if len(parts) == 1:
        kind = _kind(annotation)
        return None if kind is None else (kind,)
    for part in parts:
        kinds = _kinds(part)
        if kinds is None:
            return None
        found += kinds
    return tuple(found)


def _kind(annotation: str) -> Kind | None:
    if annotation in KINDS:
        return KINDS[annotation]
    name, _, inside = annotation.partition("[")
    if name == "Callable":
        return Kind("a function", callable)
    if name == "Iterable":
        return Kind("an iterable", lambda value: hasattr(value, "__iter__") and not is_text(value))
    if name == "type":
        return Kind("a class", lambda value: isinstance(value, type))
    if name not in ("Sequence", "list", "tuple"):
        return None
    parts = [_kinds(part) for part in _split(inside[:-1], ",") if part != "..."]
    if None in parts:
        return Kind("a sequence", _is_sequence)
    return _sequence([kinds for kinds in parts if kinds], name == "tuple" and "..." not in inside)


def _sequence(parts: list[tuple[Kind, ...]], fixed: bool) -> Kind:
    """A sequence whose items are all of one kind, or (fixed) one of each."""
    named = _PLURALS.get(parts[0][0].words, "items")
    words = f"{len(parts)} {named}" if fixed else f"a sequence of {named}"

    def fits(value: Any) -> bool:
        if not _is_sequence(value) or (fixed and len(value) != len(parts)):
            return False
        each = parts if fixed else parts * len(value)
        return all(_is_one_of(item, kinds) for item, kinds in zip(value, each, strict=True))

    return Kind(words, fits)


def _is_sequence(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, Sequence) and not is_text(value)


def _is_one_of(value: Any, kinds: tuple[Kind, ...]) -> bool:
    return any(type(value) in kind.plain or kind.fits(value) for kind in kinds)


# ---- ranges --------------------------------------------------------------------------------------


class Range(NamedTuple):
    """What numbers may be, and what to say of one that is not."""

    words: str
    fits: Callable[[Any], bool]


FINITE = Range("must be a finite number", math.isfinite)
NOT_NAN = Range("must not be NaN", lambda n: n == n)
ANY = Range("", lambda n: True)
NOT_NEGATIVE = Range("must not be negative", lambda n: n >= 0)
POSITIVE = Range("must be greater than 0", lambda n: n > 0)
AT_LEAST_1 = Range("must be at least 1", lambda n: n >= 1)
SHARE = Range("must be a number from 0 to 1", lambda n: 0 <= n <= 1)
DECAY = Range("must be numbers from 0 up to but not 1", lambda n: 0 <= n < 1)

RANGES: dict[str, Range] = {
    name: limit
    for limit, names in (
        (AT_LEAST_1, (
            "kernel_size stride dilation groups in_channels out_channels channels hidden_size "
            "input_size num_layers num_heads nhead embed_dim d_model dim_feedforward num_groups "
            "num_channels num_features num_parameters num_pieces embedding_dim in1_features "
            "in2_features n_classes upscale_factor downscale_factor kdim vdim units classes width "
            "heads depth context vocabulary chunks divisor_override batch_size T_0 T_max T_mult "
            "step_size step_size_up total_iters total_steps steps_per_epoch anneal_epochs "
            "n_power_iterations history_size max_iter max_eval probes num_classes depths size "
            "output_size paths order"
        )),
        (NOT_NEGATIVE, (
            "in_features out_features num_embeddings padding output_padding patience cooldown "
            "start_from_epoch prefetch proj_size minlength num n m pixels ns_steps step_size_down "
            "num_encoder_layers num_decoder_layers lr weight_decay eps lr_decay momentum gamma "
            "max_lr base_lr min_lr swa_lr eta_min base_momentum max_momentum "
            "initial_accumulator_value t0 momentum_decay tolerance_grad tolerance_change clip_norm "
            "layer_norm_eps max_norm clip_value std atol rtol lambd power epochs min_delta rcond "
            "steps threshold_value initial_epoch"
        )),
        (POSITIVE, "norm_type tau delta div_factor final_div_factor div_value scale_factor"),
        (SHARE, (
            "Probability Decay dropout dropout_p label_smoothing sparsity pct_start rho "
            "validation_size validation_split decay dampening"
        )),
        (DECAY, "betas"),
        (NOT_NAN, (
            "min_val max_val threshold a b ord lower upper start_factor scale margin baseline p"
        )),
        (ANY, "value padding_value fill_value nan posinf neginf val value_at_zero"),
    )
    for name in names.split()
}  # fmt: skip
TOO_LARGE = Range("is too large", lambda n: False)
_INFINITE = {"max_norm", "clip_value", "norm_type", "atol", "rtol", "min_delta"}
_NUMERIC = KINDS["float"].plain
_TOP = 2**63 - 1  # of whole numbers


def _numbers(value: Any) -> Iterable[Any]:
    """The numbers in a value, nested ones too."""
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif is_number(value):
        yield value


# What a parameter is whose annotation says Any.
_BY_NAME = {
    name: annotation
    for annotation, names in {
        "Array": (
            "input input1 input2 target x x1 x2 y anchor positive negative query key value "
            "log_probs targets input_lengths target_lengths var indices logits theta grid weight "
            "linear_weight"
        ),
        "Array | bool": "bias",
        "int | Sequence[int | None] | None": "kernel_size output_size",
        "int | Sequence[int] | None": "stride size",
        "int | Sequence[int]": "dilation output_padding",
        "int | Sequence[int] | str": "padding",
        "float | Sequence[float] | None": "output_ratio scale_factor",
        "Rng": "rng",
        "DType": "dtype",
    }.items()
    for name in names.split()
}


class Check:
    """The check of one parameter; it is asked for values whose type is not `plain`."""

    __slots__ = ("infinite", "kinds", "known", "name", "numeric", "plain", "range", "top")

    def __init__(self, name: str, annotation: str, kinds: tuple[Kind, ...]) -> None:
        self.name = name
        self.kinds = kinds
        self.range = RANGES.get(annotation.removesuffix(" | None")) or RANGES.get(name, FINITE)
        self.infinite = name in _INFINITE or self.range in (ANY, NOT_NAN)
        self.plain = frozenset[type]().union(*[kind.plain for kind in kinds])
        self.numeric = self.plain & _NUMERIC
        if KINDS["float"] in kinds or self.range is not FINITE:
            self.plain -= _NUMERIC  # what is looked at; else every whole number fits
        self.top = math.inf if KINDS["float"] in kinds else _TOP
        self.known: set[Any] = set()  # tuples that fit

    def __call__(self, where: str, value: Any) -> None:
        """Raise TypeError or ValueError unless the value fits."""
        kind = type(value)
        if kind in self.numeric and -self.top < value < self.top and self.range.fits(value):
            return
        if kind is not tuple:
            self._look(where, value)
            return
        try:
            if value not in self.known:
                self._look(where, value)
                self.known.add(value)
        except TypeError:  # what has no hash
            self._look(where, value)

    def _look(self, where: str, value: Any) -> None:
        if not _is_one_of(value, self.kinds):
            *most, last = dict.fromkeys(kind.words for kind in self.kinds)
            allowed = f"{', '.join(most)} or {last}" if most else last
            raise DTypeError(f"{where}: {self.name} must be {allowed}, got {value!r:.80}{here()}")
        for number in _numbers(value):
            wrong = None
            if number != number or (not self.infinite and abs(number) == math.inf):
                wrong = None if self.range is ANY else FINITE
            elif not self.range.fits(number):
                wrong = self.range
            elif abs(number) > self.top:
                wrong = TOO_LARGE
            if wrong is not None:
                raise ValueError(f"{where}: {self.name} {wrong.words}, got {value!r:.80}{here()}")


def checks_of(function: Callable[..., Any]) -> dict[str, Check]:
    """The checks of a function's parameters, by name, for those that have one."""
    checks: dict[str, Check] = {}
    if function.__module__.partition(".")[0] not in PACKAGES:
        return checks  # what a user's own function takes is the user's to say
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = parameter.annotation
        if not isinstance(annotation, str):
            continue
        if annotation == "Any":
            annotation = _BY_NAME.get(ALIASES.get(name, name), "Any")
        if parameter.default is None and annotation in KINDS:
            annotation += " | None"
        kinds = _kinds(annotation)
        if kinds is not None:
            checks[name] = Check(name, annotation, kinds)
    return checks


# ---- callables -----------------------------------------------------------------------------------


class _Lazy:
    """The checks of a function, in order and by name, once it is called."""

    __slots__ = ("by_name", "function", "in_order", "skips")

    def __init__(self, function: Callable[..., Any], skips: int = 0) -> None:
        self.function = function
        self.skips = skips
        self.in_order: list[Check | None] | None = None

    def fill(self) -> list[Check | None]:
        self.by_name = checks_of(self.function)
        code = self.function.__code__
        names = code.co_varnames[self.skips : code.co_argcount]
        self.in_order = [self.by_name.get(name) for name in names]
        return self.in_order

    def __call__(self, where: str, args: Any, kwargs: Mapping[str, Any]) -> None:
        for check, value in zip(self.in_order or self.fill(), args):  # noqa: B905 (*args go on)
            if check is not None and type(value) not in check.plain:
                check(where, value)
        for name, value in kwargs.items():
            check = self.by_name.get(name)
            if check is not None and type(value) not in check.plain:
                check(where, value)


def checked(function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
    """A function that checks its arguments, and takes PyTorch's `dim` and `keepdim` too."""
    code = function.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    aliases = {theirs: ours for theirs, ours in ALIASES.items() if ours in known}
    where = name or function.__name__
    check = _Lazy(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs and aliases:
            for theirs in aliases.keys() & kwargs.keys():
                if aliases[theirs] in kwargs:
                    raise TypeError(f"{where}() got two values for {aliases[theirs]!r}")
                kwargs[aliases[theirs]] = kwargs.pop(theirs)
        check(where, args, kwargs)
        return function(*args, **kwargs)

    return call


def checked_class(cls: type) -> None:
    """Let a class check the arguments of `__init__`, those of its instances and of subclasses.

    What a class hands on to the `__init__` of its own base is its own affair.
    """
    init = inspect.unwrap(cls.__init__)  # type: ignore[misc]
    if not inspect.isfunction(init):
        return
    check = _Lazy(init, skips=1)

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        made = next(c for c in type(self).__mro__ if "__init__" in c.__dict__ and c in _CHECKED)
        if made is cls:
            check(cls.__name__, args, kwargs)
        init(self, *args, **kwargs)

    _CHECKED.add(cls)
    cls.__init__ = __init__  # type: ignore[misc]


_CHECKED: set[type] = set()


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
    if not inspect.isfunction(value) or hasattr(value, "op") or hasattr(value, "__wrapped__"):
        return value
    home = vars(sys.modules[value.__module__])
    new = checked(value)
    if home.get(value.__name__) is value:
        home[value.__name__] = new  # so that it can be pickled
    return new


def check_options(where: str, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Check options by name as if the function were called with them."""
    for name, check in _checks_by_function(function).items():
        if name in options and type(options[name]) not in check.plain:
            check(where, options[name])


_checks_by_function = functools.lru_cache(maxsize=None)(checks_of)
