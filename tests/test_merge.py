"""A person enrolled twice: one person at every station and at the hub, and two again when the hub takes it back."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from kiosk import checkin, points, privacy, reading, riders
from kiosk.box import Box
from kiosk.charging import claims, history, queue
from kiosk.charging.claimed import SESSION, claim_of
from kiosk.cli import main
from kiosk.hub.office import OfficeError, merges
from kiosk.hub.people import doubles, generations
from kiosk.hub.people.job import PeopleJob
from kiosk.ranking import consents, set_consent
from kiosk.riders import aliases
from kiosk.riders.kinds import RiderMerged, RiderUnmerged
from kiosk.views import Borrowed, ChargingRefusal, CheckedIn, LoanBlock, LoanRefused, RiderView, ScanRefused, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow
from models.hub import HubEvent, HubSettled
from models.hub_people import HubBalance, HubException
from tests.helpers.box import make_box
from tests.helpers.hub import Hub, Syncing, closing_hubs, enrolled_box
from tests.helpers.riders import add_rider
from tests.helpers.stations import Stream, shuffled_with_repeats, tables_of, tell

BASE = points.rules_of(2026).daily_base


@dataclass
class Place:
    """A station at which the person was enrolled."""

    box: Box
    rider: str
    card: str
    labels: list[str]

    def scan(self, card: str) -> CheckedIn:
        """Hold a good card before the reader."""
        with self.box.journal.store.use():
            outcome = checkin.present_card(self.box, card)
        assert isinstance(outcome, CheckedIn), outcome
        return outcome

    def borrow(self, card: str, label: str) -> Borrowed | LoanRefused:
        """Borrow a copy with a card."""
        visitor = self.scan(card).rider
        with self.box.journal.store.use():
            return reading.borrow(self.box, visitor, label)

    def total(self, rider: str) -> tuple[int, int, int]:
        """Daily conduct beyond the base, total, and entries that count."""
        with self.box.journal.store.use():
            view = points.summary(self.box, rider)
        return view.daily - BASE, view.total_half_points, sum(entry.counted for entry in view.entries)

    def lent(self, rider: str) -> list[str]:
        """Labels of the open loans."""
        with self.box.journal.store.use():
            return sorted(loan.label for loan in reading.loans(self.box, rider))


@dataclass
class Area:
    """Two stations and their hub."""

    hub: Hub
    first: Place
    second: Place

    @asynccontextmanager
    async def syncing(self) -> AsyncIterator[tuple[Syncing, Syncing]]:
        """Both stations sync."""
        async with AsyncExitStack() as stack:
            one = await stack.enter_async_context(Syncing(self.first.box, self.hub).running())
            other = await stack.enter_async_context(Syncing(self.second.box, self.hub).running())
            yield one, other

    async def told(self) -> None:
        """Everybody has heard everything."""
        async with self.syncing() as (one, other):
            await one.round()
            await other.round()
            await one.round()


def place(folder: Path, code: str, hub: Hub, phone: str) -> Place:
    """A station that enrolled the person while it was offline, and has two books."""
    box = enrolled_box(folder, hub, code)
    with box.journal.store.use():
        enrolled = add_rider(box, "王小强", phone)
        labels = reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=2, actor="cli")
    return Place(box, enrolled.rider.id, enrolled.card_text, labels)


@pytest.fixture
def area(tmp_path: Path, hub_url: str) -> Iterator[Area]:
    """The same phone number, enrolled at two stations that were offline."""
    with closing_hubs() as hubs:
        hub = Hub(tmp_path, hub_url)
        hubs.append(hub)
        yield Area(hub, place(tmp_path, "LX01", hub, "13800001001"), place(tmp_path, "LX02", hub, "13800001001"))


async def test_no_points_and_no_loans_are_lost_and_both_stations_show_the_same(
    area: Area, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = area.first, area.second
    first.borrow(first.card, first.labels[0])
    second.borrow(second.card, second.labels[0])
    await area.told()
    database = ["hub", "--database", area.hub.url]
    assert main([*database, "rider", "twins", "--area", "luxi"]) == 0
    shown = capsys.readouterr().out
    assert {first.rider, second.rider} <= set(shown.split())
    assert "王*强" in shown
    assert main([*database, "rider", "merge", first.rider, second.rider, "--area", "luxi"]) == 0
    assert "1 awards given twice were taken back" in capsys.readouterr().out
    await area.told()
    for station in (first, second):
        for rider in (first.rider, second.rider):
            assert station.total(rider) == (1, 2 * (BASE + 1), 3), "one check-in a day, the other one taken back"
            assert station.lent(rider) == [first.labels[0], second.labels[0]]
    assert main([*database, "rider", "twins", "--area", "luxi"]) == 0
    assert "Nobody" in capsys.readouterr().out


async def test_both_cards_go_on_working_as_one_persons(area: Area) -> None:
    first, second = area.first, area.second
    first.scan(first.card)
    await area.told()
    merges.merge(area.hub.store, "luxi", first.rider, second.rider)
    await area.told()
    for card in (first.card, second.card):
        greeted = second.scan(card)
        assert greeted.rider.id == first.rider
        assert greeted.rider.also == (second.rider,)
        assert greeted.already, "once a day, whichever card"
    assert isinstance(second.borrow(second.card, second.labels[0]), Borrowed)
    assert isinstance(second.borrow(first.card, second.labels[1]), Borrowed)
    await area.told()
    refused = first.borrow(second.card, first.labels[0])
    assert isinstance(refused, LoanRefused)
    assert refused.blocks == (LoanBlock.LIMIT,), "the limit counts both enrolments' loans"


async def test_an_undone_merge_leaves_each_with_what_was_its_own(area: Area) -> None:
    first, second = area.first, area.second
    first.borrow(first.card, first.labels[0])
    second.borrow(second.card, second.labels[0])
    await area.told()
    before = [first.total(rider)[:2] for rider in (first.rider, second.rider)]
    merges.merge(area.hub.store, "luxi", first.rider, second.rider)
    undone = merges.unmerge(area.hub.store, "luxi", second.rider)
    assert (undone.into, undone.awards) == (first.rider, 1)
    await area.told()
    for station in (first, second):
        assert [station.total(rider)[:2] for rider in (first.rider, second.rider)] == before
        assert [station.lent(rider) for rider in (first.rider, second.rider)] == [
            [first.labels[0]],
            [second.labels[0]],
        ]
    with pytest.raises(OfficeError, match="nobody's alias"):
        merges.unmerge(area.hub.store, "luxi", second.rider)


async def test_an_award_of_a_station_that_did_not_know_yet_is_taken_back_when_it_comes(area: Area) -> None:
    first, second = area.first, area.second
    first.scan(first.card)
    await area.told()
    merges.merge(area.hub.store, "luxi", first.rider, second.rider)
    second.scan(second.card)
    await area.told()
    assert first.total(first.rider)[0] == 2, "not noticed yet"
    job = PeopleJob(area.hub.store)
    job.level("luxi")
    await area.told()
    assert first.total(first.rider)[0] == second.total(second.rider)[0] == 1


async def test_what_is_doubled_later_is_found_by_the_job_however_long_the_journal(
    area: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles, "AT_ONCE", 3)
    first, second = area.first, area.second
    await area.told()
    merges.merge(area.hub.store, "luxi", first.rider, second.rider)
    first.scan(first.card)
    second.scan(second.card)
    await area.told()
    looks_on = PeopleJob(area.hub.store, settles=False)
    looks_on.level("luxi")
    looks_on.close()
    with area.hub.store.reading():
        shown = generations.folds("luxi")[-1]
    for _ in range(2):  # the second time the tables have not come to what the first one recorded
        while doubles.settle(area.hub.store, shown):
            pass
        with area.hub.store.transaction():
            HubSettled.delete().execute()
    job = PeopleJob(area.hub.store)
    job.level("luxi")
    with area.hub.store.reading():
        taken = list(HubEvent.select().where(HubEvent.kind == "points.reversed"))
        assert len(taken) == 1
        assert HubBalance.get().daily == BASE + 1
    await area.told()
    job.level("luxi")
    with area.hub.store.reading():
        assert HubEvent.select().where(HubEvent.kind == "points.reversed").count() == 1


async def test_what_makes_no_sense_is_refused_with_a_sentence(area: Area) -> None:
    first, second = area.first, area.second
    with first.box.journal.store.use():
        third = add_rider(first.box, "李四", "13800001003").rider.id
    await area.told()
    store = area.hub.store
    with pytest.raises(OfficeError, match="no rider 0000000000000000"):
        merges.merge(store, "luxi", first.rider, "0" * 16)
    with pytest.raises(OfficeError, match="into the same rider"):
        merges.merge(store, "luxi", first.rider, first.rider)
    with pytest.raises(OfficeError, match="no area jishou"):
        merges.merge(store, "jishou", first.rider, second.rider)
    merges.merge(store, "luxi", first.rider, second.rider)
    for into, gone in ((first.rider, second.rider), (second.rider, first.rider)):
        with pytest.raises(OfficeError, match="one person already"):
            merges.merge(store, "luxi", into, gone)
    with pytest.raises(OfficeError, match="alias of"):
        merges.merge(store, "luxi", third, second.rider)
    assert merges.merge(store, "luxi", third, first.rider).into == third, "a chain ends at its last"
    await area.told()
    with first.box.journal.store.use():
        assert set(aliases.ids(second.rider)) == {first.rider, second.rider, third}
        assert aliases.root(second.rider) == third


async def test_merging_into_an_alias_is_merging_into_whom_it_goes_by(area: Area) -> None:
    with area.first.box.journal.store.use():
        third = add_rider(area.first.box, "李四", "13800001003").rider.id
    await area.told()
    merges.merge(area.hub.store, "luxi", area.first.rider, area.second.rider)
    assert merges.merge(area.hub.store, "luxi", area.second.rider, third).into == area.first.rider


async def test_what_a_person_has_twice_is_told_to_a_person(area: Area) -> None:
    first, second = area.first, area.second
    for station in (first, second):
        for label in station.labels:
            assert isinstance(station.borrow(station.card, label), Borrowed)
        with station.box.journal.store.use():
            claims.start(station.box, station.rider, "1", 0)
    await area.told()
    assert merges.merge(area.hub.store, "luxi", first.rider, second.rider).clashes == ("loans", "sessions")
    await area.told()
    job = PeopleJob(area.hub.store)
    job.level("luxi")
    with area.hub.store.reading():
        (clash,) = HubException.select().where(HubException.kind == "merge_clash")
        assert clash.subject == f"rider:{second.rider}"
    merges.unmerge(area.hub.store, "luxi", second.rider)
    job.level("luxi")
    with area.hub.store.reading():
        assert not HubException.select().where(HubException.kind == "merge_clash").exists()
    with first.box.journal.store.use():
        assert ChargingSessionRow.select().where(ChargingSessionRow.stop_reason.is_null()).count() == 2


async def test_who_is_blocked_under_one_id_is_blocked_under_both(area: Area) -> None:
    await area.told()
    merges.merge(area.hub.store, "luxi", area.first.rider, area.second.rider)
    assert main(["hub", "--database", area.hub.url, "rider", "block", area.second.rider, "--area", "luxi"]) == 0
    await area.told()
    box = area.first.box
    with box.journal.store.use():
        assert isinstance(checkin.present_card(box, area.first.card), ScanRefused)


# At one station, without a hub.


@pytest.fixture
def pair(box: Box) -> tuple[RiderView, RiderView]:
    """Two enrolments of one person."""
    return add_rider(box, "王小强", "13800001001").rider, add_rider(box, "王小强", "13800001002").rider


def merged(box: Box, into: RiderView, gone: RiderView, stream: Stream) -> RiderView:
    """The hub's word arrives; the person."""
    tell(box, stream.writes(RiderMerged(into=into.id), f"rider:{gone.id}"))
    view = riders.view(box, gone.id)
    assert view is not None
    return view


