"""Importing the package is light: what is optional is not loaded, and nothing is printed."""

from __future__ import annotations

import ast
import builtins
import importlib
import json
import pickle
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import autograd
from autograd import Tensor
from autograd.engine.lazy_names import homes
from autograd.engine.row import OPS

ROOT = Path(__file__).parent.parent
FACES = (
    "autograd", "autograd.differential_operators", "autograd.distributed",
    "autograd.distributed.nn", "autograd.functional", "autograd.ops.fft", "autograd.ops.linalg",
    "nn", "nn.callbacks", "nn.data", "nn.datasets", "nn.functional", "nn.init", "nn.metrics",
    "nn.models", "nn.parallel", "nn.utils", "nn.vision", "optim", "optim.lr_scheduler",
)  # fmt: skip
SHOWN = (  # whose names are defined in them, or imported one by one
    "autograd.errors", "autograd.extend", "autograd.gradcheck", "autograd.random", "autograd.viz",
)  # fmt: skip
OPTIONAL = (
    "scipy",
    "mpi4py",
    "numba",
    "matplotlib",
    "graphviz",
    "sklearn",
    "pytest",
    "hypothesis",
    "torch",
)


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
        "missing = [n for n in dir(ag) if not hasattr(ag, n)]\n"
        "assert not missing, missing\n"
        "modules = [n for n in dir(ag) if type(getattr(ag, n)).__name__ == 'module']\n"
        "allowed = {'builtins', 'core', 'differential_operators', 'distributed', 'errors',\n"
        "           'extend', 'fft', 'functional', 'implicit', 'interop', 'linalg', 'misc',\n"
        "           'numpy', 'onnx', 'ops', 'random', 'scipy', 'special', 'test_util', 'tracer',\n"
        "           'util', 'viz', 'wrap_util'}\n"
        "assert set(modules) <= allowed, modules\n"
    )
    assert done.returncode == 0, done.stderr


def test_the_version_stands_once_and_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["tool"]["setuptools"]["dynamic"]["version"]["attr"].rpartition(".")
    assert "version" in project["project"]["dynamic"]
    assert getattr(importlib.import_module(module), name) is autograd.__version__


def test_gradcheck_is_a_package_that_can_be_called() -> None:
    done = fresh(
        "import pickle\n"
        "import autograd as ag\n"
        "import autograd.gradcheck as package\n"
        "from autograd import gradcheck\n"
        "from autograd.gradcheck import Report\n"
        "assert gradcheck is package is ag.gradcheck is pickle.loads(pickle.dumps(package))\n"
        "report = package(lambda x: (x * x).sum(), ag.Tensor([1.0, 2.0]))\n"
        "assert isinstance(report, Report) and report\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("face", FACES)
def test_a_stub_is_the_list_of_names_and_says_where_each_is_defined(face: str) -> None:
    module = importlib.import_module(face)
    stub = Path(str(module.__file__)).with_suffix(".pyi")
    text = stub.read_text(encoding="utf-8")
    known = homes(str(stub))
    polite = [n for n in known if face != "autograd" or n not in vars(builtins)]
    assert module.__all__ == polite
    for name, home in known.items():
        assert text.count(f" {name} as {name}") == 1, f"{name} is imported as itself, once"
        if home != face and home.startswith(("autograd.ops.", "nn.", "optim.")):
            assert "__all__" not in vars(importlib.import_module(home)), f"{home} lists it again"
        value = getattr(module, name)
        here = isinstance(value, ModuleType) or getattr(value, "__module__", home) == home
        assert here or value is getattr(importlib.import_module(home), name)


@pytest.mark.parametrize("stub", sorted(ROOT.glob("[ano]*/**/__init__.pyi")), ids=str)
def test_a_stub_is_read_as_python_reads_it(stub: Path) -> None:
    imports = ast.parse(stub.read_text(encoding="utf-8")).body[1:]
    assert homes(str(stub)) == {
        alias.name: node.module
        for node in imports
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("face", [*FACES, *SHOWN])
def test_a_module_shows_what_is_public_and_nothing_else(face: str) -> None:
    done = fresh(
        f"import importlib; module = importlib.import_module({face!r})\n"
        "from autograd.engine.lazy_names import FACES\n"
        f"shown = sorted(FACES.get({face!r}, module.__all__))\n"
        "assert dir(module) == shown, {*dir(module)} ^ {*shown}\n"
        "assert all(hasattr(module, name) for name in shown)\n"
        "assert dir(module) == shown, 'also when all is loaded'\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("face", FACES)
def test_what_a_face_needs_itself_is_private(face: str) -> None:
    module = importlib.import_module(face)
    rooms = {name.rpartition(".")[2] for name in sys.modules if name.rpartition(".")[0] == face}
    names = {name for name in vars(module) if name[0].isalpha()}
    assert names <= {*dir(module)} | rooms


@pytest.mark.parametrize("face", [face for face in FACES if face != "nn.functional"])
def test_no_name_is_that_of_a_module_which_would_hide_it(face: str) -> None:
    module = importlib.import_module(face)
    beside = {path.stem for path in Path(str(module.__file__)).parent.iterdir()}
    hidden = {
        name
        for name in beside & {*dir(module)}
        if not isinstance(getattr(module, name), ModuleType)
    }
    assert not hidden


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


def test_a_star_import_leaves_the_builtins_as_they_are() -> None:
    done = fresh(
        "from autograd import *\n"
        "import builtins as python\n"
        "own = {name for name in vars(python) if not name.startswith('__')}\n"
        "assert not own & {*vars()}, own & {*vars()}\n"
        "assert sum([1, 2]) == 3 and bool(2) is True and concat and Tensor and float32\n"
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
        f"autograd.errors.MissingAttributeError: module '{package}' has no attribute 'nothing'"
    )


READERS = (  # what reads a graph, or writes one that runs: few programs do
    "autograd.codegen", "autograd.compiler", "autograd.gradcheck", "autograd.graph.graph",
    "autograd.profiling", "autograd.program", "autograd.static", "autograd.transforms",
    "autograd.viz",
)  # fmt: skip


def test_what_reads_a_graph_is_loaded_when_it_is_named() -> None:
    done = fresh(
        "import sys, autograd as ag, nn, optim\n"
        f"assert not [name for name in {READERS} if name in sys.modules]\n"
        "x = ag.Tensor([1.0, 2.0], requires_grad=True)\n"
        "(x * x).sum().backward()\n"
        f"assert not [name for name in {READERS} if name in sys.modules]\n"
        "assert ag.Graph((x * x).sum()).verify()\n"
        "assert ag.trace(lambda x: x * x, x)(x).tolist() == [1.0, 4.0]\n"
    )
    assert done.returncode == 0, done.stderr


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
