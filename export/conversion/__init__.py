"""Conversion: from the trained network to the bytes that interpreters load, in every format and precision."""
