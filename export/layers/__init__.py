"""Layers: where along a network a candidate's activations part from the float network's."""
