"""The page in a real browser: Debian's chromium, without a screen."""

# ruff: noqa: F401, F811 - the fixtures of browsing are known by their names

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")
pytest.importorskip("selenium", reason="selenium is not installed")
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("chromium or chromedriver is not installed", allow_module_level=True)

from selenium.webdriver.common.keys import Keys

from browsing import KNOWN, PHONE, Browser, browser, chromium, watched
from edgeproof.edge.answer import Answer
from edgeproof.edge.preprocess import Pixels
from web_site import LABELS, Serve, answer, until

TOKEN = "correct-horse-battery"  # noqa: S105 - of a test
# The gray value in the middle of the canvas and what is said beside it, at many moments, until each label was seen.
SAMPLES = """
const [count, done] = arguments, found = [];
const canvas = document.getElementById("picture"), context = canvas.getContext("2d");
const labels = new Set();
(function look() {
  const value = context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0];
  const shown = document.querySelector(".bars .shown span");
  found.push([value, document.getElementById("label").textContent, shown.textContent]);
  labels.add(found.at(-1)[1]);
  if (found.length < count || labels.size < 3) requestAnimationFrame(look); else done(found);
})();
"""


def test_picture_has_its_colours(browser: Browser, serve: Serve, chart: Pixels) -> None:
    watched(browser, serve(), lambda index: answer(chart, index))
    for x, strong in ((0.2, 0), (0.8, 2)):
        red_green_blue = browser.pixel(x, 0.5)
        assert red_green_blue[strong] > 240
        assert sum(red_green_blue) - red_green_blue[strong] < 30
    assert browser.text("model") == "rps-int8"
    assert browser.run("return [picture.width, picture.height]") == [64, 48]


def test_label_bars_and_figures_follow_the_answer(browser: Browser, serve: Serve, chart: Pixels) -> None:
    site = serve()
    watched(browser, site, lambda index: answer(chart, index, "paper", 0.9, dropped=17))
    assert (browser.text("label"), browser.text("score"), browser.text("dropped")) == ("paper", "90 %", "17")
    assert browser.text("latency") == "2.0 ms"
    assert browser.text("age").endswith(" ms")
    bars = browser.run(
        "return [...document.querySelectorAll('.bars li')].map((row) => [row.children[0].textContent,"
        "row.children[1].textContent, row.className, row.querySelector('.track').getAttribute('aria-valuenow'),"
        "row.querySelector('.fill').getBoundingClientRect().width / row.children[2].getBoundingClientRect().width])"
    )
    assert [bar[:4] for bar in bars] == [
        ["paper", "90 %", "shown", "90"],
        ["rock", "5 %", "", "5"],
        ["scissors", "5 %", "", "5"],
    ]
    assert [bar[4] for bar in bars] == pytest.approx([0.9, 0.05, 0.05], abs=0.01)
    site.pause()
    site.feed(lambda index: answer(chart, index, "scissors", 0.6))
    until(lambda: browser.text("label") == "scissors")
    assert browser.run("return document.querySelector('.bars .shown').firstChild.textContent") == "scissors"


