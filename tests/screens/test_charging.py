"""Charging by taps: each flow from the map to the end of a session, and every value in plain words."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from kiosk.views import (
    ChargeLimits,
    ChargingOutcome,
    ChargingRefusal,
    SessionView,
    StopReason,
)
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.charging import CONFIRM_S, ChargingScreen
from screens.charging_choice import Choice
from screens.charging_scene import Ask, Offer
from screens.language import _
from screens.widgets.slot_map import SlotMap, SlotTile
from screens.widgets.tile import Tile
from screens.words import CHARGING_REFUSALS
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.charging_scenes import ended, own_hold, own_session
from tests.screens.charging_taps import open_charging, requests, shown
from tests.screens.conftest import SIZES, kinds, words


class TestNobody:
    """The map is for everybody; power is not."""

    @pytest.mark.parametrize("size", SIZES.values())
    async def test_the_map_shows_and_says_to_scan(
        self, app: KioskApp, station: FakeStation, size: tuple[int, int]
    ) -> None:
        """And offers nothing to tap that would be refused."""
        async with app.run_test(size=size) as pilot:
            await open_charging(app, station, pilot, identified=False)
            assert "扫一下骑手卡，就能预约或充电。" in words(app)
            assert "欧**华" in words(app)
            await pilot.click("#slot-1")
            assert shown(app).slot == "1"
            assert shown(app).main is None
            assert "扫一下骑手卡，就能预约或充电。" in words(app)

    @pytest.mark.parametrize("size", SIZES.values())
    async def test_the_count_of_free_slots_on_the_idle_screen_opens_the_map(
        self, app: KioskApp, size: tuple[int, int]
    ) -> None:
        """And back is the idle screen again: nobody has a home here."""
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            count = app.screen.query_one("#slots").region
            assert count.width >= 12
            assert count.height >= 3
            await pilot.click("#slots")
            await pilot.pause()
            assert isinstance(app.screen, ChargingScreen)
            await pilot.click("#back")
            await pilot.pause()
            assert kinds(app) == [AttractScreen]

    async def test_who_left_takes_their_session_along(self, app: KioskApp, station: FakeStation) -> None:
        """The next person sees a map, not somebody's hours."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            assert "71 Wh" in words(app)
            station.now_visiting = None
            app.tick()
            await pilot.pause()
            assert shown(app).heading == "请扫骑手卡"


class TestBookingAndStarting:
    """A free slot is tapped."""

    @pytest.mark.parametrize("size", SIZES.values())
    async def test_start_is_the_main_action(self, app: KioskApp, station: FakeStation, size: tuple[int, int]) -> None:
        """One tap on the slot, one on start."""
        async with app.run_test(size=size) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-4")
            assert "开始充电" in words(app)
            await pilot.click("#main-offer")
            await pilot.pause()
            assert requests(station) == [("start", "4")]

    async def test_hold_names_its_minutes(self, app: KioskApp, station: FakeStation) -> None:
        """From the settings."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-8")
            assert "占位 15 分钟" in words(app)
            await pilot.click("#other-offer")
            await pilot.pause()
            assert requests(station) == [("book", "8")]

    async def test_nothing_is_asked_twice_while_one_is_under_way(
        self, app: KioskApp, station: FakeStation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The tiles say so and take no taps until the station has answered."""
        answer = asyncio.Event()
        calls: list[str] = []

        async def slow(slot: str, limits: ChargeLimits | None, *, confirmed: bool) -> ChargingOutcome:
            assert limits is None
            assert not confirmed
            calls.append(slot)
            await answer.wait()
            return ChargingOutcome(ChargingRefusal.STATION_LIMIT)

        monkeypatch.setattr(station.charging, "start", slow)
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-1")
            await pilot.click("#main-offer")
            await pilot.click("#main-offer")
            await pilot.pause()
            assert calls == ["1"]
            assert app.screen.query_one("#main-offer", Tile).disabled
            assert "请稍候……" in words(app)
            answer.set()
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert not app.screen.query_one("#main-offer", Tile).disabled

    async def test_a_failed_request_leaves_the_tiles_usable(self, app: KioskApp, station: FakeStation) -> None:
        """The app tells of the fault; the next tap works."""
        station.trouble = OSError("disk")
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-1")
            await pilot.click("#main-offer")
            await pilot.pause()
            station.trouble = None
            app.pop_screen()
            app.tick()
            await pilot.pause()
            assert isinstance(app.screen, ChargingScreen)
            assert not app.screen.query_one("#main-offer", Tile).disabled

    async def test_a_refusal_shows_until_the_next_tap(self, app: KioskApp, station: FakeStation) -> None:
        """The slot was taken between look and tap."""
        station.charging.outcome = ChargingOutcome(ChargingRefusal.SLOT_FAULTED)
        async with app.run_test(size=SIZES["small"]) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-1")
            await pilot.click("#main-offer")
            await pilot.pause()
            refused = shown(app).alert
            assert refused == _(CHARGING_REFUSALS[ChargingRefusal.SLOT_FAULTED])
            await pilot.click("#slot-4")
            assert shown(app).alert == ""


