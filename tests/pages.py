"""A picture's page in headless Chromium, for the tests that drive it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from autograd.viz import Picture

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1300,1000",
)  # fmt: skip


def start() -> Any:
    """A browser that keeps what its console and its network see."""
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))


class Page:
    """A picture's page, open in the browser."""

    def __init__(
        self,
        driver: Any,
        picture: Picture,
        folder: Path,
        theme: str = "light",
        size: tuple[int, int] = (1280, 860),
    ) -> None:
        self.driver = driver
        self.picture = picture
        self.path = picture.save(folder / "page.html")
        features = [{"name": "prefers-color-scheme", "value": theme}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.get_log("browser")
        driver.get_log("performance")
        driver.get(self.path.as_uri())

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(f"return {script}", *arguments)

    @property
    def count(self) -> str:
        return str(self.js("document.getElementById('count').value"))

    @property
    def step(self) -> str:
        return str(self.find("#step").text)

    def hidden(self, key: str) -> bool:
        """Whether the gradient of a box is hidden."""
        script = "getComputedStyle(document.getElementById(arguments[0]).querySelector('.g'))"
        return bool(self.js(f"{script}.visibility", key) == "hidden")

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.driver, 5, 0.05).until(lambda _: condition())

    def complaints(self) -> list[Any]:
        return [entry for entry in self.driver.get_log("browser") if entry["level"] != "DEBUG"]

    def requests(self) -> set[str]:
        """What the page asked for over any protocol, itself apart."""
        found = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.add(message["params"]["request"]["url"])
        return {url for url in found if not url.startswith("data:")} - {self.path.as_uri()}

    def rect(self, target: Any) -> dict[str, float]:
        """Where an element, or the first of a selector, is on the screen."""
        element = self.find(target) if isinstance(target, str) else target
        found: dict[str, float] = self.js("arguments[0].getBoundingClientRect().toJSON()", element)
        return found

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """A mouse event of the browser itself, such as `mouseWheel`."""
        self.driver.execute_cdp_cmd(
            "Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more}
        )

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Fingers on the screen, such as `touchMove`."""
        found = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.driver.execute_cdp_cmd(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": found}
        )