def test_picture_and_answer_belong_together(browser: Browser, serve: Serve) -> None:
    """A frame's shade says its label; what is beside the picture is never of another frame."""
    shades = [np.full((48, 64, 3), 100 * index, np.uint8) for index in range(3)]
    watched(browser, serve(), lambda index: answer(shades[index // 2 % 3], index, LABELS[index // 2 % 3]))
    samples = browser.driver.execute_async_script(SAMPLES, 60)
    assert all(label == shown == LABELS[round(value / 100)] for value, label, shown in samples)
    assert len({label for _, label, _ in samples}) == 3


def test_unknown_is_grey(browser: Browser, serve: Serve, chart: Pixels) -> None:
    site = serve()
    watched(browser, site, lambda index: answer(chart, index, "rock"))
    colour = "return getComputedStyle(document.getElementById('answer')).color"
    assert browser.run(colour) == "rgb(255, 255, 255)"
    site.pause()
    site.feed(lambda index: answer(chart, index, "unknown", 0.4))
    until(lambda: browser.text("label") == "unknown")
    assert browser.run(colour) == "rgb(195, 201, 209)"
    assert browser.run("return document.querySelector('.bars .shown')") is None


def test_regression_shows_its_number(browser: Browser, serve: Serve, chart: Pixels) -> None:
    watched(browser, serve(), lambda index: answer(chart, index, None, 18.954321))
    assert (browser.text("label"), browser.text("score")) == ("18.95", "")
    assert not browser.find("classes").is_displayed()


def test_labels_are_text_whatever_they_hold(browser: Browser, serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    site = serve(labels=(evil, "rock"), collect=tmp_path)
    plain = answer(chart)
    watched(browser, site, lambda _: Answer(answer(chart).frame, plain.prediction, evil, 0.5, {evil: 0.5}, 0.0, 0))
    assert browser.text("label") == evil
    assert browser.run("return document.querySelectorAll('img').length") == 0
    assert evil in browser.text("labels")


@pytest.mark.parametrize("size", [PHONE, (320, 568)])
def test_phone_needs_no_sideways_scrolling(
    browser: Browser, serve: Serve, tmp_path: Path, size: tuple[int, int]
) -> None:
    labels = ("rock", "paper", "scissors", "a-label-of-one-very-long-word-" * 3)
    image = np.zeros((480, 640, 3), np.uint8)
    values = dict.fromkeys(labels, 0.25)
    plain = answer(image)
    site = serve(labels=labels, collect=tmp_path, best_of=3)
    watched(
        browser,
        site,
        lambda _: Answer(answer(image).frame, plain.prediction, labels[3], 0.25, values, 0.0, 10**6),
        size,
    )
    until(lambda: browser.text("label") == labels[3])
    assert browser.run("return document.documentElement.scrollWidth") == size[0]
    for name in ("picture", "bars", "start", "hold", "undo"):
        box = browser.find(name).rect
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
    assert browser.find("hold").rect["height"] >= 44  # a thumb


def test_token_opens_the_page_and_leaves_the_address(chromium: Browser, serve: Serve, chart: Pixels) -> None:
    site = serve("0.0.0.0", token=TOKEN)  # noqa: S104 - with a token, which is what is tested
    site.feed(lambda index: answer(chart, index))
    chromium.open(f"{site.root}/")
    chromium.find("token").send_keys("wrong-token", Keys.ENTER)
    until(lambda: chromium.driver.current_url.endswith("wrong-token"))
    chromium.find("token").send_keys(TOKEN, Keys.ENTER)
    until(lambda: chromium.state == "live")
    assert chromium.driver.current_url == f"{site.root}/"
    assert chromium.run("return document.cookie") == ""  # no script can read it
    chromium.driver.refresh()
    until(lambda: chromium.state == "live")
    complaints = [
        line for line in chromium.complaints() if not any(known in line for known in (*KNOWN, "401 (Unauthorized)"))
    ]
    assert complaints == []


def test_end_of_the_camera_is_said_and_the_page_goes_on_when_it_is_back(
    browser: Browser, serve: Serve, chart: Pixels
) -> None:
    site = serve()
    watched(browser, site, lambda index: answer(chart, index))
    site.close()
    until(lambda: browser.state == "ended")
    assert browser.text("veil-title") == "The camera ended"
    assert browser.find("veil").is_displayed()
    again = serve(port=site.port)
    again.feed(lambda index: answer(chart, index, "paper"))
    until(lambda: browser.state == "live")
    assert browser.text("label") == "paper"
    assert not browser.find("veil").is_displayed()


def test_connection_that_is_lost_is_said(chromium: Browser, serve: Serve, chart: Pixels) -> None:
    watched(chromium, serve(), lambda index: answer(chart, index))
    network = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    chromium.driver.execute_cdp_cmd("Network.enable", {})
    chromium.driver.execute_cdp_cmd("Network.emulateNetworkConditions", network)
    until(lambda: chromium.state == "lost")
    assert chromium.text("veil-title") == "Connection lost"
    chromium.driver.execute_cdp_cmd("Network.emulateNetworkConditions", network | {"offline": False})
    until(lambda: chromium.state == "live")
    assert all("ERR_INTERNET_DISCONNECTED" in line or "Failed to fetch" in line for line in chromium.complaints())
