"""Scan N+1: after whatever came of a scan, the next one is served, by the real counter."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from devices.framing import Frame
from kiosk import parcels, reading, riders
from kiosk.checkin import notes
from kiosk.identity.card import Card, read, write
from kiosk.identity.keys import IssuingKey
from kiosk.parcels.code import new_label
from kiosk.privacy import erasing
from kiosk.riders.kinds import RiderStatus
from kiosk.views import (
    Borrowed,
    CheckedIn,
    LoanBlock,
    LoanRefused,
    NotePhrase,
    Outcome,
    ParcelScanned,
    ScanRefused,
    StationTrouble,
    Task,
)
from models.riders import RiderStatusRow
from tests.helpers.box import close_boxes
from tests.helpers.counter import STRANGER, Desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    serving = asyncio.create_task(made.counter.serve())
    yield made
    serving.cancel()
    await asyncio.wait([serving])
    close_boxes()


def _blocked(desk: Desk) -> bytes:
    with desk.box.journal.store.use():
        RiderStatusRow.insert(rider=desk.first.rider.id, status=RiderStatus.BLOCKED.value).execute()
    return desk.first.card_text.encode()


def _revoked(desk: Desk) -> bytes:
    with desk.box.journal.store.use():
        riders.revoke_card(desk.box, 1, "lost", actor="cli")
    return desk.first.card_text.encode()


def _forged(desk: Desk) -> bytes:
    text = desk.first.card_text
    return (text[:-3] + ("000" if text[-3:] != "000" else "111")).encode()


def _parcel(desk: Desk) -> bytes:
    with desk.box.journal.store.use():
        packed = parcels.pack(desk.box, labels=(), booklets=2, name="陈桂兰", place="武溪镇 3 号楼", actor="cli")
    return packed.id.encode()


def _staff_of(desk: Desk, key: IssuingKey) -> bytes:
    holder = read(desk.keeper).card.rider_id
    return write(Card(key.key_id, riders.new_id(), holder, desk.box.today), key).encode()


def _erased(desk: Desk) -> bytes:
    with desk.box.journal.store.use():
        erasing.erase(desk.box, desk.first.rider.id, actor="cli")
    return desk.first.card_text.encode()


def _at_night(desk: Desk) -> bytes:
    desk.clock.wall = desk.clock.wall.replace(hour=18)  # 02:00 at the station
    return desk.first.card_text.encode()


def _unsure(desk: Desk) -> bytes:
    desk.clock.trust_wall = False
    return desk.first.card_text.encode()


def _noted(desk: Desk) -> bytes:
    with desk.box.journal.store.use():
        notes.leave(desk.box, desk.first.rider.id, phrase=NotePhrase.BOX_CHECK, actor="cli")
    return desk.first.card_text.encode()


SCANS: dict[str, Callable[[Desk], bytes]] = {
    "greeting": lambda desk: desk.first.card_text.encode(),
    "unknown issuer": lambda desk: desk.signed(STRANGER),
    "expired": lambda desk: desk.signed(desk.box.keys.issuing, days_ago=2000),
    "of tomorrow": lambda desk: desk.signed(desk.box.keys.issuing, days_ago=-9),
    "blocked": _blocked,
    "revoked": _revoked,
    "forged": _forged,
    "unknown": lambda _: b"https://example.org/whatever",
    "truncated": lambda desk: desk.first.card_text[:60].encode(),
    "two cards": lambda desk: desk.first.card_text.encode() * 2,
    "binary": lambda _: b"\x00\xff\x7e",
    "copy": lambda desk: desk.label.encode(),
    "unknown copy": lambda _: b"LX09-0001",
    "isbn": lambda _: b"9787108009821",
    "unknown isbn": lambda _: b"9791032305690",
    "staff": lambda desk: desk.keeper.encode(),
    "empty": lambda _: b" ",
    "parcel": _parcel,
    "unknown parcel": lambda _: new_label().encode(),
    "a volunteer's card of an unknown issuer": lambda desk: _staff_of(desk, STRANGER),
    "erased rider": _erased,
    "outside hours": _at_night,
    "untrusted clock": _unsure,
    "with a note": _noted,
}


COMES_TO: dict[str, Callable[[Outcome], bool]] = {
    "outside hours": lambda outcome: isinstance(outcome, CheckedIn) and outcome.outside,
    "untrusted clock": lambda outcome: isinstance(outcome, CheckedIn) and not outcome.clock_trusted,
    "with a note": lambda outcome: isinstance(outcome, CheckedIn) and len(outcome.notes) == 1,
    "unknown issuer": lambda outcome: isinstance(outcome, CheckedIn) and not outcome.rider.verified,
    "parcel": lambda outcome: isinstance(outcome, ParcelScanned),
    "unknown parcel": lambda outcome: isinstance(outcome, ParcelScanned),
    "erased rider": lambda outcome: isinstance(outcome, ScanRefused),
    "a volunteer's card of an unknown issuer": lambda outcome: isinstance(outcome, ScanRefused),
}
"""What a scan of the table is there for, where its name alone does not make sure of it."""


@pytest.mark.parametrize("name", SCANS)
async def test_after_every_outcome_the_next_card_is_greeted_and_the_next_book_served(desk: Desk, name: str) -> None:
    data = SCANS[name](desk)
    first = await desk.scan(data)
    assert COMES_TO.get(name, bool)(first), first
    greeted = await desk.scan(desk.second.card_text.encode())
    assert isinstance(greeted, CheckedIn), first
    assert greeted.rider.number == 2
    again = await desk.scan(data)
    assert isinstance(again, type(first)) or "copy" in name  # a book is lent to the rider who stands there now
    assert not isinstance(await desk.scan(b"9787108009821"), CheckedIn)
    already = await desk.scan(desk.second.card_text.encode())
    assert isinstance(already, CheckedIn)
    assert already.already


async def test_after_a_code_that_was_too_long_and_after_trouble_the_next_card_is_greeted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.scan(b"A" * 512, too_long=True)
    assert isinstance(await desk.scan(desk.first.card_text.encode()), CheckedIn)
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.checkin.present_card", lambda *_: 1 / 0)
        trouble = await desk.scan(desk.second.card_text.encode())
        assert not isinstance(trouble, CheckedIn)
    assert isinstance(await desk.scan(desk.second.card_text.encode()), CheckedIn)


async def test_sixteen_scans_at_once_are_served_in_their_order_and_none_hangs(desk: Desk) -> None:
    for _ in range(16):
        desk.counter.scanned(Frame(b"nobody knows this"))
    for _ in range(16):
        await asyncio.wait_for(desk.told.get(), 5)
    assert isinstance(await desk.scan(desk.second.card_text.encode()), CheckedIn)


async def test_not_me_undoes_its_own_greeting_and_not_who_scanned_meanwhile(desk: Desk) -> None:
    first, second = desk.first.card_text.encode(), desk.second.card_text.encode()
    wrong = await desk.scan(first)
    right = await desk.scan(second)
    assert isinstance(wrong, CheckedIn)
    assert isinstance(right, CheckedIn)
    await desk.counter.not_me(wrong)
    assert desk.counter.visitor == right.rider
    again, other = await desk.scan(first), await desk.scan(second)
    assert isinstance(again, CheckedIn)
    assert isinstance(other, CheckedIn)
    assert (again.already, other.already) == (False, True)


async def test_not_me_on_a_card_held_up_twice_undoes_the_check_in_and_on_already_today_only_ends_the_visit(
    desk: Desk,
) -> None:
    card = desk.first.card_text.encode()
    first = await desk.scan(card, then_s=1)
    repeated = await desk.scan(card)
    assert isinstance(first, CheckedIn)
    assert isinstance(repeated, CheckedIn)
    assert (repeated.repeated, repeated.checkin) == (True, first.checkin)
    await desk.counter.not_me(repeated)
    own = await desk.scan(card)
    assert isinstance(own, CheckedIn)
    assert not own.already
    already = await desk.scan(card)
    assert isinstance(already, CheckedIn)
    await desk.counter.not_me(already)
    assert desk.counter.visitor is None
    last = await desk.scan(card)
    assert isinstance(last, CheckedIn)
    assert last.already


async def test_after_every_refused_loan_and_every_task_of_a_volunteer_the_next_card_is_greeted(desk: Desk) -> None:
    visitor, other = desk.first.card_text.encode(), desk.second.card_text.encode()
    with desk.box.journal.store.use():
        labels = reading.add_title(desk.box, "青春", author="杨沫", isbn="", shelf="A2", copies=6, actor="cli")
    label = desk.label.encode()
    await desk.scan(visitor)
    assert isinstance(await desk.scan(label), Borrowed)
    for one in labels:
        last = await desk.scan(one.encode())
    assert isinstance(last, LoanRefused)
    assert LoanBlock.LIMIT in last.blocks
    desk.clock.advance(30 * 86_400)
    assert isinstance(await desk.scan(visitor), CheckedIn)
    late = await desk.scan(labels[-1].encode())
    assert isinstance(late, LoanRefused)
    assert LoanBlock.OVERDUE in late.blocks
    for task in (Task.COUNT, Task.RECEIVE, Task.LOOK, Task.RETURN):
        desk.volunteer, desk.intake.task = "volunteer:1", task
        assert not isinstance(await desk.scan(labels[-1].encode()), StationTrouble)
        desk.volunteer, desk.intake.task = None, None
        assert isinstance(await desk.scan(other), CheckedIn), task
