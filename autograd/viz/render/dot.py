"""A Scene as Graphviz source with fixed positions, and the `dot` program that makes PNG and PDF.

The layout `nop2` keeps the geometry of the Scene, so that nothing is laid out by dot: a graph on
which dot would run for minutes is drawn at once, and looks as it does as SVG.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections.abc import Iterator

import graphviz

from autograd.errors import DrawingError, MissingProgramError
from autograd.viz.scene.curves import along
from autograd.viz.scene.scene import Box, Line, Mark, Panel, Row, Scene
from autograd.viz.scene.style import PAPER, SANS, Text, escape

__all__ = ["digraph", "run_dot"]

SECONDS = 60  # dot only draws; more than this is a fault
MOST_BOXES = 20_000
_PIECE = 200  # points of a curve: Graphviz reads no more than 16,384 letters in one piece
Point = tuple[float, float]
_INSTALL = """PNG and PDF are made by Graphviz' program `dot`, and there is none on PATH.
  Debian, Ubuntu:  sudo apt install graphviz
  Fedora:          sudo dnf install graphviz
  macOS:           brew install graphviz
  Windows:         winget install graphviz
  conda:           conda install -c conda-forge graphviz
  or, with pip:    pip install 'pygraphviz>=2'
.svg, .html, .txt and .dot need no program."""


def digraph(scene: Scene) -> graphviz.Digraph:
    """The picture as a `graphviz.Digraph`; its `source` is the text for Graphviz."""
    dot = graphviz.Digraph("chaingrad", strict=False)
    dot.attr("graph", layout="nop2", bgcolor=PAPER, pad="0.1", fontname=SANS)
    dot.attr("node", shape="none", margin="0", width="0", height="0", label="")
    dot.attr("edge", arrowsize="0.65")
    # an empty node in each far corner keeps the margins
    for key, x, y in (("corner0", 0.0, 0.0), ("corner1", scene.width, scene.height)):
        dot.node(key, pos=_at(scene, x, y), shape="point", style="invis", width="0.01")
    for panel in scene.panels:
        _panel(dot, scene, panel)
    for box in scene.boxes:
        look = {"class": box.kind}
        if box.tooltip:
            look["tooltip"] = graphviz.escape(box.tooltip)
        dot.node(box.key, f"<{_table(box)}>", pos=_centre(scene, box), **look)
    for number, line in enumerate(scene.lines):
        _line(dot, scene, line, number)
    for number, (mark, x, y) in enumerate(_marks(scene)):
        _mark(dot, scene, mark, (x, y), number)
    return dot


def _marks(scene: Scene) -> Iterator[tuple[Mark, float, float]]:
    """The strokes of charts, with the corner that they count from."""
    blocks = [(panel.rows, panel.x + 6, panel.y + 4) for panel in scene.panels]
    for rows, x, y in [*blocks, *((box.rows, box.x, box.y) for box in scene.boxes)]:
        for each in rows:
            yield from ((mark, x, y) for mark in each.marks)
            y += each.height


def _mark(dot: graphviz.Digraph, scene: Scene, mark: Mark, corner: Point, number: int) -> None:
    points = [(corner[0] + a, corner[1] + b) for a, b in mark.points]
    if points[0] == points[-1]:
        size = f"{mark.width / 72:.3f}"
        dot.node(
            f"mark{number}", pos=_at(scene, *points[0]), shape="circle", style="filled",
            color=mark.colour, width=size, height=size, fixedsize="true",
        )  # fmt: skip
        return
    for first in range(0, len(points) - 1, _PIECE):
        curve = along(*points[first : first + _PIECE + 1])
        line = Line("chart", curve, mark.colour, mark.width, False)
        _line(dot, scene, line, number, f"mark{first or ''}at")


def _at(scene: Scene, x: float, y: float) -> str:
    return f"{x:.2f},{scene.height - y:.2f}"


def _centre(scene: Scene, box: Box | Panel) -> str:
    return _at(scene, box.x + box.width / 2, box.y + box.height / 2)


def _panel(dot: graphviz.Digraph, scene: Scene, panel: Panel) -> None:
    dot.node(
        panel.key, pos=_centre(scene, panel), shape="box", style="rounded,filled",
        fillcolor="#f8fafc", color="#e2e8f0", fixedsize="true",
        width=f"{panel.width / 72:.3f}", height=f"{panel.height / 72:.3f}", **{"class": "panel"},
    )  # fmt: skip
    title = Box(f"{panel.key}t", "title", panel.width - 12, panel.rows, x=panel.x + 6)
    title.y = panel.y + 4
    dot.node(title.key, f"<{_table(title)}>", pos=_centre(scene, title))


def _line(dot: graphviz.Digraph, scene: Scene, line: Line, number: int, name: str = "line") -> None:
    """An edge between two invisible points, with the curve of the line."""
    ends = []
    for end, (x, y) in (("a", line.points[0]), ("b", line.points[-1])):
        key = f"{name}{number}{end}"
        dot.node(key, pos=_at(scene, x, y), shape="point", style="invis", width="0.01")
        ends.append(key)
    curve = " ".join(_at(scene, x, y) for x, y in line.body())
    arrow = "normal" if line.arrow else "none"
    head = f"e,{_at(scene, *line.points[-1])} " if line.arrow else ""
    cut = {"style": "dashed", "xlabel": "✂", "xlp": _at(scene, *line.middle)} if line.is_cut else {}
    dot.edge(
        *ends, pos=head + curve, color=line.colour, penwidth=f"{line.width:.2f}", arrowhead=arrow,
        **{"style": "dashed" if line.dashed else "solid", "class": line.kind} | cut,
    )  # fmt: skip


def _table(box: Box) -> str:
    """The label of a box: a table whose cells all have their size."""
    look = f' BORDER="{box.border:g}"'
    look += f' COLOR="{box.colour}"' if box.colour else ""
    styles = [name for name in ("dashed", "rounded") if getattr(box, name)]
    look += f' STYLE="{",".join(styles)}"' if styles else ""
    look += f' BGCOLOR="{box.fill}"' if box.fill else ""
    rows = "".join(_row(each, box.width) for each in box.rows)
    return f'<TABLE CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"{look}>{rows}</TABLE>'


def _row(each: Row, width: float) -> str:
    paint = f' BGCOLOR="{each.fill}"' if each.fill else ""
    size = _size(width, each.height)
    cells = list(each.cells(width))
    if not cells:
        return f"<TR><TD{paint} {size}></TD></TR>"
    first, last = cells[0][1], width - cells[-1][1] - cells[-1][2]
    fills = each.fills or ("",) * len(cells)
    inside = "".join(
        _cell(text, own, each.height, fill)
        for (text, _, own), fill in zip(cells, fills, strict=True)
    )
    inside = f"<TD {_size(first, each.height)}></TD>{inside}<TD {_size(last, each.height)}></TD>"
    table = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{inside}</TR>'
    return f"<TR><TD{paint} {size}>{table}</TABLE></TD></TR>"


def _size(width: float, height: float) -> str:
    return f'FIXEDSIZE="TRUE" WIDTH="{max(1, round(width))}" HEIGHT="{round(height)}"'


def _cell(text: Text, width: float, height: float, fill: str) -> str:
    paint = f' BGCOLOR="{fill}"' if fill else ""
    shown = escape(text.text)
    if not shown:
        return f"<TD{paint} {_size(width, height)}></TD>"
    shown = f"<B>{shown}</B>" if text.bold else f"<I>{shown}</I>" if text.italic else shown
    font = f'FACE="{text.font}" POINT-SIZE="{text.size}" COLOR="{text.colour}"'
    return (
        f'<TD ALIGN="TEXT"{paint} {_size(width, height)}><FONT {font}>{shown}</FONT>'
        f'<BR ALIGN="{text.align}"/></TD>'
    )


# ---- the program ---------------------------------------------------------------------------------


def run_dot(scene: Scene, kind: str) -> bytes:
    """PNG or PDF by the `dot` program, else by pygraphviz, which brings Graphviz along."""
    if len(scene.boxes) > MOST_BOXES:
        raise DrawingError(
            f"a picture of {len(scene.boxes):,} boxes is too large for a {kind.upper()}; draw it "
            'with detail="auto", or save it as .svg or .html'
        )
    program = shutil.which("dot")
    source = digraph(scene).source
    if program is None:
        return _by_pygraphviz(source, kind)
    options = ["-Gdpi=144"] if kind == "png" else []
    try:
        done = subprocess.run(
            [program, f"-T{kind}", *options],
            input=source.encode("utf-8"), capture_output=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise DrawingError(
            f"dot did not finish within {SECONDS} s for {len(scene.boxes)} boxes; save the picture "
            "as .svg or .html, which need no program"
        ) from None
    except OSError as error:
        raise MissingProgramError(f"{program} could not be run ({error}).\n{_INSTALL}") from error
    if done.returncode != 0 or not done.stdout:
        reason = done.stderr.decode("utf-8", "replace").strip()[-500:]
        raise DrawingError(f"dot failed (exit status {done.returncode}): {reason}")
    picture: bytes = done.stdout
    return picture


def _by_pygraphviz(source: str, kind: str) -> bytes:
    try:
        pygraphviz = importlib.import_module("pygraphviz")
    except ImportError:
        raise MissingProgramError(_INSTALL) from None
    graph = pygraphviz.AGraph(string=source)
    picture: bytes = graph.draw(format=kind, prog="nop2", args="-Gdpi=144" * (kind == "png"))
    return picture
