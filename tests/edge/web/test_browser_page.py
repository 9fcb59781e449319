"""The page's buttons in a real browser: pictures that are taken, and the match."""

# ruff: noqa: F401, F811 - the fixtures of browsing are known by their names

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="uvicorn is not installed")
pytest.importorskip("starlette", reason="starlette is not installed")
pytest.importorskip("selenium", reason="selenium is not installed")
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("chromium or chromedriver is not installed", allow_module_level=True)

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browsing import Browser, browser, chromium, watched
from edgeproof.edge.answer import Answer
from edgeproof.edge.preprocess import Pixels, read_image
from edgeproof.edge.web import recorder
from playing import Playing
from web_site import Serve, answer, until


def taken(folder: Path, label: str) -> list[Path]:
    """The pictures of a label; hidden ones are still being written."""
    return list((folder / label).glob("[!.]*.jpg"))


def test_pictures_are_taken_while_the_button_is_held(
    browser: Browser, serve: Serve, chart: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_HOLD", 0.5)  # of one word of the page, which is good for three pictures
    site = serve(collect=tmp_path)
    watched(browser, site, lambda index: answer(chart, index))
    browser.driver.find_element(By.CSS_SELECTOR, "#labels label:nth-of-type(2)").click()
    ActionChains(browser.driver).click_and_hold(browser.find("hold")).perform()
    until(lambda: len(taken(tmp_path, "rock")) >= 4)
    until(lambda: browser.text("taking") == "rock")
    ActionChains(browser.driver).release().perform()
    until(lambda: not browser.find("taking").is_displayed())
    site.settle()
    count = len(taken(tmp_path, "rock"))
    site.feed(lambda index: answer(chart, index))
    until(lambda: browser.text("labels").endswith(f"rock{count}scissors0"))
    assert read_image(taken(tmp_path, "rock")[0]).shape == chart.shape
    browser.find("undo").click()
    until(lambda: len(taken(tmp_path, "rock")) == count - 1)
    until(lambda: browser.text("labels").endswith(f"rock{count - 1}scissors0"))


def test_pictures_are_taken_while_the_space_bar_is_held(
    browser: Browser, serve: Serve, chart: Pixels, tmp_path: Path
) -> None:
    watched(browser, serve(collect=tmp_path), lambda index: answer(chart, index))
    field = browser.find("new-name")
    field.send_keys("a new one", Keys.ENTER)  # its space is a letter
    until(lambda: browser.run("return document.querySelector('#labels :checked')?.value") == "a new one")
    until(lambda: browser.text("labels").endswith("a new one0"))
    assert list(tmp_path.iterdir()) == []
    browser.run("document.activeElement.blur()")
    ActionChains(browser.driver).key_down(Keys.SPACE).perform()
    until(lambda: len(taken(tmp_path, "a new one")) >= 2)
    ActionChains(browser.driver).key_up(Keys.SPACE).perform()
    until(lambda: not browser.find("taking").is_displayed())


def test_word_that_comes_after_the_release_takes_no_picture(
    browser: Browser, serve: Serve, chart: Pixels, tmp_path: Path
) -> None:
    watched(browser, serve(collect=tmp_path), lambda index: answer(chart, index))
    browser.run(
        "const send = window.fetch; window.words = [];"
        "window.fetch = (path, how) => {"
        "if (path.startsWith('/collect/')) window.words.push([path, JSON.parse(how.body)]); return send(path, how); }"
    )
    for _ in range(2):
        ActionChains(browser.driver).click_and_hold(browser.find("hold")).perform()
        until(lambda: browser.find("taking").is_displayed())
        ActionChains(browser.driver).release().perform()
        until(lambda: not browser.find("taking").is_displayed())
    words = [(path, body["press"]) for path, body in browser.run("return window.words")]
    first, second = dict.fromkeys(press for _, press in words)
    assert [path for path, press in words if press == first][-1] == "/collect/release"
    assert words[-1] == ("/collect/release", second)


def test_labels_that_are_numbers_keep_their_order(
    browser: Browser, serve: Serve, chart: Pixels, tmp_path: Path
) -> None:
    labels = ("10", "9", "cat", "2")
    site = serve(labels=labels, collect=tmp_path)
    plain = answer(chart)
    values = dict(zip(labels, (0.1, 0.2, 0.3, 0.4), strict=True))
    watched(browser, site, lambda _: Answer(answer(chart).frame, plain.prediction, "2", 0.4, values, 0.0, 0))
    names = "return [...document.querySelectorAll(arguments[0])].map((span) => span.textContent)"
    assert browser.run(names, ".bars li > span:first-child") == list(labels)
    assert browser.run(names, "#labels label span") == list(labels)


def test_highest_of_many_classes_are_sorted(browser: Browser, serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    labels = tuple(str(index) for index in range(1001))
    site = serve(labels=labels, collect=tmp_path)
    plain = answer(chart)
    values = {label: ((7 * int(label)) % 1001) / 1001 for label in labels}
    highest = sorted(labels, key=values.__getitem__, reverse=True)
    watched(browser, site, lambda _: Answer(answer(chart).frame, plain.prediction, highest[0], 0.9, values, 0.0, 0))
    names = "return [...document.querySelectorAll(arguments[0])].map((span) => span.textContent)"
    assert browser.run(names, ".bars li > span:first-child") == highest[:12]
    assert browser.run(names, "#labels label span") == list(labels)
    site.post("/collect/label", {"label": "of another page"})
    until(lambda: browser.run(names, "#labels label span")[-1] == "of another page")


def test_label_that_is_refused_is_said(chromium: Browser, serve: Serve, chart: Pixels, tmp_path: Path) -> None:
    watched(chromium, serve(collect=tmp_path), lambda index: answer(chart, index))
    chromium.find("new-name").send_keys("../up", Keys.ENTER)
    until(lambda: chromium.text("trouble").startswith("expected a label that can be a folder's name"))
    assert all("400 (Bad Request)" in line for line in chromium.complaints())


def test_match_is_played_to_its_end(
    browser: Browser, serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    playing = Playing(monkeypatch, chart, "paper")
    watched(browser, serve(best_of=3), playing.make)
    assert browser.text("start") == "Play"
    browser.find("start").click()
    until(lambda: browser.text("count") == "3")
    playing.clock.now += 2
    until(lambda: browser.text("count") == "1")
    playing.clock.now += 1
    until(lambda: browser.text("count") == "Shoot!")
    playing.show()
    playing.end_round()
    until(lambda: browser.find("duel").is_displayed())
    assert browser.run("return document.getElementById('person-hand').getAttribute('href')") == "#hand-paper"
    for rounds in range(1, 100):
        until(
            lambda rounds=rounds: browser.run("return document.querySelectorAll('#rounds li').length") >= min(rounds, 9)
        )
        playing.pause()
        until(lambda: browser.run("return document.getElementById('round').dataset.phase") in ("countdown", "over"))
        if browser.text("start") == "Rematch":
            break
        playing.count_down()
        playing.show()
        playing.end_round()
    person, computer = int(browser.text("person-score")), int(browser.text("computer-score"))
    assert max(person, computer) == 2
    assert browser.text("outcome") == ("You win the match" if person == 2 else "The computer wins the match")
    outcomes = browser.run("return [...document.querySelectorAll('#rounds li')].map((item) => item.dataset.outcome)")
    assert (outcomes.count("win"), outcomes.count("lose")) == (person, computer)
    browser.find("start").click()
    until(lambda: browser.text("person-score") == browser.text("computer-score") == "0")
    until(lambda: browser.text("count") == "3")


def test_match_that_nobody_plays_ends_and_the_page_says_why(
    browser: Browser, serve: Serve, chart: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    playing = Playing(monkeypatch, chart, "unknown")
    watched(browser, serve(best_of=3), playing.make)
    assert browser.text("given-up") == ""
    browser.find("start").click()
    until(lambda: browser.text("count") == "3")
    for _ in range(3):
        playing.play()
    until(lambda: browser.text("given-up").startswith("No hand could be seen"))
    assert browser.text("start") == "Play"
    assert browser.run("return document.querySelectorAll('#rounds li').length") == 3
    browser.find("start").click()
    until(lambda: browser.text("given-up") == "")
