"""A short run of the campaign of cameras: every kind of camera, a few faults each, and nothing ends or sticks."""

from __future__ import annotations

import camera


def test_runs_outlive_the_faults_of_their_cameras() -> None:
    results = camera.torment(count=9, seed=1, minutes=15, kinds=("camera", "http", "rtsp"))
    # How soon each is noticed is for the campaign on a quiet machine to judge.
    assert [(each.faults, each.ended, each.stuck) for each in results] == [(3, [], [])] * 3
    assert all(len(each.back) == 3 and each.noticed for each in results)
