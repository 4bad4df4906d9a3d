"""Building an area's tables anew at once, whether or not a hub serves meanwhile."""

import time
from collections.abc import Callable

from kiosk.hub.people import generations
from kiosk.hub.people.generations import Role
from kiosk.hub.people.job import PeopleJob
from kiosk.hub.store import HubStore

WAIT_S = 0.2
"""Between looks at what another process does."""


def rebuild(store: HubStore, area: str, *, sleep: Callable[[float], None] = time.sleep) -> int:
    """Build an area's tables anew and wait until people see them.

    A serving hub does the work when it holds the area; else it is done here.

    Returns:
        The position that they have come to.

    Raises:
        NoSuchAreaError: there is none of this name.
        NewerTablesError: a newer version keeps its tables.
    """
    job = PeopleJob(store, settles=False)
    job.rebuild(area)
    try:
        while True:
            if not job.work_at(area):
                sleep(WAIT_S)
            with store.reading():
                shown, building = generations.in_role(area, Role.SHOWN), generations.in_role(area, Role.BUILDING)
            if shown is not None and building is None:
                return shown.position
    finally:
        job.close()
