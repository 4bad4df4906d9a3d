"""Whose turn it is: bookings of any slot as a counting rule, and nobody before who waits.

Free slots never become fewer than bookings of any slot. An offer pins its slot, so that the same holds for offers.
While somebody waits, what is free is theirs; others get only what is free beyond that.
"""

from msgspec import Struct

from kiosk.box import Box
from kiosk.charging.claimed import HOLD, OFFER, QUEUE, SESSION
from kiosk.views import ChargingRefusal
from models.charging import ChargingClaimRow, QueueRow


class Room(Struct, frozen=True):
    """What the hardware would allow now, claims aside."""

    free: tuple[str, ...]
    """Slots on which anybody could start, in the settings' order."""
    starts: int
    """So many more starts would the station's limit carry."""
    blocked: frozenset[str] = frozenset()
    """Bookings and places whose riders could not use what is kept for them now, for no fault of theirs."""


class Tally(Struct, frozen=True):
    """What is free, and who has a right to it."""

    free: tuple[str, ...]
    """Slots that nobody has pinned."""
    floating: int
    """Bookings of any slot."""
    holds: int
    """All bookings."""
    offers: int
    waiting: tuple[str, ...]
    """Riders in the queue without an offer, the first first."""
    starts: int

    @property
    def spare(self) -> int:
        """So many of those who wait could start now, besides everybody who has a booking or an offer."""
        return max(0, min(len(self.free) - self.floating, self.starts - self.offers - self.holds))

    def refusal(self, claim: ChargingClaimRow | None, slot: str | None) -> ChargingRefusal | None:
        """Why a slot, or any slot, cannot be a rider's now; None when it can.

        Args:
            claim: what the rider has already.
            slot: which slot; None for any.
        """
        kind = None if claim is None else claim.kind
        if claim is not None and kind in (HOLD, OFFER, SESSION):
            own = kind != SESSION and (claim.slot is None or slot is None or claim.slot == slot)
            return None if own else ChargingRefusal.HAS_ONE_ALREADY
        if self.waiting:
            ahead = self.waiting.index(claim.rider) if claim is not None and kind == QUEUE else len(self.waiting)
            return None if self.spare > ahead else ChargingRefusal.QUEUED_AHEAD
        takes = 1 if slot is None or slot in self.free else 0
        return None if len(self.free) - self.floating >= takes else ChargingRefusal.SLOT_TAKEN

    def power_refusal(self, claim: ChargingClaimRow | None) -> ChargingRefusal | None:
        """Why a start has no power: offers have what they were made with; None when it has."""
        others = self.offers - (1 if claim is not None and claim.kind == OFFER else 0)
        return None if self.starts > others else ChargingRefusal.STATION_LIMIT


def tally(box: Box, room: Room) -> Tally:
    """Count what is free beside the claims. On the database thread."""
    claims = list(ChargingClaimRow.select())
    pinned = {claim.slot for claim in claims}
    kinds = [claim.kind for claim in claims]
    rows = QueueRow.select().where((QueueRow.origin == box.origin) & QueueRow.outcome.is_null())
    places = {row.rider: row.place for row in rows}
    waiting = [claim.rider for claim in claims if claim.kind == QUEUE]
    return Tally(
        free=tuple(slot for slot in room.free if slot not in pinned),
        floating=sum(claim.kind == HOLD and claim.slot is None for claim in claims),
        holds=kinds.count(HOLD),
        offers=kinds.count(OFFER),
        waiting=tuple(sorted(waiting, key=places.__getitem__)),
        starts=room.starts,
    )
