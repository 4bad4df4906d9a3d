"""Cards, as an area's journal says now: whose they are, and revoking one."""

from collections.abc import Collection
from dataclasses import dataclass

from kiosk.hub.office.deeds import Act, decided
from kiosk.hub.office.reading import said
from kiosk.hub.store import HubStore
from kiosk.riders.kinds import CardIssued, CardRevoked


@dataclass(frozen=True, slots=True)
class CardLine:
    """One card of a rider."""

    card: str
    rider: str
    """The enrolment that it was issued to."""
    issued_day: str
    revoked: str | None
    """Why it is no longer good; None while it is."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """What came of revoking a card."""

    before: str | None
    """Why it was revoked already: then nothing was written."""
    known: bool
    """Whether the card has come to this hub."""


def cards(area: str, riders: Collection[str]) -> list[CardLine]:
    """The cards of some riders, in the order in which they were issued. Inside a transaction."""
    issued = [
        (one.event.subject_id, one.body)
        for one in said(area, (CardIssued,), about=riders)
        if isinstance(one.body, CardIssued) and one.body.rider in riders and not one.body.volunteer
    ]
    over = _revocations(area, [card for card, _ in issued])
    return [CardLine(card, body.rider, body.issued_day, over.get(card)) for card, body in issued]


def revoke(store: HubStore, area: str, card: str, reason: str) -> Revoked:
    """Let no station accept a card from now on; it need not have come to this hub yet.

    Raises:
        OfficeError: there is no such area.
    """

    def plan() -> tuple[Revoked, list[Act]]:
        before = _revocations(area, [card]).get(card)
        known = bool(said(area, (CardIssued,), subjects={f"card:{card}"}))
        acts: list[Act] = [] if before is not None else [(CardRevoked(reason=reason), f"card:{card}")]
        return Revoked(before, known), acts

    return decided(store, area, plan)


def _revocations(area: str, ids: Collection[str]) -> dict[str, str]:
    """Why cards were revoked, by card; the last that was said."""
    found = said(area, (CardRevoked,), subjects={f"card:{card}" for card in ids})
    return {one.event.subject_id: one.body.reason for one in found if isinstance(one.body, CardRevoked)}
