"""Badges: a picture says at the op what `why` says of the gradient; what is sound has none."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.functional as F
from autograd.viz import draw
from autograd.viz.words.badges import SIGNS, badges
from tests.graphs import leaf

DATA = np.random.default_rng(0).normal(size=(16, 6)).astype("float32")


def marks(loss: Any) -> list[str]:
    return [str(mark) for each in badges(draw(loss, names={}).model).values() for mark in each]


def weights(size: float = 1.0, shape: tuple[int, ...] = (6, 8), dtype: str = "float32") -> Any:
    return leaf((size * np.random.default_rng(1).normal(size=shape)).astype(dtype), "w")


def unrecorded(f: Callable[[], Any]) -> Any:
    with ag.no_grad():
        return f()


# ---- activations: where each is dead, saturated, or neither --------------------------------------

DEAD = {
    "relu": (ag.relu, -50), "relu6": (F.relu6, 50), "hardtanh": (F.hardtanh, 50),
    "hardsigmoid": (F.hardsigmoid, -50), "hardswish": (F.hardswish, -50),
    "softshrink": (F.softshrink, 0.01), "hardshrink": (F.hardshrink, 0.01),
    "clip": (lambda x: ag.clip(x, -1, 1), 50), "maximum": (lambda x: ag.maximum(x, 0.0), -50),
    "tanh": (ag.tanh, 50), "sigmoid": (ag.sigmoid, -50), "elu": (F.elu, -50), "gelu": (F.gelu, -50),
    "selu": (F.selu, -50), "celu": (F.celu, -50), "silu": (F.silu, -50), "mish": (F.mish, -50),
    "softplus": (F.softplus, -50), "erf": (ag.erf, 9), "logsigmoid": (F.logsigmoid, 50),
    "softsign": (F.softsign, 1e4), "arctan": (ag.arctan, 1e4),
}  # fmt: skip
SMOOTH = {
    "tanh", "sigmoid", "elu", "gelu", "selu", "celu", "silu", "mish", "softplus", "erf",
    "logsigmoid", "softsign", "arctan", "hardtanh", "hardsigmoid",
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", DEAD)
def test_each_activation_is_marked_where_it_passes_nothing(name: str, dtype: str) -> None:
    f, at = DEAD[name]
    for part, share in ((8, "100"), (7, "87.5")):  # of eight units
        units = np.where(np.arange(8) < part, at, 2.0 if "shrink" in name else 0.7)
        loss = f(DATA.astype(dtype) @ weights(1e-3, dtype=dtype) + units.astype(dtype)).sum()
        word = "saturated" if name in SMOOTH else "dead"
        (mark,) = marks(loss)
        assert mark == f"{SIGNS[word]} {share} % {word}"


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize("name", DEAD)
def test_no_activation_is_marked_where_it_is_at_home(name: str, batch: int) -> None:
    f, _ = DEAD[name]
    if "shrink" in name:
        f = lambda x: DEAD[name][0](4 * x)  # noqa: E731
    for last in (f, lambda x: f(x) * 2.0):
        assert marks(last(DATA[:batch] @ weights()).mean()) == []


# ---- kinds, each with its sound twin -------------------------------------------------------------


def masked(safe: bool) -> Any:
    x = leaf([0.0, 4.0], "x")
    inner = ag.where(x.detach() > 0, x, 1.0) if safe else x
    return ag.where(ag.Tensor([False, True]), ag.sqrt(inner), 0.0).sum()


def recurrent(scale: float) -> Any:
    q = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    w, h = leaf(scale * q, "w"), ag.Tensor(DATA.astype(float))
    for _ in range(30):
        h = h @ w
    return (h * h).mean()


def two(f: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    return lambda: f(leaf(3.0, "w"), leaf(2.0, "v"))


def deep(activation: Callable[[Any], Any]) -> Any:
    h, rng = ag.Tensor(DATA.astype(float)), np.random.default_rng(4)
    for _ in range(14):
        h = activation(h @ leaf(np.linalg.qr(rng.normal(size=(6, 6)))[0]))
    return (h * np.cos(np.arange(6))).mean()


def centred(share: float) -> Any:
    w = weights()
    return (w - w.mean() * share).sum()


def of_data(value: float) -> Any:
    x = ag.Tensor(np.array([1.0, value]), name="x")
    return (leaf([1.0, 2.0], "w") * x).sum()


def lora(size: float) -> Any:
    x = DATA @ weights()
    return ((x + DATA @ weights(shape=(6, 2)) @ weights(size, (2, 8))) ** 2).mean()


def residual(scale: float) -> Any:
    """Through the scale of a norm, which gets a gradient where nothing goes through it."""
    x, gamma = DATA @ weights(), ag.Tensor(np.full(8, scale, "float32"), requires_grad=True)
    return ((DATA @ weights(0.5) + F.layer_norm(x, (8,), gamma)) ** 2).mean()


KINDS: dict[str, tuple[Callable[[], Any], Callable[[], Any], str]] = {
    "detached": (two(lambda w, v: w.detach() * w), two(lambda w, v: w * w), "✂ detached"),
    "detached later": (
        two(lambda w, v: (w * 2).detach() * 3 * w), two(lambda w, v: w * 2 * 3 * w), "✂ detached"),
    "detached array": (
        lambda: (weights().detach() * weights()).sum(),
        lambda: (weights() * weights()).sum(), "✂ detached"),
    "no_grad": (
        two(lambda w, v: unrecorded(lambda: w * 2) * w), two(lambda w, v: w * 2 * w), "✂ no_grad"),
    "a factor of 0": (two(lambda w, v: w * 0 + v), two(lambda w, v: w * 1 + v), "⊘ × 0"),
    "weights that start at 0": (
        lambda: lora(0.0), lambda: lora(1.0), "⊘ × 0"),
    "a scale that starts at 0": (
        lambda: residual(0.0), lambda: residual(1.0), "⊘ × 0"),
    "a tiny factor": (two(lambda w, v: w * 1e-12), two(lambda w, v: w * 1e-2), "⊘ × 1e−12"),
    "cancels": (
        two(lambda w, v: 3 * w + 1 - 3 * w), two(lambda w, v: 3 * w + 1 - w), "± cancels at w"),
    "itself": (two(lambda w, v: w - w + v), two(lambda w, v: w + w + v), "± cancels at w"),
    "centred": (
        lambda: centred(1.0), lambda: centred(0.5), "± cancels at w"),
    "softmax, summed": (
        lambda: ag.softmax(weights(), axis=1).sum(),
        lambda: (ag.softmax(weights(), axis=1) ** 2).sum(), "± cancels"),
    "all dropped": (
        lambda: nn.Dropout(1.0)(weights()).sum(), lambda: nn.Dropout(0.0)(weights()).sum(),
        "⊘ × 0"),
    "a mask of nothing": (
        two(lambda w, v: w * (w > 9) + v), two(lambda w, v: w * (w < 9) + v), "⊘ × 0"),
    "clamped": (
        lambda: ag.clip(weights() + 9.0, 0, 1).sum(), lambda: ag.clip(weights(), -9, 9).sum(),
        "⊘ 100 % dead"),
    "staircase": (two(lambda w, v: ag.floor(w) + v), two(lambda w, v: w - 0.5), "⊘ a staircase"),
    "rounded": (
        lambda: ag.round(weights(9.0)).sum(), lambda: weights(9.0).sum(), "⊘ a staircase"),
    "sign": (lambda: ag.sign(weights()).sum(), lambda: ag.abs(weights()).sum(), "⊘ a staircase"),
    "vanishing": (
        lambda: deep(ag.sigmoid), lambda: deep(ag.tanh), "▽ vanishing: × 0.24, 14 times"),
    "exploding": (
        lambda: recurrent(2.0), lambda: recurrent(1.0), "✸ exploding: × 2, 29 times"),
    "0 times infinity": (
        lambda: masked(False), lambda: masked(True), "✱ ∇ NaN born here: 0 · ∞"),
    "sqrt at 0": (
        lambda: ag.sqrt(leaf(0.0, "w")), lambda: ag.sqrt(leaf(1.0, "w")), "✱ ∇ ∞ born here"),
    "norm at 0": (
        lambda: ag.sqrt((leaf([0.0, 0.0]) ** 2).sum()),
        lambda: ag.sqrt((leaf([3.0, 4.0]) ** 2).sum()), "✱ ∇ ∞ born here"),
    "log of less than 0": (
        lambda: ag.log(leaf(-1.0, "w")), lambda: ag.log(leaf(1.0, "w")), "✱ NaN born here"),
    "log of 0": (lambda: ag.log(leaf(0.0)), lambda: ag.log(leaf(2.0)), "✱ ∞ born here"),
    "an overflow": (
        lambda: ag.log(ag.exp(leaf(1e3)) + 1.0), lambda: ag.log(ag.exp(leaf(1.0)) + 1.0),
        "✱ ∞ born here"),
    "division": (lambda: 1 / leaf(0.0), lambda: 1 / leaf(1.0), "✱ ∞ born here"),
    "NaN in the data": (
        lambda: of_data(np.nan), lambda: of_data(1.0), "✱ NaN came in"),
    "infinity in the data": (
        lambda: of_data(np.inf), lambda: of_data(1.0), "✱ ∞ came in"),
    "a constant that the loss gets": (
        lambda: ag.where(DATA > 0, weights(shape=DATA.shape), -np.inf).sum(),
        lambda: ag.where(DATA > 0, weights(shape=DATA.shape), -1.0).sum(), "✱ ∞ came in"),
    "a row that is masked whole": (
        lambda: masked_softmax(np.tri(5, k=-1)), lambda: masked_softmax(np.tri(5)),
        "✱ NaN born here"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_marked_and_its_twin_is_not(kind: str) -> None:
    ill, sound, word = KINDS[kind]
    with np.errstate(all="ignore"):
        assert set(marks(ill())) == {word}
        assert marks(sound()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_face_shows_the_badge_and_the_page_its_reason_line_and_remedy(kind: str) -> None:
    ill, sound, word = KINDS[kind]
    with np.errstate(all="ignore"), ag.tracing():
        loss = ill()
        picture, twin = draw(loss, names={}), draw(sound(), names={})
    for face in (picture.svg(), picture.dot().source, picture.text(), picture.html()):
        assert word in face
    told = picture.text().partition(f"\n{word}: ")[2]
    assert re.search(r"\n  → \w+", told)
    (record, *_) = [each for found in badges(picture.model).values() for each in found]
    assert record.record["reason"] in re.sub(r'\\"', '"', picture.html())
    if "came" not in word:
        assert re.search(r"test_badges\.py:\d+", record.record["where"])
    for mark in (each for found in badges(picture.model).values() for each in found):
        tips = [box.tooltip for box in picture.scene.boxes if mark.told in box.tooltip]
        assert len(tips) == (2 if word == "± cancels at w" and "itself" not in kind else 1)
        assert mark.record["remedy"] in tips[0]
    for face in (twin.svg(), twin.dot().source, twin.text()):
        assert not re.search("[✂⊘±✸✱⊓] |vanishing:", face.replace("±0", "").replace("±1", ""))


# ---- what is sound -------------------------------------------------------------------------------


def module(layer: Any, *shape: int, integer: bool = False) -> Callable[[], Any]:
    def loss() -> Any:
        rng = np.random.default_rng(3)
        x = rng.integers(0, 9, size=shape) if integer else rng.normal(size=shape).astype("float32")
        out = layer()(ag.Tensor(x))
        out = out[0] if isinstance(out, tuple) else out
        return (out * ag.Tensor(np.cos(np.arange(out.size)).reshape(out.shape))).sum()

    return loss


def attention() -> Any:
    q, k, v = (weights(shape=(2, 5, 4)) for _ in range(3))
    score = q @ ag.swapaxes(k, 1, 2)
    score = ag.where(ag.Tensor(np.tri(5, dtype=bool)), score, -1e9)
    return ((ag.softmax(score, axis=-1) @ v) ** 2).sum()


def masked_softmax(mask: Any, how: str = "where") -> Any:
    """Attention's mask of −∞, written in one of the usual ways."""
    score, hidden = weights(shape=(5, 5)) * 1.0, np.asarray(mask) == 0
    if how == "where":
        score = ag.where(hidden, -np.inf, score)
    elif how == "array":
        score = ag.where(hidden, ag.full((5, 5), -np.inf), score)
    elif how == "sum":
        score = score + np.where(hidden, -np.inf, 0.0)
    elif how == "masked_fill":
        score = score.masked_fill(hidden, float("-inf"))
    else:
        score[hidden] = -np.inf
    return (ag.softmax(score, axis=-1) ** 2).sum()


