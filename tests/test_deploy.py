"""A trained network outside of Python: its files, and the page that reads what is drawn on it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from autograd.errors import MissingPackageError  # noqa: E402
from examples import deploy  # noqa: E402

MISSING = [name for name, found in {
    "CHAINGRAD_DATA": os.environ.get("CHAINGRAD_DATA"), "npm": shutil.which("npm"),
    "chromedriver": shutil.which("chromedriver"),
}.items() if not found]  # fmt: skip

# Strokes in hundredths of the board, as a hand makes them.
STROKES = {
    0: [[(50, 15), (35, 20), (27, 35), (25, 50), (28, 68), (38, 82), (52, 85), (65, 78), (73, 62),
         (74, 45), (70, 28), (60, 17), (48, 15)]],
    1: [[(52, 15), (50, 40), (48, 65), (46, 86)]],
    2: [[(28, 30), (35, 18), (52, 14), (66, 22), (68, 36), (58, 52), (42, 66), (27, 82), (45, 82),
         (75, 82)]],
    3: [[(30, 20), (48, 14), (64, 20), (66, 33), (56, 44), (44, 47), (60, 52), (70, 64), (66, 78),
         (50, 87), (30, 82)]],
    4: [[(34, 14), (30, 34), (28, 50), (50, 50), (74, 48)], [(66, 16), (64, 50), (62, 88)]],
    7: [[(26, 20), (50, 18), (74, 18), (64, 42), (54, 64), (46, 88)]],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small training's files, and what the example told."""
    if MISSING:
        text = f"{', '.join(MISSING)} is not here"
        pytest.fail(text) if os.environ.get("CI") else pytest.skip(text)
    folder = tmp_path_factory.mktemp("deploy")
    found = deploy.main(["--epochs", "2", "--examples", "6000", "--out", str(folder)])
    deploy.add_runtime(folder)
    return SimpleNamespace(folder=folder, found=found)


@pytest.fixture(scope="module")
def page(made: Any) -> Iterator[Any]:
    """The page in a browser, as the example serves it."""
    pytest.importorskip("selenium")
    from tests.pages import start

    with deploy.server(made.folder, 0) as served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        driver = start()
        try:
            driver.get(f"http://127.0.0.1:{served.server_port}/")
            wait(driver, "document.body.dataset.ready === 'yes'")
            yield driver
            assert [e for e in driver.get_log("browser") if e["level"] == "SEVERE"] == []
        finally:
            driver.quit()
            served.shutdown()
            thread.join()


def wait(driver: Any, condition: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(driver, 20, 0.02).until(lambda d: d.execute_script(f"return {condition}"))


def read(driver: Any) -> tuple[str, list[float]]:
    """The digit that the page names, and the probabilities that its bars show."""
    wait(driver, "document.getElementById('digit').textContent !== ''")
    bars = "[...document.querySelectorAll('#bars .number')].map(e => parseFloat(e.textContent))"
    digit, shares = driver.execute_script(
        f"return [document.getElementById('digit').textContent, {bars}]"
    )
    return str(digit), list(shares)


def draw(driver: Any, strokes: Any) -> None:
    """With the mouse, as the browser itself sees it."""
    driver.execute_script("document.getElementById('clear').click()")
    wait(driver, "document.getElementById('digit').textContent === ''")
    box = driver.execute_script(
        "return document.getElementById('board').getBoundingClientRect().toJSON()"
    )
    for points in strokes:
        places = [(box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"])
                  for x, y in points]  # fmt: skip
        kinds = ["mousePressed"] + ["mouseMoved"] * (len(places) - 1) + ["mouseReleased"]
        for kind, (x, y) in zip(kinds, [*places, places[-1]], strict=True):
            driver.execute_cdp_cmd("Input.dispatchMouseEvent", {
                "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1,
            })  # fmt: skip
    wait(driver, "document.getElementById('digit').textContent !== ''")
    driver.execute_async_script("setTimeout(arguments[0], 50)")  # the last stroke is read


def test_runtimes_agree_and_eight_bits_cost_little(made: Any) -> None:
    found = made.found
    assert found["eager"]["accuracy"] > 0.94
    for name in ("compiled", "onnxruntime"):
        assert found[name]["accuracy"] == pytest.approx(found["eager"]["accuracy"], abs=2e-4)
    assert found["difference"] < 1e-5
    small, full = found["onnxruntime, int8"], found["onnxruntime"]
    assert small["accuracy"] > full["accuracy"] - 0.01
    assert small["bytes"] < 0.35 * full["bytes"]
    assert small["bytes"] == (made.folder / "lenet.int8.onnx").stat().st_size
    assert all(row["one"] > 0 < row["of 64"] for row in found.values() if isinstance(row, dict))


def test_the_file_takes_batches_of_any_length(made: Any) -> None:
    model = onnx.load(made.folder / "lenet.onnx")
    onnx.checker.check_model(model, full_check=True)
    (given,), (got,) = model.graph.input, model.graph.output
    assert (given.name, got.name) == ("image", "probability")
    assert given.type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.mark.parametrize("network", ["float32", "int8"])
def test_digits_of_the_test_set_are_read_in_the_browser_as_here(page: Any, network: str) -> None:
    page.execute_script(
        "const s = document.getElementById('which');"
        "s.selectedIndex = arguments[0]; s.dispatchEvent(new Event('change'))",
        ["float32", "int8"].index(network),
    )
    right = 0
    for digit in range(10):
        page.execute_script("document.getElementById('clear').click()")
        wait(page, "document.getElementById('digit').textContent === ''")
        page.execute_script(
            "document.querySelector(`[data-digit='${arguments[0]}']`).click()", digit
        )
        found, shares = read(page)
        assert sum(shares) == pytest.approx(100, abs=0.6)
        assert int(found) == int(np.argmax(shares))
        right += found == str(digit)
    assert right >= 9


@pytest.mark.parametrize("digit", STROKES)
def test_a_digit_that_is_drawn_is_recognised(page: Any, digit: int) -> None:
    draw(page, STROKES[digit])
    found, shares = read(page)
    assert found == str(digit), shares


def test_undo_and_clear_empty_the_board(page: Any) -> None:
    draw(page, STROKES[1])
    page.execute_script("document.getElementById('undo').click()")
    wait(page, "document.getElementById('digit').textContent === ''")
    seen = "document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28).data"
    assert page.execute_script(f"return {seen}.every(v => v === 0)")


def test_the_page_asks_this_machine_alone(page: Any) -> None:
    sources = page.execute_script(
        "return performance.getEntriesByType('resource').map(e => new URL(e.name).hostname)"
    )
    assert set(sources) == {"127.0.0.1"}


def test_without_npm_the_error_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deploy._npm.cache_clear()
    monkeypatch.setattr(deploy, "RUNTIME", ("not kept",))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingPackageError, match="apt install npm"):
        deploy.add_runtime(tmp_path)
