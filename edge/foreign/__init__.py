"""Models made elsewhere. `contracts` is imported once there is one: a device that runs its own files never needs it."""

from .description import Assumption, Description

__all__ = ["Assumption", "Description"]