def in_place() -> Any:
    w = weights()
    h = w * 2
    h[0] = 0.0
    return (h * h).sum()


def frozen() -> Any:
    layer = nn.Linear(6, 4, rng=0)
    layer.weight.requires_grad_(False)
    return (ag.tanh(layer(ag.Tensor(DATA))) ** 2).mean()


SOUND: dict[str, Callable[[], Any]] = {
    "a minimum": two(lambda w, v: (w - 3) ** 2 + 0 * 1),
    "a minimum of many": lambda: ((weights() - weights().numpy()) ** 2).sum(),
    "mostly fitted": lambda: ((leaf(np.eye(8)) - np.zeros((8, 8))) ** 2).sum(),
    "a product with data of 0": lambda: (weights() * (np.arange(8) > 6)).sum(),
    "masked attention": attention,
    **{
        f"a mask of −∞, by {how}": partial(masked_softmax, np.tri(5), how)
        for how in ("where", "array", "sum", "masked_fill", "writing into it")
    },
    "in place": in_place,
    "frozen": frozen,
    "a PReLU below 0": lambda: nn.PReLU()(leaf(-np.ones((16, 8), "float32"))).sum(),
    "a minimum along two paths": two(lambda w, v: w * w - 6 * w),
    "a minimum of exp(x) − x": lambda: (lambda w: (ag.exp(w) - w - 1).sum())(leaf(np.zeros(4))),
    "sure and right": lambda: F.binary_cross_entropy(
        ag.sigmoid(leaf([-12.0, 11.0])), ag.Tensor([0.0, 1.0])
    ),
    "an embedding with padding": lambda: (
        nn.Embedding(9, 4, padding_idx=0, rng=0)(ag.Tensor([1, 0, 2])) ** 2).sum(),
    "complex": lambda: ag.real(ag.Tensor(1 + 2j, requires_grad=True) * (0.5 - 1j)),
    "complex, of many": lambda: ag.abs(ag.Tensor([1 + 2j, 3j], requires_grad=True) ** 2).sum(),
    "a comparison": two(lambda w, v: w * (w > 0) + v * (w < 9)),
    "a choice": two(lambda w, v: ag.maximum(w, v)),
    "argmax": lambda: weights()[ag.argmax(weights())[()] % 6].sum(),
    "several losses": two(lambda w, v: (w * 2 - v) ** 2 + (v - 1) ** 2),
    "the log of a sigmoid": lambda: -ag.log(ag.sigmoid(leaf([-20.0, -30.0]))).mean(),
    "the loss of a sure mistake": lambda: F.binary_cross_entropy(
        ag.sigmoid(leaf([-15.0, -12.0])), ag.Tensor([1.0, 1.0])
    ),
    "dropout": lambda: (nn.Dropout(0.9)(weights() * 1.0) ** 2).sum(),
    "max-pool": module(
        lambda: nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.MaxPool2d(3)), 2, 1, 8, 8),
    "embedding": module(lambda: nn.Embedding(100, 4, rng=0), 3, 2, integer=True),
    "batch norm": module(
        lambda: nn.Sequential(nn.Conv2d(1, 3, 3, rng=0), nn.BatchNorm2d(3), nn.ReLU()), 4, 1, 6, 6),
    "layer norm": module(lambda: nn.Sequential(nn.Linear(6, 5, rng=0), nn.LayerNorm(5)), 4, 6),
    "LSTM": module(lambda: nn.LSTM(3, 4, rng=0), 5, 2, 3),
    "GRU": module(lambda: nn.GRU(3, 4, rng=0), 5, 2, 3),
    "attention layer": module(
        lambda: nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, rng=0), 5, 2, 8),
    "one example": module(
        lambda: nn.Sequential(nn.Linear(6, 8, rng=0), nn.ReLU(), nn.Linear(8, 2, rng=1)), 1, 6),
    "float16": lambda: (leaf(np.ones(3, "float16")) ** 2).sum(),
    "empty": lambda: (leaf(np.ones((0, 3))) ** 2).sum(),
    "constant without a graph": lambda: (weights() * ag.Tensor(2.0)).sum(),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_has_no_badge(name: str) -> None:
    assert marks(SOUND[name]()) == []


