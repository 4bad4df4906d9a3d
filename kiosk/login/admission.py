"""Phone and PIN, in three steps: what is slow on purpose (0.1 s each) is done away from the database thread.

`lookups_of` (slow), `begin` (database), `try_pin` (slow), `admit` (database). Whatever was wrong, phone or PIN, the
answer and the work are the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from kiosk import checkin, riders
from kiosk.box import Box
from kiosk.identity.keys import Keys
from kiosk.identity.phone import lookup_of, parse_phone
from kiosk.identity.pin import is_right, make_verifier
from kiosk.login import tries
from kiosk.riders import aliases, marks
from kiosk.views import CheckedIn, ScanRefused
from kiosk.views.login import LoginOutcome, LoginRefusal

NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was counted."""

    key: str
    left: int
    """Tries that are left should this one be wrong."""
    locked_until: datetime | None
    """Should this one be wrong."""
    verifiers: tuple[tuple[str, str], ...] = field(repr=False)
    """Riders with this number, the newest enrolment first, and the verifiers of their PINs."""


def lookups_of(keys: Keys, phone: str) -> tuple[str, ...]:
    """What a number is found by, the area's present key first; about 100 ms a key.

    Raises:
        kiosk.identity.phone.PhoneError: not a mobile number.
    """
    number = parse_phone(phone)
    return tuple(lookup_of(number, key) for key in keys.area_keys)


def begin(box: Box, lookups: Iterable[str]) -> Attempt | LoginOutcome:
    """Count a try; refuse it while number or kiosk are locked out."""
    found = tuple(lookups)
    key = tries.key_of(found[0])
    with box.journal.store.use():
        until = tries.locked_until(box, key)
        if until is not None:
            return LoginOutcome(LoginRefusal.LOCKED_OUT, tries_left=0, locked_until=until)
        left = tries.note_try(box, key)
        return Attempt(key, left, tries.locked_until(box, key) if left == 0 else None, verifiers_of(found))


def verifiers_of(lookups: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The riders with a number, the newest enrolment first, and the verifiers of their PINs; with a store in use."""
    known = [(rider, marks.verifier_of(rider)) for rider in riders.riders_with(lookups)]
    return tuple((rider, verifier) for rider, verifier in known if verifier is not None)


def try_pin(attempt: Attempt, pin: str) -> str:
    """The rider whose PIN this is, or `NOBODY`; about 20 ms for each rider with the number, and for an unknown one."""
    if not attempt.verifiers:
        is_right(pin, _nobodys_verifier())
    for rider, verifier in attempt.verifiers:
        if is_right(pin, verifier):
            return rider
    return NOBODY


def admit(box: Box, attempt: Attempt, rider: str) -> CheckedIn | ScanRefused | LoginOutcome:
    """Serve the rider as a card would have, or tell how many tries are left."""
    if not rider:
        refusal = LoginRefusal.WRONG if attempt.left else LoginRefusal.LOCKED_OUT
        return LoginOutcome(refusal, tries_left=attempt.left, locked_until=attempt.locked_until)
    with box.journal.store.use():
        tries.was_right(box, attempt.key)
        return checkin.present_rider(box, aliases.root(rider))


@lru_cache(maxsize=1)
def _nobodys_verifier() -> str:
    """For numbers that nobody has: they take as long."""
    return make_verifier("00000000")
