"""Puts what scaling.py has written into the pages that show it.

python benchmarks/scaling_pages.py out/scaling.md benchmarks/README.md docs/collectives.md

A page has places `<!-- scaling: NAME -->` ... `<!-- end -->`: by the name "all" it gets all
sections, by another the table of the section whose heading begins so.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_PLACE = re.compile(r"(<!-- scaling: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def sections(text: str) -> dict[str, str]:
    """What stands under each heading."""
    parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)[1:]
    return {head: body.strip() for head, body in zip(parts[::2], parts[1::2], strict=True)}


def shown(name: str, found: dict[str, str]) -> str:
    """What a place by that name gets."""
    if name == "all":
        return "\n\n".join(f"### {head}\n\n{body}" for head, body in found.items())
    (body,) = (body for head, body in found.items() if head.lower().startswith(name))
    return "\n".join(line for line in body.splitlines() if line.startswith("|"))


def put_into(page: str, text: str) -> str:
    """A page with all its places filled."""
    found = sections(text)
    return _PLACE.sub(lambda m: f"{m[1]}{shown(m[2], found)}\n{m[3]}", page)


if __name__ == "__main__":
    told = Path(sys.argv[1]).read_text()
    for path in map(Path, sys.argv[2:]):
        path.write_text(put_into(path.read_text(), told))
