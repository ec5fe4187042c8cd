"""What draw is given and asked for: several Tensors, calls that raise, styles, costs, mistakes."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ArgumentError, ArgumentTypeError, BackwardError, ShapeError
from autograd.viz import draw
from autograd.viz.model.flops import flops
from autograd.viz.model.settings import settings
from tests.graphs import leaf


def image() -> ag.Tensor:
    rng = np.random.default_rng(0)
    return ag.Tensor(rng.normal(size=(2, 4, 8, 8)), requires_grad=True, dtype="float32")


def lenet() -> ag.Tensor:
    nn.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(4, 6, 3), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(54, 3)
    )  # fmt: skip
    return model(image()).sum()


def texts(picture: Any) -> str:
    return html.unescape(" ".join(re.findall(r">([^<>]+)</text>", picture.svg())))


# ---- the text of a style ------------------------------------------------------------------------


def test_the_text_of_shapes_has_names_and_shapes_alone() -> None:
    w, b = leaf(np.ones((3, 2)), "w"), leaf(1.0, "b")
    picture = draw((ag.ones((4, 3)) @ w + b).sum(), names={}, style="shapes")
    lines = [line.split() for line in picture.text().splitlines()]
    assert lines[0] == ["tensor", "made", "by", "shape"]
    assert {line[-1] for line in lines[1:]} == {"scalar", "4×2", "3×2", "4×3"}
    assert not re.search("[▁-█±∇=]", picture.text())


@pytest.mark.parametrize("by", ["time", "bytes", "FLOPs"])
def test_the_text_of_a_profile_has_the_costs_of_every_op(by: Any) -> None:
    picture = draw(ag.tanh(leaf(np.ones((3, 2)), "w") * 2).sum(), names={}, style="profile", by=by)
    shares = [float(found) for found in re.findall(rf"([\d.e−]+) % of {by}", picture.text())]
    assert len(shares) == len(picture.model.steps)
    assert sum(shares) == pytest.approx(100, abs=1)
    assert picture.text().count("µs  ←") == len(picture.model.steps)


# ---- several Tensors -----------------------------------------------------------------------------


def test_a_list_a_tuple_or_a_dict_of_tensors_is_one_picture() -> None:
    w = leaf(2.0, "w")
    a, b = w * 2, w * 3
    a.name, b.name = "a", "b"
    for given in ([a, b], (a, b), {"p": a, "q": [b]}, [a, b, ag.Tensor(1.0)]):
        model = draw(given, names={}).model
        assert [card.name for card in model.outputs] == ["a", "b"]
        assert [card.gradient for card in model.cards if card.name == "w"] == [5.0]


def test_what_holds_no_graph_says_so() -> None:
    for given, what in (([], "no Tensor"), ([1.0], "no Tensor"), ([ag.Tensor(1.0)], "without")):
        with pytest.raises(BackwardError, match=f"cannot draw a list of .*{what}"):
            draw(given)


@pytest.mark.parametrize("kind", ["tensor", "list", "graph"])
def test_what_is_given_beside_a_tensor_is_not_left_out_unseen(kind: str) -> None:
    x = ag.Tensor([1.0], requires_grad=True)
    first, second = x * 2, x * 3
    given: Any = {"tensor": first, "list": [first], "graph": ag.Graph(first)}[kind]
    with pytest.raises(BackwardError, match=r"draw\(\[a, b\]\)"):
        draw(given, second)


def test_a_change_since_the_recording_is_told_of_several_too() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    a, b = (w * 2).sum(), (w * w).sum()
    w.data = w.data * 2
    assert "w was changed" in draw([a, b], names={}).model.note


# ---- calls that raise ----------------------------------------------------------------------------


class Broken(nn.Module):
    """Its second layer does not take what the first one gives."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.act = nn.Linear(4, 3), nn.Linear(5, 2), nn.ReLU()

    def forward(self, x: Any) -> Any:
        return self.second(self.act(self.first(x))) + 1


def test_a_model_that_raises_is_drawn_up_to_the_op_that_failed(opened: Any) -> None:
    nn.manual_seed(0)
    with pytest.warns(
        UserWarning, match="linear at .* raised ShapeError: linear: relu has 3"
    ) as warned:
        picture = draw(Broken(), np.ones((2, 4), np.float32))
    assert warned[0].filename == __file__
    model = picture.model
    assert [step.op.name for step in model.steps] == ["linear", "relu", "linear"]
    failed = model.steps[-1]
    assert [edge.source.name for edge in failed.edges] == ["relu", "second.weight", "second.bias"]
    assert not failed.outputs
    assert repr(failed.scope) == "second (Linear)"
    assert isinstance(model.failure.error, ShapeError)
    for face in (texts(picture), picture.text(), picture.dot().source):
        assert "✕ failed" in face
        assert "relu has 3 features, second.weight is (2, 5)" in " ".join(face.split())
    assert "∇" not in picture.text()
    assert not picture.scene.overlaps()
    for style in ("shapes", "profile"), ("tower", "auto"):
        for each in style:
            with pytest.warns(UserWarning, match="raised"):
                assert draw(Broken(), np.ones((2, 4), np.float32), style=each, detail=0).html()
    page = opened(picture)
    assert "The call failed: there is no backward pass." in page.step
    assert "relu has 3 features" in page.step
    page.press("j")
    assert not page.complaints()


