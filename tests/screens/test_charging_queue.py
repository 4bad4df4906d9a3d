"""Waiting for a slot: join, place and wait, leave, one's turn; and a booking of whichever slot is free."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from kiosk.views import ChargingOutcome, ChargingRefusal, HoldView, QueueEnd, QueueView
from screens.app import KioskApp
from screens.charging import CONFIRM_S
from screens.charging_panel import panel
from screens.charging_refusals import NOT_NOW, QUEUE_HELPS
from screens.charging_scene import Ask, Refused, countdown
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.charging_scenes import alarm, any_hold, closed, full_house, in_queue, offered, own_hold
from tests.screens.charging_taps import open_charging, requests, scene, shown
from tests.screens.conftest import SIZES, words


@pytest.mark.parametrize("size", SIZES.values())
async def test_who_finds_every_slot_taken_joins_with_one_tap(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """And is told how many wait."""
    async with app.run_test(size=size) as pilot:
        app.open(full_house(station))
        await pilot.pause()
        assert "有 3 人在排队" in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert requests(station) == [("join_queue",)]


async def test_the_queue_is_offered_beside_a_taken_slot_too(app: KioskApp, station: FakeStation) -> None:
    """Whoever looks when it ends need not look elsewhere."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.open(full_house(station))
        await pilot.pause()
        await pilot.click("#slot-2")
        await pilot.pause()
        assert "最晚" in words(app)
        assert "请选别的充电位" not in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert requests(station) == [("join_queue",)]


@pytest.mark.parametrize("refusal", sorted(QUEUE_HELPS))
async def test_a_start_that_has_to_wait_offers_the_queue(
    app: KioskApp, station: FakeStation, refusal: ChargingRefusal
) -> None:
    """No power to spare, or others wait: in the place of the start."""
    station.charging.outcome = ChargingOutcome(refusal)
    async with app.run_test(size=SIZES["standard"]) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#slot-1")
        await pilot.click("#main-offer")
        await pilot.pause()
        await pilot.click("#main-offer")
        await pilot.pause()
        assert requests(station) == [("start", "1"), ("join_queue",)]


@pytest.mark.parametrize(("taps", "asked"), [(("#slot-1", "#main-offer"), "start"), (("#other-offer",), "book")])
async def test_free_slots_that_are_booked_out_lead_to_the_queue(
    app: KioskApp, station: FakeStation, taps: tuple[str, ...], asked: str
) -> None:
    """Bookings of any slot pin none: the map shows it free all the same."""
    station.charging.outcome = ChargingOutcome(ChargingRefusal.SLOT_TAKEN)
    async with app.run_test(size=SIZES["standard"]) as pilot:
        await open_charging(app, station, pilot)
        for tap in taps:
            await pilot.click(tap)
            await pilot.pause()
        assert "空位都已被预约" in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert [request[0] for request in requests(station)] == [asked, "join_queue"]


async def test_slots_that_are_promised_to_bookings_are_not_counted_as_free(
    app: KioskApp, station: FakeStation, clock: VirtualClock
) -> None:
    """Nobody is invited to tap what would be refused; part of them leaves the others free."""
    free = station.today().free_slots
    assert free == 3
    station.charging.promised = 1
    async with app.run_test(size=SIZES["small"]) as pilot:
        await open_charging(app, station, pilot)
        assert shown(app).figure == "2"
        station.charging.promised = free
        station.change()
        await pilot.pause()
        assert "没有空位" in words(app)
        await pilot.click("#slot-1")
        await pilot.pause()
        assert "空位都已被预约" in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert requests(station) == [("join_queue",)]


@pytest.mark.parametrize("size", SIZES.values())
async def test_who_waits_sees_place_and_wait_and_may_leave(
    app: KioskApp, station: FakeStation, clock: VirtualClock, size: tuple[int, int]
) -> None:
    """The place in figures; it is left by the second tap alone, and the question lapses."""
    async with app.run_test(size=size) as pilot:
        app.open(in_queue(station))
        await pilot.pause()
        assert shown(app).figure == "2"
        assert "大约还要等 25 分钟" in words(app)
        assert "轮到后只留 3 分钟，请别走远" in words(app)
        for _tap in range(2):
            await pilot.click("#other-offer")
            await pilot.pause()
        assert requests(station) == []
        await pilot.click("#other-offer")
        await pilot.pause()
        assert "再来就要从队尾排起" in words(app)
        clock.advance(CONFIRM_S + 1)
        app.tick()
        await pilot.pause()
        assert shown(app).main is None
        for tap in ("#other-offer", "#main-offer"):
            await pilot.click(tap)
            await pilot.pause()
        assert requests(station) == [("leave_queue",)]


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("brings_about", [in_queue, offered, own_hold])
async def test_no_stands_where_leave_or_give_up_stood(
    app: KioskApp, station: FakeStation, size: tuple[int, int], brings_about: Callable[[FakeStation], str]
) -> None:
    """A glove that comes down twice loses nothing."""
    async with app.run_test(size=size) as pilot:
        app.open(brings_about(station))
        await pilot.pause()
        leave = app.screen.query_one("#other-offer").region
        await pilot.click("#other-offer")
        await pilot.pause()
        assert app.screen.query_one("#other-offer").region == leave
        no = shown(app).other
        assert no is not None
        assert no.ask is Ask.KEEP


