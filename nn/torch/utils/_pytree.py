"""torch.utils._pytree: nested containers as a list of what they hold, and back.

>>> from nn.torch.utils._pytree import tree_flatten, tree_map, tree_unflatten
>>> leaves, spec = tree_flatten({"a": 1, "b": [2, (3, 4)]})
>>> leaves, tree_unflatten([10, 20, 30, 40], spec)
([1, 2, 3, 4], {'a': 10, 'b': [20, (30, 40)]})
>>> tree_map(lambda n: -n, [1, (2,)])
[-1, (-2,)]
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autograd.errors import ArgumentError

__all__ = [
    "PyTree", "TreeSpec", "tree_all", "tree_any", "tree_flatten", "tree_leaves", "tree_map",
    "tree_map_", "tree_map_only", "tree_unflatten",
]  # fmt: skip

PyTree = Any


class TreeSpec(NamedTuple):
    """How containers are nested: of a leaf, the type None."""

    type: Any
    context: Any  # the keys of a dict
    children_specs: tuple[TreeSpec, ...]

    @property
    def num_leaves(self) -> int:
        """How many leaves there are."""
        return 1 if self.type is None else sum(spec.num_leaves for spec in self.children_specs)


_LEAF = TreeSpec(None, None, ())


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], Any]:
    """The leaves in a list, and how they were nested."""
    kind = type(tree)
    if is_leaf is not None and is_leaf(tree):
        return [tree], _LEAF
    if kind in (dict, OrderedDict):
        context, children = list(tree), list(tree.values())
    elif kind in (list, tuple) or (isinstance(tree, tuple) and hasattr(tree, "_fields")):
        context, children = None, list(tree)
    else:
        return [tree], _LEAF
    parts = [tree_flatten(child, is_leaf) for child in children]
    specs = tuple(spec for _, spec in parts)
    return [leaf for leaves, _ in parts for leaf in leaves], TreeSpec(kind, context, specs)


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """The containers with other leaves."""
    given = list(leaves)
    if len(given) != treespec.num_leaves:
        raise ArgumentError(f"tree_unflatten: {len(given)} leaves for {treespec.num_leaves} places")
    return _filled(iter(given), treespec)


def _filled(leaves: Any, spec: TreeSpec) -> Any:
    if spec.type is None:
        return next(leaves)
    children = [_filled(leaves, child) for child in spec.children_specs]
    if spec.context is not None:
        return spec.type(zip(spec.context, children, strict=True))
    return spec.type(*children) if hasattr(spec.type, "_fields") else spec.type(children)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """The leaves in a list."""
    return tree_flatten(tree, is_leaf)[0]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Any = None) -> Any:
    """A function of each leaf, and of the leaves at its place in other trees."""
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [tree_leaves(rest, is_leaf) for rest in rests]
    return tree_unflatten([func(*each) for each in zip(leaves, *others, strict=True)], spec)


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Any = None) -> Any:
    """`tree_map` for what the function does; gives the tree itself."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def tree_map_only(kind: Any, func: Callable[..., Any], tree: Any, is_leaf: Any = None) -> Any:
    """A function of the leaves of a type, or of several; others stay."""
    return tree_map(lambda x: func(x) if isinstance(x, kind) else x, tree, is_leaf=is_leaf)


def tree_all(pred: Callable[[Any], bool], tree: Any, is_leaf: Any = None) -> bool:
    """Whether it is so of every leaf."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred: Callable[[Any], bool], tree: Any, is_leaf: Any = None) -> bool:
    """Whether it is so of a leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))
