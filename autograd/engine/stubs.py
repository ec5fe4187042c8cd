"""What a stub says: the public names of a package, and where each is defined.

A stub is read at every import, so its text is cut apart; to parse it takes four times as long.
"""

from __future__ import annotations

__all__ = ["homes"]


def homes(stub: str) -> dict[str, str]:
    """The names that a stub imports, and the module that each comes from."""
    with open(stub, encoding="utf-8") as text:
        imports = text.read().split("\nfrom ")[1:]
    found = {}
    for statement in imports:
        home, _, names = statement.partition(" import ")
        for name in names.strip("()\n").split(","):
            if own := name.partition(" as ")[0].strip():
                found[own] = home
    return found
