"""The workstation: the article's networks, from a folder of pictures to a run directory."""

import os

# Before TensorFlow is loaded, or its banner is what a person reads first.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
