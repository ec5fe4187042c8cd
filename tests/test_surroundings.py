"""What a call finds around it: a compiled function goes on with it, and a program raises."""

from __future__ import annotations

import collections
import contextvars
import dataclasses
import functools
import os
import threading
import types
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import TraceError

Case = tuple[Callable[..., Any], Callable[[], Any]]  # a call, and what changes something of it
MAKES: dict[str, Callable[[], Case]] = {}
Pair = collections.namedtuple("Pair", "a b")
SCALE = 2.0


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    MAKES[make.__name__.strip("_").replace("_", " ")] = make
    return make


@dataclasses.dataclass
class Options:
    rate: Any = 2.0
    inner: Any = None


@dataclasses.dataclass(slots=True)
class Slotted:
    rate: float = 2.0


class Asked:
    def __init__(self) -> None:
        self.table = {"rate": 2.0}

    def __getitem__(self, name: str) -> Any:
        return self.table[name]

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["table"].get(name)

    def __call__(self, x: Any) -> Any:
        return x * self.table["rate"]

    @property
    def first(self) -> Any:
        return self.table["rate"]


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.options, self.table, self.pair = Options(), {"rate": 2.0}, (2.0, 3.0)
        self.functions = [lambda x: x * 2]

    def forward(self, x: Any) -> Any:
        return self.functions[0](x) * self.options.rate * self.table["rate"] * self.pair[0]


def of_object(make: Callable[[], Any], read: Callable[[Any], Any], change: Any) -> Case:
    held = make()
    return (lambda x: x * read(held)), lambda: change(held)


def kept(name: str, make: Any, read: Any, change: Any) -> None:
    MAKES[name] = lambda: of_object(make, read, change)


def rated(x: Any, rate: float = 5.0) -> None:
    x.rate = rate


kept("an attribute", Options, lambda o: o.rate, rated)
kept("a slot", Slotted, lambda o: o.rate, rated)
kept(
    "a slot of a pair", lambda: [Pair(1, Options())], lambda o: o[0].b.rate, lambda o: rated(o[0].b)
)
kept("by text", Options, lambda o: getattr(o, "rate"), rated)  # noqa: B009
kept("by vars", Options, lambda o: vars(o)["rate"], rated)
kept("a namespace", lambda: SimpleNamespace(sub=SimpleNamespace(rate=2.0)),
     lambda o: o.sub.rate, lambda o: rated(o.sub))  # fmt: skip
kept("of a thread", threading.local, lambda o: getattr(o, "rate", 2.0), rated)
kept("a module", lambda: types.ModuleType("settings"), lambda o: getattr(o, "rate", 2.0), rated)
kept("an item that is asked for", Asked, lambda o: o["rate"], lambda o: o.table.update(rate=5.0))
kept("an attribute that is asked for", Asked, lambda o: o.rate, lambda o: o.table.update(rate=5.0))
kept("an attribute that hides that of a class", type("Own", (Options,), {"more": 2.0}),
     lambda o: o.more, lambda o: setattr(o, "more", 5.0))  # fmt: skip
kept("a property", Asked, lambda o: o.first, lambda o: o.table.update(rate=5.0))
kept("a list", lambda: [2.0], lambda o: o[0], lambda o: o.__setitem__(0, 5.0))
kept("a deque", lambda: collections.deque([2.0]), lambda o: o[0], lambda o: o.__setitem__(0, 5.0))
kept("a set", lambda: {2.0}, sum, lambda o: o.add(3.0))
kept("bytes", lambda: bytearray([2]), lambda o: o[0], lambda o: o.__setitem__(0, 5))
kept("an ordered dict", lambda: collections.OrderedDict(a=2.0), lambda o: o["a"],
     lambda o: o.update(a=5.0))  # fmt: skip
kept("what lies deep", lambda: {"a": [{"b": Options(inner={"c": [2.0]})}]},
     lambda o: o["a"][0]["b"].inner["c"][0],
     lambda o: o["a"][0]["b"].inner["c"].__setitem__(0, 5.0))  # fmt: skip
