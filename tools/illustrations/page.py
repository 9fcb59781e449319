"""The page of `edgeproof run --web`, as a browser shows it: one picture, and one that moves."""

from __future__ import annotations

import argparse
import io
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

_DOCS = Path(__file__).parents[2] / "docs"
_WIDTH, _HEIGHT = 1280, 860
_SMALL = 0.625  # of the moving picture
_FRAMES, _EVERY = 40, 0.25  # pictures, and seconds from one to the next
_QUALITY = 60
_FLAGS = ("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-sync")


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(prog="tools/pictures", description=__doc__)
    parser.add_argument("model", type=Path, help="a file of a model of rock, paper and scissors, such as the demo's")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room, _page(options.model, Path(room)) as url, _browser(Path(room)) as driver:
        driver.get(url)
        time.sleep(2)  # until the first picture is there
        (_DOCS / "web.png").write_bytes(driver.get_screenshot_as_png())
        _save(_DOCS / "web.webp", list(_moving(driver)))


def _moving(driver: webdriver.Chrome) -> Iterator[Image.Image]:
    start = time.monotonic()
    for index in range(_FRAMES):
        time.sleep(max(0.0, start + index * _EVERY - time.monotonic()))
        shot = Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")
        yield shot.resize((round(_WIDTH * _SMALL), round(_HEIGHT * _SMALL)), Image.Resampling.LANCZOS)


def _save(file: Path, pictures: list[Image.Image]) -> None:
    first, *others = pictures
    settings = {"duration": round(1000 * _EVERY), "loop": 0, "quality": _QUALITY, "method": 6}
    first.save(file, save_all=True, append_images=others, **settings)


@contextmanager
def _page(model: Path, room: Path) -> Iterator[str]:
    """Run the model on generated hands; gives the address of its page."""
    words = ["run", str(model), "hands:900", "--web", "127.0.0.1:0", "--collect", str(room / "photos"), "--game", "3"]
    command = [sys.executable, "-m", "edgeproof.edge.cli", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:  # noqa: S603
        try:
            assert run.stderr is not None  # noqa: S101 - it is a pipe
            found = next(filter(None, (re.search(r"http://\S+", line) for line in run.stderr)), None)
            if found is None:
                sys.exit("error: expected the address of a page, received none; see edgeproof run")
            yield found[0]
        finally:
            run.terminate()


@contextmanager
def _browser(room: Path) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*_FLAGS, f"user-data-dir={room / 'profile'}"):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        size = {"width": _WIDTH, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        yield driver
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
