"""Check-in: a card is judged offline, and what comes of it is committed before anybody is told."""

from kiosk.checkin.amends import amend
from kiosk.checkin.counts import checkins, today_count, week
from kiosk.checkin.desk import present_card, present_rider, refuse, undo
from kiosk.checkin.kinds import FEATURE, CheckinRecorded, CheckinUndone, ScanRefusedRecorded

__all__ = [
    "FEATURE",
    "CheckinRecorded",
    "CheckinUndone",
    "ScanRefusedRecorded",
    "amend",
    "checkins",
    "present_card",
    "present_rider",
    "refuse",
    "today_count",
    "undo",
    "week",
]
