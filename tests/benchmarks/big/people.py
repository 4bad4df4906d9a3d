"""Riders with their cards, and volunteers, as commands take them in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from kiosk.identity.card import Card, write
from kiosk.identity.keys import Keys
from kiosk.identity.phone import lookup_of
from kiosk.identity.pin import make_verifier
from kiosk.journal import PersonalRecord
from kiosk.riders.kinds import CardIssued, EnrolmentRecord, RiderEnrolled
from kiosk.volunteers.kinds import KeeperCreated, VolunteerRecord
from models.riders import CardRow, RiderRow
from models.volunteers import VolunteerRow
from tests.benchmarks.big.pen import Pen
from tests.benchmarks.big.rows import Rows

PIN: Final = "271828"
"""Of every rider who is measured."""
FAMILIES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文斌辉鹏飞宇浩轩婷雪梅志海龙凤春秋"
_SEALED_BYTES: Final = 59
"""Of a sealed phone number: 48 more than its 11 digits (NaCl sealed box)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A rider who is measured.

    Attributes:
        id: theirs.
        card_id: of their card.
        card: its text.
        phone: their number.
        masked: the name as screens show it.
    """

    id: str
    card_id: str
    card: str
    phone: str
    masked: str


@dataclass(frozen=True, slots=True)
class People:
    """Who there is.

    Attributes:
        known: riders who are measured, the first of all.
        riders: ids of the others.
        cards: the ids of their cards.
        volunteers: ids.
    """

    known: Sequence[Known]
    riders: Sequence[str]
    cards: Sequence[str]
    volunteers: Sequence[str]


def known_riders(keys: Keys, count: int) -> tuple[list[Known], list[EnrolmentRecord]]:
    """Riders with true look-ups and PINs; 0.15 s each."""
    # None has the masked name of the one before, so that a greeting tells who was greeted.
    verifier = _verifier()
    known, records = [], []
    for number in range(count):
        name = FAMILIES[number % len(FAMILIES)] + "建" + GIVEN[number // len(FAMILIES) % len(GIVEN)]
        phone = f"139{number:08d}"
        lookup = lookup_of(phone, keys.area_key)
        records.append(EnrolmentRecord(name=name, sealed_phone="00" * _SEALED_BYTES, lookup=lookup, pin=verifier))
        known.append(Known("", "", "", phone, f"{name[0]}*{name[2]}"))
    return known, records


def write_people(  # noqa: PLR0917 - what a database is made of
    pen: Pen, rows: Rows, keys: Keys, chance: random.Random, count: int, known_count: int, at: datetime, day: datetime
) -> People:
    """Enrol riders, the known ones first, and enter three volunteers.

    Args:
        pen: writes the events.
        rows: what follows from them goes there.
        keys: of the box.
        chance: names and ids.
        count: of riders.
        known_count: of those who are measured.
        at: when.
        day: on which the cards of those who are measured were issued: older ones have run out.
    """
    drafts, records = known_riders(keys, known_count)
    known, riders, cards = [], [], []
    moment = at
    for number in range(1, count + 1):
        moment += timedelta(milliseconds=2)
        measured = number <= known_count
        record = records[number - 1] if measured else _anybody(chance)
        rider = _enrol(pen, rows, number, PersonalRecord(chance.randbytes(32), msgspec.json.encode(record)), moment)
        issued = day if measured else moment
        card = Card(key_id=keys.issuing.key_id, card_id=pen.hexadecimal(8), rider_id=rider, issued=issued.date())
        _issue(pen, rows, card, moment)
        if measured:
            draft = drafts[number - 1]
            known.append(Known(rider, card.card_id, write(card, keys.issuing), draft.phone, draft.masked))
        else:
            riders.append(rider)
            cards.append(card.card_id)
    return People(known, riders, cards, [_enter(pen, rows, moment) for _ in range(3)])


@lru_cache(maxsize=1)
def _verifier() -> str:
    """One for all: it takes 20 ms on purpose."""
    return make_verifier(PIN)


def _anybody(chance: random.Random) -> EnrolmentRecord:
    """Somebody whose phone nobody types here: its look-up is random, as the true one looks."""
    name = chance.choice(FAMILIES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
    sealed = chance.randbytes(_SEALED_BYTES).hex()
    return EnrolmentRecord(name=name, sealed_phone=sealed, lookup=chance.randbytes(32).hex())


def _enrol(pen: Pen, rows: Rows, number: int, record: PersonalRecord, at: datetime) -> str:
    rider = pen.hexadecimal(8)
    body = RiderEnrolled(number=number, vanguard=number % 20 == 0, person_ref=record.ref)
    event = pen.write(body, f"rider:{rider}", "cli", at, record)
    rows.add(RiderRow, id=rider, number=number, vanguard=body.vanguard, origin=pen.origin, event=event.id)
    return rider


def _issue(pen: Pen, rows: Rows, card: Card, at: datetime) -> None:
    day = card.issued.isoformat()
    body = CardIssued(rider=card.rider_id, key_id=card.key_id, issued_day=day)
    event = pen.write(body, f"card:{card.card_id}", "cli", at)
    rows.add(
        CardRow,
        id=card.card_id,
        holder=card.rider_id,
        volunteer=False,
        key_id=card.key_id,
        issued_day=day,
        issue_event=event.id,
    )


def _enter(pen: Pen, rows: Rows, at: datetime) -> str:
    volunteer = pen.hexadecimal(8)
    record = PersonalRecord.make(VolunteerRecord(name="志愿者", pin=_verifier()))
    body = KeeperCreated(role="volunteer", person_ref=record.ref)
    event = pen.write(body, f"volunteer:{volunteer}", "cli", at, record)
    rows.add(VolunteerRow, id=volunteer, role=body.role, origin=pen.origin, event=event.id)
    return volunteer
