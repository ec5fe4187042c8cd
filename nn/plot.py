"""Plots of training: curves, decision boundaries, filters, histograms, paths of optimizers.

Drawn with matplotlib, which comes with the extra `examples` and is loaded when a plot is asked for.
Every function draws into the axes it is given, or into a figure of its own, which it returns.
"""

from __future__ import annotations

import functools
import importlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np

from autograd import Tensor, no_grad
from autograd.errors import ArgumentError, MissingPackageError
from nn.module.modes import in_mode
from nn.module.module import Module

__all__ = [
    "activations",
    "curves",
    "decision_boundary",
    "feature_maps",
    "filters",
    "histograms",
    "history",
    "paths",
    "style",
]

F = TypeVar("F", bound=Callable[..., Any])

# One colour, one meaning, as in the pictures of graphs; series beyond take the later ones.
VALUE, GRADIENT, LOCAL = "#1d4ed8", "#c2410c", "#0f766e"
INK, MUTED, HAIRLINE = "#0f172a", "#52607a", "#cbd5e1"
SERIES = (VALUE, GRADIENT, LOCAL, "#a16207", "#7e22ce", "#be123c", "#475569", "#0891b2")
_FINER = 4  # points of a fine grid for each of a coarse one
DASHES = ("-", "--", "-.", ":")
CLASSES = ("#1d4ed8", "#ea580c", "#0f766e", "#7e22ce", "#a16207", "#be123c")
STYLE: dict[str, Any] = {
    "axes.edgecolor": HAIRLINE, "axes.labelcolor": MUTED, "axes.titlecolor": INK,
    "axes.titlesize": 11, "axes.titleweight": "bold",
    "axes.labelsize": 9.5, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#e2e8f0", "grid.linewidth": 0.7, "axes.axisbelow": True,
    "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelsize": 8.5, "ytick.labelsize": 8.5,
    "legend.edgecolor": "white", "legend.framealpha": 0.85, "legend.fontsize": 9,
    "legend.labelcolor": INK, "legend.title_fontsize": 9, "axes.labelpad": 3,
    "font.family": "DejaVu Sans", "lines.linewidth": 1.8, "figure.dpi": 110, "savefig.dpi": 110,
    "svg.hashsalt": "chaingrad", "figure.constrained_layout.use": True,
}  # fmt: skip


def figure(rows: int = 1, columns: int = 1, width: float = 4.6, height: float = 3.2) -> Any:
    """A matplotlib Figure in the house style, and its axes in a flat list; nothing is shown.

    What is drawn into them by hand is in that style `with nn.plot.style():`.
    """
    with style():
        made = importlib.import_module("matplotlib.figure").Figure(
            figsize=(width * columns, height * rows), layout="constrained"
        )
        importlib.import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(made)
        axes = made.subplots(rows, columns, squeeze=False).ravel().tolist()
    return made, axes


def style() -> Any:
    """The context in which matplotlib draws in the house style."""
    return library().rc_context(STYLE)


def _styled(draw: F) -> F:
    """Draw in the house style, whoever made the axes."""

    @functools.wraps(draw)
    def styled(*args: Any, **kwargs: Any) -> Any:
        with style():
            return draw(*args, **kwargs)

    return cast(F, styled)


def library() -> Any:
    """Matplotlib, or an error with the line that installs it."""
    try:
        return importlib.import_module("matplotlib")
    except ImportError:
        raise MissingPackageError("plots are drawn with matplotlib:  pip install matplotlib") from (
            None
        )


