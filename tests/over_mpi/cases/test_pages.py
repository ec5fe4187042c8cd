"""What the pages show in one process runs in several, and a program may say late how they meet."""

import re
import runpy
from pathlib import Path

import pytest

import autograd.distributed as dist
from autograd.distributed import groups
from autograd.errors import StateError

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["distributed", "collectives"])
def test_the_programs_of_a_page_run_in_several_processes(page, monkeypatch, tmp_path):
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    program = tmp_path / "program.py"
    program.write_text("".join(blocks))
    for name in ("init_process_group", "destroy_process_group"):  # all cases are of one group
        monkeypatch.setattr(dist, name, dist.barrier)
    runpy.run_path(str(program))


def test_a_group_that_fit_has_begun_takes_what_the_program_says(monkeypatch):
    world = groups.group_of(None, "a test")
    for name in ("timeout", "deterministic"):
        monkeypatch.setattr(world, name, getattr(world, name))  # to be put back
    monkeypatch.setattr(groups, "_is_told", False)
    dist.init_process_group(timeout=50, deterministic=False)
    assert groups.group_of(None, "a test") is world
    assert (world.timeout, world.deterministic) == (50, False)
    with pytest.raises(StateError, match="init_process_group was called before"):
        dist.init_process_group()
