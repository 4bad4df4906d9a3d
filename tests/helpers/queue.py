"""A box with as many slots as a test wants, and who has what of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.charging import claims, queue
from kiosk.charging.claimed import ClaimRefusedError
from kiosk.charging.fairness import Room
from kiosk.views import ChargingRefusal
from models.charging import ChargingClaimRow
from models.journal import EventRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.clock import VirtualClock

RIDERS = tuple(f"{number:016x}" for number in range(1, 13))


def box_of(folder: Path, clock: VirtualClock, slots: int = 2, *, on_disk: bool = False, **numbers: object) -> Box:
    """A box with slots 1, 2, ...

    Args:
        folder: where it lives.
        clock: its clock.
        slots: how many.
        on_disk: keep the database in a file.
        numbers: settings of charging.
    """
    places = [
        {
            "name": str(number + 1),
            "relay": {"driver": "waveshare", "unit": 1, "channel": number},
            "meter": {"driver": "pzem", "unit": 11 + number},
        }
        for number in range(slots)
    ]
    settings = make_settings(folder, charging={"slots": places, **numbers})
    return make_box(folder, clock, on_disk=on_disk, settings=settings)


def room(box: Box, *, starts: int = 99, without: tuple[str, ...] = ()) -> Room:
    """What the hardware would allow: every slot that nobody charges in, except some."""
    charging = {row.slot for row in ChargingClaimRow.select().where(ChargingClaimRow.kind == claims.SESSION)}
    names = (slot.name for slot in box.settings.charging.slots)
    return Room(tuple(name for name in names if name not in charging and name not in without), starts)


def start(box: Box, rider: str, slot: str, *, starts: int = 99, without: tuple[str, ...] = ()) -> claims.Started:
    """Start as a rider does at the station."""
    return claims.start(
        box, rider, slot, 100, claims.Order(room=room(box, starts=starts, without=without), confirmed=True)
    )


def book(box: Box, rider: str, slot: str | None) -> claims.Hold:
    """Book as a rider does at the station."""
    return claims.book(box, rider, slot, room=room(box))


def offers(box: Box) -> dict[str, str | None]:
    """Who is in the queue, the first first, and what each is offered."""
    return {entry.rider: entry.slot for entry in queue.entries(box)}


def refusal(act: Callable[[], object]) -> ChargingRefusal:
    """Why something was refused."""
    with pytest.raises(ClaimRefusedError) as refused:
        act()
    return refused.value.refusal


def kinds() -> list[str]:
    """The kinds of all events about charging, in order."""
    rows = EventRow.select().where(EventRow.kind != "journal.opened").order_by(EventRow.arrival)
    return [row.kind for row in rows]
