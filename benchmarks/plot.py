"""The plot of a record: how long every library takes, divided by PyTorch's time.

python benchmarks/plot.py out/benchmarks.json benchmarks/ratios.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib
from columns import COLUMNS, COMPILED, REFERENCE
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from report import AIMED, Record, ratios
from workloads import WORKLOADS

INK, MUTED, HAIRLINE, BLUE = "#0f172a", "#52607a", "#cbd5e1", "#eff6ff"
MONO = ["DejaVu Sans Mono"]
STYLE = {"font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "svg.hashsalt": "0"}
ROW, TOP, BOTTOM, WIDTH = 0.52, 1.3, 0.75, 10.5  # inches
LEFT, RIGHT, MARGIN = 0.375, 0.89, 0.025  # of the axes and the words, in parts of the width
LOW, HIGH = 0.02, 10.0  # of the axis, the same in every picture; marks beyond queue at the edge
LANE = 0.17  # chaingrad's marks stand below the middle of a row, the others' above
DOTTED = {"color": COLUMNS["fast"].ink, "lw": 1.2, "ls": (0, (1.5, 1.5))}
OWN = (*AIMED, COMPILED)
MET, MISSED = ("✓", "#115e59"), ("✗", "#c2410c")


def rows_of(record: Record) -> list[tuple[str, dict[str, list[float]]]]:
    """Workload and ratios by column, for every workload that has some."""
    rows = []
    for name, measured in record["workloads"].items():
        by_column = {key: ratios(measured["numbers"], key) for key in record["columns"]}
        found = {key: values for key, values in by_column.items() if values and key != REFERENCE}
        if found:
            rows.append((name, found))
    return rows


def draw(record: Record, path: Path) -> None:
    """Write the picture, in the format that the name asks for; nothing where nothing compares."""
    rows = rows_of(record)
    if not rows:
        return
    with matplotlib.rc_context(STYLE):
        height = TOP + BOTTOM + ROW * len(rows)
        figure = Figure((WIDTH, height), facecolor="white")
        axes = figure.add_axes((LEFT, BOTTOM / height, RIGHT - LEFT, ROW * len(rows) / height))
        draw_axes(axes, len(rows))
        for place, (name, found) in enumerate(rows):
            draw_row(axes, place, name, found, record["tiny"])
        draw_words(figure, record, height, [key for _, found in rows for key in found])
        metadata = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(path, dpi=160, metadata=metadata)


def draw_axes(axes: Any, count: int) -> None:
    """A logarithmic axis around 1, and the side on which a library is faster."""
    axes.set_xscale("log")
    axes.set_xlim(LOW, HIGH)
    axes.set_ylim(count - 0.5, -0.5)
    axes.axvspan(LOW, 1, color=BLUE, lw=0, zorder=0)
    axes.axvline(1, color=INK, lw=1.6, zorder=2)
    axes.xaxis.set_major_locator(FixedLocator([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="x", length=0, labelsize=10, labelcolor=MUTED)
    for label in axes.get_xticklabels():
        label.set_family(MONO)
    axes.grid(axis="x", color=HAIRLINE, lw=0.6, zorder=1)
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def draw_row(axes: Any, place: int, name: str, found: dict[str, list[float]], tiny: bool) -> None:
    """Words on the left, marks, and chaingrad's ratio on the right."""
    workload, aim = WORKLOADS[name], None if tiny else WORKLOADS[name].aims[0]
    words = {"transform": axes.get_yaxis_transform(), "va": "center"}
    ends = ((edge - LEFT) / (RIGHT - LEFT) for edge in (MARGIN, 1 - MARGIN))
    axes.plot(list(ends), [place + 0.5] * 2, transform=words["transform"], color=HAIRLINE, lw=0.6,
              clip_on=False, zorder=1)  # fmt: skip
    above = 0 if tiny else 0.15
    axes.text(-0.025, place - above, workload.name, ha="right", fontsize=11, fontweight="bold",
              color=INK, **words)  # fmt: skip
    if not tiny:
        axes.text(-0.025, place + 0.2, workload.detail, ha="right", fontsize=8.5, color=MUTED,
                  **words)  # fmt: skip
    if aim is not None:
        axes.plot([aim, aim], [place - 0.36, place + 0.36], zorder=3, **DOTTED)
    places = along_axis({key: median(values) for key, values in found.items()})
    for key, values in found.items():
        draw_mark(axes, places[key], place + (LANE if key in OWN else -LANE), key, values)
    best = next((key for key in AIMED if key in found), None)
    if best is None:
        return
    ratio = median(found[best])
    axes.text(1.025, place, f"{ratio:.2f}", fontsize=11, family=MONO, color=COLUMNS[best].ink,
              fontweight="bold", **words)  # fmt: skip
    if aim is not None and best == "fast":
        sign, ink = MET if ratio <= aim else MISSED
        axes.text(1.125, place, sign, fontsize=12, color=ink, **words)


