"""How near the workloads are to what this machine can do: a roofline for each of them.

python benchmarks/limits.py [--only WORKLOAD ...] [--from out/benchmarks.json]

What a step has to do is counted from its graph (`amounts.py`), what the machine does in that time
is measured with bare NumPy and bare Python on two threads (`ceilings.py`):

* products: every matrix product, by the fastest way of calling BLAS: either orientation and order
  in memory, on BLAS's threads, on one, or half on each of two Python threads. Convolutions are
  operations at the rate of a square product: as they are defined, or by Winograd's algorithm.
* passes: the bytes of all other operations, each read and written once, forward and backward, at
  the rate of z = x + y on arrays as large as those of the operation, which may lie in cache; those
  of the optimizer go over all its arrays. Or, if that takes longer, tanh and exp at NumPy's rate.
* calls: a Tensor and a Node for each operation, and a call of NumPy for it and for each rule.

Their sum is the limit of an engine that runs one operation after the other by NumPy. A fusing
compiler moves fewer bytes and calls nothing, and an own product may be faster than BLAS's. With
--compiled the limit is that of one: the same products; of other bytes those alone that pass between
products and loops, once each, their cotangents, and the optimizer's; functions at the rate of
generated code; and no calls.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import ceilings
from amounts import Amounts, amounts
from columns import COMPILED, PEERS, REFERENCE
from report import shown
from rounds import measure
from workloads import UNITS, WORKLOADS, Workload

BOUND = [
    "scalar", "additions", "array", "inference", "mlp", "mlp-large", "lenet", "resnet20", "vgg",
    "elementwise", "transformer", "lstm-loop", "lstm", "hvp", "adam",
]  # fmt: skip
HEAD = (
    "| workload | unit | products | passes | calls | sum = limit | limit ÷ PyTorch | step (fast) "
    "| step ÷ limit |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


COMPILED_HEAD = (
    "| workload | unit | products | passes | sum = limit | best peer | limit ÷ best peer | aim "
    "| compiled step | step ÷ limit |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(frozen=True)
class Limit:
    """Seconds of a step."""

    products: float
    passes: float
    calls: float

    @property
    def total(self) -> float:
        return self.products + self.passes + self.calls


def limit(found: Amounts, directly: bool = False, compiled: bool = False) -> Limit:
    """The least time for these amounts; `directly` without Winograd's algorithm."""
    traffic = found.fused if compiled else found.traffic
    evaluation = ceilings.generated if compiled else ceilings.evaluation
    products = sum(times * ceilings.product(p)[0] for p, times in found.products.items())
    convolutions = found.direct if directly else found.fewest
    if convolutions:
        products += convolutions / ceilings.rate()
    passes = sum(moved / ceilings.bandwidth(held) for held, moved in traffic.items())
    functions = 0.0
    for name, numbers in found.functions.items():
        threads = 2 if numbers >= ceilings.SHARED else 1
        functions += numbers * evaluation(name) / threads
    if compiled:
        return Limit(products, max(passes, functions), 0.0)
    calls = sum(times * ceilings.call(kind) for kind, times in found.calls.items())
    return Limit(products, max(passes, functions), calls + found.nodes * ceilings.bare_node())


def steps(name: str, torch: Path, rounds: int, *own: str) -> dict[str, float]:
    """What a step takes in columns of our own and in PyTorch, in the workload's unit."""
    pythons = dict.fromkeys(own, sys.executable)
    pythons |= {REFERENCE: str(torch)} if torch.exists() else {}
    measured = measure(name, pythons, rounds, 120)
    return {key: statistics.median(numbers) for key, numbers in measured.numbers.items()}


def recorded(name: str, record: Path) -> dict[str, float]:
    """The same, of a record that `run.py` wrote."""
    measured = json.loads(record.read_text(encoding="utf-8"))["workloads"].get(name, {})
    return {key: statistics.median(found) for key, found in measured.get("numbers", {}).items()}


def row(title: str, workload: Workload, bound: Limit, taken: dict[str, float]) -> str:
    """A line of the table, in the workload's unit for one of its operations."""
    scale = UNITS[workload.unit] / workload.operations(workload.sizes)
    parts = [bound.products, bound.passes, bound.calls, bound.total]
    cells = [shown(scale * part) for part in parts]
    total, step, torch = scale * bound.total, taken.get("fast"), taken.get("torch")
    cells.append(shown(total / torch, 2) if torch else "–")
    cells += [shown(step), shown(step / total, 2)] if step else ["–", "–"]
    return f"| {title} | {workload.unit} | {' | '.join(cells)} |"


