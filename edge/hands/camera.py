"""The camera: a cheap one, with its exposure, vignette, blur and noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .colour import as_planes
from .plane import Bytes, Floats, Point, ramp

_NOISE_SHIFT = 5003  # pixels


@dataclass(frozen=True)
class Camera:
    """How a camera renders a scene.

    Attributes:
        gain: exposure, 1 for none.
        gamma: exponent of the tone curve, 1 for none.
        gradient: change of brightness from one border to the other, x and y.
        warmth: red against blue, 0 for none.
        vignette: loss of light in the corners, 0..1.
        noise: standard deviation of the sensor noise, levels of 0..255.
        focus: standard deviation of the focus blur, fraction of the shorter side.
        motion: length of the motion blur, fraction of the shorter side.
        motion_angle: its direction, degrees.
    """

    gain: float
    gamma: float
    gradient: Point
    warmth: float
    vignette: float
    noise: float
    focus: float
    motion: float
    motion_angle: float


def sample_camera(rng: np.random.Generator) -> Camera:
    """Draw a random camera."""
    return Camera(
        gain=float(np.exp(rng.normal(0, 0.18))),
        gamma=float(np.exp(rng.normal(0, 0.18))),
        gradient=(float(rng.normal(0, 0.16)), float(rng.normal(0, 0.16))),
        warmth=float(rng.normal(0, 0.07)),
        vignette=float(rng.uniform(0, 0.35)),
        noise=float(rng.exponential(4)),
        focus=float(rng.exponential(0.004)),
        motion=float(rng.uniform(0.01, 0.07)) if rng.random() < 0.15 else 0.0,
        motion_angle=float(rng.uniform(0, 180)),
    )


def expose(picture: Floats, camera: Camera, noise_seed: int) -> Bytes:
    """Turn scene light into the camera's picture.

    Args:
        picture: light, float32 (3, height, width), 0..255; spent by this.
        camera: how it is rendered.
        noise_seed: seed of the sensor noise.

    Returns:
        Picture (height, width, 3), uint8, BGR.
    """
    size = picture.shape[1], picture.shape[2]
    shorter = min(size)
    right, down = ramp(size, 0.0), ramp(size, 90.0)
    light = 1 + camera.gradient[0] * right + camera.gradient[1] * down
    light -= np.float32(0.7 * camera.vignette) * (right**2 + down**2)
    balance = as_planes((1 - camera.warmth, 1.0, 1 + camera.warmth)) * np.float32(camera.gain)
    picture *= light
    picture *= balance
    planes = [_blur(plane, camera, shorter) for plane in picture]
    # The planes share one noise, far displaced: drawing it is the dearest step of all.
    noise = np.random.default_rng(noise_seed).standard_normal(picture[0].size + 2 * _NOISE_SHIFT, np.float32)
    noise *= np.float32(camera.noise)
    # convertScaleAbs would fold negative levels up: add saturates them.
    grains = [noise[k * _NOISE_SHIFT :][: picture[0].size].reshape(size) for k in range(3)]
    levels = [cv2.add(plane, grain, dtype=cv2.CV_8U) for plane, grain in zip(planes, grains, strict=True)]
    curve = 255 * (np.arange(256) / 255) ** camera.gamma
    return np.asarray(cv2.LUT(cv2.merge(levels), np.rint(curve).astype(np.uint8)), np.uint8)


def _blur(plane: Floats, camera: Camera, shorter: int) -> Floats:
    if camera.focus * shorter > 0.3:
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), camera.focus * shorter), np.float32)
    if camera.motion > 0:
        plane = np.asarray(cv2.filter2D(plane, -1, _streak(camera.motion * shorter, camera.motion_angle)), np.float32)
    return plane


def _streak(length: float, angle: float) -> Floats:
    """Kernel of a motion blur."""
    side = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((side, side), np.uint8)
    reach = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) * length / 2
    start, end = (tuple(int(value) for value in np.rint(side // 2 + sign * reach)) for sign in (-1, 1))
    cv2.line(kernel, start, end, (255,), 1, cv2.LINE_AA)
    return np.asarray(kernel / kernel.sum(), np.float32)
