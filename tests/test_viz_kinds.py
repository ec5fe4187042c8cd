"""Every face of a picture, for every kind of graph: no error, no overlap, true gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.model.numbers import one_line
from autograd.viz.scene.style import MONO, SANS, text_width
from tests.graphs import leaf


def deep(depth: int = 10) -> ag.Tensor:
    """Modules within modules."""

    class Nest(nn.Module):
        def __init__(self, more: int) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)
            self.inner = Nest(more - 1) if more else nn.Tanh()

        def forward(self, x: ag.Tensor) -> Any:
            return self.inner(self.linear(x))

    nn.manual_seed(0)
    return Nest(depth)(ag.ones((2, 3))).sum()


def shared() -> ag.Tensor:
    nn.manual_seed(0)
    layer = nn.Linear(3, 3)
    return layer(ag.tanh(layer(ag.ones((2, 3))))).sum()


def written_view() -> ag.Tensor:
    y = leaf([[1.0, 2.0], [3.0, 4.0]], "x") * 1
    y[0] *= 2
    return (y * y).sum()


def slope(times: int) -> ag.Tensor:
    x = leaf(0.7, "x")
    y: Any = ag.exp(x * x)
    for _ in range(times):
        (y,) = ag.grad(y, x, create_graph=True)
    return y


def slope_of_arrays() -> ag.Tensor:
    x = leaf([1.0, 2.0], "x")
    (g,) = ag.grad((x**3).sum(), x, create_graph=True)
    return (g * g).sum()


def inside_compile() -> ag.Tensor:
    w = leaf(np.ones((3, 3)), "w")
    return ag.compile(lambda x: ag.tanh(x @ w))(ag.ones((2, 3))).sum()


def several_outputs() -> ag.Tensor:
    x = leaf(np.arange(6.0).reshape(2, 3), "x")
    first, _ = ag.split(x, [1], axis=1)
    return first.sum() + ag.linalg.svd(x)[1].sum()


def growing() -> ag.Tensor:
    h = leaf(np.ones(3), "x") * 1
    for _ in range(12):
        h = ag.concatenate([h, ag.tanh(h[:1] * 0.9)])
    return h.sum()


def shrinking() -> ag.Tensor:
    h = leaf(np.linspace(0.9, 1.1, 20), "x") * 1
    for _ in range(12):
        h = h[1:] * h[:-1]
    return h.sum()


def alike_tokens() -> ag.Tensor:
    """Attention on tokens that are all the same: what is left of most gradients is rounding."""
    nn.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16)
    return layer(ag.ones((2, 3, 8))).sum()


def freed() -> ag.Tensor:
    y: ag.Tensor = (ag.exp(leaf([1.0, 2.0], "x")) * 2).sum()
    y.backward()
    return y


KINDS: dict[str, Callable[[], Any]] = {
    "bool": lambda: (leaf([1.0, -2.0], "x") * ag.Tensor([True, False])).sum(),
    "choice": lambda: ag.where(ag.Tensor([True, False]), leaf([1.0, 2.0], "x"), 0.0).sum(),
    "integer": lambda: leaf(np.arange(6.0), "x")[[0, 2, 0]].sum(),
    "float16": lambda: (ag.Tensor(np.float16([1, 2]), requires_grad=True) ** 2).sum(),
    "complex": lambda: ag.real((ag.Tensor([1 + 2j, 3], requires_grad=True) * (2 - 1j)).sum()),
    "0-d": lambda: ag.exp(ag.sin(leaf(0.5, "x"))),
    "empty": lambda: (leaf(np.zeros((0, 3)), "x") * 2).sum(),
    "one": lambda: (lambda x: (x @ x).sum())(leaf([[2.0]], "x")),
    "one, cubed": lambda: (lambda x: x * x * x)(leaf([2.0], "x")),
    "NaN": lambda: (leaf([np.nan, 1.0, np.inf], "x") * 2).sum(),
    "huge": lambda: (leaf(np.array([1e300, -1e200]), "x") * 1e-5).sum(),
    "denormal": lambda: (leaf(np.array([5e-324, 1e-310]), "x") * 2).sum(),
    "strided": lambda: (leaf(np.arange(24.0).reshape(4, 6)[::2, ::-2].T, "x") ** 2).sum(),
    "long name": lambda: leaf(2.0, "x" * 200) * 2,
    "markup": lambda: (leaf(2.0, "<b>&\"'</b></script>") * leaf([1.0], "a\\b$%{}^_#~|`")).sum(),
    "letters": lambda: leaf(2.0, "가중치") * leaf(3.0, "👩‍👧 🎈") * leaf(1.0, "العربية"),
    "controls": lambda: leaf(2.0, "a\nb\x00\x1b[31m\u202e") * 3,
    "number as name": lambda: leaf(2.0, "1") * leaf(3.0, "e") ** leaf(2.0, "π"),
    "same name": lambda: leaf(2.0, "w") * leaf(3.0, "w"),
    "modules": deep,
    "shared": shared,
    "view": written_view,
    "second order": lambda: slope(1),
    "third order": lambda: slope(2),
    "second order of arrays": slope_of_arrays,
    "inside of compile": inside_compile,
    "several outputs": several_outputs,
    "growing": growing,
    "shrinking": shrinking,
    "alike": alike_tokens,
    "freed": freed,
    "leaf": lambda: leaf([1.0, 2.0], "x"),
    "itself": lambda: (lambda x: x - x)(leaf(2.0, "x")),
    "5 axes": lambda: (ag.tanh(leaf(np.ones((2, 3, 4, 2, 3)), "x")) ** 2).sum(),
    "array": lambda: ag.tanh(leaf(np.arange(6.0).reshape(2, 3), "x")),
    "hidden NaN": lambda: (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0).sum())(leaf([0.0, 4.0], "x")),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_face_of_every_kind(kind: str) -> None:
    with ag.tracing():
        y = KINDS[kind]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for style in ("auto", "tower", "shapes"):
            picture = draw(y, style=style, names={})
            assert not picture.scene.overlaps()
            assert all((picture.svg(), picture.text(), picture.dot().source))
        assert all("<svg" in draw(y, style=style, names={}).html() for style in ("auto", "shapes"))
        assert all((str(ag.doctor(y)), ag.doctor(y).to_html()))
        with ag.stepper(y, names={}) as steps:
            for _ in range(len(steps)):
                assert str(steps.next())


@pytest.mark.parametrize("kind", KINDS)
def test_every_gradient_is_that_of_the_engine(kind: str) -> None:
    y = KINDS[kind]()
    model = draw(y, names={}).model
    leaves = {node: card for node, card in model.nodes.items() if card.is_leaf}
    known = {card.name: ag.explain(y, card.name) for card in leaves.values()}
    if kind != "freed":  # it was called there
        with np.errstate(all="ignore"):
            y.backward(ag.ones(y.shape, dtype=y.dtype))
    for node, card in leaves.items():
        wanted = node.more().grad.numpy()
        close = {
            "rtol": 1e-4,
            "atol": 1e-5 * float(np.max(np.abs(np.nan_to_num(wanted)), initial=0)),
        }
        np.testing.assert_allclose(card.gradient, wanted, **close)
        np.testing.assert_allclose(known[card.name].gradient, wanted, **close)
        assert all(
            face() for face in (getattr(known[card.name], f) for f in ("text", "latex", "html"))
        )


def test_what_is_empty_is_not_ill() -> None:
    x = leaf(np.zeros((0, 3)), "x")
    loss = (x * 2).sum()
    assert not ag.doctor(loss).ill
    loss.backward()
    assert str(ag.why(x, loss)) == "x.grad is empty, as x is."


def test_the_way_to_the_output_itself_has_its_name() -> None:
    x = leaf([1.0, 2.0], "x")
    assert "  1. x\n     the output itself" in ag.explain(x, x).text()


def test_wide_letters_have_two_cells() -> None:
    """No font need be there to know how wide a letter of East Asia or an emoji may be."""
    for font in (SANS, MONO):
        one = text_width("n" * 40, 10, font)
        assert text_width("한" * 40, 10, font) >= 2 * 40 * 5 >= 400
        assert text_width("🎈" * 40, 10, font) >= 400
        assert text_width("한" * 40, 10, font) > 1.5 * one


def test_joined_signs_stay_joined_and_what_turns_the_line_does_not() -> None:
    assert one_line("👩\u200d👧 \ufe0f क\u094d\u200cष") == "👩\u200d👧 \ufe0f क\u094d\u200cष"
    assert one_line("a\u202eb\u2066c\x00") == "a�b�c�"


def test_text_stays_in_its_box_whatever_the_letters() -> None:
    names = ("가중치" * 20, "🎈" * 60, "W" * 60, "混合ABC한글" * 9)
    for style in ("math", "tower", "shapes"):
        for name in names:
            y = leaf(2.0, name) * leaf(3.0, name + "!")
            for box in draw(y, style=style, names={}).scene.boxes:
                for each in box.rows:
                    for text, _, room in each.cells(box.width):
                        assert text.needs <= room + 4, (style, name, text.text)
