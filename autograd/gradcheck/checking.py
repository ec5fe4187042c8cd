"""`checking()`: while a program trains, some of the rules that it runs are checked as they run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.modes import current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import Op
from autograd.engine.watch import Watch
from autograd.errors import ArgumentError, ArgumentTypeError, shown
from autograd.gradcheck.report.report import Report
from autograd.gradcheck.sampled import Rules, Sample, can_be_checked, values_of
from autograd.system.forks import forkable

__all__ = ["Checking", "checking"]

_FIRST = 0.01  # seconds that a check takes, as long as none has been seen,
_RUNS = 60.0  # and forwards
_EACH = 1e-5  # and the values of a node, to which a graph is run again
_NAMED = 4  # rules that a note names


class Checking(Watch):
    """What `checking()` gives: a Watch that looks on at some sweeps; `report` says what it saw."""

    sees_blocks = True  # compiled steps run as they do without it
    _lock = forkable(threading.RLock())  # of all: who is forked meanwhile goes on

    def __init__(
        self,
        k: int,
        budget: float | None,
        report: Callable[[Report], object] | None,
        rng: np.random.Generator,
    ) -> None:
        self.k, self.budget = k, budget
        self.sweeps = self.elements = 0
        self.spent = 0.0  # seconds
        self._tell, self._rng = report, rng
        self._rules: dict[tuple[str, str], Rules] = {}
        self._found: list[Report] = []
        self._compiled: dict[str, int] = {}
        self._looking = 0.0  # seconds that the values of the last look took
        self._target: tuple[str, str] | None = None  # what the budget is saved for
        self._seconds = 0.0  # of the blocks that have ended
        self._open: dict[int, list[tuple[float, bool]]] = {}  # by thread: when those began that
        # are open, and whether each is inside of another one
        self._local = threading.local()  # whether lines were asked for since the last look

    # ---- the block -----------------------------------------------------------------------------

    def __enter__(self) -> Self:
        is_inside = self in current_mode().watches
        if not is_inside:
            super().__enter__()
        with self._lock:
            blocks = self._open.setdefault(threading.get_ident(), [])
            blocks.append((perf_counter(), is_inside))
        if self.budget is None and not is_inside:
            self._arm()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            start, is_inside = self._open[threading.get_ident()].pop()
        if is_inside:
            return
        self._disarm()
        super().__exit__(kind, error, trace)
        with self._lock:
            self._seconds += perf_counter() - start

    @property
    def seconds(self) -> float:
        """How long it has been open, on all threads together."""
        now = perf_counter()
        blocks = [block for blocks in list(self._open.values()) for block in list(blocks)]
        return self._seconds + sum(now - start for start, is_inside in blocks if not is_inside)

    def _arm(self) -> None:
        """Have nodes recorded with their lines until the next sweep, which is looked at."""
        self._local.asked = True
        mode = current_mode()
        if not mode.traces:
            set_mode(mode.replace(traces=self))

    def _disarm(self) -> None:
        self._local.asked = False
        mode = current_mode()
        if mode.traces is self:  # what others asked for stays
            set_mode(mode.replace(traces=False))

    # ---- which nodes ---------------------------------------------------------------------------

    def at_sweep(self, order: Sequence[Node]) -> Watch | None:
        mode = current_mode()
        if mode.capture is not None:
            return None
        self.sweeps += 1
        looking = max(self._looking, _EACH * len(order))
        if not self._affords(looking + self._price(self._target)):
            return None
        if not mode.traces and not getattr(self._local, "asked", False):
            self._arm()
            return None  # and what a mode that has ended has recorded is looked at without lines
        start = perf_counter()
        with self._lock:
            try:
                samples = self._samples(order)
            except Exception as error:  # noqa: BLE001 - a training goes on, whatever a replay meets
                self._rules_of(order[-1]).undecided = f"{type(error).__name__}: {error}"
                samples = {}
            self._looking = perf_counter() - start
            self.spent += self._looking
        if self.budget is not None:
            self._disarm()
        return _Look(self, samples) if samples else None

    def forward(self, op: Any, run: Callable[..., Any], /, *values: Any, **params: Any) -> Any:
        if not isinstance(op, Op):  # a plan, of whose rules nothing is seen
            self._compiled[op.name] = self._compiled.get(op.name, 0) + 1
        return run(*values, **params)

    def _left(self) -> float:
        """The seconds that the budget has left."""
        if self.budget is None:
            return np.inf
        return self.budget * (self.seconds - self.spent) - self.spent

    def _affords(self, price: float) -> bool:
        return self.budget is None or price <= self._left()

    def _price(self, key: tuple[str, str] | None) -> float:
        price = self._rules[key].price if key is not None else None
        return _FIRST if price is None else price

    def _rules_of(self, node: Node) -> Rules:
        return self._rules.setdefault(_key(node), Rules())

    def _samples(self, order: Sequence[Node]) -> dict[Node, Sample]:
        """The nodes to check in a sweep, with the values of their inputs."""
        nodes = [n for n in order if can_be_checked(n) and not self._rules_of(n).is_wrong]
        drawn = [n for n in nodes if self.k == 1 or self._rng.integers(self.k) == 0]
        if self.budget is not None:
            drawn = self._next(nodes, drawn)
        if not drawn:
            return {}
        values, seconds = values_of(drawn)
        samples = {node: Sample(node, values, self._rng) for node in drawn}
        if self.budget is None:
            return samples
        node = drawn[0]
        rules = self._rules_of(node)
        rules.price = rules.price or _FIRST / 2 + _RUNS * seconds[node]
        if not self._affords(rules.price):
            self._target = _key(node)
            return {}
        self._target = None
        return samples

    def _next(self, nodes: Sequence[Node], drawn: Sequence[Node]) -> list[Node]:
        """The one that is saved for, else the drawn one whose rules have had the least time."""
        for node in nodes:
            if _key(node) == self._target:
                return [node]
        self._target = None
        return sorted(drawn, key=lambda node: self._rules_of(node).spent)[:1]

    # ---- what is seen --------------------------------------------------------------------------

    def look(self, sample: Sample, g: Any) -> None:
        """Check the rules of a node for a cotangent."""
        start = perf_counter()
        with self._lock:
            outcome = sample.at(g, self._left())
            seconds = perf_counter() - start
            self.spent += seconds
            rules = self._rules_of(sample.node)
            rules.paid(seconds, sample)
            if not sample.is_late:
                self.elements += sum(x.size for x in sample.values)
                rules.undecided = outcome if isinstance(outcome, str) else None
        if isinstance(outcome, Report):
            self._wrong(rules, outcome)

    def compare(self, sample: Sample, position: int, result: Any) -> None:
        """Compare what a rule gave in the sweep with what was checked."""
        rules = self._rules_of(sample.node)
        if rules.is_wrong or not sample.has_formula or rules.undecided is not None:
            return
        start = perf_counter()
        with self._lock:
            report = sample.passes(position, result)
            rules.spent += perf_counter() - start
            self.spent += perf_counter() - start
        if report is not None:
            self._wrong(rules, report)

    def _wrong(self, rules: Rules, report: Report) -> None:
        rules.is_wrong = True
        self._found.append(report)
        if self._tell is None:
            report.raise_()
        else:
            self._tell(report)

    # ---- what it says --------------------------------------------------------------------------

    @property
    def report(self) -> Report:
        """All that has been found so far, and how much was looked at."""
        found = [[getattr(r, name) for r in self._found] for name in _GROUPS]
        failures, inconclusive, kinks, undefined = (sum(parts, ()) for parts in found)
        notes = tuple(self._notes())
        return Report(failures, inconclusive, kinks, notes, self.elements, 1, undefined=undefined)

    def _notes(self) -> list[str]:
        checked = {key: rules for key, rules in self._rules.items() if rules.checks}
        count = sum(rules.checks for rules in checked.values())
        share = self.spent / max(self.seconds - self.spent, 1e-9)
        took = f"{share:.1%} of" if share < 1 else f"{share:,.0f} times"
        sweeps = f"{self.sweeps:,} sweep{'s' if self.sweeps != 1 else ''}"
        checks = f"{count:,} check{'s' if count != 1 else ''}"
        lines = [
            f"{checks}, of {len(checked)} of {len(self._rules)} rules that were met, in {sweeps}; "
            f"{took} the time of the rest"
        ]
        unchecked = [key for key, rules in self._rules.items() if not rules.checks]
        if unchecked:
            lines.append(f"not checked: {_named(unchecked)}; train longer, or raise the budget")
        for key, rules in checked.items():
            if rules.undecided is not None:
                lines.append(f"undecided: {_named([key])}: {rules.undecided}")
        beside = [key for key, rules in checked.items() if rules.is_beside]
        if beside:
            lines.append(f"at kinks, and judged beside them alone: {_named(beside)}")
        for name, calls in self._compiled.items():
            lines.append(f"not seen: {calls:,} calls of {name}; compiled plans run no single rules")
        if not self.sweeps and not self._compiled:
            lines.append("no backward pass ran on a thread that opened it")
        elif not self._rules and self.sweeps:
            lines.append("the budget was too small for a look: train longer, or raise it")
        return lines

    def __repr__(self) -> str:
        return f"<Checking: {self._notes()[0]}>"


_GROUPS = ("failures", "inconclusive", "kinks", "undefined")


class _Look(Watch):
    """Looks on at one sweep."""

    def __init__(self, owner: Checking, samples: dict[Node, Sample]) -> None:
        self.owner, self.samples = owner, samples

    def rule(self, node: Node, position: int | None, rule: Any, /, g: Any, *saved: Any) -> Any:
        sample = self.samples.get(node)
        if sample is not None and not sample.is_checked:
            self.owner.look(sample, tuple(map(raw, g)) if type(g) is tuple else raw(g))
        return rule(g, *saved)

    def passed(self, node: Node, position: int, g: Any) -> None:
        sample = self.samples.get(node)
        if sample is not None and sample.is_checked:
            self.owner.compare(sample, position, raw(g))


def _key(node: Node) -> tuple[str, str]:
    return node.op.name, "" if node.scope is None else repr(node.scope)


def _named(keys: Sequence[tuple[str, str]]) -> str:
    names = [f"{op} in {module}" if module else op for op, module in keys[:_NAMED]]
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(names) + more


@checked
def checking(
    k: int = 8,
    budget: float | None = 0.05,
    report: Callable[[Report], object] | list[Report] | None = None,
    rng: int | np.random.Generator = 0,
) -> Checking:
    """Check rules in a `with` block as they run: one node in `k`, in a part of the time.

    A node that a backward pass comes by is run again at the inputs and the cotangent that it had
    there, and judged by `gradcheck`: along a random direction, in double precision; and what its
    rules gave in the pass is compared with that. `budget` is the part of the block's time that this
    may take (None: no bound, and every node that is drawn is checked). Rules which have had the
    least time come first.

    A wrong rule raises GradcheckError, which names the op, the module and the line that recorded
    it. With a `report`, a list or a function, each goes there instead, once, and the block goes on.
    The object that the block gives has a `report` of all, which says how much was looked at.

    Nothing that is trained changes by it, to the last bit: random numbers are drawn from a
    generator of its own (`rng`). What a compiled step runs is not seen, nor what other threads do
    that do not open it themselves; `report` tells of compiled calls.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.checking(k=1, budget=None) as checks:
    ...     (x * x).sum().backward()
    >>> print(checks.report)
    gradcheck: 6 of 6 elements agree in 1 random direction
      note: 2 checks, of 2 of 2 rules that were met, in 1 sweep; ... the time of the rest
    """
    if k < 1:
        raise ArgumentError(f"checking: k is {shown(k)}; one node in k is checked, k at least 1")
    if budget is not None and not budget > 0:
        raise ArgumentError(
            f"checking: budget is {shown(budget)}; it is a part of the time, such as 0.05, or None"
        )
    tell = report.append if isinstance(report, list) else report
    if tell is not None and not callable(tell):
        raise ArgumentTypeError(
            f"checking: report is {shown(report)}; it is a list to add to or a function to call"
        )
    return Checking(int(k), budget, tell, np.random.default_rng(rng))
