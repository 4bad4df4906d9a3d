"""What every claim has in common: bookings, offers and sessions of a slot, and places in the queue for one.

The table `charging_claim` does not let a second claim of a rider or of a slot in, whatever the code before it believed.
Every function runs on the database thread.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import peewee as pw
from msgspec import Struct

from kiosk.box import Box
from kiosk.riders import aliases
from kiosk.system.clock import from_iso
from kiosk.views import ChargingRefusal
from models.charging import ChargingClaimRow

HOLD, SESSION, OFFER, QUEUE = "hold", "session", "offer", "queue"
"""Kinds of claims. A hold may be without a slot (any slot); a queue entry always is, until it has an offer."""
_FIRST = (SESSION, HOLD, OFFER, QUEUE)


class ClaimRefusedError(Exception):
    """Something that is not possible; nothing was changed.

    Args:
        refusal: why.
        until: until when, where that is known.
    """

    def __init__(self, refusal: ChargingRefusal, until: datetime | None = None) -> None:
        self.refusal = refusal
        self.until = until
        super().__init__(refusal.value)


class Hold(Struct, frozen=True):
    """A live booking."""

    id: str
    slot: str | None
    """None for any slot."""
    rider: str
    until: datetime
    until_s: float
    """On the monotonic clock of this boot, s; a jump of the wall clock does not move it."""


class Entry(Struct, frozen=True):
    """A place in the queue."""

    id: str
    rider: str
    place: int
    """The lower comes first."""
    slot: str | None = None
    """What is offered to them."""
    until: datetime | None = None
    until_s: float | None = None
    """End of the offer on the monotonic clock of this boot, s."""


def claim_of(rider: str, *kinds: str) -> ChargingClaimRow | None:
    """The one claim of a rider.

    Who was enrolled twice may have had one under each id when the hub said so, and keeps both until they end; then the
    session comes first, or what has a slot.

    Args:
        rider: any id of theirs.
        kinds: only a claim of one of these kinds.
    """
    mine = ChargingClaimRow.rider.in_(aliases.ids(rider))
    found = [claim for claim in ChargingClaimRow.select().where(mine) if not kinds or claim.kind in kinds]
    return min(found, key=lambda claim: (_FIRST.index(claim.kind), claim.id), default=None)


@contextmanager
def claiming(rider: str) -> Iterator[None]:
    """Let the database's constraint decide, and say which of its two sides refused."""
    try:
        yield
    except pw.IntegrityError:
        mine = claim_of(rider) is not None
        refusal = ChargingRefusal.HAS_ONE_ALREADY if mine else ChargingRefusal.SLOT_TAKEN
        raise ClaimRefusedError(refusal) from None


def end_on_this_boot(box: Box, claim: ChargingClaimRow, until: str) -> float:
    """The end of a hold or offer on the monotonic clock of this boot, s.

    Args:
        box: the box.
        claim: the claim; of another boot, only the wall time counts.
        until: the end as wall time.
    """
    if claim.boot == box.clock.boot_id and claim.until_ms is not None:
        return float(claim.until_ms / 1000)
    return box.clock.monotonic() + (from_iso(until) - box.clock.now()).total_seconds()


def new_id() -> str:
    """A random id, 16 hex digits."""
    return os.urandom(8).hex()
