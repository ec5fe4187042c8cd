"""A program of another library runs as it stands: its imports bring the faces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograd.errors import ArgumentError, StateError
from nn.imports import redirect

PROGRAM = """
import sys
import torch, torch.nn as nn
from torch.nn import Linear
import helper
assert Linear is nn.Linear is torch.nn.Linear is helper.Linear
assert nn.__name__ == nn.__spec__.name == "nn.torch.nn"
assert __name__ == "__main__"
try:
    import torch.nothing
except ModuleNotFoundError as error:
    print(sys.argv[1:], "torch.nothing" in str(error))
"""


KERAS = """
import keras
from keras.layers import Dense
from keras.engine.topology import Layer
from keras.layers.normalization.batch_normalization import BatchNormalization
from keras.layers.experimental.preprocessing import Rescaling
from keras.objectives import binary_crossentropy
from keras.optimizers.legacy import SGD
from keras.utils.generic_utils import Progbar
from keras.utils.data_utils import Sequence
from keras.utils import generic_utils
from keras.utils.vis_utils import plot_model
from keras.src.models import Model
import tensorflow as tf
from tensorflow import keras as other
from tensorflow.keras.layers import Dense as same
from tensorflow.python.keras.models import Sequential
assert tf.keras is other is keras and keras.Sequential is Sequential
assert same is Dense is tf.keras.layers.Dense and Layer is keras.layers.Layer
assert Model is keras.Model and SGD is keras.optimizers.SGD
tf.random.set_seed(0)
assert tf.function(len) is len and tf.float32 == "float32"
def told(name):
    try:
        exec(name, {"tf": tf})
    except Exception as error:
        print(error)
told("from keras.applications.vgg16 import VGG16")
told("import keras.nothing")
told("tf.reduce_mean")
told("with tf.GradientTape() as tape: pass")
"""
SAID = """keras.applications is not here; build it with layers, and load weights of your own
No module named 'keras.nothing'
tensorflow.reduce_mean is not here, of TensorFlow there is tf.keras; write keras.ops.mean
tensorflow.GradientTape is not here, of TensorFlow there is tf.keras; call loss.backward(), and \
give optimizer.apply each variable's .grad
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_program_runs_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "helper.py").write_text("from torch.nn import Linear\n")
    done = run("-m", "nn.torch", str(tmp_path / "program.py"), "--lr", "3")
    assert (done.stdout, done.stderr) == ("['--lr', '3'] True\n", "")


def test_a_keras_program_runs_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(KERAS)
    done = run("-m", "nn.keras", str(tmp_path / "program.py"))
    assert (done.stdout, done.stderr) == (SAID, "")


def test_without_a_program_the_use_is_printed() -> None:
    done = run("-m", "nn.torch")
    assert done.returncode == 1
    assert "usage: python -m nn.torch program.py" in done.stderr


def test_what_has_been_imported_already_is_not_redirected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    with pytest.raises(StateError, match="torch itself has been imported already"):
        redirect("torch")


def test_a_library_without_a_face_is_named() -> None:
    with pytest.raises(ArgumentError, match="no face of 'jax', but of keras, torch"):
        redirect("keras", "jax")
