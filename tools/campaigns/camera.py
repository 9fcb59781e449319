"""`tools/campaign camera`: cameras that fail in every way, on runs that are to go on and say so."""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import figures
from faults import Fault, Switch
from faulty_servers import FaultyHttp, FaultyRtsp
from rig import Rig
from scenes import Picture, scenes

_MODEL = str(Path(__file__).parents[2] / "tests/models/rps-int8.tflite")
_KINDS = ("camera", "camera", "camera", "camera", "http", "http", "rtsp", "rtsp")  # a rig each, all at the same time
_OF_STREAMS = (Fault.UNPLUGGED, Fault.SILENT, Fault.SLOW, Fault.BLACK, Fault.RESIZED, Fault.DAMAGED)
_CALM, _LASTING = (1.0, 2.5), (2.2, 5.0)  # seconds before a fault, and of it
_STARTING = 90.0  # seconds for the first answer
_NOTICED, _BACK = 2.0, 5.0  # seconds: the goals
_STUCK = 20.0  # seconds without an answer after which a loop counts as stuck


@dataclass
class Result:
    """What became of the faults of one rig; times are in seconds."""

    faults: int = 0
    noticed: dict[str, list[float]] = field(default_factory=dict)
    unnoticed: list[str] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)  # runs that did


class Torment:
    """One rig and its faults."""

    def __init__(self, kind: str, folder: Path, seed: int) -> None:
        self._kind = kind
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._scenes = scenes(_MODEL)
        self._path = folder / f"{kind}-{seed}.switch"
        self._switch = Switch(self._path, new=True)
        self._folder = folder
        self._last = Fault.NONE
        self._scene = 0
        self.result = Result()

    def run(self, count: int, deadline: float) -> None:
        """Inject so many faults, until the deadline at the latest."""
        with ExitStack() as stack:
            rig = self._start(stack, deadline)
            stack.callback(rig.end)
            if rig.answer_after(time.monotonic() - _STARTING, self._label(), 2 * _STARTING) is None:
                self.result.ended.append(f"{self._kind}: no first answer")
                return
            while self.result.faults < count and time.monotonic() < deadline:
                if not self._one(rig):
                    return

    def _start(self, stack: ExitStack, deadline: float) -> Rig:
        pictures: list[Picture] = [picture for _, picture in self._scenes]
        if self._kind == "camera":
            file = self._path.with_suffix(".npy")
            np.save(file, np.stack(pictures))
            return Rig.camera(self._path, file, _MODEL, self._folder)
        patience = deadline - time.monotonic() + _STARTING
        server: FaultyHttp | FaultyRtsp
        server = (FaultyHttp if self._kind == "http" else FaultyRtsp)(self._path, pictures, patience)
        stack.enter_context(server)
        return Rig.stream(server.url, _MODEL, self._folder)

    def _one(self, rig: Rig) -> bool:
        fault = self._fault()
        time.sleep(self._chance.uniform(*_CALM))
        self.result.faults += 1
        begun = time.monotonic()
        self._switch.begin(fault)
        lasting = self._chance.uniform(*_LASTING)
        noticed = rig.warning_after(begun, lasting)
        time.sleep(max(0.0, begun + lasting - time.monotonic()))
        self._scene = (self._scene + 1) % len(self._scenes)
        self._switch.end(self._scene)
        ended = time.monotonic()
        if noticed is None:
            self.result.unnoticed.append(f"{self._kind}: {fault.name}")
        else:
            self.result.noticed.setdefault(fault.name, []).append(noticed - begun)
        back = rig.answer_after(ended, self._label(), _STUCK)
        if back is None:
            kind = self.result.stuck if rig.is_alive() else self.result.ended
            kind.append(f"{self._kind}: {fault.name}: {rig.warnings[-1].text if rig.warnings else ''}")
            return rig.is_alive()
        self.result.back.append(back - ended)
        return True

    def _fault(self) -> Fault:
        possible = [each for each in Fault if each != Fault.NONE] if self._kind == "camera" else list(_OF_STREAMS)
        if self._kind == "rtsp":  # packets that are no picture are silence there
            possible.remove(Fault.DAMAGED)
        # What is the same fault again within seconds is told of once.
        self._last = self._chance.choice([each for each in possible if each != self._last])
        return self._last

    def _label(self) -> str:
        return self._scenes[self._scene][0]


def torment(count: int, seed: int, minutes: float, kinds: tuple[str, ...] = _KINDS) -> list[Result]:
    """Torment a rig of each kind at the same time; gives what became of it."""
    deadline = time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory() as name:
        torments = [Torment(kind, Path(name), seed * 100 + index) for index, kind in enumerate(kinds)]
        shares = [count // len(kinds) + (index < count % len(kinds)) for index in range(len(kinds))]
        threads = [
            threading.Thread(target=each.run, args=(share, deadline))
            for each, share in zip(torments, shares, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [each.result for each in torments]


def summary(results: list[Result], count: int) -> list[figures.Figure]:
    """Hold the results to the goals."""
    noticed = [seconds for result in results for each in result.noticed.values() for seconds in each]
    back = [seconds for result in results for seconds in result.back]
    return [
        figures.at_least("faults injected", sum(result.faults for result in results), "", count),
        figures.at_most("runs that ended", sum(len(result.ended) for result in results), "", 0),
        figures.at_most("loops that were stuck", sum(len(result.stuck) for result in results), "", 0),
        figures.at_most("faults that nobody noticed", sum(len(result.unnoticed) for result in results), "", 0),
        figures.at_most("noticed, slowest", max(noticed, default=float("nan")), "s", _NOTICED),
        figures.at_most("answers again, median", figures.percentile(back, 50), "s", _BACK),
        figures.at_most("answers again, 95th percentile", figures.percentile(back, 95), "s", _BACK),
        figures.at_most("answers again, slowest", max(back, default=float("nan")), "s", _STUCK),
    ]


def main() -> int:
    """Run the campaign."""
    options = figures.parser("camera", __doc__ or "", count=1000, minutes=45).parse_args()
    results = torment(options.count, options.seed, options.minutes)
    for result in results:
        for line in (*result.unnoticed, *result.stuck, *result.ended):
            print(line)  # noqa: T201 - which of them, for the one who mends it
    return figures.report(summary(results, options.count), options.json)


if __name__ == "__main__":
    sys.exit(main())
