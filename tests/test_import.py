"""Importing the package is light: what is optional is not loaded, and nothing is printed."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from autograd import Tensor
from autograd.engine.row import OPS
from nn.families import FUNCTIONS, LAYERS

ROOT = Path(__file__).parent.parent
OPTIONAL = ("scipy", "numba", "matplotlib", "graphviz", "sklearn", "pytest", "hypothesis", "torch")


def fresh(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter with every warning an error."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)


@pytest.mark.parametrize("package", ["autograd", "autograd, nn, optim"])
def test_import_loads_nothing_optional_and_is_silent(package: str) -> None:
    done = fresh(f"import {package}, sys, json; print(json.dumps(sorted(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    roots = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert "numpy" in roots
    assert not roots & set(OPTIONAL)


def test_every_public_name_exists_and_is_listed_once() -> None:
    done = fresh(
        "import autograd as ag\n"
        "assert len(ag.__all__) == len(set(ag.__all__)), 'listed twice'\n"
        "missing = [n for n in ag.__all__ if not hasattr(ag, n)]\n"
        "assert not missing, missing\n"
        "modules = [n for n in ag.__all__ if type(getattr(ag, n)).__name__ == 'module']\n"
        "allowed = {'errors', 'fft', 'linalg', 'ops', 'random', 'special', 'viz'}\n"
        "assert set(modules) <= allowed, modules\n"
    )
    assert done.returncode == 0, done.stderr


def test_gradcheck_is_a_function_although_it_is_a_package() -> None:
    done = fresh(
        "import autograd as ag\n"
        "from autograd.gradcheck import Report\n"
        "report = ag.gradcheck(lambda x: (x * x).sum(), ag.Tensor([1.0, 2.0]))\n"
        "assert isinstance(report, Report) and report\n"
    )
    assert done.returncode == 0, done.stderr


FACES = [("nn/__init__.py", LAYERS), ("nn/functional.py", FUNCTIONS)]


@pytest.mark.parametrize(("file", "table"), FACES, ids=lambda x: x if x is str else None)
def test_late_names_are_those_that_type_checkers_see(file: str, table: dict[str, str]) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    (block,) = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    seen = {
        node.module: {alias.name for alias in node.names}
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module != "nn"
    }
    assert seen == {f"nn.{family}": set(names.split()) for family, names in table.items()}


def test_no_late_name_is_that_of_a_module_which_would_hide_it() -> None:
    modules = {path.stem for path in (ROOT / "nn").iterdir()}
    assert not modules & set(" ".join(LAYERS.values()).split())


def test_families_are_loaded_when_they_are_named() -> None:
    done = fresh(
        "import sys, nn, optim\n"
        "late = ['nn.recurrent', 'nn.loss.ctc', 'nn.data', 'optim.lr_scheduler']\n"
        "assert not [name for name in late if name in sys.modules]\n"
        "assert 'numpy.random' not in sys.modules\n"
        "assert {'GRU', 'data'} <= set(dir(nn)) and 'lr_scheduler' in dir(optim)\n"
        "nn.GRU, nn.functional.ctc_loss, nn.data, optim.lr_scheduler\n"
        "assert not [name for name in late if name not in sys.modules]\n"
        "assert 'GRU' in vars(nn)\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["nn", "nn.functional", "optim"])
def test_all_names_can_be_imported_at_once_and_no_other(package: str) -> None:
    done = fresh(
        f"from {package} import *\n"
        f"import {package} as package\n"
        "assert not set(package.__all__) - set(dir())\n"
        "package.nothing\n"
    )
    assert done.stderr.splitlines()[-1].startswith(
        f"AttributeError: module '{package}' has no attribute 'nothing'"
    )


def test_an_op_is_unpickled_where_its_family_is_not_loaded() -> None:
    name = "fold"
    pickled = pickle.dumps(OPS[name])
    done = fresh(f"import autograd, pickle; print(pickle.loads({pickled!r}).name)")
    assert done.stdout.strip() == name, done.stderr


def test_the_engine_knows_no_layer_above_it() -> None:
    """`autograd` does not import nn or optim; backward and op do not import Tensor."""
    done = fresh("import autograd, sys; print('nn' in sys.modules, 'optim' in sys.modules)")
    assert done.stdout.split() == ["False", "False"], done.stderr
    for folder in ("engine", "sweep"):
        for path in (ROOT / "autograd" / folder).glob("*.py"):
            assert "autograd.tensors" not in path.read_text()


FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("autograd", "nn", "optim")
    for path in (ROOT / package).rglob("*.py")
}


def imported(path: Path) -> set[str]:
    """The files of ours that a file imports, also in functions and for type checkers alone."""
    tree = ast.parse(path.read_text())
    if "__getattr__ = late(" in path.read_text():  # a face: what it shows, it loads by name
        tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if names <= FILES.keys() else {*names, str(node.module)}
    return found & FILES.keys()


def test_no_circle_of_imports() -> None:
    graph = {name: imported(path) for name, path in FILES.items()}
    assert "autograd.engine.row" in graph["autograd.engine.node"]
    assert "nn.training.loop" in graph["nn.training.model"], "late imports count"
    TopologicalSorter(graph).prepare()  # or CycleError, which shows it


# What a Tensor is made of, for `autograd` alone; others read by `raw`, and write by `write`.
PRIVATE = {name for name in dir(Tensor) if name.startswith("_") and not name.endswith("_")}


@pytest.mark.parametrize("package", ["nn", "optim", "examples"])
def test_no_private_attribute_of_a_tensor_is_touched_outside_autograd(package: str) -> None:
    assert {"_value", "_node", "_label"} <= PRIVATE
    paths = [*(ROOT / package).rglob("*.py")]
    assert paths
    touched = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in PRIVATE
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    ]  # fmt: skip
    assert not touched
