"""The pictures of the gallery: each is drawn, and shows what its page says."""

from __future__ import annotations

import functools
import importlib
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd.viz import Picture, draw
from autograd.viz.model.numbers import rms
from autograd.viz.scene.style import dark_ground, dark_text
from autograd.viz.words.badges import badges
from examples.gallery import __main__ as gallery
from tests.graphs import cards

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
NAMES = gallery.names()


@functools.cache
def drawn(name: str) -> Picture:
    picture: Picture = importlib.import_module(f"examples.gallery.{name}").picture()
    return picture


def parameter_gradients(picture: Picture) -> dict[str, float]:
    """The rms gradient of every parameter."""
    return {c.name: rms(c.gradient) for c in picture.model.cards if c.kind == "param"}


# ---- every picture -------------------------------------------------------------------------------


def test_the_page_shows_every_picture_and_how_to_make_it() -> None:
    shown = re.findall(r"pictures/(\w+)\.svg", PAGE)
    assert sorted(shown) == NAMES
    commands = re.findall(r"^python -m examples.gallery (.+)$", PAGE, re.MULTILINE)
    assert sorted(" ".join(commands).split()) == NAMES


def test_the_readme_counts_them() -> None:
    words = ("eighteen", "nineteen", "twenty", "twenty-one", "twenty-two")
    (said,) = re.findall(
        r"docs/gallery.md\): ([\w-]+) graphs", (ROOT / "README.md").read_text("utf-8")
    )
    assert words.index(said) + 18 == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_script_writes_a_small_svg(name: str, tmp_path: Path) -> None:
    gallery.main([name, "--out", str(tmp_path / "new")])
    (file,) = (tmp_path / "new").iterdir()
    assert file.name == f"{name}.svg"
    assert file.stat().st_size < 300_000
    assert ElementTree.fromstring(file.read_text(encoding="utf-8")).tag.endswith("svg")


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_in_the_page_is_the_one_that_the_script_draws(name: str) -> None:
    """The same boxes at the same places; the last digits of the numbers are the machine's."""
    if name == "compiled_step":
        pytest.importorskip("llvmlite")  # without it less is fused
    kept = (ROOT / "docs" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    places = re.compile(r'<g id="[^"]*" class="[^"]*">|viewBox="[^"]*"')
    assert places.findall(kept) == places.findall(drawn(name).svg())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_lies_on_anything(name: str) -> None:
    assert drawn(name).scene.overlaps() == []


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def words(picture: Picture) -> set[tuple[str, str]]:
    """(ink, ground) of all that is written on a row with a ground of its own."""
    return {
        (text.colour, fill)
        for box in picture.scene.boxes
        for each in box.rows
        for text, fill in zip(each.texts, each.fills or [each.fill] * len(each.texts), strict=True)
        if text.text and fill
    }


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_all_words_can_be_read_by_day_and_by_night(name: str, is_dark: bool) -> None:
    for ink, ground in words(drawn(name)):
        pair = (dark_text(ink) or ink, dark_ground(ground)) if is_dark else (ink, ground)
        high, low = sorted(map(luminance, pair), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground, pair)


def test_an_unknown_picture_is_named_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        gallery.main(["affine"])
    assert "no picture is called affine; there are affine_loss, apples" in capsys.readouterr().err


# ---- what each shows -----------------------------------------------------------------------------


def test_the_affine_loss_has_the_gradients_of_the_readme() -> None:
    found = cards(drawn("affine_loss").model)
    assert [float(found[name].gradient) for name in ("w", "b")] == [-18, -6]


def test_the_shopping_graph_has_the_gradients_of_the_textbook() -> None:
    found = cards(drawn("apples").model)
    assert float(found["bill"].value) == pytest.approx(220)
    gradients = [float(found[name].gradient) for name in ("price", "apples", "tax")]
    assert gradients == pytest.approx([2.2, 110, 200])


def test_both_weights_of_the_neuron_get_its_slope_times_their_input() -> None:
    found = cards(drawn("neuron").model)
    y = 1 / (1 + math.exp(-1))
    assert float(found["y"].value) == pytest.approx(y)
    for weight, x in (("w₁", -1), ("w₂", -2), ("b", 1)):
        assert float(found[weight].gradient) == pytest.approx(y * (1 - y) * x)


def test_the_xor_network_has_learnt_it() -> None:
    from examples.gallery.xor import network

    model, inputs, targets = network()
    assert np.array_equal(model(inputs).numpy() > 0.5, targets.numpy() > 0.5)
    assert float(cards(drawn("xor").model)["loss"].value) < 0.1


def test_the_gradient_vanishes_behind_sigmoids_and_not_behind_relu() -> None:
    """Over eleven layers it loses more than four decades, or less than one."""
    ratios = {}
    for name in ("deep_sigmoid", "deep_relu"):
        gradients = parameter_gradients(drawn(name))
        ratios[name] = gradients["layer 1.0.weight"] / gradients["layer 12.0.weight"]
    assert ratios["deep_sigmoid"] < 1e-4
    assert ratios["deep_relu"] > 0.1


def test_the_steps_of_the_lstm_are_one_panel() -> None:
    picture = drawn("lstm")
    titles = [
        text.text for panel in picture.scene.panels for row in panel.rows for text in row.texts
    ]
    assert any(title.startswith("Cell × 50") for title in titles)
    assert len(picture.model.steps) > 600
    assert len(picture.scene.boxes) < 40


def test_the_shortcut_of_the_block_adds_to_the_gradient_of_the_features() -> None:
    features = cards(drawn("resnet_block").model)["features"]
    contributions = [edge.contribution for edge in features.uses]
    assert len(contributions) == 2
    np.testing.assert_allclose(sum(contributions), features.gradient, rtol=1e-5, atol=1e-9)
    shares = [rms(contribution) for contribution in contributions]
    assert min(shares) > 0.05 * max(shares)


def test_the_bias_of_the_keys_gets_no_gradient() -> None:
    """A softmax does not change when all its inputs move together."""
    gradients = parameter_gradients(drawn("transformer_block"))
    assert gradients["attention.key.bias"] < 1e-5 * gradients["attention.query.bias"]


def test_lenet_has_the_parameters_of_its_five_layers() -> None:
    params = [card for card in drawn("lenet").model.cards if card.kind == "param"]
    convolutions = 6 * (25 + 1) + 16 * (6 * 25 + 1)
    linear = 120 * (400 + 1) + 84 * (120 + 1) + 10 * (84 + 1)
    assert sum(np.size(card.value) for card in params) == convolutions + linear


def marks(name: str) -> list[str]:
    found = badges(drawn(name).model)
    return [str(mark) for each in found.values() for mark in each]


def test_each_concatenation_of_the_u_net_cuts_its_gradient_in_two() -> None:
    model = drawn("unet").model
    joins = [step for step in model.steps if step.op.name.startswith("concat")]
    assert [len(step.edges) for step in joins] == [2, 2]
    gradients = parameter_gradients(drawn("unet"))
    assert 200 < gradients["down1.0.weight"] / gradients["bottom.0.weight"] < 400


def test_the_mean_of_the_autoencoder_is_pulled_at_by_both_terms() -> None:
    assert len(cards(drawn("vae").model)["mean"].shares) == 2


def test_the_discriminator_gets_a_sum_of_three_and_the_generator_nothing_of_its_loss() -> None:
    found = cards(drawn("gan").model)
    assert len(found["discriminator.0.weight"].shares) == 3
    assert len(found["generator.0.weight"].shares) == 1
    assert marks("gan") == ["✂ detached"]


def test_the_recurrent_net_explodes_at_its_own_product() -> None:
    (step,) = badges(drawn("rnn").model)
    assert "W" in {edge.source.name for edge in step.edges}
    assert marks("rnn") == ["✸ exploding: × 2.6, 19 times"]
    assert len(drawn("rnn").scene.boxes) < 25


def test_a_loss_that_is_a_number_has_weights_that_get_none() -> None:
    found = cards(drawn("born_nan").model)
    assert float(found["loss"].value) == pytest.approx(4.205, abs=5e-4)
    assert all(np.isnan(each) for each in parameter_gradients(drawn("born_nan")).values())
    assert marks("born_nan") == ["✱ ∇ NaN born here: 0 · ∞"]


def test_the_second_derivative_comes_along_four_paths() -> None:
    x = cards(drawn("second_order").model)["x"]
    assert len(x.shares) == 4
    second = (6 * 2 - 8) * math.sin(2) + 6 * 4 * math.cos(2)
    assert float(x.gradient) == pytest.approx(second, rel=1e-5)


def test_the_pole_gets_the_steepest_direction() -> None:
    found = cards(drawn("complex_filter").model)
    assert complex(found["p"].gradient) == pytest.approx(20 + 60j, rel=1e-5)
    first, second = found["answer"].shares
    assert first == pytest.approx(second)


# ---- what pictures cost --------------------------------------------------------------------------


def test_the_step_through_of_resnet_18_is_a_small_file() -> None:
    from benchmarks.pictures import resnet18

    page = draw(resnet18(batch=1)).html()
    assert len(page.encode("utf-8")) < 3_000_000
