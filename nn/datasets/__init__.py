"""Real data sets as arrays: MNIST, Fashion-MNIST, scikit-learn's digits, tables in CSV files,
texts."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
