"""The job beside a serving hub: a thread that works in small pieces and rests in between."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import peewee as pw

from kiosk.hub.people.job import PeopleJob
from kiosk.hub.store import HubStore

log = logging.getLogger(__name__)

POLL_S = 0.5
"""How soon a commit is noticed, whichever process made it. Looking costs two small tables and no lock."""
REST = 1.0
"""Rests as long as it worked: pushes and pulls want the processor too."""
FLOOD = 1000.0
"""Events a second, from which on stations come first: they have a backlog, and people can wait until it is in. The job
then always takes the longest rest, so that its tables go on, slowly."""
LONGEST_REST_S = 1.0
TROUBLE_S = 30.0
"""Until the next attempt, when the database does not answer or a table cannot be written."""


class PeopleThread:
    """Works until it is told to end.

    Args:
        store: the hub's database.
    """

    def __init__(self, store: HubStore) -> None:
        self._job = PeopleJob(store)
        self._ending = threading.Event()
        self._seen = (0.0, 0)
        """When events were counted last, and how many there were."""
        self._thread = threading.Thread(target=self._run, name="people", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within_s: float = 5.0) -> None:
        """End after the piece under way; what is not done is gone on with next time, here or elsewhere."""
        self._ending.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        while not self._ending.is_set():
            self._ending.wait(self._piece())
        self._job.close()

    def _piece(self) -> float:
        """Do a piece; how long to rest after it, in seconds."""
        began = time.monotonic()
        try:
            worked = self._job.work()
        except pw.PeeweeException as error:
            log.error("the tables for people wait: %s", error)
            return TROUBLE_S
        except Exception as error:  # noqa: BLE001 - whatever it is, it must neither end the job for good nor the hub
            log.error("the tables for people cannot be kept: %s: %s", type(error).__name__, error)
            return TROUBLE_S
        if not worked:
            return POLL_S
        if self._arriving(began) > FLOOD:
            return LONGEST_REST_S
        return min(LONGEST_REST_S, (time.monotonic() - began) * REST)

    def _arriving(self, now: float) -> float:
        """Events a second that have come in since this was asked last."""
        before, count = self._seen
        self._seen = (now, self._job.newest)
        return max(0, self._job.newest - count) / max(0.001, now - before) if count else 0.0


@contextmanager
def at_work(store: HubStore) -> Iterator[PeopleThread]:
    """The job beside whatever the block does."""
    thread = PeopleThread(store)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()
