"""What a scanned label does while somebody is at a task, and what came of it."""

from enum import StrEnum

from msgspec import Struct

from kiosk.views.reading import CopyView


class Task(StrEnum):
    """What is being done with the books that are scanned."""

    RETURN = "return"
    """Whoever is identified: every label is a return, and none a loan."""
    LOOK = "look"
    """A volunteer: what is this, and what is the matter with it."""
    COUNT = "count"
    """A volunteer: stocktaking."""
    RECEIVE = "receive"
    """A volunteer: it has come from, or goes to, another station."""
    PACK = "pack"
    """A volunteer: into a parcel."""


class CopyHandled(Struct, frozen=True):
    """A volunteer scanned a copy."""

    task: Task
    copy: CopyView
    set_aside: bool = False
    """Somebody waits for it: it belongs on the pick-up shelf."""
    again: bool = False
    """The scanner read on: this was done a moment ago, and is only told once more."""
