"""Defects that a model file may have, drawn at random and of any strength, and campaigns that draw them."""

from .campaign import KINDS, Campaign, Outcome, Population
from .vocabulary import Broken, Good, Kind, Workshop

__all__ = ["KINDS", "Broken", "Campaign", "Good", "Kind", "Outcome", "Population", "Workshop"]
