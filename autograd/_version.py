"""The version of the distribution, autograd, nn and optim; pyproject.toml reads it here."""

__version__ = "0.1.0"
