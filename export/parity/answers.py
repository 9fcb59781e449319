"""The answers of a reference and of a candidate to the same pictures, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .statistics import Cluster, Pairs

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Answers:
    """Scores of the reference and of a candidate on the same pictures, (n, labels), and the true indices, (n,).

    `photos`, (n,), numbers the photo that each picture shows: copies of one photo, augmented ones for example, have
    the same number. None where each picture stands for itself.
    """

    truth: NDArray[np.int64]
    reference: Scores
    candidate: Scores
    photos: NDArray[np.int64] | None = None

    def joined(self, other: Answers) -> Answers:
        """Put the pictures of both together; their photos are to be numbered anew."""
        return Answers(
            np.concatenate([self.truth, other.truth]),
            np.concatenate([self.reference, other.reference]),
            np.concatenate([self.candidate, other.candidate]),
        )

    @property
    def finite(self) -> Mask:
        """Tell which pictures the candidate answered with numbers."""
        finite: Mask = np.all(np.isfinite(self.candidate), axis=1)
        return finite

    @property
    def right(self) -> Mask:
        """Tell which pictures the candidate got right; NaN is never right."""
        right: Mask = np.logical_and(self.candidate.argmax(1) == self.truth, self.finite)
        return right

    @property
    def right_reference(self) -> Mask:
        """Tell which pictures the reference got right."""
        right: Mask = self.reference.argmax(1) == self.truth
        return right

    @property
    def agrees(self) -> Mask:
        """Tell on which pictures both give the same label; NaN agrees with nothing."""
        agrees: Mask = np.logical_and(self.candidate.argmax(1) == self.reference.argmax(1), self.finite)
        return agrees

    @property
    def agreement(self) -> float:
        """Share of pictures on which both give the same label."""
        return float(self.agrees.mean())

    @property
    def drift(self) -> NDArray[np.float64]:
        """Give how far each probability moved, (n, labels); NaN counts as the whole way."""
        candidate = np.clip(self.candidate.astype(np.float64), -_LARGEST, _LARGEST)  # infinity is not in JSON
        drift: NDArray[np.float64] = np.abs(candidate - self.reference)
        drift[np.isnan(drift)] = 1.0
        return drift

    def pairs(self, chosen: Mask | None = None) -> Pairs:
        """Count the discordant pairs, of all pictures or of the chosen ones."""
        mask = np.ones(len(self.truth), bool) if chosen is None else chosen
        right, reference = self.right[mask], self.right_reference[mask]
        lost, won = reference & ~right, right & ~reference
        photos = None if self.photos is None else np.unique(self.photos[mask], return_inverse=True)[1]
        if photos is None or len(np.unique(photos)) == len(photos):
            return Pairs(int(mask.sum()), int(lost.sum()), int(won.sum()))
        copies = np.bincount(photos)
        lost_copies, won_copies = (np.bincount(photos, weights=which) for which in (lost, won))
        kinds, counts = np.unique(np.stack([lost_copies - won_copies, copies]), axis=1, return_counts=True)
        clusters = tuple(Cluster(*map(int, (*kind, count))) for kind, count in zip(kinds.T, counts, strict=True))
        lost_share, won_share = (float((which / copies).sum()) for which in (lost_copies, won_copies))
        return Pairs(len(copies), lost_share, won_share, clusters)
