"""Charging by taps: each flow from the map to the end of a session, and every value in plain words."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.views import (
    ChargingOutcome,
    ChargingRefusal,
    SessionView,
    SlotError,
    SlotState,
    SlotView,
    StopReason,
)
from screens.app import KioskApp
from screens.charging import CONFIRM_S, ChargingScreen, PanelView
from screens.charging_panel import CALL_FIRST, Ask, Panel, Scene, after_the_end, duration, panel
from screens.language import _, set_language
from screens.widgets.prose import Prose
from screens.widgets.slot_map import SlotMap, SlotTile
from screens.widgets.tile import Tile
from screens.words import CHARGING_REFUSALS, SLOT_ERRORS, STOP_REASONS
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.conftest import SIZES, Taps, words
from tests.screens.scenes import ended, own_hold, own_session, slot_becomes


async def open_charging(app: KioskApp, station: FakeStation, taps: Taps, *, identified: bool = True) -> None:
    """Somebody, or nobody, before the map."""
    station.now_visiting = RIDER if identified else None
    app.open("charging")
    await taps.pause()


def shown(app: KioskApp) -> Panel:
    """What stands beside the map."""
    return app.screen.query_one(PanelView).panel


def requests(station: FakeStation) -> list[tuple[str, ...]]:
    """What the station was asked for, without the touches."""
    return [call for call in station.asked if call[0] not in {"touched", "lock_staff", "leave"}]


def scene(station: FakeStation, **changes: object) -> Scene:
    """The scene of a scripted station, with other values where given."""
    plain = Scene(
        visitor=station.visitor,
        slots=station.slots(),
        session=station.own_session(),
        hold=station.own_hold(),
        now=station.clock.now(),
        zone=station.settings.station.zone,
        hold_minutes=15,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names checked by the tests that give them


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

        async def slow(slot: str) -> ChargingOutcome:
            calls.append(slot)
            await answer.wait()
            return ChargingOutcome(ChargingRefusal.STATION_LIMIT)

        monkeypatch.setattr(station, "start", slow)
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

    @pytest.mark.parametrize("refusal", ChargingRefusal)
    def test_every_refusal_is_told_in_plain_words(self, station: FakeStation, refusal: ChargingRefusal) -> None:
        """In both languages, and beside the slot that was asked for."""
        station.now_visiting = RIDER
        told = {}
        for language in ("zh", "en"):
            set_language(language)
            told[language] = panel(scene(station, chosen="1", refusal=refusal)).alert
            assert told[language] == _(CHARGING_REFUSALS[refusal])
        assert told["zh"] != told["en"]

    async def test_a_refusal_shows_until_the_next_tap(self, app: KioskApp, station: FakeStation) -> None:
        """The slot was taken between look and tap."""
        station.charging_outcome = ChargingOutcome(ChargingRefusal.SLOT_TAKEN)
        async with app.run_test(size=SIZES["small"]) as pilot:
            await open_charging(app, station, pilot)
            await pilot.click("#slot-1")
            await pilot.click("#main-offer")
            await pilot.pause()
            refused = shown(app).alert
            assert refused == _(CHARGING_REFUSALS[ChargingRefusal.SLOT_TAKEN])
            await pilot.click("#slot-4")
            assert shown(app).alert == ""


class TestOtherSlots:
    """A slot that cannot be had says why."""

    @pytest.mark.parametrize("error", SlotError)
    def test_every_error_is_told_in_plain_words(self, station: FakeStation, error: SlotError) -> None:
        """In both languages."""
        slot_becomes(station, SlotView("5", SlotState.FAULTED, errors=(error,)))
        told = {}
        for language in ("zh", "en"):
            set_language(language)
            told[language] = panel(scene(station, chosen="5")).lines
            assert _(SLOT_ERRORS[error]) in told[language]
        assert told["zh"] != told["en"]

    def test_all_errors_are_told_not_the_first_alone(self, station: FakeStation) -> None:
        """A repairer reads them too."""
        slot_becomes(station, SlotView("5", SlotState.FAULTED, errors=tuple(SlotError)))
        lines = panel(scene(station, chosen="5")).lines
        assert all(_(words_of) in lines for words_of in SLOT_ERRORS.values())

    def test_a_slot_in_use_says_whose_and_until_when(self, station: FakeStation) -> None:
        """Masked, with the latest end in local time."""
        lines = panel(scene(station, chosen="2")).lines
        assert "In use by 李*" in lines
        assert "412 W · 386 Wh" in lines
        assert "Ends at 17:00 at the latest" in lines

    def test_a_slot_out_of_service_gives_the_volunteers_reason(self, station: FakeStation) -> None:
        """As it was typed."""
        assert "插座松动" in panel(scene(station, chosen="6")).lines

    def test_watts_that_are_not_known_are_never_nought(self, station: FakeStation) -> None:
        """Two bad readings are "unknown"."""
        slot_becomes(station, SlotView("2", SlotState.CHARGING, rider="李*", watts=None, wh=386))
        lines = panel(scene(station, chosen="2")).lines
        assert "— W · 386 Wh" in lines


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
            assert requests(station) == [("start", "4"), ("release",)]

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

    async def test_what_the_meter_says_moves_in_place(self, app: KioskApp, station: FakeStation) -> None:
        """No widget is made anew."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(own_session(station))
            await pilot.pause()
            before = list(app.screen.walk_children())
            assert station.session is not None
            station.session = replace(station.session, watts=None, wh=72)
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

    def test_a_bike_that_is_not_plugged_in_is_asked_for(self, station: FakeStation) -> None:
        """Power is on, nothing draws it."""
        own_session(station)
        assert panel(scene(station)).alert == ""
        slot_becomes(station, SlotView("4", SlotState.PREPARING, RIDER.masked_name, mine=True, watts=0.4, wh=0))
        waiting = panel(scene(station))
        assert waiting.alert == "Plug your charger in now."
        assert waiting.curve == ()

    def test_an_error_under_a_running_session_is_told(self, station: FakeStation) -> None:
        """Its rider is the first who ought to know."""
        own_session(station)
        errors = (SlotError.METER_LOST,)
        slot_becomes(station, SlotView("4", SlotState.CHARGING, RIDER.masked_name, mine=True, errors=errors))
        assert "The meter does not answer" in panel(scene(station)).lines


