"""What a stub says: the public names of a package, and where each is defined."""

from __future__ import annotations

import ast

__all__ = ["homes"]


def homes(stub: str) -> dict[str, str]:
    """The names that a stub imports, and the module that each comes from."""
    with open(stub, encoding="utf-8") as text:
        imports = ast.parse(text.read()).body
    return {
        alias.name: node.module
        for node in imports
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }
