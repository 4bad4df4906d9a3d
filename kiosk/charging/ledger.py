"""The charging part's way to the database thread, for those who must never wait for it without end."""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

import peewee as pw

from kiosk.box import Box
from kiosk.journal import JournalTakenError
from kiosk.system.database import DatabaseThread, Priority

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_S = 3.0
"""Jobs before ours end within 250 ms; a database that takes this long counts as failed for now."""


class LedgerError(Exception):
    """Nothing was kept, or it is not known whether it was: the disk is full, read-only, broken or too slow."""


class Ledger:
    """Runs rules on the database thread before everything else.

    Args:
        box: the box.
        database: its thread.
    """

    def __init__(self, box: Box, database: DatabaseThread) -> None:
        self._box = box
        self._database = database
        self._troubled = False

    async def run(
        self, work: Callable[[Box], T], *, patience_s: float | None = None, priority: Priority = Priority.CHARGING
    ) -> T:
        """Run `work` and return what it returns.

        Args:
            work: a rule.
            patience_s: give up waiting after this long; only for work that may be done again, because work that has
                begun is finished all the same.
            priority: lower for what can wait.

        Raises:
            LedgerError: it failed, or took too long.
        """
        try:
            async with asyncio.timeout(patience_s):
                result = await self._database.run(priority, lambda: work(self._box))
        except (pw.PeeweeException, JournalTakenError, TimeoutError, OSError) as error:
            self._tell(type(error).__name__)
            raise LedgerError(type(error).__name__) from error
        self._troubled = False
        return result

    def _tell(self, what: str) -> None:
        if not self._troubled:
            log.error("charging cannot keep its facts: %s; no power is given or renewed until it can", what)
        self._troubled = True
