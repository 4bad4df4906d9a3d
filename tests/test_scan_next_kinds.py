"""Scan N+1 after each outcome that the real counter can come to: a table that has all of them, or this fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

from kiosk import parcels, reading, riders
from kiosk.identity.card import Card, read, write
from kiosk.parcels.code import new_label
from kiosk.reading import copies, holds, lending, stocktaking
from kiosk.reading.fold import copy_of
from kiosk.reading.intake import Intake
from kiosk.riders.kinds import RiderStatus
from kiosk.views import (
    Borrowed,
    CheckedIn,
    Condition,
    CopyHandled,
    LoanBlock,
    LoanRefused,
    Material,
    Outcome,
    ParcelRefusal,
    ParcelScanned,
    Returned,
    ScanRefusal,
    ScanRefused,
    Task,
    TitleFound,
)
from models.riders import RiderStatusRow
from tests.helpers.box import close_boxes
from tests.helpers.counter import STRANGER, Desk
from tests.helpers.riders import add_rider

ACTOR = "volunteer:1"
Scene = Callable[[Desk], tuple[str, ...]]
"""Prepares something, and says what is scanned one after another; the last one comes to what the table says."""


def kinds_of(outcome: Outcome) -> Iterator[str]:
    """What an outcome is, in the words of the table: several for one with several reasons."""
    name = type(outcome).__name__
    match outcome:
        case ScanRefused(reason=reason):
            yield f"{name} {reason}"
        case LoanRefused(blocks=blocks):
            yield from (f"{name} {block}" for block in blocks)
        case ParcelScanned(outcome=done):
            yield name if done.refusal is None else f"{name} {done.refusal}"
        case CopyHandled(task=task):
            yield f"{name} {task}"
        case _:
            yield name


def every_kind() -> set[str]:
    """All that there are, of the enumerations that the code has now."""
    known = {kind.__name__ for kind in get_args(Outcome)} - {"ScanRefused", "LoanRefused", "CopyHandled"}
    known |= {f"ScanRefused {reason}" for reason in ScanRefusal} | {f"LoanRefused {block}" for block in LoanBlock}
    return known | {f"ParcelScanned {why}" for why in ParcelRefusal} | {f"CopyHandled {task}" for task in Task}


NO_SCAN_COMES_TO = {
    *(f"LoanRefused {block}" for block in (LoanBlock.NOT_YOURS, LoanBlock.RENEWED_OFTEN)),  # of renewals
    *(f"ParcelScanned {why}" for why in (ParcelRefusal.NOT_YOURS, ParcelRefusal.NOT_TAKEN)),  # of deliveries
    *(f"ParcelScanned {why}" for why in (ParcelRefusal.WRONG_CODE, ParcelRefusal.LOCKED, ParcelRefusal.NO_CODE)),
    *(f"ParcelScanned {why}" for why in (ParcelRefusal.NOTHING_IN_IT, ParcelRefusal.UNKNOWN_COPY)),  # of packing
    f"ParcelScanned {ParcelRefusal.SET_ASIDE}",
    f"CopyHandled {Task.RETURN}",  # it is a return
}


def _copy(desk: Desk, *, for_loan: bool = True, material: Material = Material.BOOK) -> str:
    """A copy of a new title."""
    return reading.add_title(
        desk.box,
        "青春",
        author="杨沫",
        isbn="",
        shelf="A2",
        copies=1,
        actor=ACTOR,
        for_loan=for_loan,
        material=material,
    )[0]


def _parcel(desk: Desk) -> str:
    return parcels.pack(desk.box, labels=(), booklets=2, name="陈桂兰", place="武溪镇 3 号楼", actor=ACTOR).id


def _by_first(make: Callable[[Desk], str]) -> Scene:
    """The first rider scans their card, and then that."""
    return lambda desk: (desk.first.card_text, make(desk))


def _by_stranger(make: Callable[[Desk], str]) -> Scene:
    """Somebody with a card of an unknown issuer does."""
    return lambda desk: (desk.signed(STRANGER).decode(), make(desk))


def _alone(make: Callable[[Desk], str]) -> Scene:
    """Nobody has to be identified."""
    return lambda desk: (make(desk),)


def _at_task(task: Task) -> Scene:
    """A volunteer scans a copy."""

    def scene(desk: Desk) -> tuple[str, ...]:
        desk.volunteer, desk.intake.task = ACTOR, task
        return (_copy(desk),)

    return scene


def _counting(desk: Desk) -> tuple[str, ...]:
    stocktaking.begin(desk.box, "", ACTOR)
    return _at_task(Task.COUNT)(desk)


def _handed_in_elsewhere(desk: Desk) -> tuple[str, ...]:
    """A copy of another station that was handed in here, and that a volunteer sends off."""
    lending.give_back(desk.box, "LX02-0001")
    desk.volunteer, desk.intake.task = ACTOR, Task.RECEIVE
    return ("LX02-0001",)


def _own_already(desk: Desk) -> tuple[str, ...]:
    label = _copy(desk)
    return desk.first.card_text, label, desk.second.card_text, desk.first.card_text, label


def _late(desk: Desk) -> tuple[str, ...]:
    lending.borrow(desk.box, desk.first.rider, _copy(desk))
    desk.clock.advance(30 * 86_400)
    return _by_first(_copy)(desk)


def _at_limit(desk: Desk) -> tuple[str, ...]:
    for _ in range(desk.box.settings.reading.limit):
        lending.borrow(desk.box, desk.first.rider, _copy(desk))
    return _by_first(_copy)(desk)


def _at_limit_of_booklets(desk: Desk) -> tuple[str, ...]:
    lending.borrow(desk.box, desk.first.rider, _copy(desk, material=Material.BOOKLET))
    return _by_first(lambda desk: _copy(desk, material=Material.BOOKLET))(desk)


def _wanted(desk: Desk) -> str:
    """A copy that the second rider has, another waits for, and the first holds in their hands."""
    label = _copy(desk)
    lending.borrow(desk.box, desk.second.rider, label)
    copy = copy_of(label)
    assert copy is not None
    assert holds.reserve(desk.box, add_rider(desk.box, "陈桂兰", "13800001003").rider, str(copy.title)).hold is not None
    return label


def _set_aside(desk: Desk) -> str:
    label = _wanted(desk)
    back = lending.give_back(desk.box, label)
    assert isinstance(back, Returned)
    assert back.set_aside
    return label


def _marked(condition: Condition) -> Callable[[Desk], str]:
    def make(desk: Desk) -> str:
        label = _copy(desk)
        copies.mark(desk.box, label, condition, ACTOR)
        return label

    return make


def _unpacked(desk: Desk) -> str:
    parcel = _parcel(desk)
    parcels.cancel(desk.box, parcel, ACTOR)
    return parcel


def _blocked(desk: Desk) -> str:
    RiderStatusRow.insert(rider=desk.first.rider.id, status=RiderStatus.BLOCKED.value).execute()
    return desk.first.card_text


def _revoked(desk: Desk) -> str:
    riders.revoke_card(desk.box, 1, "lost", actor=ACTOR)
    return desk.first.card_text


def _not_arrived(desk: Desk) -> str:
    """A card of a rider whose enrolment this box has not heard of."""
    key = desk.box.keys.issuing
    return write(Card(key.key_id, riders.new_id(), riders.new_id(), desk.box.today), key)


def _forged_staff_card(desk: Desk) -> str:
    holder = read(desk.keeper).card.rider_id
    return write(Card(STRANGER.key_id, riders.new_id(), holder, desk.box.today), STRANGER)


def _in_trouble(desk: Desk) -> tuple[str, ...]:
    """The volunteer's area says that it cannot be asked, once."""
    asked = iter((1,))

    def actor() -> str | None:
        if next(asked, 0):
            raise OSError("no space left")
        return None

    desk.intake = Intake(actor)
    desk.counter._intake = desk.intake
    return (_copy(desk),)