def test_a_person_has_one_hold_or_session_though_there_were_two_ids(
    box: Box, pair: tuple[RiderView, RiderView]
) -> None:
    into, gone = pair
    claims.start(box, gone.id, "1", 0)
    person = merged(box, into, gone, Stream())
    for attempt in (
        lambda: claims.start(box, person.id, "2", 0),
        lambda: claims.book(box, person.id, "2"),
        lambda: queue.join(box, person.id),
    ):
        with pytest.raises(claims.ClaimRefusedError) as refused:
            attempt()
        assert refused.value.refusal is ChargingRefusal.HAS_ONE_ALREADY
    assert ChargingClaimRow.select().count() == 1
    claim = claim_of(person.id)
    assert claim is not None
    assert claim.kind == SESSION
    claims.end(box, claim.id, StopReason.STOPPED_BY_RIDER, wh=10, powered_s=60.0)
    assert len(history.sessions(box, person.id, 0, 5)[0]) == 1
    claims.book(box, person.id, "2")
    assert [hold.rider for hold in claims.holds(box)] == [into.id]


def test_a_booking_and_a_place_in_the_queue_made_under_the_old_id_are_the_persons(
    box: Box, pair: tuple[RiderView, RiderView]
) -> None:
    into, gone = pair
    stream = Stream()
    claims.book(box, gone.id, "1")
    person = merged(box, into, gone, stream)
    assert claims.start(box, person.id, "1", 0).hold is not None, "the start consumes the booking"
    other = add_rider(box, "李四", "13800001003").rider
    queue.join(box, other.id)
    tell(box, stream.writes(RiderMerged(into=other.id), f"rider:{into.id}"))
    assert [entry.rider for entry in queue.entries(box)] == [other.id]
    queue.leave(box, gone.id, "cli")
    assert queue.entries(box) == []


