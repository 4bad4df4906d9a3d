"""Cards: issuing, revoking, writing their text again, and whose issuing keys are known."""

import os
import re
from datetime import date
from typing import Final

from kiosk.box import Box
from kiosk.identity.card import Card, write
from kiosk.identity.certificate import is_certified
from kiosk.riders.kinds import CardIssued, CardRevoked
from kiosk.riders.people import by_number
from kiosk.views import RiderView
from models.riders import CardRow, IssuerRow

_REASON: Final = re.compile(r"\A[a-z][a-z_]{0,31}\Z")


class NoCardError(Exception):
    """The rider has no good card that this box could write; the message says what to do."""


def new_id() -> str:
    """A random id of a rider, card or volunteer: 8 bytes as 16 hex digits."""
    return os.urandom(8).hex()


def issue(box: Box, holder: str, *, day: date, actor: str, volunteer: bool = False) -> str:
    """Sign and record a new card.

    Returns:
        Its text.
    """
    card = Card(key_id=box.keys.issuing.key_id, card_id=new_id(), rider_id=holder, issued=day)
    text = write(card, box.keys.issuing)
    body = CardIssued(rider=holder, key_id=card.key_id, issued_day=day.isoformat(), volunteer=volunteer)
    box.journal.record(body, subject=f"card:{card.card_id}", actor=actor)
    return text


def issue_card(box: Box, number: int, *, actor: str) -> str:
    """Give a rider of this station a further card, for one that was lost or has run out; revoke the lost one too.

    Returns:
        The card's text.

    Raises:
        NoSuchRiderError: nobody has this number.
    """
    return issue(box, by_number(box, number).id, day=box.today, actor=actor)


def card_text(box: Box, number: int) -> str:
    """The text of the newest good card of a rider of this station.

    Raises:
        NoSuchRiderError: nobody has this number.
        NoCardError: every card is revoked, or another box issued them.
    """
    for row in _good_cards(by_number(box, number)):
        if row.key_id == box.keys.issuing.key_id:
            return _text_of(box, row)
    raise NoCardError(f"Rider {number} has no card of this station that is still good; issue a new one.")


def revoke_card(box: Box, number: int, reason: str, *, actor: str) -> int:
    """Revoke every good card of a rider of this station, for ever.

    Args:
        box: the box.
        number: the rider's.
        reason: a word such as "lost", in small letters and underscores: people write no free text into the journal.
        actor: who does it.

    Returns:
        How many cards were revoked.

    Raises:
        NoSuchRiderError: nobody has this number.
        ValueError: the reason is not such a word.
    """
    if not _REASON.match(reason):
        raise ValueError("reason: accepted is a word in small letters, such as lost")
    with box.journal.transaction():
        cards = _good_cards(by_number(box, number))
        for row in cards:
            box.journal.record(CardRevoked(reason=reason), subject=f"card:{row.id}", actor=actor)
    return len(cards)


def is_revoked(card_id: str) -> bool:
    """Whether a card was revoked, as far as this box has been told."""
    return CardRow.get_or_none((CardRow.id == card_id) & CardRow.revoked.is_null(False)) is not None


def issuer_key(box: Box, key_id: str) -> bytes | None:
    """The public key of this id: this box's own, or one that the hub certified; None when it is unknown here."""
    own = box.keys.issuing
    if key_id == own.key_id:
        return own.public_key
    row = IssuerRow.get_or_none(IssuerRow.key_id == key_id)
    hub = box.keys.hub_verify_key
    if row is None or hub is None:
        return None
    public_key = bytes.fromhex(row.public_key)
    return public_key if is_certified(hub, public_key, row.station, row.origin, row.signature) else None


def _good_cards(rider: RiderView) -> list[CardRow]:
    rows = CardRow.select().where(CardRow.holder.in_((rider.id, *rider.also)) & CardRow.revoked.is_null())
    return list(rows.order_by(CardRow.issue_event.desc()))


def _text_of(box: Box, row: CardRow) -> str:
    """The text of a card that this box issued: the signature follows from the card and the key."""
    card = Card(
        key_id=str(row.key_id),
        card_id=row.id,
        rider_id=str(row.holder),
        issued=date.fromisoformat(str(row.issued_day)),
    )
    return write(card, box.keys.issuing)
