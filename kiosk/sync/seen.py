"""Somebody has seen what was wrong with the sync: the alarms go, and who saw which stays."""

import os

from kiosk.box import Box
from kiosk.charging.staff_events import BoardActed
from kiosk.sync import alarms
from kiosk.views import StaffAct


def see_alarms(box: Box, actor: str) -> list[str]:
    """Clear this box's own alarms and record who did; what goes on is noticed anew. On the database thread.

    Returns:
        What stood, by name; nothing is recorded when nothing did.
    """
    with box.journal.transaction():
        stood = alarms.clear(box.journal)
        if stood:
            act = BoardActed(act=StaffAct.SYNC_SEEN, about=" ".join(stood))
            box.journal.record(act, subject=f"act:{os.urandom(8).hex()}", actor=actor)
    return stood
