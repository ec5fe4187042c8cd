"""nn.plot: what is drawn is what was given, and the mode and hooks of a model stay."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

import nn
from autograd import Tensor
from nn import plot

X = np.random.default_rng(0).normal(size=(30, 2)).astype("float32")
Y = (X[:, 0] > 0).astype(int)


def model(out: int = 1) -> nn.Sequential:
    nn.manual_seed(0)
    last: nn.Module = nn.Sigmoid() if out == 1 else nn.Softmax(-1)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Dropout(), nn.Linear(4, out), last)


def test_a_history_is_a_line_for_each_number_and_epoch() -> None:
    logs = {"loss": [3.0, 2.0], "acc": [0.1, 0.9], "val_loss": [4.0, 3.5], "val_acc": [0.0, 0.5]}
    figure = plot.history(logs)
    drawn = {
        (ax.get_title(), line.get_label()): list(line.get_ydata())
        for ax in figure.axes
        for line in ax.lines
    }
    assert drawn == {
        ("loss", "training"): logs["loss"], ("loss", "validation"): logs["val_loss"],
        ("acc", "training"): logs["acc"], ("acc", "validation"): logs["val_acc"],
    }  # fmt: skip
    assert list(figure.axes[0].lines[0].get_xdata()) == [1, 2]
    with pytest.raises(ValueError, match="the history is empty"):
        plot.history({})


def test_curves_go_over_x_or_over_their_numbers() -> None:
    figure = plot.curves({"a": [1, 2], "b": [3, 4]}, [5, 6], title="t", log=True)
    (ax,) = figure.axes
    assert [list(line.get_xdata()) for line in ax.lines] == [[5, 6], [5, 6]]
    assert (ax.get_title(), ax.get_yscale()) == ("t", "log")
    again = plot.curves({"c": [1, 2]}, ax=ax)
    assert again is figure
    assert len(ax.lines) == 3


@pytest.mark.parametrize("out", [1, 3])
def test_a_boundary_is_drawn_with_all_examples(out: int) -> None:
    net = model(out)
    net[0].weight._value[:] = [[5.0, 0.0]] * 4
    figure = plot.decision_boundary(net, X, Y, resolution=20)
    (ax,) = figure.axes
    assert (
        sum(len(points.get_offsets()) for points in ax.collections if points.get_label()[0] != "_")
        == 30
    )
    assert ax.images[0].get_array().shape == (20, 20)
    assert net.training
    by_function = plot.decision_boundary(lambda x: x[:, :1], X, Y, resolution=5)
    scores = by_function.axes[0].images[0].get_array()
    assert np.all(np.diff(scores, axis=1) > 0), "x grows to the right"
    with pytest.raises(ValueError, match="draws a plane"):
        plot.decision_boundary(net, X[:, :1], Y)


def test_filters_and_maps_are_those_of_the_layer() -> None:
    net = nn.Sequential(nn.Conv2d(1, 5, 3), nn.ReLU(), nn.Flatten())
    figure = plot.filters(net[0])
    shown = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert np.array_equal(shown, net[0].weight.numpy()[:, 0])
    image = np.random.default_rng(0).normal(size=(1, 6, 6)).astype("float32")
    figure = plot.feature_maps(net, image, net[1])
    shown = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert np.array_equal(shown, net[:2](Tensor(image[None])).detach().numpy()[0])
    assert not net[1]._hooks
    assert plot.filters(nn.Conv2d(3, 2, 3)).axes[0].images[0].get_array().shape == (3, 3, 3)
    with pytest.raises(ValueError, match="not a Linear"):
        plot.filters(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"the layer gave \(1, 80\)"):
        plot.feature_maps(net, image, net[2])


def test_histograms_count_every_weight_and_gradient() -> None:
    net = model()
    assert len(plot.histograms(net).axes) == 2
    net(Tensor(X)).sum().backward()
    figure = plot.histograms(net)
    counts = [sum(bar.get_height() for bar in ax.patches) for ax in figure.axes]
    assert counts == [8, 8, 4, 4]
    assert [ax.get_title() for ax in figure.axes][:2] == ["0.weight", "∇ 0.weight"]
    with pytest.raises(ValueError, match="the model has no weights"):
        plot.histograms(nn.ReLU())


def test_activations_are_of_the_layers_asked_for() -> None:
    figure = plot.activations(model(), X, kinds=(nn.Tanh, nn.Sigmoid))
    assert [ax.get_title() for ax in figure.axes] == ["1 Tanh", "4 Sigmoid"]
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 120
    with pytest.raises(ValueError, match="no layers of these kinds"):
        plot.activations(model(), X, kinds=(nn.GRU,))


def test_paths_lie_on_contours() -> None:
    path = np.array([[-1.0, 1.0], [0.0, 0.5]])
    figure = plot.paths(lambda x, y: x * x + y, {"SGD": path}, xlim=(-2, 2), ylim=(-1, 1))
    (ax,) = figure.axes
    assert np.array_equal(ax.lines[0].get_xydata(), path)
    assert ax.get_xlim() == (-2, 2)


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match="pip install matplotlib"):
        plot.curves({"a": [1.0]})


def test_the_line_of_a_perceptron_passes_between_the_classes_and_is_straight() -> None:
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    for labels in ([0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0]):
        for lr in (1.0, 0.1, 0.3):
            neuron = nn.models.Perceptron(2)
            neuron.learn(inputs, labels, lr=lr)
            scores = neuron.linear(Tensor(inputs)).numpy().ravel()
            assert (np.sign(scores) == 2 * np.array(labels) - 1).all()
            assert np.abs(scores).min() > 0.1 * lr
    (ax,) = plot.decision_boundary(neuron, inputs, labels).axes
    (lines,) = [c for c in ax.collections if type(c).__name__ == "QuadContourSet"]
    line = np.concatenate([path.vertices for path in lines.get_paths()])
    weight, bias = neuron.linear.weight.numpy()[0], float(neuron.linear.bias.numpy()[0])
    apart = np.abs(line @ weight + bias) / np.linalg.norm(weight)
    assert apart.max() < 1.24 / 200, "less than a point of the grid"


def test_layers_and_epochs_are_whole_numbers_on_the_axis() -> None:
    for count in (2, 3, 4, 6, 20):
        figure = plot.curves({"rms": np.ones(count)}, np.arange(1, count + 1))
        figure.canvas.draw()
        ticks = figure.axes[0].get_xticks()
        assert (ticks == np.round(ticks)).all()
    figure = plot.curves({"rms": np.ones(3)}, [0.0, 0.5, 1.0])
    figure.canvas.draw()
    assert any(tick != round(tick) for tick in figure.axes[0].get_xticks())


def texts_of(figure: Any) -> list[tuple[str, Any]]:
    """What is written, and where."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    found = []
    for ax in figure.axes:
        offset = [ax.xaxis.get_offset_text(), ax.yaxis.get_offset_text()]
        labels = [ax.title, ax.xaxis.label, ax.yaxis.label, *offset]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            labels += [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high]
        found += [label for label in labels if label.get_text()]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in found if t.get_visible()]