# ---- the page ------------------------------------------------------------------------------------


def closed() -> Any:
    model = nn.Sequential(nn.Linear(6, 8, rng=0), nn.ReLU())
    next(p for name, p in model.named_parameters() if name == "0.bias").data -= 99
    return model(ag.Tensor(DATA)).sum()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("kind", ["a module", "0 times infinity", "detached array", "exploding"])
def test_a_click_tells_reason_line_and_remedy(
    opened: Any, kind: str, width: int, theme: str
) -> None:
    with np.errstate(all="ignore"), ag.tracing():
        loss = closed() if kind == "a module" else KINDS[kind][0]()
    picture = draw(loss, names={}, detail=0 if kind == "a module" else "auto")
    shown = opened(picture, theme, (width, 844))
    for step, found in badges(picture.model).items():
        box = picture.scene.stands_for[step.key]
        text = shown.js(
            """((id) => { document.getElementById(id).dispatchEvent(
            new MouseEvent('click', {bubbles: true}));
            return document.querySelector('#side').innerText; })(...arguments)""",
            box,
        )
        for mark in found:
            for part in ("badge", "reason", "remedy"):
                assert " ".join(mark.record[part].split()) in text
            assert text.count(f"→ {mark.record['remedy']}") == 1
            assert mark.record["where"] in text


