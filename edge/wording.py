"""Text of others, shown on one line: a terminal obeys control characters, and a page turns right-to-left marks."""

from __future__ import annotations

import unicodedata

# Unicode's control characters, bytes that are no text, and ends of lines.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# These turn the direction of what follows, so that a name can be shown as another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LONGEST = 60  # characters of what is shown in a message


def printable(text: str) -> bool:
    """Tell whether a text can be shown on one line and written as UTF-8."""
    return text.isprintable() or not any(
        letter in _TURNING or unicodedata.category(letter) in _UNPRINTABLE for letter in text
    )


def shown(text: str, longest: int = _LONGEST) -> str:
    """Quote a text for a message: its beginning, in which what cannot be shown is escaped."""
    return repr(text if len(text) <= longest else text[: longest - 1] + "…")


def one_line(text: str, longest: int) -> str:
    """Put a text on one line, shortened, with a question mark for each character that cannot be shown."""
    words = " ".join(text[: 4 * longest].split())
    clean = "".join(letter if printable(letter) else "?" for letter in words)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
