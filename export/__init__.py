"""The workstation: Keras to TFLite and ONNX, with the parity proof."""

import os

# Before anything is loaded: the converters are TensorFlow's, whatever backend the network was trained with; its banner
# is not what a person should read first; and onnxruntime need not report on anybody.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