def compiled_row(title: str, workload: Workload, bound: Limit, taken: dict[str, float]) -> str:
    """The same of a compiled step, beside the best peer and the aim."""
    scale = UNITS[workload.unit] / workload.operations(workload.sizes)
    cells = [shown(scale * part) for part in (bound.products, bound.passes, bound.total)]
    best, step = min((taken[k] for k in PEERS if k in taken), default=None), taken.get(COMPILED)
    total, aim = scale * bound.total, workload.beside.get("best")
    cells += [shown(best), shown(total / best, 2)] if best else ["–", "–"]
    cells.append("–" if aim is None else f"≤ {aim:.3g}")
    cells += [shown(step), shown(step / total, 2)] if step else ["–", "–"]
    return f"| {title} | {workload.unit} | {' | '.join(cells)} |"


def lines(name: str, taken: dict[str, float], compiled: bool = False) -> list[str]:
    """The rows of a workload: two if convolutions can be made in two ways."""
    workload, line = WORKLOADS[name], compiled_row if compiled else row
    found = amounts(workload)
    rows = [line(workload.name, workload, limit(found, False, compiled), taken)]
    if found.fewest < found.direct:
        direct, less = limit(found, True, compiled), "without Winograd's algorithm"
        rows.append(line(f"{workload.name}, {less}", workload, direct, taken))
    return rows


def ways(name: str) -> str:
    """Every product of a workload: how often, the fastest way, and what `np.dot` takes."""
    head = "| M × K × N | stack | times | µs | GFLOP/s | way | x·yᵀ by np.dot, µs |"
    table = [head, "| --- | ---: | ---: | ---: | ---: | --- | ---: |"]
    for p, times in amounts(WORKLOADS[name]).products.items():
        took, way = ceilings.product(p)
        plainly = shown(1e6 * ceilings.plain_product(p))
        table.append(
            f"| {p.rows} × {p.depth} × {p.columns} | {p.stack} | {times} | {shown(1e6 * took)} "
            f"| {p.operations / took / 1e9:.0f} | {way} | {plainly} |"
        )
    return "\n".join(table)


def machine(bytes_held: tuple[int, ...] = (1 << 18, 1 << 22, 1 << 25, 1 << 28)) -> str:
    """The rates on which the table rests."""
    found = [f"a square product of 2048 {ceilings.rate() / 1e9:.0f} GFLOP/s"]
    for held in bytes_held:
        at = ceilings.bandwidth(held) / 1e9
        found.append(f"x + y on {held >> 10:,} KiB in all {at:.0f} GB/s")
    found += [f"{name} {1e9 * ceilings.evaluation(name):.2f} ns" for name in ("tanh", "exp")]
    found.append(f"a bare Tensor and Node {1e6 * ceilings.bare_node():.2f} µs")
    for idle, word in ((2e-4, "awake"), (5e-3, "asleep")):
        took = 1e6 * ceilings.handing_over(idle)
        found.append(f"until a thread that is {word} begins {took:.0f} µs")
    for kind in ("numbers", "arrays"):
        found.append(f"a call on {kind} {1e6 * ceilings.call(kind):.2f} µs")
    for collects, word in ((True, "on"), (False, "off")):
        took = 1e6 * ceilings.addition(collects)
        found.append(f"an addition, Python's garbage collector {word}, {took:.2f} µs")
    return "; ".join(found) + "."


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=BOUND, default=BOUND, metavar="WORKLOAD")
    parser.add_argument("--torch", type=Path, default=Path(".venv-peers/bin/python"))
    parser.add_argument("--rounds", type=int, default=3, help="numbers per step (default 3)")
    recorded_help = "steps as `run.py` has recorded them"
    parser.add_argument("--from", dest="record", type=Path, metavar="JSON", help=recorded_help)
    parser.add_argument("--ways", action="store_true", help="the products alone, one by one")
    parser.add_argument("--compiled", action="store_true", help="limits of a fusing compiler")
    options = parser.parse_args()
    if (
        options.compiled
    ):  # of a chain of numbers no sum of rates is a limit: each waits for the one before
        options.only = [name for name in options.only if name not in ("scalar", "additions")]
    if options.ways:
        print(*(f"{name}\n\n{ways(name)}\n" for name in options.only), sep="\n")
        return
    print(COMPILED_HEAD if options.compiled else HEAD, flush=True)
    for name in options.only:
        if options.record:
            taken = recorded(name, options.record)
        else:
            own = COMPILED if options.compiled else "fast"
            taken = steps(name, options.torch, options.rounds, own)
        print(*lines(name, taken, options.compiled), sep="\n", flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
