"""Whether the hub can do its work now: `GET /healthz`, for a balancer, systemd and people."""

import asyncio
import logging

import msgspec
import peewee as pw
from starlette.concurrency import run_in_threadpool

from kiosk import __version__
from kiosk.hub.refusal import RefusedError
from kiosk.hub.store import HubStore
from models.hub import HubState

log = logging.getLogger(__name__)

WITHIN_S = 2.0
"""The database has this long; a balancer that waits longer would better ask another hub."""


class HealthAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /healthz`, when all is well."""

    status: str
    """Always "ok"."""
    hub_name: str
    hub_version: str


class Health:
    """Tries the database; however many ask at once, it is tried once at a time.

    Args:
        store: the hub's database.
    """

    def __init__(self, store: HubStore) -> None:
        self._store = store
        self._trying: asyncio.Task[str] | None = None

    async def check(self) -> HealthAnswer:
        """All is well.

        Raises:
            RefusedError: 503, with the reason.
        """
        if self._trying is None or self._trying.done():
            # A database that hangs holds one thread, not one a question.
            self._trying = asyncio.create_task(run_in_threadpool(self._try))
        try:
            async with asyncio.timeout(WITHIN_S):
                name = await asyncio.shield(self._trying)
        except TimeoutError:
            raise RefusedError(503, "database", f"The database did not answer within {WITHIN_S:.0f} s.") from None
        except pw.PeeweeException as error:
            log.error("the database is not well: %s", error)  # the answer is for everybody, and names no addresses
            raise RefusedError(503, "database", _reason(error)) from None
        return HealthAnswer(status="ok", hub_name=name, hub_version=__version__)

    def _try(self) -> str:
        """Write something and take it back: a standby and a file that is read-only refuse already that."""
        with self._store.transaction(), self._store.database.savepoint() as savepoint:
            state = self._store.state()
            HubState.update(name=state.name).where(HubState.id == state.id).execute()
            savepoint.rollback()
            return state.name


def _reason(error: pw.PeeweeException) -> str:
    text = str(error).lower()
    if any(word in text for word in ("read-only", "readonly", "only read", "recovery", "standby")):
        return "The database takes no writes now: it is a standby, or read-only."
    if "locked" in text:
        return "The database is held by another writer."
    return "The database does not answer."
