"""Every error of chaingrad, each derived from the built-in that a NumPy user would catch."""

import reprlib
from typing import Any

import numpy as np

__all__ = [
    "AutogradError",
    "AxisError",
    "BackwardError",
    "DTypeError",
    "DrawingError",
    "FreedGraphError",
    "GradcheckError",
    "GradientError",
    "GradientLostWarning",
    "InPlaceError",
    "IntegerGradError",
    "MatrixError",
    "MissingProgramError",
    "MutationError",
    "NaNError",
    "NonScalarError",
    "OpDefinitionError",
    "ReplayError",
    "ShapeError",
    "StateDictError",
    "UninitializedError",
    "UnsupportedError",
    "UnusedInputError",
]


class AutogradError(Exception):
    """Base of every error that chaingrad raises on its own account."""


class ShapeError(AutogradError, ValueError):
    """Shapes that do not fit together, or an axis out of range."""


class AxisError(ShapeError, IndexError):
    """An axis out of range."""


class MatrixError(ShapeError, np.linalg.LinAlgError):
    """Matrices of a shape that a function of linear algebra has no meaning for."""


class DTypeError(AutogradError, TypeError):
    """A dtype, or an argument of a type, that the operation has no meaning for."""


class IntegerGradError(DTypeError):
    """A Tensor that is neither floating nor complex was asked to require a gradient."""


class BackwardError(AutogradError, RuntimeError):
    """`backward` or `grad` was called where there is nothing to differentiate."""


class NonScalarError(BackwardError):
    """`backward` was called on a Tensor with several elements and no `gradient`."""


class FreedGraphError(BackwardError):
    """A second sweep through a graph whose saved values the first sweep has let go."""


class MutationError(BackwardError):
    """A value that backward still needs was changed after it was recorded."""


class UnusedInputError(BackwardError):
    """An input of `grad` does not take part in the outputs."""


class GradientError(BackwardError):
    """A gradient, from the caller, a hook or a rule, does not fit its Tensor."""


class NaNError(BackwardError):
    """A rule produced NaN while `detect_anomaly` was on."""


class InPlaceError(AutogradError, RuntimeError):
    """An in-place change that would make a recorded graph wrong."""


class UnsupportedError(AutogradError, TypeError):
    """A NumPy function or keyword that cannot be recorded."""


class GradientLostWarning(UserWarning):
    """A value that has a gradient goes on as a plain number or array, without it."""


class OpDefinitionError(AutogradError, TypeError):
    """An op was declared with a rule that does not fit its signature."""


class ReplayError(AutogradError, RuntimeError):
    """A graph holds choices that a leaf had made, and cannot be replayed on another value of it."""


class GradcheckError(AutogradError, AssertionError):
    """An analytic gradient that disagrees with the numeric one."""


class StateDictError(AutogradError, KeyError):
    """A state dict whose keys or shapes do not match the module."""

    def __str__(self) -> str:
        # KeyError prints the repr of its argument, which would show "\\n" for line breaks.
        return str(self.args[0]) if self.args else ""


class UninitializedError(AutogradError, RuntimeError):
    """A parameter of a lazy module was used before its shape was known."""


class MissingProgramError(AutogradError, RuntimeError):
    """A program outside Python (such as Graphviz' `dot`) is needed and was not found."""


class DrawingError(AutogradError, RuntimeError):
    """Graphviz' `dot` failed, or took too long."""


_short = reprlib.Repr()
_short.maxlist = _short.maxtuple = 12
_short.maxstring = _short.maxother = 77


def shown(value: Any) -> str:
    """A value in one short line, whether or not it can be printed; its type if it takes more."""
    text = f"{_short.repr(value):.80}"
    return type(value).__name__ if "\n" in text else text


def __dir__() -> list[str]:
    return __all__
