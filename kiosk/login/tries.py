"""Wrong tries of riders' PINs: counted for each person, for each number that nobody has, and for the whole kiosk.

A person has one count, whichever number, key or card they were found by. Every function needs a store in use. A try is
committed before anything is looked at, so that switching the box off gives no tries back.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from kiosk.box import Box
from kiosk.system.clock import from_iso, iso
from models.login import LoginTriesRow

RIDER_TRIES: Final = 5
"""Wrong tries that lock a person or a number out."""

RIDER_LOCK_S: Final = 900
"""The first lock-out of a person or a number; each further one lasts twice as long, up to `LONGEST_LOCK_S`.

That is some 30 tries on the first day and 5 on each later one: 10,000 PINs would take years.
"""

LONGEST_LOCK_S: Final = 86_400

KIOSK_TRIES: Final = 30
"""Wrong tries of a civil day that lock phone and PIN for everybody: one PIN with many numbers. Cards go on working."""

KIOSK_LOCK_S: Final = 900
"""The first lock-out of the kiosk on a civil day; each further one of that day lasts twice as long."""

LONGEST_KIOSK_LOCK_S: Final = 14_400
"""The longest of them. So a day has at most 10 lock-outs (15, 30, 60, 120 and then 240 minutes fill it) and 300 tries.

One PIN of 10,000 with 300 numbers that are riders' finds 0.03 of them a day; with lock-outs of 15 minutes alone it
would be 2,880 numbers. NIST SP 800-63B §5.2.2 advises waits that grow. They are bounded for the sake of riders without
a card, whom they hinder; a volunteer ends one at once, and none hinders a rider with a card.
"""

KEPT: Final = timedelta(days=7)
"""After so long without a try a number's count is forgotten."""

KIOSK: Final = "kiosk"


def key_of(lookup: str) -> str:
    """By which the tries of a number that nobody has are found: nothing that could be compared with a look-up."""
    return _short(lookup)


def key_of_rider(root: str) -> str:
    """By which a person's tries are found; `root` is the id that the person goes by."""
    return _short(f"rider:{root}")


def locked_until(box: Box, keys: Sequence[str]) -> datetime | None:
    """Local time at which one of these may be tried again; None when one may be now.

    That is when the first of them is free, and the kiosk is.
    """
    ends = [_end_of(box, key) for key in keys]
    waits = [end for end in ends if end is not None]
    own = min(waits) if waits and len(waits) == len(ends) else None
    return max((end for end in (own, _end_of(box, KIOSK)) if end is not None), default=None)


def kiosk_locked_until(box: Box) -> datetime | None:
    """Local time at which the kiosk's own lock-out ends; None when there is none."""
    return _end_of(box, KIOSK)


def note_try(box: Box, keys: Iterable[str]) -> int:
    """Count a try as a wrong one of each of these, and lock what has had too many; tries that are left after it."""
    with box.journal.store.atomic():
        _forget_old(box)
        left = max(_count(box, key, RIDER_TRIES) for key in keys)
        return min(left, _count(box, KIOSK, KIOSK_TRIES))


def note_kiosk_try(box: Box) -> None:
    """Count what tells a stranger something about a number, as a try of the kiosk."""
    with box.journal.store.atomic():
        _count(box, KIOSK, KIOSK_TRIES)


def was_right(box: Box, key: str, keys: Iterable[str]) -> None:
    """The try was right after all: that person's count begins anew, the kiosk and who has the same number have it back.

    Args:
        box: the box.
        key: whose PIN it was.
        keys: all that the try was counted for.
    """
    with box.journal.store.atomic():
        forget(key)
        for other in {KIOSK, *keys} - {key}:
            row = LoginTriesRow.get_or_none(LoginTriesRow.key == other)
            if row is not None:
                row.wrong = max(0, row.wrong - 1)
                row.locked_until = None if row.wrong < _most(other) else row.locked_until
                row.save()


def forget(key: str) -> None:
    """A volunteer has seen to it: the person may try again."""
    LoginTriesRow.delete().where(LoginTriesRow.key == key).execute()


def end_kiosk_lock(box: Box) -> None:
    """Somebody who answers for the kiosk is there: its lock-out ends. The day's next one is longer all the same."""
    with box.journal.store.atomic():
        if _end_of(box, KIOSK) is not None:
            _end(LoginTriesRow.get(LoginTriesRow.key == KIOSK))


def _short(text: str) -> str:
    return hashlib.sha256(f"tries:{text}".encode()).hexdigest()[:16]


def _most(key: str) -> int:
    return KIOSK_TRIES if key == KIOSK else RIDER_TRIES


def _lasts_s(tries: LoginTriesRow) -> int:
    """How long the lock-out is that the tries of now bring."""
    first, longest = (KIOSK_LOCK_S, LONGEST_KIOSK_LOCK_S) if tries.key == KIOSK else (RIDER_LOCK_S, LONGEST_LOCK_S)
    return min(first << int(tries.rounds), longest)


def _count(box: Box, key: str, most: int) -> int:
    row = LoginTriesRow.get_or_none(LoginTriesRow.key == key)
    today = box.today.isoformat()
    tries = row or LoginTriesRow(key=key, wrong=0, rounds=0, day=today)
    if key == KIOSK and tries.day != today:
        tries.wrong = tries.rounds = 0
    tries.wrong, tries.day = tries.wrong + 1, today
    if tries.wrong >= most:
        _lock(box, tries, _lasts_s(tries))
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
            rest_s = (from_iso(tries.locked_until) - box.now).total_seconds()
            _lock(box, tries, min(max(rest_s, 0), _lasts_s(tries)))
            tries.save()
        left_s = tries.lock_ends - box.clock.monotonic()
        if left_s <= 0:
            _end(tries)
            return None
    return box.local(box.now + timedelta(seconds=left_s))


def _end(tries: LoginTriesRow) -> None:
    tries.wrong, tries.rounds, tries.locked_until = 0, tries.rounds + 1, None
    tries.save()


def _forget_old(box: Box) -> None:
    old = (box.today - KEPT).isoformat()
    LoginTriesRow.delete().where((LoginTriesRow.day < old) & LoginTriesRow.locked_until.is_null()).execute()
