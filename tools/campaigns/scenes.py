"""Pictures that a golden model answers with different labels, so that an answer tells which of them it is about."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgeproof.edge.classifier import Classifier
from edgeproof.edge.hands import LABELS, draw_hand, sample_hand

SIZE = 160  # pixels
_SURE = 0.9

Picture = NDArray[np.uint8]


def scenes(model: str) -> list[tuple[str, Picture]]:
    """Find a picture for each label that the model is sure about: label and BGR uint8 of (SIZE, SIZE, 3)."""
    classifier = Classifier.open(model)
    found: dict[str, Picture] = {}
    for seed in range(300):
        for label in LABELS:
            if label not in found:
                picture = draw_hand(sample_hand(label, np.random.default_rng(seed)), SIZE, SIZE)
                prediction = classifier.classify(picture)
                if prediction.label == label and prediction.score > _SURE:
                    found[label] = picture
        if len(found) == len(LABELS):
            break
    return sorted(found.items())
