"""The page about several processes: its scripts are scripts, and its names are there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "distributed.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^```(?:bash|sh)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda text: text.splitlines()[0][:30])
def test_a_script_is_right_in_its_syntax(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr


def test_there_is_a_script_for_slurm() -> None:
    (script,) = [text for text in SCRIPTS if "#SBATCH" in text]
    assert script.startswith("#!/bin/bash\n#SBATCH")
    assert "srun" in script
