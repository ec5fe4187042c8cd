"""Saver: the variables' values in safetensors files, under their names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd import tensor_files
from autograd.errors import ArgumentError, StateError, UnknownNameError
from autograd.static.graph import get_default_graph
from autograd.system.files import write_file

__all__ = ["Saver", "checkpoint_exists", "get_checkpoint_state", "latest_checkpoint"]

_LATEST = "checkpoint"  # the file beside the others that names the last one


class Saver:
    """Writes variables (all of the graph, a list of them, or a dict by name) to files, and back.

    `max_to_keep` files of this saver are kept (None: all).

    >>> import os, tempfile
    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tempfile.TemporaryDirectory() as folder:
    ...     w = tf.Variable([1.0, 2.0], name="w")
    ...     saver, path = tf.train.Saver(), os.path.join(folder, "model.ckpt")
    ...     with tf.Session() as session:
    ...         session.run(w.initializer)
    ...         _ = saver.save(session, path)
    ...     with tf.Session() as session:
    ...         saver.restore(session, path)
    ...         session.run(w)
    array([1., 2.], dtype=float32)
    """

    def __init__(self, var_list: Any = None, max_to_keep: int | None = 5, **options: Any) -> None:
        variables = get_default_graph().variables if var_list is None else var_list
        if not variables:
            raise ArgumentError("Saver: there are no variables to be saved; build the graph first")
        if not isinstance(variables, Mapping):
            variables = {v.op.name: v for v in variables}
        self._variables: dict[str, Any] = dict(variables)
        self._keep = max_to_keep
        self._written: list[Path] = []

    def save(self, sess: Any, save_path: Any, global_step: Any = None, **options: Any) -> str:
        """Write the values that a session has; the path, which ends in the step if one is given."""
        path: str = os.fspath(save_path)
        if global_step is not None:
            is_number = isinstance(global_step, (int, np.integer))
            path = f"{path}-{int(global_step if is_number else sess.run(global_step))}"
        names = [*self._variables]
        values = sess.run([self._variables[name] for name in names])
        arrays = {n: np.asarray(v, order="C") for n, v in zip(names, values, strict=True)}
        folder = Path(path).parent
        with contextlib.suppress(OSError):  # what is wrong is said below
            folder.mkdir(exist_ok=True)  # one folder, as TensorFlow does
        file = tensor_files.write(f"{path}.safetensors", arrays, {}, "the variables")
        write_file(folder / _LATEST, f'model_checkpoint_path: "{Path(path).name}"\n', "a name")
        self._written = [known for known in self._written if known != file] + [file]
        while self._keep and len(self._written) > self._keep:
            self._written.pop(0).unlink(missing_ok=True)
        return path

    def restore(self, sess: Any, save_path: Any) -> None:
        """Give a session's variables the values in a file."""
        file = Path(f"{os.fspath(save_path)}.safetensors")
        if not file.exists():
            raise StateError(
                f"restore: there is no {file}; a path is what save() returned, or "
                "latest_checkpoint(folder). Checkpoints of TensorFlow itself are not read."
            )
        values, _ = tensor_files.read(file)
        for name, variable in self._variables.items():
            if name not in values:
                raise UnknownNameError(
                    f"restore: {file} has no {name!r}; it has {', '.join(values)}"
                )
            sess.give(variable, values[name])


def latest_checkpoint(checkpoint_dir: Any) -> str | None:
    """The path that was saved to last in a folder, None if there is none."""
    noted = Path(checkpoint_dir) / _LATEST
    if not noted.exists():
        return None
    name = noted.read_text(encoding="utf-8").split('"')[1]
    return str(Path(checkpoint_dir) / name)


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Whether something was saved to the path."""
    return Path(f"{os.fspath(checkpoint_prefix)}.safetensors").exists()


def get_checkpoint_state(checkpoint_dir: Any) -> Any:
    """What was saved last in a folder, as `.model_checkpoint_path`; None if there is nothing."""
    path = latest_checkpoint(checkpoint_dir)
    return None if path is None else SimpleNamespace(model_checkpoint_path=path)
