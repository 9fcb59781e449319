"""A real browser, which looks at the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from edgeproof.edge.answer import Answer
from edgeproof.edge.web import app
from web_site import Serve, Site, until

if TYPE_CHECKING:
    from selenium.webdriver.remote.webelement import WebElement

FLAGS = (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "disable-dev-shm-usage",  # which is small in many a container
)
DESKTOP, PHONE = (1280, 860), (390, 844)
# What Chromium says of an end that was announced, of a server that has gone, and of a test that reads a canvas.
KNOWN = ("410 (Gone)", "ERR_CONNECTION_REFUSED", "TypeError: Failed to fetch", "willReadFrequently")


class Browser:
    """A browser with the page in it."""

    def __init__(self, profile: Path) -> None:
        options = Options()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS, f"user-data-dir={profile}"):
            options.add_argument(f"--{flag}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # The driver is named, or selenium would look for one in the network.
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))

    def open(self, url: str, size: tuple[int, int] = DESKTOP) -> None:
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size != DESKTOP}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.delete_all_cookies()
        self.driver.get(url)

    def find(self, name: str) -> WebElement:
        return self.driver.find_element(By.ID, name)

    def text(self, name: str) -> str:
        return str(self.run("return document.getElementById(arguments[0]).textContent", name))

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def pixel(self, x: float, y: float) -> list[int]:
        """Red, green, blue of the picture at fractions of its width and height."""
        return list(
            self.run(
                "const c = document.getElementById('picture'), [x, y] = arguments;"
                "return [...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data]",
                x,
                y,
            )
        )[:3]

    @property
    def state(self) -> str:
        return str(self.run("return document.body.dataset.state"))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture
def browser(chromium: Browser, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """The browser; at the end, while the page is still served, it must have found nothing to complain of."""
    assert serve
    monkeypatch.setattr(app, "_PATIENCE", 10.0)  # a page waits for 15 seconds, and knows that it is answered before
    yield chromium
    complaints = chromium.complaints()
    chromium.driver.get("about:blank")
    unknown = [line for line in complaints if not any(known in line for known in KNOWN)]
    assert unknown == [], unknown


def watched(browser: Browser, site: Site, make: Callable[[int], Answer], size: tuple[int, int] = DESKTOP) -> None:
    site.feed(make)
    browser.open(site.sink.url, size)
    until(lambda: browser.state == "live")
