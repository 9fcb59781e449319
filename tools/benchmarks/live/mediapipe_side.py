"""MediaPipe Tasks' ImageClassifier, in an environment of its own: MODEL FRAMES.npy.

For each line of standard input, a number, it answers so many frames and prints a JSON list of milliseconds; the first
line that it prints is `ready`, once the first frame was answered.
"""

import json
import sys
import time

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import vision
from mediapipe.tasks.python.core.base_options import BaseOptions

model, path = sys.argv[1:]
frames = np.load(path)
frame = np.empty_like(frames[0])
options = vision.ImageClassifierOptions(base_options=BaseOptions(model_asset_path=model), max_results=-1)
with vision.ImageClassifier.create_from_options(options) as classifier:

    def answer() -> float:
        """Answer the frame as a program on a camera would; gives milliseconds."""
        start = time.perf_counter()
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        result = classifier.classify(picture)
        {found.category_name: found.score for found in result.classifications[0].categories}
        return (time.perf_counter() - start) * 1e3

    np.copyto(frame, frames[0])
    answer()
    print("ready", flush=True)  # noqa: T201 - what the parent reads
    for line in sys.stdin:
        took = []
        for index in range(int(line)):
            np.copyto(frame, frames[index % len(frames)])  # a camera's decoder has just written it
            took.append(answer())
        print(json.dumps(took), flush=True)  # noqa: T201 - what the parent reads
