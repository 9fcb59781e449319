"""The Pi camera, on a picamera2 that behaves as its manual says; none of these tests needs a Pi."""

from __future__ import annotations

import sys
import time
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from edgeproof.edge.errors import InputError
from edgeproof.edge.preprocess import Pixels
from edgeproof.edge.sources import SourceOptions, picamera
from edgeproof.edge.sources.picamera import sensor_time
from frames import Words, is_chart, read

BOOTED = 5000.0  # seconds that the machine has slept since it was started
# The order of the bytes of a pixel in memory, for libcamera's names: from the last letter to the first.
ORDERS = {"RGB888": (2, 1, 0), "BGR888": (0, 1, 2)}


class Sensor:
    """The world that a fake picamera2 sees: one camera that looks at an RGB chart."""

    def __init__(self, chart: Pixels) -> None:
        self.scene = chart[:, :, ::-1]  # red, green, blue
        self.cameras = 2
        self.busy = self.hangs = False
        self.biggest = (4608, 2592)
        self.log: list[Any] = []
        self.requests: list[Request] = []

    def picture(self, size: tuple[int, int], pixel_format: str) -> Pixels:
        width, height = size
        scene = np.zeros((height, width, 3), np.uint8)
        scene[: self.scene.shape[0], : self.scene.shape[1]] = self.scene[:height, :width]
        return scene[:, :, ORDERS[pixel_format]]


class Request:
    """A completed request: its memory is the camera's again once it is released."""

    def __init__(self, image: Pixels, nanoseconds: int) -> None:
        self.image, self.released = image, 0
        self._nanoseconds = nanoseconds

    def get_metadata(self) -> dict[str, object]:
        assert not self.released
        return {"SensorTimestamp": self._nanoseconds, "ExposureTime": 10_000}

    def release(self) -> None:
        self.released += 1
        self.image[:] = 99  # the next frame


class MappedArray:
    def __init__(self, request: Request, stream: str) -> None:
        assert stream == "main"
        self._request = request

    def __enter__(self) -> MappedArray:
        assert not self._request.released
        self.array = self._request.image
        return self

    def __exit__(self, *_: object) -> None:
        del self.array


def module(sensor: Sensor) -> ModuleType:
    class Picamera2:
        def __init__(self, camera_num: int = 0) -> None:
            if camera_num >= sensor.cameras:
                raise IndexError("list index out of range")
            if sensor.busy:
                raise RuntimeError("Camera __init__ sequence did not complete.")
            sensor.log.append(("open", camera_num))

        def create_video_configuration(self, main: dict[str, Any], controls: dict[str, Any]) -> dict[str, Any]:
            return {"main": main, "controls": {"FrameDurationLimits": (33333, 33333)} | controls}

        def configure(self, configuration: dict[str, Any]) -> None:
            width, height = configuration["main"]["size"]
            self._size = (min(width, sensor.biggest[0]), min(height, sensor.biggest[1]))
            self._format = configuration["main"]["format"]
            sensor.log.append(configuration)

        def start(self) -> None:
            sensor.log.append("start")

        def capture_request(self, wait: float | bool | None = None) -> Request:
            assert wait
            if sensor.hangs:
                raise TimeoutError
            taken = int((time.monotonic() - 0.2 + BOOTED) * 1e9)
            sensor.requests.append(Request(sensor.picture(self._size, self._format), taken))
            return sensor.requests[-1]

        def stop(self) -> None:
            sensor.log.append("stop")

        def close(self) -> None:
            sensor.log.append("close")

    fake: Any = ModuleType("picamera2")
    fake.Picamera2, fake.MappedArray = Picamera2, MappedArray
    return fake  # type: ignore[no-any-return]


@pytest.fixture
def sensor(chart: Pixels, monkeypatch: pytest.MonkeyPatch) -> Sensor:
    sensor = Sensor(chart)
    monkeypatch.setitem(sys.modules, "picamera2", module(sensor))
    monkeypatch.setattr(picamera.time, "clock_gettime", lambda _: time.monotonic() + BOOTED)
    monkeypatch.delenv("LIBCAMERA_LOG_LEVELS", raising=False)
    return sensor


@pytest.mark.parametrize(("name", "number"), [("picamera", 0), ("picamera:1", 1)])
def test_pi_camera_is_live_and_gives_bgr(sensor: Sensor, words: Words, name: str, number: int) -> None:
    source = words.open(name)
    assert source.live
    frames = read(source, 4)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert {frame.source for frame in frames} == {name}
    assert all(frame.image.shape == (480, 640, 3) and is_chart(frame.image) for frame in frames)
    assert sensor.log[0] == ("open", number)
    assert all(request.released == 1 for request in sensor.requests)
    source.close()
    assert sensor.log[-2:] == ["stop", "close"]
    assert words.lines == []


