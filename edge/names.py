"""Names of files that are no text."""

from __future__ import annotations

import re

from .errors import InputError


def utf8(name: str) -> str:
    """Give a name back, where it can be written to JSON and given to OpenCV, whose Python module crashes otherwise.

    Raises:
        InputError: the name is no UTF-8. Linux takes any bytes; Python keeps those that are no text as lone surrogates.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(f"expected a name in UTF-8, received {name!r}; rename it") from None
    return name


def file_name(text: str) -> str:
    """Make a text fit for the name of a file: what is no letter, digit, dot or dash becomes a dash."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.") or "unnamed"
