"""What the members of a model file may be called, how many there may be and how large, in either format.

Nothing here writes a member to a file of its name, but others who read the same files may.
"""

from __future__ import annotations

from collections.abc import Collection

from ..wording import printable, shown

LARGEST = 32 * 2**20  # bytes of all members; golden frames together are far below, a zip bomb far above
_MOST = 1000  # members; a file has five, and others' files a handful of labels
_LONGEST = 200  # characters of a name


class UnwantedError(ValueError):
    """Members that no honest file has; the message is a whole line but for the file's name."""


def check(names: Collection[str], size: int) -> None:
    """See to it that members can be taken.

    Args:
        names: of all members, each as often as it occurs.
        size: bytes that they have together.

    Raises:
        UnwantedError: they are too many or too large, one of the names occurs twice or leads elsewhere.
    """
    if size > LARGEST:
        raise UnwantedError(f"expected members of at most {LARGEST} bytes together, received {len(names)} of {size}")
    if len(names) > _MOST:
        raise UnwantedError(f"expected at most {_MOST} members, received {len(names)}")
    if len(set(names)) != len(names):
        raise UnwantedError("expected members of different names, received two of one")
    for name in names:
        if not is_plain(name):
            raise UnwantedError(f"expected members with the plain names of files, received {shown(name)}")


def is_plain(name: str) -> bool:
    """Tell whether a name leads nowhere but to a file within the folder that it would be put into."""
    folders = name.removesuffix("/").split("/")
    leads_away = any(folder in ("", ".", "..") for folder in folders) or "\\" in name or ":" in name
    return len(name) <= _LONGEST and printable(name) and not leads_away
