"""Options that choose where answers go; any number together."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ...arguments import (
    byte_size,
    frame_rate,
    host_port,
    interval,
    output_file,
    output_folder,
    positive,
    probability,
)
from ...contract import NumberInput
from ...errors import InputError, missing_package

if TYPE_CHECKING:
    from ...classifier import Classifier
    from ...console import Console
    from ...sinks import Sink
    from ...sinks.about import About
    from ...sinks.pictures import PictureFolder

# 9464 is where programs that serve their own metrics listen by OpenTelemetry's convention; 9100, the best known port,
# is node_exporter's, which runs on many a Raspberry Pi.
_METRICS = ("127.0.0.1", 9464)


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    group = parser.add_argument_group("outputs, any number together")
    display = group.add_mutually_exclusive_group()
    display.add_argument("--window", action="store_true", help="show the frames in a window")
    display.add_argument("--headless", action="store_true", help="no window (default)")
    group.add_argument("--json", action="store_true", help="one JSON object per frame on standard output")
    group.add_argument("--save", type=Path, metavar="CLIP", help="write an annotated .mp4 or .avi")
    group.add_argument(
        "--save-rate",
        type=frame_rate,
        default=15.0,
        metavar="FPS",
        help="frames a second at which the clip plays (default: 15)",
    )
    group.add_argument("--quiet", action="store_true", help="no summary")
    _add_log(parser)
    _add_network(parser)
    _add_pictures(parser)


def _add_log(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("outputs: a log")
    group.add_argument("--log", type=output_file, metavar="FILE", help="append one JSON object per frame to FILE")
    group.add_argument(
        "--log-size",
        type=byte_size,
        default=10_000_000,
        metavar="SIZE",
        help="the size at which it is rotated (default: 10MB)",
    )
    group.add_argument(
        "--log-keep", type=positive, default=5, metavar="N", help="full files kept beside it (default: 5)"
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("outputs: other programs")
    group.add_argument(
        "--mqtt",
        metavar="URL",
        help="publish to mqtt://[user[:password]@]host[:port][/topic] or mqtts://, for Home Assistant too; the "
        "password may be in EDGEPROOF_MQTT_PASSWORD",
    )
    group.add_argument(
        "--mqtt-interval",
        type=interval,
        default=1.0,
        metavar="S",
        help="publish every S seconds, and when the label changes (default: 1)",
    )
    group.add_argument(
        "--metrics",
        type=host_port,
        nargs="?",
        const=_METRICS,
        metavar="HOST:PORT",
        help=f"serve Prometheus metrics (default: {_METRICS[0]}:{_METRICS[1]})",
    )


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("outputs: pictures kept")
    group.add_argument(
        "--save-on",
        action="append",
        default=[],
        metavar="LABEL[:SCORE]",
        help="keep frames of this label, rock:0.9 or unknown for example; may be repeated",
    )
    group.add_argument(
        "--snapshots",
        type=output_folder,
        default=Path("snapshots"),
        metavar="FOLDER",
        help="where they go (default: snapshots)",
    )
    group.add_argument(
        "--snapshot-interval",
        type=interval,
        default=1.0,
        metavar="S",
        help="one of each kind in S seconds (default: 1)",
    )
    group.add_argument(
        "--save-unsure",
        type=output_folder,
        metavar="FOLDER",
        help="keep frames that the model is unsure about, in a folder per label, to be sorted and trained on",
    )
    group.add_argument(
        "--unsure-margin",
        type=probability,
        default=0.2,
        metavar="P",
        help="unsure is what has its two best probabilities nearer than this (default: 0.2)",
    )
    group.add_argument(
        "--disk-budget",
        type=byte_size,
        default=500_000_000,
        metavar="SIZE",
        help="room for the pictures of one folder; the oldest are deleted, of --collect none (default: 500MB)",
    )


def check(options: argparse.Namespace, classifier: Classifier) -> None:
    """See to it that the outputs can show what the model answers, before anything is opened.

    Raises:
        InputError: pictures are to be shown or kept of a model of numbers, or labels be told apart that it has not.
    """
    if isinstance(classifier.contract.input, NumberInput):
        if options.save or options.window:
            raise InputError("expected --save and --window with a model of pictures, received a model of numbers")
        if options.save_on or options.save_unsure:
            raise InputError("expected --save-on and --save-unsure with a model of pictures, received one of numbers")
    if options.save_on or options.save_unsure:
        from ...sinks.snapshots import read_rule

        labels = classifier.contract.output.labels
        if not labels:
            raise InputError("expected --save-on and --save-unsure with a model that has labels, received one without")
        for text in options.save_on:
            read_rule(text, labels)
    if options.mqtt:
        from ...sinks.broker import read_broker

        read_broker(options.mqtt, os.environ)


def open_sinks(options: argparse.Namespace, stack: ExitStack, classifier: Classifier, console: Console) -> list[Sink]:
    """Open every output; the stack closes them.

    Raises:
        InputError: one of them does not open; those before it are closed by the stack.
    """
    sinks: list[Sink] = []
    for sinks_of in (_shown(options), _kept(options, stack, classifier, console), _told(options, classifier, console)):
        for sink in sinks_of:  # one opens after the other, and each is on the stack before the next
            sinks.append(sink)
            stack.callback(sink.close)
    return sinks


def _shown(options: argparse.Namespace) -> Iterator[Sink]:
    from ...sinks import lines

    yield (lines.JsonLines if options.json else lines.TextLines)(sys.stdout)
    if options.save:
        from ...sinks.clip import ClipSink

        yield ClipSink(options.save, options.save_rate)
    if options.window:
        from ...sinks.window import WindowSink

        yield WindowSink()


def _kept(options: argparse.Namespace, stack: ExitStack, classifier: Classifier, console: Console) -> Iterator[Sink]:
    if options.log:
        from ...sinks.log import LogSink

        yield LogSink(options.log, options.log_size, options.log_keep, console)
    yield from _pictures(options, stack, classifier, console)


def _pictures(
    options: argparse.Namespace, stack: ExitStack, classifier: Classifier, console: Console
) -> Iterator[Sink]:
    folders: dict[Path, PictureFolder] = {}

    def folder(path: Path, flag: str) -> PictureFolder:
        from ...sinks.pictures import PictureFolder

        if path.resolve() not in folders:  # both kinds in one folder share its budget
            folders[path.resolve()] = PictureFolder(path, options.disk_budget, flag, console)
            stack.callback(folders[path.resolve()].close)
        return folders[path.resolve()]

    if options.save_on:
        from ...sinks.snapshots import SnapshotSink, read_rule

        rules = [read_rule(text, classifier.contract.output.labels) for text in options.save_on]
        yield SnapshotSink(rules, options.snapshot_interval, folder(options.snapshots, "--save-on"))
    if options.save_unsure:
        from ...sinks.unsure import UnsureSink

        yield UnsureSink(options.unsure_margin, folder(options.save_unsure, "--save-unsure"))


def _told(options: argparse.Namespace, classifier: Classifier, console: Console) -> Iterator[Sink]:
    if options.mqtt:
        from ...sinks.broker import read_broker

        broker = read_broker(options.mqtt, os.environ)
        try:
            from ...sinks.mqtt import MqttSink
        except ModuleNotFoundError:
            raise missing_package("paho-mqtt", "mqtt") from None
        yield MqttSink(broker, options.mqtt_interval, _about(options, classifier), console)
    if options.metrics:
        try:
            from ...sinks.metrics import MetricsSink
        except ModuleNotFoundError:
            raise missing_package("prometheus-client", "metrics") from None
        yield MetricsSink(options.metrics, _about(options, classifier), console)
    yield from _watched(console)


def _watched(console: Console) -> Iterator[Sink]:
    if address := os.environ.get("NOTIFY_SOCKET"):  # where systemd started us, and wants to know how it goes
        from ...service.notify import Notifier, watchdog_period
        from ...sinks.watchdog import WatchdogSink

        allowed = watchdog_period(os.environ)
        yield WatchdogSink(Notifier(address), allowed, console)


def _about(options: argparse.Namespace, classifier: Classifier) -> About:
    from ...sinks.about import About

    return About.of(options.model, classifier)
