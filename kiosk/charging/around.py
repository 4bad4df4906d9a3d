"""What a slot needs of the station, and what it keeps of whoever charged last."""

from collections.abc import Callable

from msgspec import Struct

from kiosk.charging.fairness import Room
from kiosk.charging.ledger import Ledger
from kiosk.charging.rules import Conditions
from kiosk.settings import ChargingSettings
from kiosk.system.clock import Clock
from kiosk.views import SessionView


class Around(Struct, frozen=True):
    """What a slot needs of the station. The functions are called on the loop.

    Attributes:
        numbers: the settings.
        clock: where times come from.
        ledger: the way to the database.
        room: whether the station's limit has room for a session in the slot of this name.
        room_again: whether it has for the session that waits there for power after an outage, beside those before it.
        restart: whether a session that waits for power after an outage may have it now; the next then waits a while.
        free: which slots are free, and how many more starts the station's limit would carry.
        measured: called after each reading of a session.
        ended: called with the rider and the view of a session that ended.
        changed: called when something visible may have changed.
        conditions: what stands against charging in the slot of this name besides its own readings.
    """

    numbers: ChargingSettings
    clock: Clock
    ledger: Ledger
    room: Callable[[str], bool]
    room_again: Callable[[str], bool]
    restart: Callable[[], bool]
    free: Callable[[], Room]
    measured: Callable[[], None]
    ended: Callable[[str, SessionView], None]
    changed: Callable[[], None]
    conditions: Callable[[str], Conditions]


class Finishing(Struct, frozen=True):
    """Who charged last, and until when the slot is kept for them to unplug (monotonic s)."""

    rider: str
    masked_name: str | None
    until: float
    wh: int
    session: str
    """Which session ended."""
