"""docs/nn.md is what the code says, and leaves nothing out."""

from __future__ import annotations

import inspect
import re

import pytest

import nn
from docs import make_nn
from tests.layers import CONTAINERS

ENTRIES = [
    (about.title, entry)
    for about in make_nn.CHAPTERS
    for namespace in about.namespaces
    for entry in make_nn.entries(namespace)
]


def test_the_page_is_what_the_docstrings_say() -> None:
    stale = make_nn.PAGE.read_text(encoding="utf-8") != make_nn.page()
    assert not stale, "run `make docs`"


def test_every_public_class_of_nn_is_in_a_family() -> None:
    classes = {name for name in nn.__all__ if inspect.isclass(getattr(nn, name))}
    assert classes <= {entry.name for title, entry in ENTRIES if title.endswith(": nn")}
    assert all(make_nn.title(entry.family) for _, entry in ENTRIES)


def test_every_public_name_is_told_in_one_sentence() -> None:
    told = [e.what.endswith((".", ":")) and len(e.what) < 200 for _, e in ENTRIES]
    assert all(told), [e.name for (_, e), well in zip(ENTRIES, told, strict=True) if not well]


def test_every_layer_and_loss_has_shapes() -> None:
    layers = [
        entry
        for title, entry in ENTRIES
        if title.endswith(": nn")
        and inspect.isclass(layer := getattr(nn, entry.name))
        and issubclass(layer, nn.Module)
        and entry.name not in CONTAINERS
    ]
    assert len(layers) > 100
    assert not [entry.name for entry in layers if not entry.shape]


def test_headings_are_unique_and_every_link_within_the_page_leads_to_one() -> None:
    text = make_nn.PAGE.read_text(encoding="utf-8")
    anchors = [make_nn.anchor(h) for h in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\((#[^)]+)\)", text)) <= set(anchors)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("(*) -> (*)", r"(\*) → (\*)"),
        ("|x| < 1", r"\|x\| \< 1"),
        ("`a*b|c` * d", r"`a*b\|c` \* d"),
    ],
)
def test_formulas_survive_in_a_cell(text: str, cell: str) -> None:
    assert make_nn.escape(text) == cell
