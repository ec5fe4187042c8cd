"""`autograd.misc.optimizers` by the name that programs of 2016 know."""

from autograd.misc.optimizers import adam, rmsprop, sgd, unflatten_optimizer

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]
