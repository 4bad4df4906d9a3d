"""The civil day that lending goes by."""

from datetime import date

from kiosk.box import Box
from kiosk.system.clock import civil_day, from_iso
from models.journal import JournalState


def today(box: Box) -> date:
    """The civil day; with a clock that cannot be believed, not before the newest journal time."""
    if box.clock.trusted():
        return box.today
    newest = JournalState.get().newest_at
    return max(box.today, civil_day(from_iso(newest), box.zone)) if newest else box.today
