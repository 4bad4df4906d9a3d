"""The station as one process: visits, scans, and a screen that may crash without ending anybody's charging."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.rig import Rig, RigPlan
from kiosk import checkin, privacy, reading, volunteers
from kiosk.commands.rig import plan_of
from kiosk.commands.run import _with_screen
from kiosk.facade import StationFacade
from kiosk.folder import DataFolder, box_for_command, create_station
from kiosk.reading import holds
from kiosk.riders.kinds import RiderMerged
from kiosk.settings import Settings
from kiosk.sound import sound_of
from kiosk.station import Station
from kiosk.system.database import Priority
from kiosk.views import (
    Borrowed,
    ChargingRefusal,
    CheckedIn,
    Outcome,
    Returned,
    ScanDone,
    ScanRefusal,
    ScanRefused,
    SlotState,
    Sound,
    StaffCard,
    StaffRefusal,
    StationNotice,
    VisitorChanged,
)
from tests.helpers.box import make_settings
from tests.helpers.riders import add_rider
from tests.helpers.rig import until
from tests.helpers.stations import Stream

pytestmark = pytest.mark.real_time

PIN = "246810"


class Heard:
    """A station, its rig, and everything it said."""

    def __init__(self, station: Station, rig: Rig, cards: list[str], keeper: str) -> None:
        self.station = station
        self.rig = rig
        self.cards = cards
        self.keeper = keeper
        self.notices: list[StationNotice] = []
        station.listen(self.notices.append)

    async def scan(self, code: str | bytes) -> Outcome:
        """Scan a code, and wait for what comes of it."""
        before = len(self.outcomes)
        await self.rig.scan(code.encode() if isinstance(code, str) else code)
        await until(lambda: len(self.outcomes) > before)
        return self.outcomes[-1]

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of each scan."""
        return [notice.outcome for notice in self.notices if isinstance(notice, ScanDone)]


def settings_in(folder: Path) -> Settings:
    """Settings whose ports a rig makes."""
    (folder / "rig").mkdir()
    return make_settings(
        folder / "data",
        scanner={"port": str(folder / "rig" / "scanner")},
        charging={
            "port": str(folder / "rig" / "rs485"),
            "lease_s": 2,
            "renew_s": 0.5,
            "meter_active_s": 0.2,
            "meter_idle_s": 1,
        },
    )


@pytest.fixture
async def heard(tmp_path: Path) -> AsyncIterator[Heard]:
    """An open station with two riders, one title and a keeper, on a rig of its own."""
    settings = settings_in(tmp_path)
    DataFolder.of(settings).path.mkdir(parents=True)
    create_station(DataFolder.of(settings))
    with box_for_command(settings, "a test") as box:
        people = (("王小强", "13800001001"), ("李建国", "13800001038"))
        cards = [add_rider(box, name, phone).card_text for name, phone in people]
        reading.add_title(box, "灯火里的县城", author="龙清泉", isbn="", shelf="A3", copies=2, actor="cli")
        _, keeper = volunteers.create_keeper(box, "龙站长", PIN)
    plan: RigPlan = plan_of(settings, time_factor=60)
    rig = Rig(plan)
    await rig.start()
    station = Station(settings)
    await station.open()
    try:
        made = Heard(station, rig, cards, keeper)
        await until(lambda: all(device.health.value == "connected" for device in station.devices()))
        await until(lambda: station.charging.slots()[0].state is SlotState.AVAILABLE)
        yield made
    finally:
        await station.close()
        await rig.close()


async def test_a_card_is_greeted_and_the_next_scan_is_served_after_every_outcome(heard: Heard) -> None:
    greeted = await heard.scan(heard.cards[0])
    assert isinstance(greeted, CheckedIn)
    assert greeted.rider.masked_name == "王*强"
    assert not greeted.already
    refusals: list[tuple[str | bytes, ScanRefusal]] = [
        ("NONSENSE", ScanRefusal.UNKNOWN),
        (heard.cards[0][:100], ScanRefusal.TRUNCATED),
        (heard.cards[0][:-1] + ("0" if heard.cards[0][-1] != "0" else "1"), ScanRefusal.FORGED),
        ("X" * 600, ScanRefusal.TOO_LONG),
        (b"\xff\xfe\x01\x80", ScanRefusal.BINARY),
    ]
    for code, reason in refusals:
        assert await heard.scan(code) == ScanRefused(reason)
        again = await heard.scan(heard.cards[0])
        assert isinstance(again, CheckedIn)
        assert again.already
        assert again.at == greeted.at


