"""What programs ask of the machine around them: flags, files, logs, by TensorFlow's names."""

from __future__ import annotations

import argparse
import glob
import logging as python_logging
import os
import shutil
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from autograd.errors import ArgumentError, StateError

__all__ = ["app", "errors", "flags", "gfile", "logging"]


class _Flags:
    """Flags of the command line, which are read when the first of them is asked for."""

    def __init__(self) -> None:
        self.__dict__.update(_parser=argparse.ArgumentParser(), _values=None)

    def _define(self, read: Any, name: str, default: Any, text: str | None) -> None:
        self._parser.add_argument(f"--{name}", type=read, default=default, help=text)
        self.__dict__["_values"] = None

    def __getattr__(self, name: str) -> Any:
        if self._values is None:
            self.__dict__["_values"] = self._parser.parse_known_args()[0]
        return getattr(self._values, name)

    def __setattr__(self, name: str, value: Any) -> None:
        getattr(self, name)
        setattr(self._values, name, value)


FLAGS = _Flags()


def _defining(read: Callable[[str], Any]) -> Callable[..., None]:
    def define(name: str, default: Any = None, help: str | None = None, **options: Any) -> None:
        FLAGS._define(read, name, default, help)

    return define


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ArgumentError(f"a flag is true or false, not {text!r}")
    return text.lower() in ("true", "1")


flags = SimpleNamespace(
    FLAGS=FLAGS, DEFINE_string=_defining(str), DEFINE_integer=_defining(int),
    DEFINE_float=_defining(float), DEFINE_boolean=_defining(_truth), DEFINE_bool=_defining(_truth),
)  # fmt: skip


def _run(main: Callable[..., Any] | None = None, argv: Any = None) -> None:
    found = main or sys.modules["__main__"].main
    sys.exit(found(sys.argv[:1] if argv is None else argv))


app = SimpleNamespace(run=_run, flags=flags)
gfile = SimpleNamespace(
    Exists=os.path.exists, IsDirectory=os.path.isdir, ListDirectory=os.listdir, Glob=glob.glob,
    MakeDirs=lambda path: os.makedirs(path, exist_ok=True), MkDir=os.mkdir, Remove=os.remove,
    DeleteRecursively=shutil.rmtree, Copy=shutil.copy, GFile=open, Open=open, FastGFile=open,
)  # fmt: skip
_log = python_logging.getLogger("chaingrad")
logging = SimpleNamespace(
    set_verbosity=_log.setLevel, info=_log.info, warn=_log.warning, warning=_log.warning,
    error=_log.error, debug=_log.debug, fatal=_log.critical, log=_log.log,
    DEBUG=10, INFO=20, WARN=30, ERROR=40, FATAL=50,
)  # fmt: skip
errors = SimpleNamespace(
    OpError=Exception, InvalidArgumentError=ArgumentError, FailedPreconditionError=StateError,
)  # fmt: skip