def test_what_python_raises_is_told_with_its_line() -> None:
    def refuse(x: Any) -> Any:
        h = ag.tanh(x * 2)
        raise KeyError(f"no {h.shape} here")

    with pytest.warns(UserWarning, match=r"the call at .*test_viz_options.py:\d+ raised KeyError"):
        picture = draw(refuse, np.ones(3, np.float32))
    assert [step.op.name for step in picture.model.steps] == ["multiply", "tanh"]
    assert "✕" not in texts(picture)


def test_a_call_finds_what_it_closes_over() -> None:
    w = leaf([1.0, 2.0], "w")
    with pytest.warns(UserWarning, match="matmul"):
        picture = draw(lambda: (ag.exp(w) * 2) @ ag.ones(3))
    assert [step.op.name for step in picture.model.steps] == ["exp", "multiply", "matmul"]
    assert picture.model.cards[0].name == "w"


def test_a_compiled_function_that_raises_is_drawn_as_it_was_written() -> None:
    w = leaf(np.ones((2, 2)), "w")
    with pytest.warns(UserWarning, match="matmul at .* raised ShapeError"):
        picture = draw(ag.compile(lambda x: ag.exp(x @ w) @ ag.ones((3, 3))), np.ones((1, 2)))
    assert [step.op.name for step in picture.model.steps] == ["matmul", "exp", "matmul"]


FAILING: dict[str, tuple[Any, list[str]]] = {
    "concat": (lambda x: ag.concatenate([x * 2, ag.ones((2, 5))]), ["multiply", "concat"]),
    "axis": (lambda x: ag.softmax(x * 2, axis=7), ["multiply", "softmax"]),
    "reshape": (lambda x: (x * 2).reshape(5), ["multiply", "reshape"]),
    "index": (lambda x: (x * 2)[:, 9], ["multiply", "getitem"]),
    "einsum": (lambda x: ag.einsum("ij,jk->ik", x * 2, ag.ones((5, 5))), ["multiply", "einsum"]),
    "check": (lambda x: ag.split(x * 2, 3, axis=1), ["multiply"]),
    "Python": (lambda x: (x * 2).numpy().foo, ["multiply"]),
}


@pytest.mark.parametrize("kind", FAILING)
def test_whatever_raises_is_drawn_with_what_came_before(kind: str) -> None:
    function, ops = FAILING[kind]
    with pytest.warns(UserWarning, match="raised"):
        picture = draw(function, np.ones((3, 4), np.float32), names={})
    assert [step.op.name for step in picture.model.steps] == ops
    assert all((picture.svg(), picture.html(), picture.text()))
    assert not picture.scene.overlaps()


def test_what_raises_once_alone_raises() -> None:
    calls = []

    def once(x: Any) -> Any:
        calls.append(x)
        if len(calls) == 1:
            raise OSError("the first time")
        return x * 2

    with pytest.raises(OSError, match="the first time"):
        draw(once, np.ones(3, np.float32))


def test_an_op_that_fails_first_has_its_inputs() -> None:
    with pytest.warns(UserWarning, match="linear"):
        picture = draw(nn.Linear(7, 3), np.ones((2, 4), np.float32), names={})
    assert {c.name for c in picture.model.cards} == {"weight", "bias", "x"}


def test_a_call_that_computes_nothing_raises_as_it_did() -> None:
    with pytest.raises(ZeroDivisionError):
        draw(lambda x: 1 / 0, np.ones(3))
    with pytest.raises(TypeError, match="positional"):
        draw(Broken(), np.ones((2, 4)), 2, 3)


# ---- settings ------------------------------------------------------------------------------------