def test_one_who_is_two_is_counted_once(box: Box, pair: tuple[RiderView, RiderView]) -> None:
    into, gone = pair
    for number in (1, 2):
        checkin.present_card(box, riders.card_text(box, number))
    assert (checkin.today_count(box), riders.count()) == (2, 2)
    merged(box, into, gone, Stream())
    assert (checkin.today_count(box), riders.count()) == (1, 1)


def test_erasing_a_person_erases_both_enrolments(box: Box, pair: tuple[RiderView, RiderView]) -> None:
    into, gone = pair
    merged(box, into, gone, Stream())
    privacy.erase(box, gone.id, actor="cli")
    assert riders.view(box, into.id) is None
    assert riders.view(box, gone.id) is None


def test_consent_said_before_a_merge_holds_until_the_person_says_something_else(
    box: Box, pair: tuple[RiderView, RiderView]
) -> None:
    into, gone = pair
    set_consent(box, gone.id, agreed=True)
    merged(box, into, gone, Stream())
    assert consents(box, into.id)
    set_consent(box, gone.id, agreed=False)
    assert not consents(box, into.id)


def test_merges_in_any_order_give_the_same_tables_and_circles_end(
    tmp_path: Path, box: Box, pair: tuple[RiderView, RiderView]
) -> None:
    into, gone = pair
    stream = Stream()
    events = [
        stream.writes(RiderMerged(into=into.id), f"rider:{gone.id}"),
        stream.writes(RiderMerged(into=gone.id), f"rider:{into.id}"),
        stream.writes(RiderUnmerged(), f"rider:{gone.id}"),
        stream.writes(RiderMerged(into=into.id), f"rider:{gone.id}"),
        stream.writes(RiderMerged(into=into.id), f"rider:{into.id}"),
    ]
    tell(box, *events)
    assert aliases.root(into.id) == aliases.root(gone.id) == min(into.id, gone.id)
    assert set(aliases.ids(into.id)) == {into.id, gone.id}
    wanted = tables_of(box, "rider_alias")
    for seed in range(5):
        other = make_box(tmp_path, code=f"LX1{seed}")
        tell(other, *shuffled_with_repeats(events, Random(seed)))  # noqa: S311 - an order, not a secret
        assert tables_of(other, "rider_alias") == wanted