@pytest.mark.parametrize("size", [1e-8, 1e-5, 0.3, 12.0, 1e6])
def test_no_label_overprints_another(size: float) -> None:
    rng = np.random.default_rng(0)

    class Scaled(nn.Module):
        def forward(self, x: Any) -> Any:
            return x * size

    net = nn.Sequential(*(Scaled() if i == 0 else nn.ReLU() for i in range(5)))
    figures = [
        plot.activations(net, rng.normal(size=(500, 3)).astype("float32")),
        plot.curves({"a": size * rng.normal(size=20)}, title="t", xlabel="step", ylabel="loss"),
    ]
    for figure in figures:
        written = texts_of(figure)
        inside = figure.bbox
        for place, (text, box) in enumerate(written):
            assert inside.x0 - 1 <= box.x0, text
            assert box.x1 <= inside.x1 + 1, text
            for other, against in written[place + 1 :]:
                apart = box.x1 <= against.x0 or against.x1 <= box.x0
                apart = apart or box.y1 <= against.y0 + 1 or against.y1 <= box.y0 + 1
                assert apart, (text, other)


def test_what_is_drawn_has_the_style_of_the_house() -> None:
    figure = plot.curves({"a": [1, 2], "b": [2, 1]}, title="t")
    (ax,) = figure.axes
    assert ax.title.get_fontweight() == "bold"
    colour = ax.get_legend().get_texts()[0].get_color()
    assert plot.library().colors.to_hex(colour) == plot.INK
    assert figure.get_facecolor() == (1, 1, 1, 1), "also where the viewer is dark"
