"""Every error of chaingrad, each derived from the built-in that a NumPy user would catch.

All of them are RuntimeErrors too, which is what PyTorch raises of nearly everything. What holds
more than a message (a name, a file) stands first among the bases, since it is made by the first.
"""

import reprlib
from typing import Any, TypeVar

import numpy as np

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "AutogradError",
    "AxisError",
    "BackwardError",
    "CompileMismatchError",
    "ConversionError",
    "DTypeError",
    "DistributedError",
    "DownloadError",
    "DrawingError",
    "ExportError",
    "FreedGraphError",
    "GradcheckError",
    "GradientError",
    "GradientLostWarning",
    "GradientShapeError",
    "GraphKeptWarning",
    "InPlaceError",
    "IndexRangeError",
    "IntegerGradError",
    "LedgerError",
    "MatrixError",
    "MissingAttributeError",
    "MissingFileError",
    "MissingMethodError",
    "MissingNameError",
    "MissingPackageError",
    "MissingProgramError",
    "MutationError",
    "NaNError",
    "NonScalarError",
    "OpDefinitionError",
    "ReplayError",
    "ScalarFunctionError",
    "ShapeError",
    "SingularMatrixError",
    "StateDictError",
    "StateError",
    "TraceError",
    "UninitializedError",
    "UnknownNameError",
    "UnsupportedError",
    "UnusedInputError",
]


class AutogradError(RuntimeError):
    """Base of every error that chaingrad raises on its own account."""

    needs_trace = False  # whether a program is run on what it was not traced for


E = TypeVar("E", bound=AutogradError)


class ArgumentError(AutogradError, ValueError):
    """An argument, or a pair of them, whose value has no meaning for the function."""


class ArgumentTypeError(AutogradError, TypeError):
    """An argument of a type that the function has no meaning for, or that it lacks."""


class ConversionError(ArgumentTypeError):
    """A Tensor that Python asked to be a number, an index or a sequence, and is none."""


class IndexRangeError(AutogradError, IndexError):
    """A position, a row or a label where there is none."""


class UnknownNameError(AutogradError, KeyError):
    """A name that nothing has; the message lists those that there are."""

    def __str__(self) -> str:
        # KeyError prints the repr of its argument, which would show "\\n" for line breaks.
        return str(self.args[0]) if self.args else ""


class MissingAttributeError(AttributeError, AutogradError):
    """An attribute that a module does not have, or not yet."""


class MissingNameError(ImportError, AutogradError):
    """A name that a package does not have was imported from it."""


class MissingMethodError(AutogradError, NotImplementedError):
    """A method that a subclass has to define, and does not."""


class StateError(AutogradError, RuntimeError):
    """An object was asked for what it cannot do yet, or no more."""


class ShapeError(AutogradError, ValueError):
    """Shapes that do not fit together, or an axis out of range."""


class AxisError(ShapeError, IndexError):
    """An axis out of range."""


class MatrixError(ShapeError, np.linalg.LinAlgError):
    """Matrices of a shape that a function of linear algebra has no meaning for."""


class SingularMatrixError(AutogradError, np.linalg.LinAlgError):
    """Matrices whose values a function of linear algebra cannot take, such as singular ones."""


class DTypeError(ArgumentTypeError):
    """A dtype, or an argument of a type, that the operation has no meaning for."""


class IntegerGradError(DTypeError):
    """A Tensor that is neither floating nor complex was asked to require a gradient."""


class BackwardError(AutogradError, RuntimeError):
    """`backward` or `grad` was called where there is nothing to differentiate."""


class NonScalarError(BackwardError):
    """`backward` was called on a Tensor with several elements and no `gradient`."""


class ScalarFunctionError(NonScalarError, TypeError):
    """The gradient of a function was asked for that does not give one real number."""


class FreedGraphError(BackwardError):
    """A second sweep through a graph whose saved values the first sweep has let go."""


class MutationError(BackwardError):
    """A value that backward still needs was changed after it was recorded."""


class UnusedInputError(BackwardError):
    """An input of `grad` does not take part in the outputs."""


class GradientError(BackwardError):
    """A gradient, from the caller, a hook or a rule, does not fit its Tensor."""


class GradientShapeError(GradientError, ShapeError):
    """A rule gave a cotangent that does not fit its input."""


class NaNError(BackwardError):
    """An op or a rule gave NaN or an infinity while `detect_anomaly` was on."""


class InPlaceError(AutogradError, RuntimeError):
    """An in-place change that would make a recorded graph wrong."""


class UnsupportedError(AutogradError, TypeError):
    """A NumPy function or keyword that cannot be recorded."""


class GradientLostWarning(UserWarning):
    """A value that has a gradient goes on as a plain number or array, without it."""


class GraphKeptWarning(UserWarning):
    """Graphs are kept, step after step, from which nothing can or will be computed."""


class OpDefinitionError(AutogradError, TypeError):
    """An op was declared with a rule that does not fit its signature."""


class ReplayError(AutogradError, RuntimeError):
    """A graph holds choices that a leaf had made, and cannot be replayed on another value of it."""


class TraceError(AutogradError, RuntimeError):
    """A call does what no program can hold, or a program is run on what it was not made for."""


class ExportError(AutogradError, RuntimeError):
    """A call does what the format of another runtime has no words for."""


class CompileMismatchError(AutogradError, AssertionError):
    """A plan gives or leaves other numbers than the call that it was made of."""


class SolverError(AutogradError, RuntimeError):
    """A solver ended where the equation does not hold."""


class GradcheckError(AutogradError, AssertionError):
    """An analytic gradient that disagrees with the numeric one."""


class StateDictError(UnknownNameError):
    """A state dict whose keys or shapes do not match the module."""


class UninitializedError(AutogradError, RuntimeError):
    """A parameter of a lazy module was used before its shape was known."""


class MissingPackageError(ModuleNotFoundError, AutogradError):
    """A Python package that an optional part needs is not installed; the message says how to."""


class MissingFileError(FileNotFoundError, AutogradError):
    """A file is not where it should be."""


class DownloadError(OSError, AutogradError):
    """A file could not be fetched."""


class DistributedError(AutogradError, RuntimeError):
    """Processes that do not do the same, do not answer, or could not be started together."""


class LedgerError(AutogradError, AssertionError):
    """Paths of the chain rule that do not add up to the gradient."""


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


def outdated(kind: type[E], message: str) -> E:
    """What says that a program is run on what it was not traced for."""
    error = kind(message)
    error.needs_trace = True
    return error


def __dir__() -> list[str]:
    return __all__
