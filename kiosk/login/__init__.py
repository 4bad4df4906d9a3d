"""Without a card: phone and PIN on the keypad."""

from kiosk.login.admission import (
    Attempt,
    admit,
    begin,
    begin_for,
    forget_tries,
    lookups_of,
    try_pin,
    verifiers_beside,
    verifiers_of,
    was_right,
)
from kiosk.login.tries import KIOSK_TRIES, RIDER_TRIES, kiosk_locked_until, note_kiosk_try

__all__ = [
    "KIOSK_TRIES",
    "RIDER_TRIES",
    "Attempt",
    "admit",
    "begin",
    "begin_for",
    "forget_tries",
    "kiosk_locked_until",
    "lookups_of",
    "note_kiosk_try",
    "try_pin",
    "verifiers_beside",
    "verifiers_of",
    "was_right",
]
