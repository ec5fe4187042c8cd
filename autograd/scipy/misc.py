"""`logsumexp` where SciPy once had it."""

from autograd.scipy.special import logsumexp

__all__ = ["logsumexp"]
