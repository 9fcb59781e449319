"""The frames and encoded pictures that both machines are asked about: made once, so that they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edgeproof.edge.hands import hand_pictures
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources.hands import HandsSource

# Height and width of frames as cameras and photos have them, one that is halved, and one that no vector length divides.
SIZES = ((480, 640), (720, 1280), (1080, 1920), (972, 1296), (240, 320), (200, 300), (300, 300), (479, 641))
_QUALITY = 90


@dataclass(frozen=True)
class Material:
    """Frames (BGR, uint8, any height and width) and encoded pictures, by name."""

    frames: dict[str, Pixels]
    encoded: dict[str, Pixels]

    def write(self, path: Path) -> None:
        """Write an .npz file."""
        np.savez(path, **{f"frame {name}": frame for name, frame in self.frames.items()}, **self.encoded)

    @classmethod
    def read(cls, path: Path) -> Material:
        """Read what `write` wrote."""
        with np.load(path) as arrays:
            frames = {name.removeprefix("frame "): arrays[name] for name in arrays.files if name.startswith("frame ")}
            return cls(frames, {name: arrays[name] for name in arrays.files if not name.startswith("frame ")})


def make(pictures: Path | None, count: int) -> Material:
    """Make the material.

    Args:
        pictures: a folder of photos to add; `count` of them, spread over the folder.
        count: frames of the clip of generated hands.
    """
    frames = {f"hands-{index:03}": frame for index, frame in enumerate(_clip(count))}
    encoded = {}
    for seed, (height, width) in enumerate(SIZES):
        size = f"{width}×{height}"
        # Noise has every neighbourhood of values: no rounding stays unseen behind smooth colours.
        frames[f"noise-{size}"] = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
        hand = next(hand_pictures(1, seed, height, width))[1]
        frames[f"drawn-{size}"] = hand
        encoded[f"hand-{size}.jpg"] = cv2.imencode(".jpg", hand, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].ravel()
    for path in _spread(sorted(pictures.rglob("*.jp*g")), count) if pictures else ():
        encoded[path.name] = np.frombuffer(path.read_bytes(), np.uint8)
    return Material(frames, encoded)


def _clip(count: int) -> Iterator[Pixels]:
    source = HandsSource(count)
    while (frame := source.read()) is not None:
        yield frame.image  # type: ignore[misc]  # pictures, as this source has no others


def _spread(paths: list[Path], count: int) -> list[Path]:
    return paths[:: max(1, len(paths) // count)][:count]
