"""Flat vectors of nested values, optimizers and fixed points, by HIPS' names."""

from autograd.misc.flatten import flatten as flatten
from autograd.misc.flatten import flatten_func as flatten_func
from autograd.misc.tracers import const_graph as const_graph

__all__ = ["const_graph", "flatten", "flatten_func"]