def test_a_cut_edge_is_broken_and_has_scissors() -> None:
    for loss in (KINDS["detached"][0](), KINDS["detached array"][0]()):
        picture = draw(loss, names={})
        (line,) = [line for line in picture.scene.lines if line.is_cut]
        assert line.kind == "value"
        svg = picture.svg()
        assert svg.count(">✂</text>") == 1
        (drawn,) = re.findall(rf'<g id="{line.key}".*?</g>', svg)
        assert "stroke-dasharray" in drawn
        assert re.search(r'style="?dashed"?[^\n]*|xlabel="?✂', picture.dot().source)


def test_a_picture_without_gradients_has_badges_of_the_forward_pass_alone() -> None:
    with np.errstate(all="ignore"):
        for kind, (ill, _, word) in KINDS.items():
            picture = draw(ill(), names={}, grads=False)
            is_forward = "✱" in word and "∇" not in word
            assert (word in picture.svg()) is is_forward, kind
            assert (word in picture.text()) is is_forward, kind


def test_a_picture_of_many_parameters_is_judged_in_time() -> None:
    """Every leaf of 4,000 ops is ill; why walks over the graph for the worst alone."""
    h = ag.Tensor(np.ones(3))
    for _ in range(800):
        h = ag.sigmoid(h * leaf(np.full(3, 0.1)) + leaf(np.zeros(3)))
    picture = draw(h.sum(), names={})
    began = time.process_time()
    badges(picture.model)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("kind", ["one line", "two uses"])
def test_different_ops_of_a_line_are_no_repeated_op(kind: str) -> None:
    """The largest factor among others in one line, 1e6 or 1e6 · w², is told as it is, and once."""
    w = leaf([1.0, 2.0, 3.0], "w")
    with ag.tracing():
        loss = (w * w * 1e6 * w).sum() if kind == "one line" else (w * w * 1e6).sum()
    found = ag.doctor(loss)["w"]
    assert found.illness == "huge"
    assert "times" not in str(found.reason)
    assert f"× {'5.7e6' if kind == 'one line' else '1e6'}" in str(found.reason)
    assert "✸" not in draw(loss).svg()