def test_a_wait_that_cannot_be_told_is_not_guessed(station: FakeStation) -> None:
    """Nor is a short one called nought minutes."""
    station.now_visiting = RIDER
    unknown = QueueView(2, 3, None)
    assert "How long it takes is not known yet." in panel(scene(station, queue=unknown)).lines
    assert "It is your turn in a moment." in panel(scene(station, queue=QueueView(1, 1, 20.0))).lines
    longest = panel(scene(station, queue=QueueView(1, 1, 7200.0, at_most=True)))
    assert "Your turn comes in 2 h 0 min at the latest, likely sooner." in longest.lines


async def test_who_waits_can_still_ask_about_a_slot(app: KioskApp, station: FakeStation) -> None:
    """The tap is answered, not swallowed."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.open(in_queue(station))
        await pilot.pause()
        await pilot.click("#slot-2")
        await pilot.pause()
        assert shown(app).slot == "2"
        assert "最晚 17:00 结束" in words(app)


@pytest.mark.parametrize("size", SIZES.values())
async def test_ones_turn_counts_down_and_starts_with_one_tap(
    app: KioskApp, station: FakeStation, clock: VirtualClock, size: tuple[int, int]
) -> None:
    """The time that is left in figures, the slot marked on the map."""
    async with app.run_test(size=size) as pilot:
        app.open(offered(station))
        await pilot.pause()
        assert (shown(app).figure, shown(app).slot) == ("2:40", "3")
        clock.advance(1)
        app.tick()
        await pilot.pause()
        assert shown(app).figure == "2:39"
        await pilot.click("#main-offer")
        await pilot.pause()
        for _tap in range(2):
            await pilot.click("#other-offer")
            await pilot.pause()
        assert requests(station) == [("start", "3")], "who does not want it is asked once"
        for tap in ("#other-offer", "#main-offer"):
            await pilot.click(tap)
            await pilot.pause()
        assert requests(station) == [("start", "3"), ("leave_queue",)]


async def test_ones_turn_counts_down_at_home_as_well(app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
    """Who scans the card sees it first of all."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        offered(station)
        app.open("home")
        await pilot.pause()
        before = words(app)
        assert "轮到您了：3号位" in before
        clock.advance(1)
        app.tick()
        await pilot.pause()
        assert words(app) != before


def test_a_countdown_is_told_in_minutes_and_seconds(station: FakeStation) -> None:
    """Rounded up, and never below nought."""
    now = station.local_now()
    assert [countdown(now + timedelta(seconds=left), now) for left in (160, 59.2, 0, -5)] == [
        *("2:40", "1:00", "0:00", "0:00")
    ]


async def test_home_tells_the_place_and_a_booking_of_any_slot(app: KioskApp, station: FakeStation) -> None:
    """On the charging tile."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        in_queue(station)
        app.open("home")
        await pilot.pause()
        assert "正在排队，第 2 位" in words(app)
        any_hold(station)
        station.change()
        await pilot.pause()
        assert "为您留一个空位，到 12:12" in words(app)


def test_a_turn_that_passed_is_told_and_can_be_had_again(station: FakeStation) -> None:
    """In words; a start where a slot is free, else the queue, is the next thing to do."""
    station.now_visiting = RIDER
    over = QueueView(0, 2, None, ended=QueueEnd.LAPSED)
    free = panel(scene(station, queue=over, chosen="1"))
    assert free.alert == "Your turn has passed."
    assert free.main is not None
    assert free.main.ask is Ask.START
    full_house(station)
    full = panel(scene(station, queue=over))
    assert full.alert == "Your turn has passed."
    assert full.main is not None
    assert full.main.ask is Ask.JOIN


class TestABookingThatRanOut:
    """Its rider came too late, and reads so on both screens before anything else is done."""

    async def test_is_told_at_home_with_what_is_free(self, app: KioskApp, station: FakeStation) -> None:
        """So is a turn that passed."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            station.now_visiting = RIDER
            station.charging.old_hold = HoldView("3", station.local_now())
            app.open("home")
            await pilot.pause()
            assert "您预约的 3 号位 12:00 已到期。" in words(app)
            assert "个充电位空闲" in words(app)
            station.charging.old_hold = None
            station.charging.queue_view = QueueView(0, 2, None, ended=QueueEnd.LAPSED)
            station.change()
            await pilot.pause()
            assert "位子已经让出" in words(app)

    def test_is_told_beside_the_map_until_a_slot_is_tapped(self, station: FakeStation) -> None:
        """And the next thing to do is the one that there is."""
        station.now_visiting = RIDER
        station.charging.old_hold = HoldView(None, station.local_now())
        free = panel(scene(station))
        assert free.alert == "Your booking ran out at 12:00."
        assert free.heading == "Tap a free slot"
        assert panel(scene(station, chosen="1")).alert == ""
        full_house(station)
        full = panel(scene(station))
        assert full.alert == "Your booking ran out at 12:00."
        assert full.main is not None
        assert full.main.ask is Ask.JOIN


