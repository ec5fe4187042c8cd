"""How training scales over processes, measured here, and over machines, predicted.

python benchmarks/scaling.py --torch .venv-peers/bin/python

It measures steps of the MLP, LeNet, ResNet-20 and the GPT in one process, in two of one thread
each and in four on the same cores, beside PyTorch's DDP with gloo, and all-reduces by their size;
then it says what scaling_model.py makes of that for 2 to 1,024 machines. Tables go to
`out/scaling.md`, numbers to `out/scaling.json`, and curves to `out/scaling.svg`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import scaling_model as model

HERE = Path(__file__).parent
ROOT = HERE.parent
COUNTS = (1, 2, 4)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
Measured = dict[str, Any]


# ---- measuring -----------------------------------------------------------------------------------


def environment(**more: str) -> dict[str, str]:
    """One thread for each process."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**own, **dict.fromkeys(THREADS, "1"), "CHAINGRAD_THREADS": "1",
            "PYTHONPATH": str(ROOT), **more}  # fmt: skip


def output_of(text: str) -> Measured:
    """What the first process has printed."""
    for line in text.splitlines():
        if "MEASURED " in line:
            found: Measured = json.loads(line.partition("MEASURED ")[2])
            return found
    raise SystemExit("a worker has measured nothing:\n" + text[-3000:])


def in_chaingrad(count: int, options: argparse.Namespace) -> Measured:
    worker = [str(HERE / "scaling_worker.py"), "chaingrad", *_told(options)]
    start = [sys.executable, "-m", "autograd.distributed.run", "-n", str(count), "--threads", "1"]
    done = subprocess.run([*start, *worker], env=environment(), capture_output=True, text=True,
                          check=False)  # fmt: skip
    return output_of(done.stdout + done.stderr)


