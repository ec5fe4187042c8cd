"""How large a page is, and that what is left out of a large one is put back."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.render.packed import FEW, packed, unpacked
from tests.graphs import affine


def towers(layers: int) -> ag.Tensor:
    """Layers of which no two hold the same numbers."""
    nn.manual_seed(0)
    blocks = [nn.Sequential(nn.Linear(8, 8), nn.Tanh()) for _ in range(layers)]
    x = ag.Tensor(np.random.default_rng(0).normal(size=(4, 8)), name="x")
    with ag.tracing():
        loss: ag.Tensor = (nn.Sequential(*blocks)(x) * 1).sum()
    return loss


def inflated(opened: Any, packed: bytes) -> bytes:
    """What the page makes of something that is packed."""
    told = base64.b64encode(packed).decode()
    script = "Array.from(inflated(Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0))))"
    return bytes(opened.js(script, told))


def test_a_large_page_reads_what_was_packed(opened: Any) -> None:
    picture = draw(towers(60), names={"quote": "</script> — “한글” 🎈"})
    shown = opened(picture)
    text = shown.js("document.getElementById('data').textContent")
    plain = json.loads(unpacked(text))
    assert shown.js("readData()") == plain
    assert FEW < len(text) < 0.5 * shown.js("JSON.stringify(readData()).length")
    shown.js("document.getElementById('last').click()")
    assert f"↩{len(plain['steps'])} backward of" in shown.step
    assert not shown.complaints()


def test_the_page_inflates_every_kind_of_block(opened: Any) -> None:
    """Stored, with the fixed codes, with codes of its own; empty, short, far back, many blocks."""
    shown = opened(draw(affine(), names={}))
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, 70_000, np.uint8).tobytes()
    kinds = {
        "empty": b"", "one": b"a", "text": "∂L/∂w, 한글, 🎈. ".encode() * 999, "noise": noise,
        "run": b"x" * 100_000, "far": noise[:32_768] * 2,
        "skewed": np.minimum(rng.geometric(0.2, 50_000), 255).astype(np.uint8).tobytes(),
    }  # fmt: skip
    for name, given in kinds.items():
        for level, strategy in (
            (0, 0),
            (1, 0),
            (9, 0),
            (6, zlib.Z_FIXED),
            (6, zlib.Z_HUFFMAN_ONLY),
        ):
            deflate = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
            packed = deflate.compress(given) + deflate.flush()
            assert inflated(shown, packed) == given, (name, level, strategy)


def test_data_of_a_small_page_stay_as_they_are() -> None:
    text = "{" + " " * (FEW - 2) + "}"
    assert packed(text) == text
    assert packed(text + " ")[0] != "{"


def test_a_page_of_10000_nodes_has_room_in_3_megabytes() -> None:
    """By what an op more takes, of graphs of a fifth of it."""
    sizes = [len(draw(towers(n), names={}).html().encode()) for n in (700, 1000)]
    slope = (sizes[1] - sizes[0]) / 600
    assert sizes[1] + slope * 8000 < 3_000_000


def test_resnet_18_has_room_in_520_kilobytes(scripts: Any) -> None:
    loss = scripts("pictures").resnet18()
    assert len(draw(loss, names={}).html().encode()) < 520_000
