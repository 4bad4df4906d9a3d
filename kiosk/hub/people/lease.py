"""Who works at an area's tables. Two at once would do no harm, only the same work twice."""

import secrets
from datetime import UTC, datetime, timedelta

import peewee as pw

from kiosk.hub.store import HubStore
from kiosk.system.clock import iso
from models.hub_people import HubFoldLease

LEASE = timedelta(seconds=15)
"""A process that has died is replaced after this."""


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
        """Work at this area now? Renewed as it is asked; another process's lease is left to it until it runs out."""
        now = datetime.now(UTC)
        if now < self._until.get(area, now) - LEASE / 2:
            return True
        with self._store.transaction():
            HubFoldLease.insert(area=area).on_conflict_ignore().execute()
            free = (HubFoldLease.holder == self._me) | (HubFoldLease.held_until < iso(now))
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
