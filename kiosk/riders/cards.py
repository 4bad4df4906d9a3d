"""Cards: issuing, revoking, writing their text again, and whose issuing keys are known."""

import os
import re
from datetime import date, timedelta
from typing import Final

import peewee as pw

from kiosk.box import Box
from kiosk.identity.card import Card, write
from kiosk.identity.certificate import is_certified
from kiosk.riders.kinds import CardIssued, CardRevoked
from kiosk.riders.people import by_number, name_of
from kiosk.views import PrintedCard, RiderView
from models.riders import CardRow, IssuerRevokedRow, IssuerRow, RiderRow, VouchedCardRow

_REASON: Final = re.compile(r"\A[a-z][a-z_]{0,31}\Z")


class NoCardError(Exception):
    """The rider has no good card that this box could write; the message says what to do."""


def new_id() -> str:
    """A random id of a rider, card or volunteer: 8 bytes as 16 hex digits."""
    return os.urandom(8).hex()


def issue(box: Box, holder: str, *, day: date, actor: str, volunteer: bool = False) -> str:
    """Sign and record a new card.

    A key that the hub called back signs nothing any more: a new one takes its place first.

    Returns:
        Its text.
    """
    if is_called_back(box.keys.issuing.key_id):
        box.keys.rotate_issuing()
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
    return _text_of(box, _writable(box, by_number(box, number), number))


def to_print(box: Box, number: int) -> PrintedCard:
    """The newest good card of a rider of this station with all that stands on it, the whole name too.

    Raises:
        NoSuchRiderError: nobody has this number.
        NoCardError: every card is revoked, or another box or another key issued them.
    """
    rider = by_number(box, number)
    row = _writable(box, rider, number)
    return printed(rider, _text_of(box, row), date.fromisoformat(str(row.issued_day)))


def printed(rider: RiderView, text: str, issued: date) -> PrintedCard:
    """A card of a rider with all that stands on it."""
    name = name_of(rider) or ""
    return PrintedCard(number=rider.number, name=name, vanguard=rider.vanguard, text=text, issued=issued)


def newest_or_new(box: Box, rider: RiderView, *, actor: str) -> str:
    """The text of a rider's newest good card that this box can write, or of a further one; the others stay good."""
    last = box.today - timedelta(days=box.settings.cards.valid_days)
    for row in _good_cards(rider):
        if row.key_id == box.keys.issuing.key_id and not is_called_back(str(row.key_id)):
            if box.clock.trusted() and str(row.issued_day) < last.isoformat():
                break  # it has run out, and the others are older
            return _text_of(box, row)
    return issue(box, rider.id, day=box.today, actor=actor)


def highest_number(box: Box) -> int:
    """The highest number of a rider of this station; 0 when there is none."""
    highest = RiderRow.select(pw.fn.MAX(RiderRow.number)).where(RiderRow.origin == box.origin).scalar()
    return int(highest or 0)


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


def replace_card(box: Box, number: int, reason: str, *, actor: str) -> str:
    """Revoke every good card of a rider of this station and issue a new one, in one transaction.

    Returns:
        The new card's text.

    Raises:
        NoSuchRiderError: nobody has this number.
        ValueError: the reason is not a word.
    """
    with box.journal.transaction():
        revoke_card(box, number, reason, actor=actor)
        return issue_card(box, number, actor=actor)


def replace_cards_of(box: Box, rider: RiderView, reason: str, *, actor: str) -> str:
    """Revoke every good card of a rider, of whatever station, and issue a new one here, in one transaction.

    Returns:
        The new card's text.
    """
    with box.journal.transaction():
        for row in _good_cards(rider):
            box.journal.record(CardRevoked(reason=reason), subject=f"card:{row.id}", actor=actor)
        return issue(box, rider.id, day=box.today, actor=actor)


def is_called_back(key_id: str) -> bool:
    """Whether the hub called this issuing key back, as far as this box has been told."""
    return IssuerRevokedRow.get_or_none(IssuerRevokedRow.key_id == key_id) is not None


def is_disowned(card: Card) -> bool:
    """Whether a card's issuing key was called back, and this is none of the cards that the hub held by then.

    Whoever has the key can sign a vouched card's id with another rider's: so the whole card must be the one issued.
    """
    if not is_called_back(card.key_id):
        return False
    vouched = (VouchedCardRow.key_id == card.key_id) & (VouchedCardRow.card == card.card_id)
    if VouchedCardRow.get_or_none(vouched) is None:
        return True
    row = CardRow.get_or_none(CardRow.id == card.card_id)
    told = None if row is None else (row.key_id, row.holder, row.issued_day)
    return told != (card.key_id, card.rider_id, card.issued.isoformat())


def needs_certificate(box: Box) -> bool:
    """Whether this box's issuing key is not yet known to be certified by the hub."""
    own = box.keys.issuing
    found = IssuerRow.get_or_none(IssuerRow.key_id == own.key_id)
    return found is None or str(found.public_key) != own.public_key.hex()


def is_revoked(card_id: str) -> bool:
    """Whether a card was revoked, as far as this box has been told."""
    return CardRow.get_or_none((CardRow.id == card_id) & CardRow.revoked.is_null(False)) is not None


def issuer_key(box: Box, key_id: str) -> bytes | None:
    """The public key of this id: this box's own, now or before, or certified by the hub; None when unknown here."""
    own = box.keys.own_public_key(key_id)
    if own is not None:
        return own
    row = IssuerRow.get_or_none(IssuerRow.key_id == key_id)
    hub = box.keys.hub_verify_key
    if row is None or hub is None:
        return None
    public_key = bytes.fromhex(row.public_key)
    return public_key if is_certified(hub, public_key, row.station, row.origin, row.signature) else None


def _writable(box: Box, rider: RiderView, number: int) -> CardRow:
    """The newest good card whose text this box can make again."""
    for row in _good_cards(rider):
        if row.key_id == box.keys.issuing.key_id:
            return row
    raise NoCardError(f"Rider {number} has no card of this station that is still good; issue a new one.")


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
