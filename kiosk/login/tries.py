"""Wrong tries with phone and PIN: counted for each number, known or not, and for the whole kiosk.

Every function needs a store in use. A try is committed before anything is looked at, so that switching the box off
gives no tries back.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from kiosk.box import Box
from kiosk.system.clock import from_iso, iso
from models.login import LoginTriesRow

RIDER_TRIES: Final = 5
"""Wrong tries with one number that lock it out."""

RIDER_LOCK_S: Final = 900
"""The first lock-out of a number; each further one lasts twice as long, up to `LONGEST_LOCK_S`.

That is some 30 tries on the first day and 5 on each later one: 10,000 PINs would take years.
"""

LONGEST_LOCK_S: Final = 86_400

KIOSK_TRIES: Final = 30
"""Wrong tries of a civil day that lock phone and PIN for everybody: one PIN with many numbers. Cards go on working."""

KIOSK_LOCK_S: Final = 900

KEPT: Final = timedelta(days=7)
"""After so long without a try a number's count is forgotten."""

KIOSK: Final = "kiosk"


def key_of(lookup: str) -> str:
    """By which a number's tries are found: short, and nothing that could be compared with a record's look-up."""
    return hashlib.sha256(f"tries:{lookup}".encode()).hexdigest()[:16]


def locked_until(box: Box, key: str) -> datetime | None:
    """Local time at which a number's lock-out or the kiosk's ends, whichever is later; None when there is none."""
    ends = [end for end in (_end_of(box, key), _end_of(box, KIOSK)) if end is not None]
    return max(ends, default=None)


def kiosk_locked_until(box: Box) -> datetime | None:
    """Local time at which the kiosk's own lock-out ends; None when there is none."""
    return _end_of(box, KIOSK)


def note_try(box: Box, key: str) -> int:
    """Count a try of a number as a wrong one, and lock what has had too many; tries that are left after it."""
    with box.journal.store.atomic():
        _forget_old(box)
        return min(_count(box, key, RIDER_TRIES), _count(box, KIOSK, KIOSK_TRIES))


def note_kiosk_try(box: Box) -> None:
    """Count what tells a stranger something about a number, as a try of the kiosk."""
    with box.journal.store.atomic():
        _count(box, KIOSK, KIOSK_TRIES)


def was_right(box: Box, key: str) -> None:
    """The try was right after all: the number's count begins anew, and the kiosk has this one back."""
    with box.journal.store.atomic():
        LoginTriesRow.delete().where(LoginTriesRow.key == key).execute()
        row = LoginTriesRow.get_or_none(LoginTriesRow.key == KIOSK)
        if row is not None:
            row.wrong = max(0, row.wrong - 1)
            row.locked_until = None if row.wrong < KIOSK_TRIES else row.locked_until
            row.save()


def forget(key: str) -> None:
    """A volunteer has seen to it: the number may be tried again."""
    LoginTriesRow.delete().where(LoginTriesRow.key == key).execute()


def _count(box: Box, key: str, most: int) -> int:
    row = LoginTriesRow.get_or_none(LoginTriesRow.key == key)
    today = box.today.isoformat()
    tries = row or LoginTriesRow(key=key, wrong=0, rounds=0, day=today)
    if key == KIOSK and tries.day != today:
        tries.wrong = 0
    tries.wrong, tries.day = tries.wrong + 1, today
    if tries.wrong >= most:
        _lock(box, tries, KIOSK_LOCK_S if key == KIOSK else min(RIDER_LOCK_S * 2**tries.rounds, LONGEST_LOCK_S))
    tries.save(force_insert=row is None)
    return max(0, most - tries.wrong)


def _lock(box: Box, tries: LoginTriesRow, seconds: float) -> None:
    tries.locked_until = iso(box.now + timedelta(seconds=seconds))
    tries.lock_boot = box.clock.boot_id
    tries.lock_ends = box.clock.monotonic() + seconds


def _end_of(box: Box, key: str) -> datetime | None:
    """As for volunteers: the monotonic clock within a boot; after a reboot the rest, at most a whole lock-out."""
    with box.journal.store.atomic():
        tries = LoginTriesRow.get_or_none(LoginTriesRow.key == key)
        if tries is None or tries.locked_until is None:
            return None
        if tries.lock_boot != box.clock.boot_id:
            longest = KIOSK_LOCK_S if key == KIOSK else min(RIDER_LOCK_S * 2**tries.rounds, LONGEST_LOCK_S)
            rest_s = (from_iso(tries.locked_until) - box.now).total_seconds()
            _lock(box, tries, min(max(rest_s, 0), longest))
            tries.save()
        left_s = tries.lock_ends - box.clock.monotonic()
        if left_s <= 0:
            tries.wrong, tries.rounds, tries.locked_until = 0, tries.rounds + 1, None
            tries.save()
            return None
    return box.local(box.now + timedelta(seconds=left_s))


def _forget_old(box: Box) -> None:
    old = (box.today - KEPT).isoformat()
    LoginTriesRow.delete().where((LoginTriesRow.day < old) & LoginTriesRow.locked_until.is_null()).execute()
