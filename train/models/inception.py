"""Inception: the article's transfer network, InceptionV3 at 150×150 cut at `mixed7`, under its own name."""

from dataclasses import replace

from . import transfer

# Its 38 million weights know 2,000 photos by heart after ten epochs, and get worse from there.
RECIPE = replace(transfer.RECIPE, name="inception", epochs=8)