class TestTheEnd:
    """The true reason, the energy, the plug."""

    @pytest.mark.parametrize("reason", StopReason)
    def test_every_reason_is_told_in_plain_words(self, station: FakeStation, reason: StopReason) -> None:
        """In both languages, with the energy."""
        ended(station, reason)
        told = {}
        for language in ("zh", "en"):
            set_language(language)
            end = panel(scene(station))
            told[language] = end.heading
            assert _(STOP_REASONS[reason]) in end.heading
            assert (end.figure, end.unit) == ("486", "Wh")
        assert told["zh"] != told["en"]

    def test_after_heat_or_smoke_nobody_is_sent_to_the_plug(self) -> None:
        """And after any other end the plug is what to do next."""
        for reason in CALL_FIRST:
            assert "volunteer" in after_the_end(reason)
        assert after_the_end(StopReason.FULL) == "Please unplug your bike."

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

    def test_the_same_rider_may_start_again_where_it_just_ended(self, station: FakeStation) -> None:
        """Nobody else may, before the plug is out."""
        ended(station)
        again = panel(scene(station, end_seen=True, chosen="4"))
        assert again.main is not None
        assert again.main.ask is Ask.START
        assert again.other is None
        assert panel(scene(station, end_seen=True, chosen="7")).main is None

    async def test_the_next_end_is_told_as_well(self, app: KioskApp, station: FakeStation) -> None:
        """Having read one end says nothing of another."""
        async with app.run_test(size=SIZES["standard"]) as pilot:
            app.open(ended(station))
            await pilot.pause()
            await pilot.click("#main-offer")
            assert station.session is not None
            later = station.session.started_at + timedelta(hours=1)
            station.session = SessionView("1", later, None, 9, 60.0, (), later, StopReason.OVERLOAD)
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


def test_durations_are_told_in_hours_and_minutes() -> None:
    """Never in seconds."""
    assert [duration(seconds) for seconds in (0, 59, 60, 3599, 3600, 11_520)] == [
        *("0 min", "0 min", "1 min", "59 min", "1 h 0 min", "3 h 12 min")
    ]


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("spoken", ["zh", "en"])
async def test_no_word_beside_the_map_is_cut(clock: VirtualClock, size: tuple[int, int], spoken: str) -> None:
    """Every reason, refusal and error, beside whatever else stands there."""
    station = FakeStation(clock, language=spoken)
    app = KioskApp(station, clock=clock)
    async with app.run_test(size=size) as pilot:
        await open_charging(app, station, pilot)
        view = app.screen.query_one(PanelView)
        room = view.query_one(".panel-words")
        cut: list[str] = []

        async def look(panel_shown: Panel) -> None:
            view.show(panel_shown, busy=False)
            await pilot.pause()
            cut.extend(
                f"{panel_shown.heading} / {panel_shown.alert}: {prose.text}"
                for prose in room.query(Prose)
                if prose.display and not room.region.contains_region(prose.region)
            )

        for refusal in ChargingRefusal:
            await look(panel(scene(station, chosen="1", refusal=refusal)))
        for refusal in (ChargingRefusal.HAS_ONE_ALREADY, ChargingRefusal.RELAY_WELDED, ChargingRefusal.STATION_TROUBLE):
            own_hold(station)
            await look(panel(scene(station, refusal=refusal)))
            station.hold = None
            own_session(station)
            await look(panel(scene(station, refusal=refusal)))
            await look(panel(scene(station, confirming=True)))
            station.session = None
        for reason in StopReason:
            ended(station, reason)
            await look(panel(scene(station)))
        station.session = None
        busy = SlotView("5", SlotState.FAULTED, "欧**华", watts=3.0, wh=12, errors=tuple(SlotError), until=clock.now())
        slot_becomes(station, busy)
        await look(panel(scene(station, chosen="5")))
        assert cut == []
