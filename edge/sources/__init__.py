"""Where frames come from: one interface, one file per kind of source."""

from ..source_names import HANDS
from .frame import Frame, Source, Spare
from .opening import open_source
from .options import Roi, SourceOptions

__all__ = ["HANDS", "Frame", "Roi", "Source", "SourceOptions", "Spare", "open_source"]
