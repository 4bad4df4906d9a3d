"""What a card is worth, decided offline. Nothing is recorded here."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from kiosk import riders, volunteers
from kiosk.box import Box
from kiosk.identity.card import TEXT_LENGTH, Card, CardLengthError, CardShapeError, SignedCard, read
from kiosk.riders import Standing, aliases
from kiosk.views import RiderView, ScanRefusal, StaffCard

CLOCK_SLACK: Final = timedelta(days=1)
"""A card of tomorrow may come from a station whose clock runs ahead; one of a later day is refused."""


class Good(Struct, frozen=True):
    """A rider's card that may be used; the rider is unverified when the card's issuer is unknown here."""

    card: Card | None
    """None: identified by phone and PIN."""
    rider: RiderView


class Bad(Struct, frozen=True):
    """A card, or a text of a card's alphabet, that may not be used."""

    reason: ScanRefusal
    card_id: str | None = None
    """When it could be read."""


def judge(box: Box, text: str) -> Good | StaffCard | Bad:
    """Judge a card's text.

    In the order of pretix's offline check: shape, key, signature, revoked, blocked, validity. So a forged card is never
    called expired, and what a stranger made up tells nothing about a rider.
    """
    try:
        signed = read(text)
    except CardLengthError:
        return Bad(ScanRefusal.TRUNCATED if len(text) < TEXT_LENGTH else ScanRefusal.TOO_LONG)
    except CardShapeError:
        return Bad(ScanRefusal.UNKNOWN)
    card = signed.card
    issuer = riders.issuer_key(box, card.key_id)
    staff = volunteers.view(box, card.rider_id)
    rider: RiderView | None = None
    refusal = _against_card(signed, issuer, is_staff=staff is not None)
    if refusal is None and staff is None:
        standing, rider = riders.look(box, card.rider_id)
        refusal = _against_rider(standing, is_vouched_for=issuer is not None)
    if refusal is None and not _is_valid_today(box, card.issued):
        refusal = ScanRefusal.EXPIRED
    if refusal is not None:
        return Bad(refusal, card.card_id)
    return staff or Good(card, replace(rider or _nobody(card.rider_id), verified=issuer is not None))


def _against_card(signed: SignedCard, issuer: bytes | None, *, is_staff: bool) -> ScanRefusal | None:
    """The first reason against the card itself, in the order in which they are looked for."""
    if issuer is not None and not signed.is_signed_by(issuer):
        return ScanRefusal.FORGED
    if issuer is None and is_staff:
        return ScanRefusal.UNKNOWN_ISSUER  # a volunteer's rights are never given on a card that nobody vouches for
    if riders.is_revoked(signed.card.card_id) or riders.is_disowned(signed.card):
        return ScanRefusal.REVOKED
    return None


def _against_rider(standing: Standing, *, is_vouched_for: bool) -> ScanRefusal | None:
    """The reason against whom a card names."""
    if standing is Standing.BLOCKED:
        return ScanRefusal.BLOCKED
    if standing is Standing.UNKNOWN and is_vouched_for:
        return ScanRefusal.UNKNOWN_RIDER
    return None


def _nobody(rider_id: str) -> RiderView:
    """A rider whose enrolment has not come here."""
    return RiderView(id=aliases.root(rider_id), masked_name=riders.mask(""))


def _is_valid_today(box: Box, issued: date) -> bool:
    """Whether today is in the card's time; while the clock cannot be believed, the time is not held against a card."""
    if not box.clock.trusted():
        return True
    return issued - CLOCK_SLACK <= box.today <= issued + timedelta(days=box.settings.cards.valid_days)
