"""A rider enrolled at two stations that were offline is merged by the hub; a number handed on is for a person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import reading, riders
from kiosk.hub.office import merges
from kiosk.hub.office.moving import close_area, open_area
from kiosk.hub.people.job import PeopleJob
from kiosk.hub.people.twins import same_name
from kiosk.riders import resealing
from models.hub import HubEvent
from models.hub_people import HubException
from tests.helpers.hub import Hub, Syncing, closing_hubs, enrolled_box, hub_box
from tests.helpers.riders import PHONE, add_rider, cheap_lookup
from tests.test_merge import BASE, Area, Place, place


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Area]:
    """The same number and name at two stations that were offline; each has lent a book and given a point.

    The first was enrolled at the hub long after it had enrolled the rider.
    """
    with closing_hubs() as hubs:
        hub = Hub(tmp_path, f"sqlite:///{tmp_path / 'hub.db'}")
        hubs.append(hub)
        first, second = early_place(tmp_path, hub, monkeypatch), place(tmp_path, "LX02", hub, PHONE)
        for station in (first, second):
            station.borrow(station.card, station.labels[0])
        yield Area(hub, first, second)


def early_place(folder: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A station that gets a hub when it has a rider already."""
    monkeypatch.setattr(resealing, "lookup_of", cheap_lookup)
    box = hub_box(folder, "LX01")
    with box.journal.store.use():
        enrolled = add_rider(box)
        labels = reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=2, actor="cli")
        hub.add(box)
        resealing.reseal(box)
    return Place(box, enrolled.rider.id, enrolled.card_text, labels)


def written(area: Area, kind: str) -> list[str]:
    """Subjects of the hub's events of a kind."""
    with area.hub.store.reading():
        rows = HubEvent.select(HubEvent.subject).where(HubEvent.kind == kind).order_by(HubEvent.position)
        return [str(row.subject) for row in rows]


def work(area: Area) -> None:
    """The hub's job until everything is level, in a process that has just begun."""
    job = PeopleJob(area.hub.store)
    job.level("luxi")
    job.close()


async def test_the_same_number_and_name_is_merged_by_itself_loses_nothing_and_can_be_taken_apart_for_good(
    area: Area,
) -> None:
    first, second = area.first, area.second
    await area.told()
    work(area)
    await area.told()
    assert len(written(area, "rider.merged")) == 1
    for station in (first, second):
        for rider in (first.rider, second.rider):
            assert station.total(rider) == (1, 2 * (BASE + 1), 3), "one check-in a day, the other one taken back"
            assert station.lent(rider) == [first.labels[0], second.labels[0]]
    work(area)
    assert len(written(area, "rider.merged")) == 1, "and once is enough"
    merges.unmerge(area.hub.store, "luxi", written(area, "rider.merged")[0].partition(":")[2])
    work(area)
    assert len(written(area, "rider.merged")) == 1, "what a person took apart stays apart"


async def test_another_name_is_an_exception_for_a_person_told_once(tmp_path: Path, area: Area) -> None:
    other = named(tmp_path, area.hub, "LX03", "李建国")
    await area.told()
    await tell_hub(other, area)
    for _ in range(2):
        work(area)
    assert len(written(area, "rider.twin_suspected")) == 1
    assert len(written(area, "rider.merged")) == 1, "the two of one name"
    with area.hub.store.reading():
        (odd,) = HubException.select().where(HubException.kind == "same_phone")
    assert odd.subject == f"rider:{other.rider}"
    merges.merge(area.hub.store, "luxi", area.first.rider, other.rider)
    work(area)
    with area.hub.store.reading():
        assert not HubException.select().where(HubException.kind == "same_phone").exists(), "somebody has seen to it"


async def test_of_an_area_that_has_moved_nobody_is_asked_here(tmp_path: Path, area: Area) -> None:
    await area.told()
    await tell_hub(named(tmp_path, area.hub, "LX03", "李建国"), area)
    close_area(area.hub.store, "luxi", "https://hub2.example")
    work(area)
    assert written(area, "rider.twin_suspected") + written(area, "rider.merged") == [], (
        "the file may be written already"
    )
    open_area(area.hub.store, "luxi")
    work(area)
    assert len(written(area, "rider.twin_suspected")) == 1


async def test_a_family_with_one_phone_is_asked_about_once_and_who_of_it_was_enrolled_twice_is_merged(
    tmp_path: Path, area: Area
) -> None:
    await area.told()
    for code in ("LX03", "LX04"):
        await tell_hub(named(tmp_path, area.hub, code, "李建国"), area)
        work(area)
    assert len(written(area, "rider.merged")) == 2, "both of them, each once"
    assert len(written(area, "rider.twin_suspected")) == 1


async def test_nobody_is_asked_where_a_volunteer_has_seen_that_they_are_two(tmp_path: Path, area: Area) -> None:
    await area.told()
    work(area)
    third = named(tmp_path, area.hub, "LX03", "王芳", PHONE[:-1] + "9")
    await tell_hub(third, area)
    with third.box.journal.store.use():
        add_rider(third.box, "李建国", handed_on=True)
    await tell_hub(third, area)
    work(area)
    assert written(area, "rider.twin_suspected") == []
    assert len(written(area, "rider.merged")) == 1, "the two of one name"


def named(folder: Path, hub: Hub, code: str, name: str, phone: str = PHONE) -> Place:
    """A further station, with a rider; by default of the same number."""
    box = enrolled_box(folder, hub, code)
    with box.journal.store.use():
        enrolled = add_rider(box, name, phone)
        card = riders.card_text(box, enrolled.rider.number or 0)
    return Place(box, enrolled.rider.id, card, [])


async def tell_hub(station: Place, area: Area) -> None:
    """One station pushes."""
    async with Syncing(station.box, area.hub).running() as syncing:
        await syncing.round()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王小强", "王 小强"),
        ("王小强", "王小强 "),
        ("Ｌｉ", "li"),
        ("买买提·吐尔逊", "买买提•吐尔逊"),
        ("买买提·吐尔逊", "买买提吐尔逊"),
    ],
)
def test_a_name_is_the_same_however_it_was_typed(one: str, other: str) -> None:
    assert same_name(one, other)
    assert not same_name(one, "李建国")


def test_names_that_sound_alike_are_not_the_same() -> None:
    """One of a family may be 张伟 and another 张薇."""
    assert not same_name("张伟", "张薇")
    assert not same_name("·", "—"), "nor are two that have no letters"