kept("a Tensor", Options, lambda o: o.inner if o.inner is not None else ag.Tensor([1.0]),
     lambda o: setattr(o, "inner", ag.Tensor([5.0])))  # fmt: skip
kept("an array in NumPy's hands", lambda: np.ones(2), lambda o: float(np.cos(o).sum()),
     lambda o: o.__setitem__(0, 5.0))  # fmt: skip
kept("a window on such an array", lambda: Options(np.ones(4)[1:3]),
     lambda o: float(np.cos(o.rate).sum()), lambda o: o.rate.base.__setitem__(2, 5.0))  # fmt: skip
kept("a large array in NumPy's hands", lambda: np.ones((400, 500)), lambda o: float(np.sum(o)),
     lambda o: o.__setitem__(..., 5.0))  # fmt: skip
kept("a large array that lies otherwise", lambda: np.ones((500, 800)).T[::2],
     lambda o: float(np.sum(o)), lambda o: o.__imul__(5.0))  # fmt: skip
kept("a variable of the context", lambda: contextvars.ContextVar("rate", default=2.0),
     lambda o: o.get(2.0), lambda o: o.set(5.0))  # fmt: skip


@case
def a_global() -> Case:
    def change() -> None:
        globals()["SCALE"] = 5.0

    return (lambda x: x * SCALE), change


HELD: list[Options] = []  # which weak references stand for


def _weakly(refer: Callable[[Options], Any]) -> Any:
    HELD[:] = [Options()]
    return refer(HELD[0])


for _name, _refer, _read in (
    ("reference", weakref.ref, lambda r: r().rate),
    ("proxy", weakref.proxy, lambda p: p.rate),
    ("dict", lambda o: weakref.WeakValueDictionary(a=o), lambda d: d["a"].rate),
):
    kept(f"a weak {_name}", functools.partial(_weakly, _refer), _read, lambda o: rated(HELD[0]))
kept("a weak reference to another", lambda: Options(inner=_weakly(weakref.ref)),
     lambda o: o.inner().rate, lambda o: setattr(o, "inner", weakref.ref(OTHER)))  # fmt: skip
OTHER = Options(rate=5.0)


def environment(read: Callable[[], str | None]) -> Callable[[], Case]:
    def make() -> Case:
        os.environ["CHAINGRAD_TEST_RATE"] = "2.0"
        return (lambda x: x * float(read() or 1)), lambda: os.environ.update(
            CHAINGRAD_TEST_RATE="5.0"
        )

    return make


NAMED = "CHAINGRAD_TEST_" + "RATE".upper()  # which no code names
MAKES["the environment"] = environment(lambda: os.environ["CHAINGRAD_TEST_RATE"])
MAKES["a variable of it"] = environment(lambda: os.getenv(NAMED))
MAKES["one that may be there"] = environment(lambda: os.environ.get(NAMED, "1"))


@case
def a_global_by_text() -> Case:
    def change() -> None:
        globals()["SCALE"] = 5.0

    return (lambda x: x * globals()["SCALE"]), change


@case
def an_attribute_of_a_class() -> Case:
    class Config:
        rate = 2.0

    return (lambda x: x * Config.rate), lambda: setattr(Config, "rate", 5.0)


@case
def a_list_of_a_class() -> Case:
    class Config:
        rates = [2.0]  # noqa: RUF012

    return (lambda x: x * Config.rates[0]), lambda: Config.rates.append(Config.rates.pop() + 3.0)


@case
def a_method_of_a_base() -> Case:
    class Base:
        def run(self, x: Any) -> Any:
            return x * 2

    class Derived(Base):
        pass

    held = Derived()
    return (lambda x: held.run(x)), lambda: setattr(Base, "run", lambda self, x: x * 5)


@case
def what_a_class_method_reads() -> Case:
    class Config:
        rate = 2.0

    class Maker:
        @staticmethod
        def run(x: Any) -> Any:
            return Maker.more(x) * Config.rate

        @classmethod
        def more(cls, x: Any) -> Any:
            return x * 1.0

    return (lambda x: Maker.run(x)), lambda: setattr(Config, "rate", 5.0)


