"""Classifies pictures with tflite-support, in an environment of its own: MODEL PICTURE… → JSON [[label, score], …]."""

import json
import sys

from tflite_support.task import vision

model, *pictures = sys.argv[1:]
classifier = vision.ImageClassifier.create_from_file(model)
answers = []
for picture in pictures:
    result = classifier.classify(vision.TensorImage.create_from_file(picture))
    answers.append([[found.category_name, found.score] for found in result.classifications[0].categories])
print(json.dumps(answers))  # noqa: T201 - what the test reads