SETTINGS: dict[str, tuple[Any, str]] = {
    "convolution": (nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2),
                    "kernel 3×3 · stride 2 · padding 1 · groups 2"),
    "plain convolution": (nn.Conv2d(4, 8, 3), "kernel 3×3"),
    "uneven": (nn.Conv2d(4, 8, (3, 1), (1, 2)), "kernel 3×1 · stride 1, 2"),
    "transposed": (nn.ConvTranspose2d(4, 2, 2, 2), "kernel 2×2 · stride 2"),
    "max pool": (nn.MaxPool2d(2), "kernel 2×2"),
    "average pool": (nn.AvgPool2d(3, 2, 1), "kernel 3×3 · stride 2 · padding 1"),
    "batch norm": (nn.BatchNorm2d(4, eps=1e-3), "axes 0, 2, 3 · eps 0.001"),
    "leaky": (nn.LeakyReLU(0.2), "slope 0.2"),
    "usual leaky": (nn.LeakyReLU(), ""),
    "softmax": (nn.Softmax(1), "axis 1"),
    "layer norm": (nn.LayerNorm(8, eps=1e-3), "axis 3 · eps 0.001"),
    "upsample": (nn.Upsample(scale_factor=2), "nearest 8 → 16 · axis 3"),
    "mean": (lambda x: ag.mean(x, axis=(0, 2)), "axes 0, 2"),
    "index": (lambda x: x[:, 1:3, ..., 0], "[:, 1:3, …, 0]"),
    "permutation": (lambda x: ag.transpose(x, (0, 2, 3, 1)), "axes 0, 2, 3, 1"),
    "swapped": (lambda x: ag.swapaxes(x, 1, -1), "axes 1 ↔ −1"),
    "std": (lambda x: ag.std(x, axis=2, ddof=1), "axis 2 · ddof 1"),
    "einsum": (lambda x: ag.einsum("nchw->nc", x), "nchw->nc"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_settings_of_an_op_stand_on_its_box(kind: str) -> None:
    function, wanted = SETTINGS[kind]
    picture = draw(function(image()), style="tower", names={})
    found = [settings(step) for step in picture.model.steps]
    assert found[0] == wanted
    assert not wanted or wanted[:35] in texts(picture)


# ---- shapes and costs ----------------------------------------------------------------------------


def test_shapes_alone_take_a_line_a_box() -> None:
    tall, flat = (draw(lenet(), style=style, names={}) for style in ("tower", "shapes"))
    assert flat.scene.width * flat.scene.height < 0.55 * tall.scene.width * tall.scene.height
    for box in flat.scene.boxes:
        if box.kind.startswith(("tensor", "op")):
            assert box.height <= 26
    shown = texts(flat)
    assert all(each in shown for each in ("2×6×6×6", "6×4×3×3"))
    assert not any(each in shown for each in "∇±")
    assert len(flat.svg()) < 0.5 * len(tall.svg())


@pytest.mark.parametrize("style", ["shapes", "profile"])
def test_what_folds_folds_in_every_style(style: str) -> None:
    x = leaf(np.linspace(0.1, 0.9, 3), "x")
    y: Any = x
    functions = (ag.tanh, ag.sin, ag.exp, ag.cos, ag.sigmoid)
    for number in np.random.default_rng(0).integers(0, 5, 160):
        y = functions[number](y @ np.eye(3)) if number == 4 else functions[number](y * 0.5)
    picture = draw(y.sum(), style=style, names={})
    assert "ops in" in texts(picture)
    assert any("fold" in box.kind for box in picture.scene.boxes)
    assert not picture.scene.overlaps()


@pytest.mark.parametrize("by", ["time", "bytes", "FLOPs"])
def test_a_profile_shows_the_share_of_each_op(by: str) -> None:
    for detail in ("full", 0):
        picture = draw(lenet(), style="profile", by=by, detail=detail, names={})
        shares = [
            float(p) for p in re.findall(rf"([\d.e−]+) % of {by}", texts(picture).replace("−", "-"))
        ]
        assert abs(sum(shares) - 100) < 1.5
    if by == "FLOPs":
        steps = picture.model.steps
        first = flops(steps[0]) / sum(map(flops, steps))
        assert abs(shares[0] - 100 * first) < 0.5


# ---- mistakes ------------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "keyword": ({"stlye": "math"}, "argument 'stlye'; did you mean 'style'?"),
    "singular": ({"grad": False}, "argument 'grad'; did you mean 'grads'?"),
    "unknown": ({"zoom": 2}, "draw() got an unexpected keyword argument 'zoom'"),
    "style": ({"style": "twoer"}, "did you mean 'tower'?"),
    "depth": ({"detail": "ful"}, "a depth from 0 up, got 'ful'; did you mean 'full'?"),
    "negative": ({"detail": -1}, "a depth from 0 up, got -1"),
    "truth": ({"detail": True}, "a depth from 0 up, got True"),
    "cost": ({"style": "profile", "by": "flops"}, "did you mean 'FLOPs'?"),
    "no profile": ({"by": "time"}, 'write style="profile" too'),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_misspelled_option_names_the_one_that_is_meant(kind: str) -> None:
    options, message = MISTAKES[kind]
    with pytest.raises((ArgumentError, ArgumentTypeError), match=re.escape(message)):
        draw(leaf(2.0) * 2, **options)