async def test_every_outcome_is_heard_through_the_player(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[Sound] = []
    monkeypatch.setattr(heard.station._speaker, "play", played.append)
    for code in (heard.cards[0], heard.cards[1], heard.cards[0], "NONSENSE"):
        await heard.scan(code)
    assert played == [sound_of(outcome) for outcome in heard.outcomes]
    assert played[-1] is Sound.REFUSED is not played[0]


async def test_a_copy_is_borrowed_by_whoever_is_identified_and_returned_by_nobody(heard: Heard) -> None:
    await heard.scan(heard.cards[0])
    assert isinstance(await heard.scan("LX01-0001"), Borrowed)
    assert [loan.label for loan in await heard.station.reading.loans()] == ["LX01-0001"]
    heard.station.leave()
    assert isinstance(await heard.scan("LX01-0001"), Returned)


async def test_a_rider_says_whether_the_ranking_may_name_them_and_nobody_says_it_for_them(heard: Heard) -> None:
    assert not (await heard.station.set_named(named=True)).named
    await heard.scan(heard.cards[0])
    assert (await heard.station.set_named(named=True)).named
    assert (await heard.station.points()).named
    heard.station.leave()
    await heard.scan(heard.cards[1])
    assert not (await heard.station.points()).named


async def test_a_session_under_an_id_that_was_merged_meanwhile_is_the_persons_to_stop(heard: Heard) -> None:
    await heard.scan(heard.cards[1])
    gone = heard.station.visitor
    assert gone is not None
    started = await heard.station.charging.start("1")
    assert started.refusal is None
    heard.station.leave()
    await heard.scan(heard.cards[0])
    into = heard.station.visitor
    assert into is not None
    assert heard.station.charging.own_session() is None
    heard.station.leave()
    word = Stream().writes(RiderMerged(into=into.id), f"rider:{gone.id}")
    box = heard.station._box
    await heard.station._database.run(Priority.SYNC, lambda: box.journal.receive([word]))
    for card in heard.cards:
        await heard.scan(card)
        visitor = heard.station.visitor
        assert visitor is not None
        assert visitor.id == into.id
        session = heard.station.charging.own_session()
        assert session is not None
        assert session.slot == "1"
        assert heard.station.charging.slots()[0].mine
        assert (await heard.station.charging.start("2")).refusal is ChargingRefusal.HAS_ONE_ALREADY
    assert (await heard.station.charging.stop()).refusal is None


async def test_what_ends_by_itself_is_looked_after_beside_the_counter(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shifts, books set aside and check-ins after each scan; records and phones in jobs of their own."""
    jobs = {task.get_name() for task in asyncio.all_tasks()}
    assert jobs >= {"scanner", "counter", "sync", "today", "housekeeping", "resealing", "planned exit"}
    done: set[str] = set()
    for module, name in ((volunteers, "end_forgotten"), (checkin, "amend"), (holds, "expire"), (holds, "fill_free")):
        monkeypatch.setattr(module, name, lambda _box, name=name: done.add(name))
    await heard.scan("NONSENSE")
    await until(lambda: done == {"end_forgotten", "amend", "expire", "fill_free"})


async def test_not_me_takes_the_check_in_back_and_ends_the_visit(heard: Heard) -> None:
    greeting = await heard.scan(heard.cards[1])
    await until(lambda: heard.station.today().checkins == 1)
    assert isinstance(greeting, CheckedIn)
    await heard.station.not_me(greeting)
    assert heard.station.visitor is None
    assert heard.station.today().checkins == 0
    again = await heard.scan(heard.cards[1])
    assert isinstance(again, CheckedIn)
    assert not again.already


async def test_the_next_rider_takes_the_place_of_the_one_before(heard: Heard) -> None:
    await heard.scan(heard.cards[0])
    await heard.scan(heard.cards[1])
    assert heard.station.visitor is not None
    assert heard.station.visitor.masked_name == "李*国"
    said = [notice.rider for notice in heard.notices if isinstance(notice, VisitorChanged)]
    assert [rider.masked_name if rider else None for rider in said] == ["王*强", "李*国"]


async def test_who_is_erased_while_they_stand_there_is_nobody_any_more(heard: Heard) -> None:
    greeted = await heard.scan(heard.cards[0])
    assert isinstance(greeted, CheckedIn)
    box, database = heard.station._box, heard.station._database
    await database.run(Priority.SYNC, lambda: privacy.erase(box, greeted.rider.id, actor="hub"))
    assert await heard.scan("nothing of ours") == ScanRefused(ScanRefusal.UNKNOWN)
    await until(lambda: heard.station.visitor is None)
    assert await heard.scan(heard.cards[0]) == ScanRefused(ScanRefusal.REVOKED)


async def test_nobody_identified_cannot_charge(heard: Heard) -> None:
    for outcome in (
        await heard.station.charging.book("1"),
        await heard.station.charging.start("1"),
        await heard.station.charging.stop(),
    ):
        assert outcome.refusal is ChargingRefusal.NOT_IDENTIFIED


async def test_a_keepers_card_and_pin_open_the_staff_area_and_stop_a_slot(heard: Heard) -> None:
    await heard.scan(heard.cards[0])
    heard.rig.plug("1", watts=200, wh=100_000)
    assert (await heard.station.charging.start("1")).done
    card = await heard.scan(heard.keeper)
    assert isinstance(card, StaffCard)
    assert (await heard.station.charging.stop_slot("1")).refusal is ChargingRefusal.NOT_IDENTIFIED
    assert (await heard.station.volunteers.unlock(card.volunteer_id, "000000")).refusal is StaffRefusal.WRONG_PIN
    assert (await heard.station.volunteers.unlock(card.volunteer_id, PIN)).refusal is None
    assert (await heard.station.charging.stop_slot("1")).done
    heard.station.volunteers.lock()
    assert (await heard.station.charging.stop_slot("1")).refusal is ChargingRefusal.NOT_IDENTIFIED


async def test_what_a_volunteer_does_is_told_with_the_masked_name_while_the_staff_area_is_open(heard: Heard) -> None:
    station = heard.station
    card = await heard.scan(heard.keeper)
    assert isinstance(card, StaffCard)
    assert (await station.charging.disable_slot("1", "插座松动")).refusal is ChargingRefusal.NOT_IDENTIFIED
    await station.volunteers.unlock(card.volunteer_id, PIN)
    assert (await station.charging.disable_slot("1", "插座松动")).done
    (act, entered), pages = await station.volunteers.acts(0, 2, None)
    assert (entered.kind, entered.act) == ("entry.opened", None)
    assert (act.actor, act.slot, act.reason) == (card.masked_name, "1", "插座松动")
    assert pages > 1, "the command line's acts stand there too"
    assert (await station.charging.day()).wh == 0
    assert station.charging.slots()[0].state is SlotState.UNAVAILABLE
    assert (await station.charging.enable_slot("1")).done
    assert (await station.charging.stop_all()).refusal is ChargingRefusal.NOTHING_TO_STOP
    assert (await station.charging.release_slot("1")).refusal is ChargingRefusal.NOTHING_TO_STOP
    assert (await station.charging.move("1", "2")).refusal is ChargingRefusal.NOTHING_TO_STOP
    assert (await station.charging.clear_slot("1")).done
    station.volunteers.lock()
    assert await station.volunteers.acts(0, 10, None) == ((), 1)
    assert (await station.charging.day()).watts_per_minute == ()


async def test_a_screen_that_crashes_comes_back_and_ends_nobodys_charging(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.commands.run.SCREEN_AGAIN_AFTER_S", 0.05)
    await heard.scan(heard.cards[0])
    heard.rig.plug("1", watts=200, wh=100_000)
    assert (await heard.station.charging.start("1")).done
    shown: list[bool] = []

    async def screen(station: StationFacade, stop: asyncio.Event) -> bool:
        shown.append(station.visitor is not None)
        return len(shown) == 3

    stop = asyncio.Event()
    assert await _with_screen(heard.station, screen, stop) == 0
    assert shown == [True, False, False], "a crash ends the visit, not the charging"
    assert heard.station.charging.slots()[0].state in (SlotState.CHARGING, SlotState.PREPARING)
    await until(lambda: (heard.station.charging.slots()[0].wh or 0) > 0)


async def test_a_fault_of_the_database_is_told_and_the_next_scan_is_served(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    import peewee as pw

    def full(*_: object) -> Outcome:
        raise pw.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(checkin, "present_card", full)
        outcome = await heard.scan(heard.cards[0])
        assert type(outcome).__name__ == "StationTrouble"
    assert isinstance(await heard.scan(heard.cards[0]), CheckedIn)
