"""How the table is written: left one or several names, right what to write, `{}` for the name."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["in_place", "spread"]


def spread(table: Mapping[str, str]) -> dict[str, str]:
    """One entry for each name.

    >>> spread({"cos sin": "ag.{}(x)"})
    {'cos': 'ag.cos(x)', 'sin': 'ag.sin(x)'}
    """
    return {n: text.replace("{}", n) for names, text in table.items() for n in names.split()}


def in_place(table: Mapping[str, str]) -> dict[str, str]:
    """One entry for each method in place, whose name ends in an underscore.

    >>> in_place({"cos": "x = x.{}()"})
    {'cos_': 'x = x.cos()'}
    """
    spreaded = spread(table)
    return {f"{name}_": text for name, text in spreaded.items()}