def along_axis(middles: dict[str, float]) -> dict[str, float]:
    """Where marks stand: at their values, or in a queue at the edge beyond which they are."""
    places = dict(middles)
    for lane in ([key for key in middles if (key in OWN) == own] for own in (True, False)):
        ascending = sorted(lane, key=middles.__getitem__)
        below = [key for key in ascending if middles[key] < LOW]
        above = [key for key in reversed(ascending) if middles[key] > HIGH]
        places |= {key: LOW * 1.1 ** (turn + 0.8) for turn, key in enumerate(below)}
        places |= {key: HIGH / 1.1 ** (turn + 0.8) for turn, key in enumerate(above)}
    return places


def draw_mark(axes: Any, x: float, y: float, key: str, values: list[float]) -> None:
    """The median, on a line from the least to the most; an arrow points to what is beyond."""
    column, front = COLUMNS[key], 6 if key == "fast" else 4
    size = {"chaingrad": 9, "numpy": 8.5}.get(key, 7.5)
    axes.plot(x, y, column.mark, color=column.ink, ms=size, mec="white", mew=0.9, zorder=front + 1)
    if LOW <= median(values) <= HIGH:
        axes.plot([min(values), max(values)], [y, y], color=column.ink, lw=1.6, alpha=0.7,
                  zorder=front)  # fmt: skip
    else:
        edge, arrow = (LOW, "◂") if median(values) < LOW else (HIGH, "▸")
        axes.text(edge, y, arrow, color=MUTED, fontsize=9, ha="center", va="center_baseline")


def draw_words(figure: Any, record: Record, height: float, present: list[str]) -> None:
    """Title, machine and legend."""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    what = "tiny dimensions: nothing but dispatch" if record["tiny"] else "lower is better"
    put = {"x": MARGIN, "va": "top"}
    figure.text(s="Time ÷ PyTorch's", y=1 - 0.16 / height, fontsize=18, fontweight="bold",
                color=INK, **put)  # fmt: skip
    figure.text(s=f"float32, {record['threads']} threads, median of {record['rounds']} rounds; "
                f"{what}", x=0.29, y=1 - 0.245 / height, va="top", fontsize=12,
                color=MUTED)  # fmt: skip
    figure.text(s=f"{record['machine']}; {versions}; {record['date']}", y=1 - 0.56 / height,
                fontsize=8.5, color=MUTED, **put)  # fmt: skip
    handles = [
        Line2D([], [], ls="", marker=column.mark, color=column.ink, ms=8, label=column.title)
        for key, column in COLUMNS.items() if key in present
    ]  # fmt: skip
    handles.append(Line2D([], [], color=INK, lw=1.6, label="PyTorch = 1"))
    if not record["tiny"]:
        handles.append(Line2D([], [], label="aim", **DOTTED))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.015, 1 - 0.78 / height),
                  ncols=len(handles), frameon=False, fontsize=9.5, labelcolor=INK,
                  handletextpad=0.3, columnspacing=1.1, handlelength=1.2)  # fmt: skip
    aims = "" if record["tiny"] else ", and its aim with `fast` met (✓) or missed (✗)"
    explained = (
        "← faster than PyTorch, on the blue side; a mark's line is the range of its rounds; "
        f"on the right the ratio of chaingrad{aims}"
    )
    figure.text(MARGIN, 0.3 / height, explained, fontsize=9, color=MUTED)


if __name__ == "__main__":
    source, *pictures = sys.argv[1:]
    for picture in pictures:
        draw(json.loads(Path(source).read_text(encoding="utf-8")), Path(picture))
