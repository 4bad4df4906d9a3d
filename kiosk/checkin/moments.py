"""What happened here moments ago, by the clock that never jumps."""

from typing import Final

from kiosk.box import Box
from kiosk.journal import Event

UNDO_WITHIN_S: Final = 120
""""Not me" takes back what was recorded moments ago: no greeting stands longer."""


def age_s(box: Box, event: Event) -> float | None:
    """How long ago this box recorded an event; None when that was in another boot."""
    return box.clock.monotonic() - event.monotonic_ms / 1000 if event.boot == box.clock.boot_id else None


def is_undoable(box: Box, event: Event) -> bool:
    """Whether "not me" may still take an event back."""
    age = age_s(box, event)
    return age is not None and age <= UNDO_WITHIN_S
