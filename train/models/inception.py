"""Inception: the article's transfer network, InceptionV3 at 150×150 cut at `mixed7`, under its own name."""

from dataclasses import replace

from . import transfer

RECIPE = replace(transfer.RECIPE, name="inception")
