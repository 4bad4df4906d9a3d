"""Phone and PIN, in three steps: what is slow on purpose (0.1 s each) is done away from the database thread.

`lookups_of` (slow), `begin` (database), `try_pin` (slow), `admit` (database). Whatever was wrong, phone or PIN, the
answer and the work are the same.
"""

from collections.abc import Iterable, Mapping
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

    keys: tuple[str, ...]
    """What it was counted for: the persons it may be of, or a number that nobody has."""
    left: int
    """Tries that are left should this one be wrong."""
    locked_until: datetime | None
    """Should this one be wrong."""
    verifiers: tuple[tuple[str, str], ...] = field(repr=False)
    """Riders whom it may be of, the newest enrolment first, and the verifiers of their PINs."""


def lookups_of(keys: Keys, phone: str) -> tuple[str, ...]:
    """What a number is found by, the area's present key first; about 100 ms a key.

    Raises:
        kiosk.identity.phone.PhoneError: not a mobile number.
    """
    number = parse_phone(phone)
    return tuple(lookup_of(number, key) for key in keys.area_keys)


def begin(box: Box, lookups: Iterable[str]) -> Attempt | LoginOutcome:
    """Count a try of a number; refuse it while the kiosk is locked out, or everybody with this number is."""
    found = tuple(lookups)
    with box.journal.store.use():
        persons = {rider: _key(rider) for rider in riders.riders_with(found)}
        return _counted(box, persons, tries.key_of(found[0]))


def begin_for(box: Box, rider_id: str) -> Attempt | LoginOutcome:
    """`begin`, of a person who is known already: by a card."""
    with box.journal.store.use():
        return _counted(box, dict.fromkeys(aliases.ids(rider_id), _key(rider_id)), _key(rider_id))


def was_right(box: Box, attempt: Attempt, rider: str) -> None:
    """Take back what a try with a right PIN was counted as; needs a store in use."""
    tries.was_right(box, _key(rider), attempt.keys)


def forget_tries(rider_id: str) -> None:
    """A volunteer has seen who it is: the person may try again; needs a store in use."""
    tries.forget(_key(rider_id))


def verifiers_of(lookups: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The riders with a number, the newest enrolment first, and the verifiers of their PINs; with a store in use."""
    return _verifiers(riders.riders_with(lookups))


def verifiers_beside(rider_id: str) -> tuple[tuple[str, str], ...]:
    """`verifiers_of` the number of a rider, without those of the person; with a store in use."""
    person = aliases.ids(rider_id)
    others = (rider for rider in riders.riders_with(riders.lookups_of(person)) if rider not in person)
    return _verifiers(others)


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
        was_right(box, attempt, rider)
        return checkin.present_rider(box, aliases.root(rider))


def _counted(box: Box, persons: Mapping[str, str], otherwise: str) -> Attempt | LoginOutcome:
    """Count a try of each person who is not locked out.

    Args:
        box: the box.
        persons: the keys of their counts, by rider.
        otherwise: what it is counted for when there are none.
    """
    every = tuple(dict.fromkeys(persons.values())) or (otherwise,)
    until = tries.locked_until(box, every)
    if until is not None:
        return LoginOutcome(LoginRefusal.LOCKED_OUT, tries_left=0, locked_until=until)
    keys = tuple(key for key in every if tries.locked_until(box, (key,)) is None)
    left = tries.note_try(box, keys)
    verifiers = _verifiers(rider for rider, key in persons.items() if key in keys)
    return Attempt(keys, left, tries.locked_until(box, keys) if left == 0 else None, verifiers)


def _key(rider: str) -> str:
    return tries.key_of_rider(aliases.root(rider))


def _verifiers(known: Iterable[str]) -> tuple[tuple[str, str], ...]:
    found = [(rider, marks.verifier_of(rider)) for rider in known]
    return tuple((rider, verifier) for rider, verifier in found if verifier is not None)


@lru_cache(maxsize=1)
def _nobodys_verifier() -> str:
    """For numbers that nobody has: they take as long."""
    return make_verifier("00000000")