@case
def what_a_metaclass_reads() -> Case:
    class Kind(type):
        @property
        def rate(cls) -> Any:
            return cls.hidden  # type: ignore[attr-defined]

    class Config(metaclass=Kind):
        hidden = 2.0

    return (lambda x: x * Config.rate), lambda: setattr(Config, "hidden", 5.0)


@case
def a_default() -> Case:
    def call(x: Any, rate: float = 2.0) -> Any:
        return x * rate

    return call, lambda: setattr(call, "__defaults__", (5.0,))


@case
def a_default_by_name() -> Case:
    def call(x: Any, *, rate: float = 2.0) -> Any:
        return x * rate

    return call, lambda: call.__kwdefaults__.update(rate=5.0)  # type: ignore[union-attr]


@case
def an_attribute_of_a_function() -> Case:
    def call(x: Any) -> Any:
        return x * call.rate  # type: ignore[attr-defined]

    call.rate = 2.0  # type: ignore[attr-defined]
    return call, lambda: setattr(call, "rate", 5.0)


@case
def the_code_of_a_function() -> Case:
    def helper(x: Any) -> Any:
        return x * 2.0

    return (lambda x: helper(x)), lambda: setattr(helper, "__code__", (lambda x: x * 5.0).__code__)


@case
def a_partial() -> Case:
    options = Options()
    call = functools.partial(lambda held, x: x * held.rate, options)
    return call, lambda: rated(options)


@case
def a_decorator() -> Case:
    options = Options()

    def decorated(function: Any) -> Any:
        @functools.wraps(function)
        def call(x: Any) -> Any:
            return function(x) * options.rate

        return call

    return decorated(lambda x: x * 2), lambda: rated(options)


@case
def an_object_that_is_called() -> Case:
    held = Asked()
    return held, lambda: held.table.update(rate=5.0)


def of_model(change: Callable[[Model], Any], inside: bool = False) -> Callable[[], Case]:
    def make() -> Case:
        model = Model()
        return (nn.Sequential(nn.Identity(), model) if inside else model), lambda: change(model)

    return make


for _inside in (False, True):
    _where = "a model in a model" if _inside else "a model"
    for _what, _change in {
        "options": lambda m: rated(m.options),
        "table": lambda m: m.table.update(rate=5.0),
        "pair": lambda m: setattr(m, "pair", (5.0, 3.0)),
        "functions": lambda m: m.functions.__setitem__(0, lambda x: x * 9),
    }.items():
        MAKES[f"{_where}: {_what}"] = of_model(_change, _inside)


@pytest.fixture(autouse=True)
def _global(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "SCALE", 2.0)
    monkeypatch.setenv("CHAINGRAD_TEST_RATE", "2.0")


@pytest.mark.parametrize("name", MAKES)
def test_a_compiled_call_goes_on_with_what_it_finds(name: str) -> None:
    call, change = MAKES[name]()
    x, compiled = ag.Tensor([1.0, 2.0]), ag.compile(call)
    for _ in range(2):
        before = compiled(x).tolist()
    assert len(compiled.plans) == 1
    change()
    assert compiled(x).tolist() == pytest.approx(call(x).tolist(), rel=1e-6)
    assert compiled(x).tolist() != before
    assert len(compiled.plans) == 2


@pytest.mark.parametrize("name", MAKES)
def test_a_program_raises_where_it_finds_another_value(name: str) -> None:
    call, change = MAKES[name]()
    x = ag.Tensor([1.0, 2.0])
    program = ag.trace(call, x)
    assert program(x).tolist() == pytest.approx(call(x).tolist(), rel=1e-6)
    change()
    with pytest.raises(TraceError, match="trace the call again"):
        program(x)


def test_what_no_code_names_makes_no_other_plan() -> None:
    options, optimizer = Options(), nn.Identity()
    compiled = ag.compile(lambda x: optimizer(x) * options.rate)
    for number in range(3):
        options.unread = number  # type: ignore[attr-defined]
        options.rate = float(str(2.0))  # another object of the same value
        compiled(ag.Tensor([1.0]))
    assert len(compiled.plans) == 1
