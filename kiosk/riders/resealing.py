"""Phones taken before the box was enrolled at a hub: looked up by the area's key and sealed to the hub's from then on.

Until then a phone is sealed to a pair of the box's own, whose private half lies beside the database. Once there is a
hub, each gets a look-up and a seal like any other phone's, as an event that goes to the hub and the other stations: so
the rider is found there, and merged when another station enrolled them too. Then the private half is deleted.

Each phone is one transaction, and the key goes when none is left: whatever is cut off is taken up again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import peewee as pw
from msgspec import Struct
from nacl.exceptions import CryptoError

from kiosk.box import Box
from kiosk.identity.keys import Keys
from kiosk.identity.phone import lookup_of, seal, unseal
from kiosk.journal import PersonalRecord, records
from kiosk.riders.kinds import EnrolmentRecord, PhoneRecord, PhoneSealed
from kiosk.system.database import DatabaseThread, Priority
from models.journal import EventRow
from models.riders import RiderRow

AT_ONCE: Final = 50
"""Riders read at once: opening a seal takes 0.2 ms, so that the database is held for some 10 ms."""
LOOK_EVERY_S: Final = 10.0
"""Between two looks whether the box was enrolled."""


Place = tuple[int, str]
"""A rider's number and id."""
BEGIN: Final[Place] = (0, "")


@dataclass(frozen=True, slots=True)
class Early:
    """A rider whose phone is sealed to the box's own key. Nothing personal shows in its repr."""

    rider: str
    event: str
    """The enrolment."""
    phone: str = field(repr=False)


class Page(Struct, frozen=True):
    """Some of them."""

    riders: tuple[Early, ...]
    after: Place | None
    """Where to go on; None when there are no more riders."""


class Resealing:
    """The station's job: looks whether there is something to do, and does it beside everything else.

    Args:
        box: the box.
        database: the database thread.
        sleep: waits some seconds.
    """

    def __init__(
        self, box: Box, database: DatabaseThread, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._box = box
        self._database = database
        self._sleep = sleep

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look_after()
            await self._sleep(LOOK_EVERY_S)

    async def look_after(self) -> None:
        """Seal all that is to be sealed anew; nothing at nearly every look."""
        after: Place | None = BEGIN
        while after is not None and self._box.keys.has_early_phones:
            page = await self._database.run(Priority.MAINTENANCE, partial(next_page, self._box, after))
            for early in page.riders:
                record = await asyncio.to_thread(sealed_anew, self._box.keys, early)
                await self._database.run(Priority.MAINTENANCE, partial(keep, self._box, early, record))
            after = page.after


def reseal(box: Box) -> None:
    """All at once, for a command: 0.1 s a rider. Needs a store in use; not within a transaction."""
    after: Place | None = BEGIN
    while after is not None and box.keys.has_early_phones:
        page = next_page(box, after)
        for early in page.riders:
            keep(box, early, sealed_anew(box.keys, early))
        after = page.after


def next_page(box: Box, after: Place) -> Page:
    """The next riders whose phone is to be sealed anew; when no riders are left, the box's own key is deleted.

    None can come later: who was prepared with the keys of before is refused (`KeysChangedError`).

    Args:
        box: the box.
        after: the page before's; `BEGIN` to begin.
    """
    rows = list(
        RiderRow.select()
        .where((RiderRow.origin == box.origin) & (pw.Tuple(RiderRow.number, RiderRow.id) > after))
        .order_by(RiderRow.number, RiderRow.id)
        .limit(AT_ONCE)
    )
    if not rows:
        box.keys.forget_own_sealing_key()
        return Page((), None)
    found = [early for row in rows if (early := _early(box, row)) is not None]
    return Page(tuple(found), (int(rows[-1].number), str(rows[-1].id)))


def sealed_anew(keys: Keys, early: Early) -> PersonalRecord:
    """What any rider of a box with a hub has; slow on purpose (0.1 s), so away from the database."""
    look_up = lookup_of(early.phone, keys.area_key)
    return PersonalRecord.make(PhoneRecord(sealed_phone=seal(early.phone, keys.seal_key), lookup=look_up))


def keep(box: Box, early: Early, record: PersonalRecord) -> None:
    """Look-up and seal in one transaction; nothing when the person was erased meanwhile."""
    with box.journal.transaction():
        if records.load(early.event, EnrolmentRecord) is not None:
            body = PhoneSealed(person_ref=record.ref)
            box.journal.record(body, subject=f"rider:{early.rider}", actor="station", record=record)


def _early(box: Box, row: RiderRow) -> Early | None:
    private, record = box.keys.own_sealing_key, records.load(str(row.event), EnrolmentRecord)
    done = (EventRow.subject == f"rider:{row.id}") & (EventRow.kind == box.journal.registry.of_type(PhoneSealed).name)
    if private is None or record is None or EventRow.select().where(done).exists():
        return None
    try:
        return Early(str(row.id), str(row.event), unseal(record.sealed_phone, private))
    except (CryptoError, ValueError):
        return None  # it was sealed to the hub
