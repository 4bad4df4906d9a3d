"""The reading desk as screens hold it: nothing for nobody, nothing for a closed volunteers' area, and scans by task."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kiosk import reading
from kiosk.box import Box
from kiosk.reading import known
from kiosk.reading.desk import ReadingDesk
from kiosk.scan import CopyLabel, Isbn, ParcelLabel
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import (
    Borrowed,
    Condition,
    CopyHandled,
    ParcelRefusal,
    ParcelScanned,
    PrintProblem,
    RiderView,
    Task,
    TitleFound,
)
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock

WANG = RiderView("00112233445566aa", "王*强", number=1)
LI = RiderView("00112233445566bb", "李*", number=2)
ISBN = "9787999000013"


@dataclass
class Counter:
    """A desk, who stands at it, and the database behind it."""

    box: Box
    database: DatabaseThread
    visitor: RiderView | None = None
    actor: str | None = None
    desk: ReadingDesk = field(init=False)

    def __post_init__(self) -> None:
        """The desk asks who is there."""
        self.desk = ReadingDesk(self.box, self.database, lambda: self.visitor, lambda: self.actor)

    async def does(self, work: Callable[[], object]) -> object:
        """Something on the database thread."""
        return await self.database.run(Priority.COUNTER, work)

    async def scan(self, scan: CopyLabel | Isbn | ParcelLabel) -> object:
        """As the counter serves a scan."""
        return await self.does(lambda: self.desk.intake.serve(self.box, scan, self.visitor))


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    """A station with a title in two copies and a known ISBN."""
    box = make_box(tmp_path, VirtualClock(), on_disk=True)
    database = DatabaseThread(box.journal.store)
    at = Counter(box, database)
    await at.does(lambda: reading.add_title(box, "红岩", author="a", isbn="", shelf="A1", copies=2, actor="cli"))
    await at.does(lambda: known.take([known.Known(ISBN, "活着", "余华", ("hz",))]))
    yield at
    await asyncio.to_thread(database.close)


async def test_nobody_gets_nothing_and_a_closed_area_does_nothing(counter: Counter) -> None:
    desk = counter.desk
    assert await desk.renew() == ()
    assert await desk.past_loans(0, 9) == ((), 1)
    assert await desk.own_parcels() == ()
    assert not await desk.cancel_hold("x")
    assert (await desk.deliver("PKG-22222222")).refusal is ParcelRefusal.NOT_IDENTIFIED
    assert await desk.add_copy(ISBN, "A1") is None
    assert await desk.mark("LX01-0001", Condition.MISSING) is None
    assert await desk.begin_stocktake("") is None
    assert (await desk.pack((), 1, "x", "y")).refusal is ParcelRefusal.NOT_IDENTIFIED
    assert await desk.parcels(0, 9) == ((), 1)
    assert await desk.print_label("LX01-0001") is PrintProblem.NO_PRINTER


async def test_a_visit_with_a_book_and_a_parcel(counter: Counter) -> None:
    desk, counter.actor = counter.desk, "volunteer:1"
    desk.begin(Task.LOOK)
    assert isinstance(await counter.scan(CopyLabel("LX01-0001")), CopyHandled)
    offered = await counter.scan(Isbn(ISBN))
    assert isinstance(offered, TitleFound)
    assert offered.known is not None
    added = await desk.add_copy(ISBN, "B1")
    assert added is not None
    packed = await desk.pack((added[0],), 2, "No. 7", "")
    assert packed.code is not None
    counter.actor, counter.visitor = None, WANG
    assert isinstance(await counter.scan(CopyLabel("LX01-0001")), Borrowed)
    (renewed,) = await desk.renew()
    assert renewed.due is not None
    taken = await counter.scan(ParcelLabel(packed.id))
    assert isinstance(taken, ParcelScanned)
    assert taken.outcome.refusal is None
    (mine,) = await desk.own_parcels()
    assert mine.id == packed.id
    assert (await desk.deliver_with_code(packed.id, packed.code)).points == 5
    assert [view.title for view in (await desk.search("49", 0, 9))[0]] == ["活着"]


async def test_a_card_that_nobody_vouches_for_sees_and_ends_nothing_of_the_rider_whom_it_names(
    counter: Counter,
) -> None:
    desk, counter.actor = counter.desk, "volunteer:1"
    packed = await desk.pack((), 2, "陈桂兰", "3 号楼 201")
    counter.actor, counter.visitor = None, LI
    for label in ("LX01-0001", "LX01-0002"):
        assert isinstance(await counter.scan(CopyLabel(label)), Borrowed)
    counter.visitor = WANG
    await counter.scan(ParcelLabel(packed.id))
    ((title,), _) = await desk.search("", 0, 9)
    held = (await desk.reserve(title.id)).hold
    assert held is not None
    counter.visitor = replace(WANG, verified=False)
    assert (await desk.own_parcels(), await desk.holds(), await desk.renew()) == ((), (), ())
    assert not await desk.cancel_hold(held.id)
    assert (await desk.deliver(packed.id)).refusal is ParcelRefusal.NOT_IDENTIFIED
    counter.visitor = WANG
    assert len(await desk.own_parcels()) == len(await desk.holds()) == 1
