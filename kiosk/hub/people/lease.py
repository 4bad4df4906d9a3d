"""Who works at an area's tables. Two at once would do no harm, only the same work twice."""

import secrets
from datetime import UTC, datetime, timedelta

import peewee as pw

from kiosk.hub.store import HubStore
from kiosk.system.clock import iso
from models.hub_people import HubFoldLease

LEASE = timedelta(seconds=15)
"""A process that has died is replaced after this."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""By less than this, those of a hub's machines; a process of one that is ahead is then replaced so much later."""


class Leases:
    """The leases of one process.

    Args:
        store: the hub's database.
    """

    def __init__(self, store: HubStore) -> None:
        self._store = store
        self._me = secrets.token_hex(8)
        self._until: dict[str, datetime] = {}

    def claim(self, area: str) -> bool:
        """Work at this area now? Renewed as it is asked; another process's lease is left to it until it runs out.

        One that ends later than any that is given now is of a clock that was put back since: nobody waits for that.
        """
        now = datetime.now(UTC)
        if LEASE / 2 < self._until.get(area, now) - now <= LEASE:
            return True
        with self._store.transaction():
            HubFoldLease.insert(area=area).on_conflict_ignore().execute()
            over = (HubFoldLease.held_until < iso(now)) | (HubFoldLease.held_until > iso(now + CLOCKS_DIFFER + LEASE))
            free = (HubFoldLease.holder == self._me) | over
            got = (
                HubFoldLease.update(holder=self._me, held_until=iso(now + LEASE))
                .where((HubFoldLease.area == area) & free)
                .execute()
            )
        if got:
            self._until[area] = now + LEASE
        else:
            self._until.pop(area, None)
        return bool(got)

    def release(self) -> None:
        """Let others go on at once."""
        try:
            with self._store.transaction():
                HubFoldLease.update(held_until="").where(HubFoldLease.holder == self._me).execute()
        except pw.PeeweeException:
            pass  # it runs out by itself
        self._until.clear()
