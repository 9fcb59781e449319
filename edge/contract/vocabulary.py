"""The words of the contract that are one of a few."""

from __future__ import annotations

from enum import Enum


class Color(str, Enum):
    """Order of the colour channels that the model was trained on."""

    RGB = "rgb"
    BGR = "bgr"
    GRAY = "gray"


class Resize(str, Enum):
    """How a frame of any shape becomes the model's height × width."""

    STRETCH = "stretch"
    CENTER_CROP = "center-crop"


class Interpolation(str, Enum):
    """How pixels between pixels are computed (OpenCV's INTER_LINEAR, INTER_AREA and INTER_NEAREST)."""

    LINEAR = "linear"
    AREA = "area"
    NEAREST = "nearest"


class Layout(str, Enum):
    """Order of an image tensor's dimensions: rows of pixels, or one plane per channel."""

    NHWC = "nhwc"
    NCHW = "nchw"


class Activation(str, Enum):
    """What the model's last layer leaves to be read as scores."""

    SOFTMAX = "softmax"
    SIGMOID = "sigmoid"
    LOGITS = "logits"  # what a softmax has yet to be applied to
    SIGMOID_LOGITS = "sigmoid-logits"  # what a sigmoid has
    LINEAR = "linear"


class Precision(str, Enum):
    """Number format of an exported file; the value is also the end of the file's name."""

    FLOAT32 = "fp32"
    FLOAT16 = "fp16"  # weights of half the size, computed with as floats
    DYNAMIC = "dynamic"  # weights of int8, activations quantized while it runs
    INT16X8 = "int16x8"  # activations of int16, weights of int8
    MIXED = "mixed"  # int8, but for the layers that lose most, which are floats
    INT8 = "int8"


class CalibrationMethod(str, Enum):
    """How the ranges of activations were found from the calibration samples."""

    MIN_MAX = "min-max"  # the least and the greatest value
    PERCENTILE = "percentile"  # but for the outermost ones
    ENTROPY = "entropy"  # where the least information is lost


class Format(str, Enum):
    """File format of an exported model; the value is also the file's suffix."""

    TFLITE = "tflite"
    ONNX = "onnx"


class Verdict(str, Enum):
    """What the parity gate decided."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