class TestOwnHold:
    """A booking counts down."""

    async def test_its_minutes_pass_without_anybody_touching(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Rounded up: "0 minutes" only when it is over."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_hold(station))
            await pilot.pause()
            assert shown(app).figure == "12"
            clock.advance(61)
            assert isinstance(app.screen, ChargingScreen)
            app.screen.tick()
            assert shown(app).figure == "11"

    async def test_it_can_be_started_or_given_up(self, app: KioskApp, station: FakeStation) -> None:
        """Without choosing the slot again."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open(own_hold(station))
            await pilot.pause()
            await pilot.click("#main-offer")
            await pilot.pause()
            await pilot.click("#other-offer")
            await pilot.pause()
            assert requests(station) == [("start", "4")], "a live booking is given up by the second tap alone"
            await pilot.click("#main-offer")
            await pilot.pause()
            assert requests(station) == [("start", "4"), ("release",)]

    async def test_giving_it_up_is_asked_once_and_the_question_lapses(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """A glove that comes down twice, and a rider who turned away, keep the slot."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open(own_hold(station))
            await pilot.pause()
            for _tap in range(2):
                await pilot.click("#other-offer")
                await pilot.pause()
            assert requests(station) == []
            assert shown(app).main == Offer(Ask.START, _("Start charging"), Choice().words)
            await pilot.click("#other-offer")
            await pilot.pause()
            assert shown(app).main == Offer(Ask.RELEASE_NOW, _("Yes, give it up"), danger=True)
            clock.advance(CONFIRM_S + 1)
            app.tick()
            assert shown(app).main == Offer(Ask.START, _("Start charging"), Choice().words)
            assert requests(station) == []

    async def test_another_slot_is_not_offered_meanwhile(self, app: KioskApp, station: FakeStation) -> None:
        """One hold or session a rider; the tap is answered, not swallowed."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_hold(station))
            await pilot.pause()
            await pilot.click("#slot-1")
            assert shown(app).slot == "4"
            assert shown(app).alert == _(CHARGING_REFUSALS[ChargingRefusal.HAS_ONE_ALREADY])


class TestOwnSession:
    """Power flows."""

    async def test_it_shows_watts_energy_time_latest_end_and_curve(self, app: KioskApp, station: FakeStation) -> None:
        """The watts in figures that are read from afar."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            assert shown(app).figure == "312"
            text = words(app)
            assert "71 Wh · 14 分钟" in text
            assert "最晚 19:46 结束" in text
            assert "最近 14 分钟的功率，最高 331 W" in text

    async def test_the_peak_is_never_below_what_is_flowing_now(self, app: KioskApp, station: FakeStation) -> None:
        """In the first minute its mean is."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            screen = own_session(station)
            assert station.charging.session is not None
            station.charging.session = replace(station.charging.session, power_curve=(200.0,))
            app.open(screen)
            await pilot.pause()
            assert "最近 1 分钟的功率，最高 312 W" in words(app)

    async def test_what_the_meter_says_moves_in_place(self, app: KioskApp, station: FakeStation) -> None:
        """No widget is made anew."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            before = list(app.screen.walk_children())
            assert station.charging.session is not None
            station.charging.session = replace(station.charging.session, watts=None, wh=72)
            station.change()
            await pilot.pause()
            assert shown(app).figure == "—"
            assert "72 Wh" in words(app)
            assert list(app.screen.walk_children()) == before

    async def test_stopping_takes_one_more_tap(self, app: KioskApp, station: FakeStation) -> None:
        """Stop, yes."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            await pilot.click("#main-offer")
            await pilot.pause()
            assert requests(station) == []
            assert "确定停止" in words(app)
            await pilot.click("#main-offer")
            await pilot.pause()
            assert requests(station) == [("stop",)]

    @pytest.mark.parametrize("size", SIZES.values())
    async def test_a_double_tap_by_accident_stops_nothing(
        self, app: KioskApp, station: FakeStation, size: tuple[int, int]
    ) -> None:
        """The tile that keeps charging comes to where the stop was."""
        async with app.run_test(size=size) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            x, y = app.screen.query_one("#main-offer").region.center
            for _tap in range(2):
                await pilot.click(offset=(int(x), int(y)))
                await pilot.pause()
            assert requests(station) == []
            offer = shown(app).main
            assert offer is not None
            assert offer.ask is Ask.STOP

    async def test_the_question_lapses(self, app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
        """The next rider who leans on the glass must not confirm it."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            await pilot.click("#main-offer")
            clock.advance(CONFIRM_S)
            app.tick()
            await pilot.pause()
            assert shown(app).other is None


class TestTheEnd:
    """The true reason, the energy, the plug."""

    async def test_it_stays_until_it_was_read(self, app: KioskApp, station: FakeStation) -> None:
        """Then the map is free for another slot."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open(ended(station))
            await pilot.pause()
            assert "请拔下您的充电器。" in words(app)
            await pilot.click("#main-offer")
            await pilot.pause()
            await pilot.click("#slot-1")
            assert shown(app).slot == "1"

    async def test_what_was_read_is_not_told_at_the_next_visit(self, app: KioskApp, station: FakeStation) -> None:
        """The station tells it until the next session; the rider has read it."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(ended(station))
            await pilot.pause()
            await pilot.click("#main-offer")
            app.back()
            app.open("charging")
            await pilot.pause()
            assert shown(app).slot is None

    async def test_home_tells_of_it_until_it_was_answered(self, app: KioskApp, station: FakeStation) -> None:
        """A bike that is still plugged in blocks the next one."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            ended(station)
            app.open("home")
            await pilot.pause()
            assert "4号位充电已结束，点这里看原因" in words(app)
            await pilot.click("#charging")
            await pilot.pause()
            await pilot.click("#main-offer")
            await pilot.pause()
            assert requests(station) == [("stop",)]
            await pilot.click("#back")
            await pilot.pause()
            assert "充电已结束" not in words(app)

    async def test_the_plug_stays_asked_for_while_the_station_cannot_answer(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """But a slot that no longer waits for it needs no answer."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(ended(station))
            await pilot.pause()
            for refusal, asked in ((ChargingRefusal.STATION_TROUBLE, True), (ChargingRefusal.NOTHING_TO_STOP, False)):
                station.charging.outcome = ChargingOutcome(refusal)
                await pilot.click("#main-offer")
                await pilot.pause()
                assert ("充电已结束" in shown(app).heading) == asked

    async def test_the_next_end_is_told_as_well(self, app: KioskApp, station: FakeStation) -> None:
        """Having read one end says nothing of another."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(ended(station))
            await pilot.pause()
            await pilot.click("#main-offer")
            assert station.charging.session is not None
            later = station.charging.session.started_at + timedelta(hours=1)
            station.charging.session = SessionView("1", later, None, 9, 60.0, (), later, StopReason.OVERLOAD)
            station.change()
            await pilot.pause()
            assert "功率" in shown(app).heading


class TestTheLook:
    """For gloves and sunlight."""

    @pytest.mark.parametrize("size", SIZES.values())
    async def test_every_target_is_big_enough(self, app: KioskApp, station: FakeStation, size: tuple[int, int]) -> None:
        """12x3 cells at least, all of it on the screen."""
        async with app.run_test(size=size) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-1")
            targets = [*app.screen.query(SlotTile), *app.screen.query(Tile)]
            for target in (target for target in targets if target.display and target.region.area):
                assert target.region.width >= 12, target
                assert target.region.height >= 3, target
                assert target.region in app.screen.region, target

    async def test_the_map_marks_the_slot_spoken_of(self, app: KioskApp, station: FakeStation) -> None:
        """So that nobody plugs into the wrong one."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-8")
            chosen = [tile.slot.name for tile in app.screen.query(SlotTile) if tile.slot and tile.has_class("-chosen")]
            assert chosen == ["8"]
            assert app.screen.query_one(SlotMap).display