SCENES: Mapping[str, Scene] = {
    "CheckedIn": _alone(lambda desk: desk.first.card_text),
    "StaffCard": _alone(lambda desk: desk.keeper),
    "StationTrouble": _in_trouble,
    "TitleFound": _alone(lambda _: "9787108009821"),
    "Borrowed": _by_first(_copy),
    "Returned": _alone(_copy),
    "ParcelScanned": _by_first(_parcel),
    f"ParcelScanned {ParcelRefusal.UNKNOWN}": _by_first(lambda _: new_label()),
    f"ParcelScanned {ParcelRefusal.CLOSED}": _by_first(_unpacked),
    f"ParcelScanned {ParcelRefusal.UNVERIFIED_CARD}": _by_stranger(_parcel),
    f"ParcelScanned {ParcelRefusal.NOT_IDENTIFIED}": _alone(_parcel),
    f"CopyHandled {Task.LOOK}": _at_task(Task.LOOK),
    f"CopyHandled {Task.PACK}": _at_task(Task.PACK),
    f"CopyHandled {Task.COUNT}": _counting,
    f"CopyHandled {Task.RECEIVE}": _handed_in_elsewhere,
    f"LoanRefused {LoanBlock.LIMIT}": _at_limit,
    f"LoanRefused {LoanBlock.OVERDUE}": _late,
    f"LoanRefused {LoanBlock.UNKNOWN_COPY}": _by_first(lambda _: "LX01-9999"),
    f"LoanRefused {LoanBlock.OWN_ALREADY}": _own_already,
    f"LoanRefused {LoanBlock.NOT_FOR_LOAN}": _by_first(lambda desk: _copy(desk, for_loan=False)),
    f"LoanRefused {LoanBlock.UNVERIFIED_CARD}": _by_stranger(_copy),
    f"LoanRefused {LoanBlock.MATERIAL_LIMIT}": _at_limit_of_booklets,
    f"LoanRefused {LoanBlock.SET_ASIDE}": _by_first(_set_aside),
    f"LoanRefused {LoanBlock.WITHDRAWN}": _by_first(_marked(Condition.WITHDRAWN)),
    f"LoanRefused {LoanBlock.IN_REPAIR}": _by_first(_marked(Condition.REPAIR)),
    f"LoanRefused {LoanBlock.WANTED}": _by_first(_wanted),
    f"ScanRefused {ScanRefusal.UNKNOWN}": _alone(lambda _: "https://example.org/whatever"),
    f"ScanRefused {ScanRefusal.FORGED}": _alone(lambda desk: f"{desk.first.card_text[:-3]}000"),
    f"ScanRefused {ScanRefusal.REVOKED}": _alone(_revoked),
    f"ScanRefused {ScanRefusal.EXPIRED}": _alone(
        lambda desk: desk.signed(desk.box.keys.issuing, days_ago=2000).decode()
    ),
    f"ScanRefused {ScanRefusal.UNKNOWN_ISSUER}": _alone(_forged_staff_card),
    f"ScanRefused {ScanRefusal.UNKNOWN_RIDER}": _alone(_not_arrived),
    f"ScanRefused {ScanRefusal.BLOCKED}": _alone(_blocked),
    f"ScanRefused {ScanRefusal.TRUNCATED}": _alone(lambda desk: desk.first.card_text[:60]),
    f"ScanRefused {ScanRefusal.TOO_LONG}": _alone(lambda desk: desk.first.card_text * 2),
    f"ScanRefused {ScanRefusal.BINARY}": _alone(lambda _: "\x00\x1f\x7e"),
}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path, {"materials": [{"name": "booklet", "limit": 1, "days": 30}]})
    serving = asyncio.create_task(made.counter.serve())
    yield made
    serving.cancel()
    await asyncio.wait([serving])
    close_boxes()


def test_the_table_has_every_outcome_that_a_scan_comes_to() -> None:
    assert set(SCENES) == every_kind() - NO_SCAN_COMES_TO


@pytest.mark.parametrize("kind", SCENES)
async def test_after_it_the_next_rider_is_greeted_gets_a_book_and_brings_it_back(desk: Desk, kind: str) -> None:
    with desk.box.journal.store.use():
        scans = SCENES[kind](desk)
        next_book = _copy(desk)
    *before, last = [await desk.scan(text.encode(), then_s=3) for text in scans]
    assert kind in kinds_of(last), (before, last)
    desk.volunteer, desk.intake.task = None, None  # who was at a task has left it
    greeted = await desk.scan(desk.second.card_text.encode())
    assert isinstance(greeted, CheckedIn)
    assert greeted.rider == desk.second.rider
    if kind != f"LoanRefused {LoanBlock.OVERDUE}":
        assert isinstance(await desk.scan(next_book.encode()), Borrowed)
    desk.intake.task = Task.RETURN
    assert isinstance(await desk.scan(next_book.encode()), Returned)
    assert isinstance(await desk.scan(b"9787108009821"), TitleFound)
