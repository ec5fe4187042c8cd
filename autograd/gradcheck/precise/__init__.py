"""Formulas run on numbers of any precision: what double precision leaves undecided is decided here.

Ops, rules and whole functions are run on a value that holds mpmath's numbers (`value.py`), at two
precisions, and the numbers that both give decide (`referee.py`); `prove.py` compares the formula
and the rules of an op as identities.
"""

from autograd.gradcheck.precise import ops as _ops  # noqa: F401 - values answer by it