def test_size_and_rate_are_asked_for(sensor: Sensor, words: Words) -> None:
    (frame,) = read(words.open("picamera", SourceOptions(size=(1280, 720), rate=50.0)), 1)
    assert frame.image.shape == (720, 1280, 3)
    assert sensor.log[1]["main"] == {"size": (1280, 720), "format": "RGB888"}
    assert sensor.log[1]["controls"] == {"FrameDurationLimits": (20_000, 20_000)}


def test_size_that_the_camera_does_not_have_is_told_of(sensor: Sensor, words: Words) -> None:
    sensor.biggest = (1920, 1080)
    words.open("picamera", SourceOptions(size=(4608, 2592)))
    assert words.lines == [
        "warning: picamera: the camera gives 1920x1080 instead of 4608x2592; "
        "rpicam-hello --list-cameras names what it has"
    ]


def test_frame_is_as_old_as_the_sensor_says(sensor: Sensor, words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picamera.time, "monotonic", lambda: 100.0)
    (frame,) = read(words.open("picamera"), 1)
    assert frame.captured == pytest.approx(100.0 - 0.2, abs=1e-6)
    assert len(sensor.requests) == 1


@pytest.mark.parametrize(
    ("age", "seen"), [(0.0, 0.0), (0.5, 0.5), (-0.5, 0.0), (3600.0, 0.0)], ids=["new", "old", "future", "other clock"]
)
def test_sensors_clock_goes_on_while_a_machine_sleeps_and_ours_does_not(
    age: float, seen: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picamera.time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(picamera.time, "clock_gettime", lambda _: 100.0 + BOOTED)
    assert sensor_time(int((100.0 + BOOTED - age) * 1e9)) == pytest.approx(100.0 - seen, abs=1e-6)


def test_frame_without_a_timestamp_is_taken_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picamera.time, "monotonic", lambda: 100.0)
    assert sensor_time(None) == 100.0


def test_frame_is_written_into_the_spare_image(sensor: Sensor, words: Words) -> None:
    source = words.open("picamera")
    first, second = read(source, 2)
    third = source.read(first.image)
    assert third is not None
    assert third.image is first.image
    assert is_chart(second.image)  # which the camera has not written over
    assert len(sensor.requests) == 3


def test_camera_that_cannot_be_stopped_is_released_all_the_same(
    sensor: Sensor, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_away(_: object) -> None:
        raise RuntimeError("Camera frontend has timed out")

    source = words.open("picamera")
    monkeypatch.setattr(sys.modules["picamera2"].Picamera2, "stop", taken_away)
    source.close()
    assert sensor.log[-1] == "close"


def test_number_of_thousands_of_digits_is_refused(sensor: Sensor, words: Words) -> None:
    with pytest.raises(InputError, match=r"expected picamera or picamera:1 .*, received 'picamera:9{31}'$"):
        words.open("picamera:" + "9" * 5000)
    assert sensor.log == []


@pytest.mark.parametrize("name", ["picamera:", "picamera:x", "picamera:-1", "picamera:²"])
def test_bad_number_is_refused(sensor: Sensor, words: Words, name: str) -> None:
    with pytest.raises(InputError, match=rf"expected picamera or picamera:1 \(the number .*\), received '{name}'"):
        words.open(name)
    assert sensor.log == []


def test_camera_that_is_not_there_is_one_clear_line(sensor: Sensor, words: Words) -> None:
    sensor.cameras = 0
    with pytest.raises(InputError, match="expected a camera, received none from picamera; check its ribbon cable, and"):
        words.open("picamera")


def test_camera_that_another_program_holds_is_one_clear_line(sensor: Sensor, words: Words) -> None:
    sensor.busy = True
    with pytest.raises(InputError, match=r"received Camera __init__ .* from picamera; .* no other program holds it"):
        words.open("picamera")


def test_camera_that_gives_no_frame_is_not_believed(sensor: Sensor, words: Words) -> None:
    sensor.hangs = True
    with pytest.raises(InputError, match=r"expected a frame within 2\.5 s, .* picamera; check its ribbon"):
        words.open("picamera")
    assert sensor.log[-1] == "close"


def test_camera_that_hangs_later_is_an_error(sensor: Sensor, words: Words) -> None:
    source = words.open("picamera")
    source.read()
    sensor.hangs = True
    with pytest.raises(InputError, match=r"expected a frame within 2\.5 s, received none from picamera"):
        source.read()


def test_missing_package_is_one_clear_line(words: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(InputError, match=r"expected the package picamera2, .*: sudo apt install python3-picamera2"):
        words.open("picamera")


def test_pixel_format_is_not_asked_of_it(sensor: Sensor, words: Words) -> None:
    with pytest.raises(InputError, match="expected --pixel-format with a camera that can be asked for it, received"):
        words.open("picamera", SourceOptions(pixel_format="MJPG"))
    assert sensor.log == []