class TestAnySlot:
    """A booking that pins no slot."""

    async def test_it_takes_one_tap(self, app: KioskApp, station: FakeStation) -> None:
        """Before any slot is chosen."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            await open_charging(app, station, pilot)
            assert "占任意空位 15 分钟" in words(app)
            await pilot.click("#other-offer")
            await pilot.pause()
            assert requests(station) == [("book", "any")]

    async def test_its_rider_starts_on_whichever_is_free(self, app: KioskApp, station: FakeStation) -> None:
        """Tap the slot, tap start."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(any_hold(station))
            await pilot.pause()
            assert shown(app).main is None
            await pilot.click("#slot-8")
            await pilot.click("#main-offer")
            await pilot.pause()
            assert requests(station) == [("start", "8")]

    def test_a_taken_slot_is_not_startable_with_it(self, station: FakeStation) -> None:
        """The booking is told, not the slot."""
        any_hold(station)
        assert panel(scene(station, chosen="2")).main is None


class TestWhatStandsAgainstIt:
    """Said in words, and not offered again at once."""

    @pytest.mark.parametrize("refusal", sorted(NOT_NOW))
    def test_what_no_slot_would_grant_is_not_offered_again(
        self, station: FakeStation, refusal: ChargingRefusal
    ) -> None:
        """The words stay until the next tap."""
        station.now_visiting = RIDER
        refused = panel(scene(station, chosen="1", refused=Refused(refusal)))
        assert refused.alert
        assert (refused.main, refused.other) == (None, None)

    def test_a_pause_for_no_shows_says_until_when_and_leaves_the_start(self, station: FakeStation) -> None:
        """With the day, when it is another one."""
        station.now_visiting = RIDER
        paused = Refused(ChargingRefusal.PAUSED_NO_SHOWS, station.local_now() + timedelta(hours=26))
        told = panel(scene(station, chosen="1", refused=paused))
        assert "25 November 14:00" in told.alert
        assert told.main is not None
        assert told.main.ask is Ask.START
        assert told.other is None
        assert panel(scene(station, refused=paused)).other is None

    @pytest.mark.parametrize("size", SIZES.values())
    async def test_charging_hours_are_told_before_anybody_tries(
        self, app: KioskApp, station: FakeStation, size: tuple[int, int]
    ) -> None:
        """Noon lies outside of them here."""
        async with app.run_test(size=size) as pilot:
            app.open(closed(station))
            await pilot.pause()
            assert "充电时段：18:00-10:30" in words(app)

    @pytest.mark.parametrize("brings_about", [alarm])
    def test_an_alarm_says_what_to_do(self, station: FakeStation, brings_about: Callable[[FakeStation], str]) -> None:
        """Nothing to tap: neither a start nor the queue."""
        brings_about(station)
        told = panel(scene(station))
        assert "Smoke alarm" in told.heading
        assert "call a volunteer" in told.alert
        assert (told.main, told.other, told.more) == (None, None, None)
        for brings_about_more, ask in ((any_hold, Ask.RELEASE), (in_queue, Ask.LEAVE)):
            brings_about_more(station)
            brings_about(station)
            told = panel(scene(station))
            assert "Smoke alarm" in told.heading
            assert told.main is None
            assert told.other is not None
            assert told.other.ask is ask
            asked = panel(replace(scene(station), confirming=True)).main
            assert asked is not None
            assert asked.ask is (Ask.RELEASE_NOW if ask is Ask.RELEASE else Ask.LEAVE_NOW)
            station.charging.hold = None

    def test_closed_hours_do_not_hide_what_to_do_with_the_plug(self, station: FakeStation) -> None:
        """An end is an end."""
        full_house(station)
        quiet = panel(replace(scene(station), closed=True, hours="06:00-23:00"))
        assert "06:00-23:00" in quiet.alert