@_styled
def curves(
    series: Mapping[str, Any],
    x: Any = None,
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log: bool = False,
    ax: Any = None,
) -> Any:
    """Lines by name, each of numbers (N,) over `x`, (N,), or over 0, 1, ...; returns the figure.

    Where all of `x` are whole numbers, as layers and epochs are, so are those on the axis.
    """
    figure_, ax = _own(ax)
    is_whole = True
    for number, (name, values) in enumerate(series.items()):
        y = _array(values, float)
        at = np.arange(len(y)) if x is None else _array(x, float)
        is_whole &= bool(np.array_equal(at, np.round(at)))
        ax.plot(at, y, color=SERIES[number % len(SERIES)], label=name,
                linestyle=DASHES[number // len(SERIES) % 4])  # fmt: skip
    if len(series) > 1:
        ax.legend()
    if log:
        ax.set_yscale("log")
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if is_whole:
        ax.xaxis.get_major_locator().set_params(integer=True)
    return figure_


@_styled
def history(history: Any, *, axes: Sequence[Any] | None = None) -> Any:
    """The loss and each metric over the epochs, with those of the validation data dashed.

    `history` is what `fit` returned, or a dict of lists.
    """
    logs = history if isinstance(history, Mapping) else history.history
    names = [n for n, v in logs.items() if not n.startswith("val_") and np.ndim(v[0]) == 0]
    if not names:
        raise ArgumentError("the history is empty: nothing was trained")
    figure_, axes = figure(1, len(names)) if axes is None else (axes[0].figure, list(axes))
    for ax, name in zip(axes, names, strict=True):
        epochs = np.arange(1, len(logs[name]) + 1)
        mark = "o" if len(epochs) == 1 else None
        ax.plot(epochs, logs[name], color=VALUE, label="training", marker=mark)
        if f"val_{name}" in logs:
            ax.plot(epochs, logs[f"val_{name}"], color=GRADIENT, linestyle="--",
                    label="validation", marker=mark)  # fmt: skip
            ax.legend()
        ax.set(title=name, xlabel="epoch")
        ax.xaxis.get_major_locator().set_params(integer=True)
    return figure_


@_styled
def decision_boundary(
    model: Any, x: Any, y: Any, *, resolution: int = 200, title: str = "", ax: Any = None
) -> Any:
    """What a classifier of the plane says everywhere, and the examples (N, 2) with labels (N,).

    One output is the probability (or, beyond 0 and 1, the logit) of class 1, or a hard 0 or 1,
    whose border is drawn as finely as a quarter of a point of the grid; several are scores.
    """
    figure_, ax = _own(ax)
    x, y = _array(x), _array(y).ravel()
    if x.ndim != 2 or x.shape[1] != 2:
        raise ArgumentError(f"decision_boundary draws a plane: x is {x.shape}, it must be (N, 2)")
    low, high = x.min(axis=0), x.max(axis=0)
    room = 0.12 * np.where(high > low, high - low, 1.0)
    ends = [(a - r, b + r) for a, b, r in zip(low, high, room, strict=True)]
    sides = [np.linspace(*end, resolution) for end in ends]
    outputs = _on_plane(model, sides)
    if outputs.shape[-1] == 1 and len(np.unique(outputs)) == 2:
        fine = _on_plane(model, [_finer(side) for side in sides])
        outputs = fine.reshape(resolution, _FINER, resolution, _FINER).mean(axis=(1, 3))[..., None]
    extent = (*sides[0][[0, -1]], *sides[1][[0, -1]])
    colors = importlib.import_module("matplotlib.colors")
    if outputs.shape[-1] == 1:
        scores = outputs[..., 0]
        cut = 0.0 if scores.min() < 0 or scores.max() > 1 else 0.5
        tints = colors.LinearSegmentedColormap.from_list("", ["#dbeafe", "#ffffff", "#ffedd5"])
        far = max(float(np.abs(scores - cut).max()), 1e-9)
        ax.imshow(scores, origin="lower", extent=extent, cmap=tints, aspect="auto",
                  vmin=cut - far, vmax=cut + far)  # fmt: skip
        if scores.min() < cut < scores.max():
            ax.contour(*sides, scores, levels=[cut], colors=INK, linewidths=1.2)
    else:
        winners = outputs.argmax(axis=-1)
        tints = colors.ListedColormap([_pale(CLASSES[i % 6]) for i in range(outputs.shape[-1])])
        ax.imshow(winners, origin="lower", extent=extent, cmap=tints, aspect="auto",
                  vmin=-0.5, vmax=outputs.shape[-1] - 0.5, interpolation="nearest")  # fmt: skip
    for number, label in enumerate(np.unique(y)):
        chosen = y == label
        ax.scatter(*x[chosen].T, s=26, color=CLASSES[number % 6], edgecolor="white", linewidth=0.6,
                   label=f"{label:g}", marker="os^Dv*"[number % 6])  # fmt: skip
    ax.grid(False)
    ax.legend(title="label", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set(title=title)
    return figure_


@_styled
def filters(layer: Any, *, most: int = 64) -> Any:
    """The filters of a convolution as small images, each from its least to its largest weight.

    `layer` is a module with a weight (O, C, H, W). Filters of one or three channels are shown as
    they are, of others the mean over the channels.
    """
    weight = _array(layer.weight) if hasattr(layer, "weight") else None
    if weight is None or weight.ndim != 4:
        raise ArgumentError(f"filters shows a 2-D convolution, not a {type(layer).__name__}")
    return _tiles([_image(w) for w in weight[:most]], "filter")


@_styled
def feature_maps(model: Module, x: Any, layer: Module, *, most: int = 32) -> Any:
    """What a layer of a model gives for one example, a tile for each channel."""
    found: list[Any] = []
    hook = layer.register_forward_hook(lambda module, args, out: found.append(out))
    try:
        _predict(model, _array(x)[None])
    finally:
        hook.remove()
    if not found or _array(found[0]).ndim != 4:
        shape = "nothing" if not found else _array(found[0]).shape
        raise ArgumentError(f"feature_maps shows outputs (N, C, H, W); the layer gave {shape}")
    return _tiles(list(_array(found[0])[0][:most]), "map")


@_styled
def histograms(model: Module, *, gradients: bool = True, bins: int = 41) -> Any:
    """The weights of every layer, and their gradients where there are some, as histograms."""
    rows = [(n, p) for n, p in model.named_parameters() if p.ndim > 1]
    if not rows:
        raise ArgumentError("the model has no weights")
    with_grads = gradients and any(p.grad is not None for _, p in rows)
    figure_, axes = figure(len(rows), 1 + with_grads, 3.8, 1.7)
    for number, (name, p) in enumerate(rows):
        line = axes[number * (1 + with_grads) :][: 1 + with_grads]
        _histogram(line[0], _array(p), bins, VALUE, name)
        if with_grads and p.grad is not None:
            _histogram(line[1], _array(p.grad), bins, GRADIENT, f"∇ {name}")
    return figure_


@_styled
def activations(
    model: Any, x: Any, *, bins: int = 41, kinds: tuple[type, ...] | None = None
) -> Any:
    """The outputs of the layers of a Sequential for the examples x, a histogram each.

    With `kinds` only of layers of these classes, such as `(nn.Tanh,)`.
    """
    found: list[tuple[str, Any]] = []
    chosen = [(n, m) for n, m in model.named_children() if kinds is None or isinstance(m, kinds)]
    if not chosen:
        raise ArgumentError("activations: the model has no layers of these kinds")

    def keep(name: str) -> Callable[..., None]:
        return lambda module, args, out: found.append((name, _array(out)))

    hooks = [m.register_forward_hook(keep(f"{n} {type(m).__name__}")) for n, m in chosen]
    try:
        _predict(model, _array(x))
    finally:
        for hook in hooks:
            hook.remove()
    figure_, axes = figure(1, len(found), 2.3, 2.2)
    for ax, (name, values) in zip(axes, found, strict=True):
        _histogram(ax, values, bins, VALUE, name)
    return figure_


@_styled
def paths(
    function: Callable[[Any, Any], Any],
    paths: Mapping[str, Any],
    *,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    title: str = "",
    ax: Any = None,
) -> Any:
    """Paths (N, 2) of optimizers over the contour lines of a function of two arrays."""
    figure_, ax = _own(ax)
    x, y = np.meshgrid(np.linspace(*xlim, 160), np.linspace(*ylim, 160))
    z = _array(function(x, y), float)
    levels = np.quantile(z, np.linspace(0.02, 1, 14) ** 1.5)
    ax.contour(x, y, z, levels=np.unique(levels), colors=HAIRLINE, linewidths=0.9)
    for number, (name, path) in enumerate(paths.items()):
        path = _array(path, float)
        color = SERIES[number % len(SERIES)]
        ax.plot(*path.T, color=color, label=name, marker="o", markersize=2.6, linewidth=1.2)
        ax.plot(*path[-1], color=color, marker="o", markersize=6)
    ax.set(title=title, xlim=xlim, ylim=ylim)
    ax.grid(False)
    ax.legend(loc="upper right")
    return figure_


# ---- parts ---------------------------------------------------------------------------------------


def _own(ax: Any) -> Any:
    """The figure of these axes and the axes; new ones for None."""
    if ax is not None:
        return ax.figure, ax
    made, axes = figure()
    return made, axes[0]


def _array(value: Any, dtype: Any = None) -> Any:
    with no_grad():  # only to look at it
        return np.asarray(value, dtype)


def _predict(model: Any, x: Any) -> Any:
    """The outputs of a model (in evaluation mode) or a function, as an array."""
    if not isinstance(model, Module):
        return _array(model(x))
    dtype = next((p.dtype for p in model.parameters() if p.dtype.kind == "f"), x.dtype)
    with in_mode(model, training=False), no_grad():
        return _array(model(Tensor(x.astype(dtype) if x.dtype.kind == "f" else x)))


def _on_plane(model: Any, sides: Sequence[Any]) -> Any:
    """The outputs (rows, columns, K) on the grid of two axes."""
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    outputs = _predict(model, grid.reshape(-1, 2))
    return outputs.reshape(len(sides[1]), len(sides[0]), -1)


def _finer(side: Any) -> Any:
    """`_FINER` points around each of an axis, evenly, with it in their middle."""
    between = (np.arange(_FINER) + 0.5) / _FINER - 0.5
    return (side[:, None] + between * (side[1] - side[0])).ravel()


def _histogram(ax: Any, values: Any, bins: int, color: str, title: str) -> None:
    flat = values[np.isfinite(values)].ravel()
    ax.hist(flat, bins=bins, color=color, alpha=0.85)
    ax.set(title=title, yticks=[])
    ax.locator_params(axis="x", nbins=3)
    ax.xaxis.set_major_formatter(lambda value, _: _number(value, 3))  # no factor in a corner
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    told = f"mean {_number(flat.mean())}   deviation {_number(flat.std())}" if flat.size else "none"
    ax.set_xlabel(told, fontsize=8)


def _number(value: float, digits: int = 2) -> str:
    """`−6.9e−5`."""
    text = f"{value:.{digits}g}"
    return re.sub(r"e([-+])0*", lambda m: "e" + m[1].strip("+"), text).replace("-", "−")


def _tiles(images: list[Any], what: str) -> Any:
    columns = min(8, len(images))
    rows = math.ceil(len(images) / columns)
    figure_, axes = figure(rows, columns, 1.0, 1.0)
    for number, ax in enumerate(axes):
        ax.axis("off")
        if number < len(images):
            ax.imshow(images[number], cmap="gray", interpolation="nearest")
            ax.set_label(f"{what} {number}")
    return figure_


def _image(weight: Any) -> Any:
    """(C, H, W) weights as an image."""
    if len(weight) == 3:
        low, high = weight.min(), weight.max()
        return ((weight - low) / max(high - low, 1e-12)).transpose(1, 2, 0)
    return weight.mean(axis=0)


def _pale(color: str) -> tuple[float, ...]:
    """A colour mixed with white."""
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(0.82 + 0.18 * part for part in parts)