def in_torch(count: int, options: argparse.Namespace) -> Measured:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [options.torch, str(HERE / "scaling_worker.py"), "torch", *_told(options)]
    started = [
        subprocess.Popen(
            command,
            env=environment(RANK=str(rank), WORLD_SIZE=str(count), MASTER_ADDR="127.0.0.1",
                            MASTER_PORT=str(port)),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for rank in range(count)
    ]  # fmt: skip
    said = [process.communicate()[0] for process in started]
    return output_of(said[0])


def _told(options: argparse.Namespace) -> list[str]:
    return [str(options.seconds), "tiny" if options.tiny else "full"]


# ---- telling -------------------------------------------------------------------------------------


def table(head: list[str], rows: list[list[str]]) -> str:
    marks = ["---"] + ["---:"] * (len(head) - 1)
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def names_of(found: dict[int, Measured]) -> list[str]:
    return [*found[1]["parameters"]]


def measured_table(found: dict[int, Measured], torch: dict[int, Measured] | None) -> str:
    """Steps in milliseconds, and samples a second beside one process."""
    head = ["model", "one process, ms", "DDP on it", "2 weak, ms", "samples/s ×", "2 strong, ms",
            "×", "4 weak, ms", "×", "PyTorch 1, ms", "2 weak, ms", "ours / PyTorch, 1",
            "2"]  # fmt: skip
    rows = []
    for name in names_of(found):
        plain, ddp = (found[1]["steps"][f"{name} weak {way}"] for way in ("plain", "ddp"))
        two, strong = (found[2]["steps"][f"{name} {kind} ddp"] for kind in ("weak", "strong"))
        row = [name, f"{1e3 * plain:.2f}", f"{100 * found[1]['overhead'][name]:+.1f} %",
               f"{1e3 * two:.2f}", f"{2 * plain / two:.2f}",
               f"{1e3 * strong:.2f}", f"{plain / strong:.2f}"]  # fmt: skip
        four = found[4]["steps"][f"{name} weak ddp"]
        row += [f"{1e3 * four:.2f}", f"{4 * plain / four:.2f}"]
        if torch:
            one, other = (torch[n]["steps"][f"{name} weak ddp"] for n in (1, 2))
            row += [f"{1e3 * one:.2f}", f"{1e3 * other:.2f}", f"{ddp / one:.2f}",
                    f"{two / other:.2f}"]  # fmt: skip
        rows.append(row + ["-"] * (len(head) - len(row)))
    return table(head, rows)


def exchange_table(found: dict[int, Measured], torch: dict[int, Measured] | None) -> str:
    """All-reduces in microseconds, by their size, and what is fitted to them."""
    sources = {f"{n} processes": found[n] for n in (2, 4)}
    if torch:
        sources["2 with gloo"] = torch[2]
    head = ["bytes", *(f"{name}, µs" for name in sources)]
    sizes = [*found[2]["exchanges"]]
    rows = [
        [f"{int(size):,}", *(f"{1e6 * m['exchanges'][size]:.0f}" for m in sources.values())]
        for size in sizes
    ]
    fits = {name: model.fit(by_bytes(m)) for name, m in sources.items()}
    rows.append(["α, µs", *(f"{1e6 * a:.0f}" for a, _ in fits.values())])
    rows.append(["1/β, GB/s", *(f"{1e-9 / b:.2f}" if b else "-" for _, b in fits.values())])
    return table(head, rows)


def by_bytes(measured: Measured, what: str = "exchanges") -> dict[int, float]:
    return {int(size): seconds for size, seconds in measured[what].items()}


def predicted_here(found: dict[int, Measured]) -> str:
    """Steps of 2 and 4 processes: what they wait and do without the gradients, and those by β."""
    head = ["model", "processes", "computing, ms", "with DDP's own work, ms", "with messages, ms",
            "bytes, ms", "predicted, ms", "measured, ms", "error"]  # fmt: skip
    rows = []
    for count in (2, 4):
        told = found[count]
        _, beta = model.fit(by_bytes(told, "averages"), by_bytes(told, "messages"))
        for name in names_of(found):
            alone, null, few, real = (
                told["steps"][f"{name} weak {way}"] for way in ("alone", "null", "few", "ddp")
            )
            # who computes on all cores hides nothing: the exchanges take the same cores' time
            sent = 4 * found[1]["parameters"][name] * beta
            times = (alone, null, few, sent, few + sent, real)
            rows.append([name, str(count), *(f"{1e3 * seconds:.2f}" for seconds in times),
                         f"{100 * ((few + sent) / real - 1):+.0f} %"])  # fmt: skip
    return table(head, rows)


def predicted_beyond(found: dict[int, Measured]) -> str:
    """The efficiency on many machines, and where it falls below a half."""
    head = ["model, network, strategy", *(f"{2**k}" for k in (1, 3, 5, 7, 10)), "half at"]
    rows = []
    for name in names_of(found):
        work = work_of(found, name)
        for network, net in model.NETWORKS.items():
            for strategy, told in model.STRATEGIES.items():
                values = [model.efficiency(work, 2**k, net, told) for k in (1, 3, 5, 7, 10)]
                last = model.machines(work, net, told)
                rows.append([f"{name}, {network}, {strategy}",
                             *(f"{100 * v:.0f} %" for v in values),
                             "beyond 1,024" if last == 1024 else f"{2 * last}"])  # fmt: skip
    return table(head, rows)


def work_of(found: dict[int, Measured], name: str) -> model.Work:
    """What a machine does in a step: that of one process here."""
    seconds = found[1]["steps"][f"{name} weak plain"]
    return model.Work(seconds, 4 * found[1]["parameters"][name], 0.1 * seconds)


def draw(found: dict[int, Measured], path: Path) -> bool:
    """Curves of the efficiency by machines; whether matplotlib is here."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    names = names_of(found)
    figure = Figure((4 * len(names), 6.4))
    axes = figure.subplots(2, len(names), sharex=True, sharey=True, squeeze=False)
    for row, (network, net) in zip(axes, model.NETWORKS.items(), strict=True):
        for axis, name in zip(row, names, strict=True):
            work = work_of(found, name)
            counts = [2**k for k in range(11)]
            for label, strategy in model.STRATEGIES.items():
                values = [100 * model.efficiency(work, n, net, strategy) for n in counts]
                axis.plot(counts, values, label=label, lw=1.4)
            axis.axhline(50, color="#94a3b8", lw=0.6)
            axis.set_xscale("log", base=2)
            axis.set_ylim(0, 115)
            axis.set_title(f"{name}, {network} (predicted)", fontsize=9)
    axes[0][0].set_ylabel("efficiency, %")
    axes[1][0].set_ylabel("efficiency, %")
    axes[1][0].set_xlabel("machines")
    axes[0][-1].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    return True


def report(found: dict[int, Measured], torch: dict[int, Measured] | None) -> str:
    cores = os.cpu_count()
    return "\n\n".join(
        [
            "# Scaling",
            f"## Measured on this machine ({cores} cores, one thread a process)\n\n"
            "Weak: each process has the batch of one; strong: they share it. The factors are "
            "samples a second beside one process without DDP. What DDP costs on one process is the "
            "median over pairs of steps of one model, with and without it in turn, of the process' "
            "own time. Four processes share the cores: they show that nothing breaks, not that it "
            "is faster.",
            measured_table(found, torch),
            "## All-reduces, measured",
            exchange_table(found, torch),
            "## Predicted for this machine, beside what was measured\n\nTwo numbers are added. "
            "One is measured: a step in which each bucket sends as many messages as its gradients "
            "take, of a few bytes each. It has all of DDP's own work (copies to and from the "
            "buckets, small messages, waiting for the slowest) and the latencies as they are in a "
            "step: where more processes than cores compute, a message waits until those that it "
            "comes from and goes to have had their turns, and so longer than in an all-reduce by "
            "itself. The other is the model's: n·β for the n bytes of gradients, of averages that "
            "were measured by themselves. Where all cores compute, bytes take their time, and "
            "nothing hides it.",
            predicted_here(found),
            "## Predicted for machines that are not here: weak scaling\n\nEfficiency by the "
            "number of machines, each as fast as one process here; latencies of 25 µs (10 Gb/s) "
            "and 5 µs (100 Gb/s) are assumed, and that a tenth of a step is the optimizer's, which "
            "ZeRO shares out (so it may exceed 100 %). \"Half at\": the number of machines where "
            "less than half of the efficiency is left, and more of them stop paying.",
            predicted_beyond(found),
        ]
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--torch", type=os.path.abspath, help="a Python with PyTorch, to be measured beside it"
    )
    parser.add_argument("--out", default="out", help="the folder of what is written")
    parser.add_argument("--seconds", type=float, default=0.6, help="for each number")
    parser.add_argument("--tiny", action="store_true", help="small batches, to see that it runs")
    options = parser.parse_args(arguments)
    found = {count: in_chaingrad(count, options) for count in COUNTS}
    torch = {n: in_torch(n, options) for n in (1, 2)} if options.torch else None
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    numbers = {"chaingrad": found, "torch": torch}
    (out / "scaling.json").write_text(json.dumps(numbers, indent=1))
    text = report(found, torch)
    (out / "scaling.md").write_text(text + "\n")
    draw(found, out / "scaling.svg")
    print(text)


if __name__ == "__main__":
    main()
