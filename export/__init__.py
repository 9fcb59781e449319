"""The workstation: Keras to TFLite and ONNX, with the parity proof."""
