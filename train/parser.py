"""The command line of `edgeproof train`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..edge.arguments import Parser, cluster, devices, epochs, fraction_above_0, pixel_range, positive, seed, size
from ..edge.contract import Color
from .hardware_options import Cluster, HardwareOptions
from .models import NAMES
from .models.choices import Choices, Head
from .options import Augment, Options


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = Parser("edgeproof train", description="Train one of the article's networks.")
    parser.add_argument(
        "model", metavar="MODEL", help=f"the network: {', '.join(NAMES)}; rps takes photos of any classes"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run directory to make")
    _add_data(parser.add_argument_group("data"))
    _add_network(parser.add_argument_group("network"))
    _add_course(parser.add_argument_group("training"))
    _add_machine(parser.add_argument_group("machine"))
    parser.add_argument("--json", action="store_true", help="print run.json on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def _add_data(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--data",
        metavar="DATA",
        help="class folders; train/ and validation/ with class folders each; a folder of IDX files; FILE.npz; "
        "tfds:NAME; fashion-mnist (downloaded); hands:COUNT (generated)",
    )
    group.add_argument(
        "--validation", metavar="FOLDER", help="pictures to judge by (default: validation/ in --data, or a fifth of it)"
    )
    group.add_argument(
        "--color", choices=[color.value for color in Color], help="of the pictures it sees (default: the network's own)"
    )
    group.add_argument(
        "--size", type=size, metavar="N|HxW", help="height and width in pixels (default: the network's own)"
    )
    group.add_argument(
        "--augment",
        nargs="?",
        choices=[way.value for way in Augment],
        const=Augment.FULL.value,
        default=Augment.RECIPE.value,
        help="turn, move, shear, scale and mirror the pictures (default: recipe, the network's own way; without a "
        "value: full, as the article does)",
    )
    group.add_argument(
        "--no-augment",
        action="store_const",
        const=Augment.NONE.value,
        dest="augment",
        help="the same as --augment none",
    )
    group.add_argument("--show-augmentation", action="store_true", help="leave augmentation.png in --out")
    group.add_argument("--strict", action="store_true", help="end at the first unreadable picture")


def _add_network(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--head", choices=[head.value for head in Head], help="gap (global average pooling) makes a small network"
    )
    group.add_argument(
        "--backbone", metavar="NAME", help="for transfer: inception-v3, mobilenet-v2 or mobilenet-v3-small"
    )
    group.add_argument(
        "--weights", metavar="WEIGHTS", help="of the backbone: imagenet (downloaded), or a .h5 or .keras file"
    )
    group.add_argument(
        "--weights-range",
        type=pixel_range,
        metavar="LOW..HIGH",
        help="values of a pixel of 0 and of 255 that the weights were trained on: 0..1 or -1..1",
    )
    group.add_argument("--trust", action="store_true", help="load a .keras file that holds more than Keras' own layers")


def _add_course(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--epochs", type=epochs, metavar="N", help="how often every picture is seen (default: the network's own)"
    )
    group.add_argument("--batch-size", type=positive, metavar="N", help="pictures a step (default: the network's own)")
    group.add_argument(
        "--learning-rate", type=fraction_above_0, metavar="X", help="of the optimizer (default: the network's own)"
    )
    group.add_argument("--seed", type=seed, default=0, metavar="N", help="of all that is drawn by chance (default: 0)")
    group.add_argument(
        "--patience",
        type=positive,
        metavar="N",
        help="end after N epochs without a lower validation loss, and keep the best (default: never)",
    )
    group.add_argument(
        "--cache-features",
        action=argparse.BooleanOptionalAction,
        help="compute a frozen backbone's features once (default: where there is no augmentation)",
    )
    group.add_argument("--resume", action="store_true", help="go on after the last epoch of a training that was ended")
    group.add_argument("--overwrite", action="store_true", help="replace the run in --out")
    group.add_argument("--tensorboard", action="store_true", help="write TensorBoard's logs to logs/ in --out")


def _add_machine(group: argparse._ArgumentGroup) -> None:
    choice = argparse.BooleanOptionalAction
    group.add_argument(
        "--mixed-precision", action=choice, help="compute in float16 (default: where there is an accelerator)"
    )
    group.add_argument("--xla", action=choice, help="compile the step (default: where there is an accelerator)")
    group.add_argument("--deterministic", action=choice, default=True, help="the same bits in each run (default: on)")
    group.add_argument(
        "--memory-growth",
        action=choice,
        default=True,
        help="take a card's memory as it is needed, not most of it at once (default: on)",
    )
    group.add_argument(
        "--devices", type=devices, metavar="N", help="how many share each batch (default: all accelerators, or one CPU)"
    )
    group.add_argument(
        "--cluster",
        type=cluster,
        metavar="HOST:PORT/N/I",
        help="this is process I of N that train together; process 0 is at HOST:PORT (with KERAS_BACKEND=jax)",
    )


def options(words: argparse.Namespace) -> Options:
    """Read what a command line chose."""
    return Options(
        seed=words.seed,
        epochs=words.epochs,
        batch_size=words.batch_size,
        learning_rate=words.learning_rate,
        size=words.size,
        color=Color(words.color) if words.color else None,
        augment=Augment(words.augment),
        network=Choices(
            head=Head(words.head) if words.head else None,
            backbone=words.backbone,
            weights=words.weights,
            weights_range=words.weights_range,
            trust=words.trust,
        ),
        show_augmentation=words.show_augmentation,
        cache_features=words.cache_features,
        patience=words.patience,
        resume=words.resume,
        tensorboard=words.tensorboard,
        strict=words.strict,
        hardware=HardwareOptions(
            mixed_precision=words.mixed_precision,
            xla=words.xla,
            deterministic=words.deterministic,
            memory_growth=words.memory_growth,
            devices=words.devices,
            cluster=Cluster(*words.cluster) if words.cluster else None,
        ),
    )
