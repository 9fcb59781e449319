"""Classifies pictures with MediaPipe Tasks, in an environment of its own: MODEL PICTURE… → JSON [[label, score], …]."""

import json
import sys

import mediapipe as mp
from mediapipe.tasks.python import vision
from mediapipe.tasks.python.core.base_options import BaseOptions

model, *pictures = sys.argv[1:]
options = vision.ImageClassifierOptions(base_options=BaseOptions(model_asset_path=model), max_results=-1)
answers = []
with vision.ImageClassifier.create_from_options(options) as classifier:
    for picture in pictures:
        result = classifier.classify(mp.Image.create_from_file(picture))
        answers.append([[found.category_name, found.score] for found in result.classifications[0].categories])
print(json.dumps(answers))  # noqa: T201 - what the test reads
