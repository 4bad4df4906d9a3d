"""Whatever stands beside the map has room for all its words, in both sizes and languages."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import ChargingRefusal, QueueEnd, QueueView, SlotError, SlotState, SlotView, StopReason
from screens.app import KioskApp
from screens.charging_choice import Choice, Until
from screens.charging_panel import panel
from screens.charging_scene import Panel, Refused
from screens.charging_view import PanelView
from screens.widgets.prose import Prose
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens import charging_scenes
from tests.screens.charging_scenes import Scene as BringsAbout
from tests.screens.charging_scenes import any_hold, ended, offered, own_hold, slot_becomes
from tests.screens.charging_taps import open_charging, scene
from tests.screens.conftest import SIZES


def every_panel(station: FakeStation) -> Iterator[Panel]:
    """Whatever can stand beside the map."""
    long_until = station.local_now() + timedelta(hours=26)
    for choice in (Choice(), Choice(Until.TIME)):
        for refusal in ChargingRefusal:
            yield panel(scene(station, chosen="1", choice=choice, refused=Refused(refusal, long_until)))
        yield panel(scene(station, chosen="1", choice=choice, closed=True, hours="22:00-10:30"))
        for brings_about in (own_hold, any_hold, offered):
            fresh = FakeStation(station.clock)
            brings_about(fresh)
            yield panel(scene(fresh, choice=choice))
            yield panel(scene(fresh, choice=choice, confirming=True))
            for refusal in (ChargingRefusal.HAS_ONE_ALREADY, ChargingRefusal.STATION_TROUBLE):
                yield panel(scene(fresh, choice=choice, refused=Refused(refusal)))
    for brings_about in (charging_scenes.own_session, charging_scenes.nearly_full, charging_scenes.two_hours):
        fresh = FakeStation(station.clock)
        brings_about(fresh)
        yield panel(scene(fresh))
        yield panel(scene(fresh, confirming=True))
        yield panel(scene(fresh, refused=Refused(ChargingRefusal.STATION_TROUBLE)))
    yield from others(station)


def others(station: FakeStation) -> Iterator[Panel]:
    """Ends, the queue, a full house, an charging_scenes.alarm, a slot with every fault."""
    for brings_about in (
        charging_scenes.full_house,
        charging_scenes.in_queue,
        charging_scenes.alarm,
        charging_scenes.somebody,
        charging_scenes.nobody,
    ):
        fresh = FakeStation(station.clock)
        brings_about(fresh)
        yield panel(scene(fresh))
        yield panel(scene(fresh, chosen="2"))
        yield panel(scene(fresh, confirming=True))
        yield panel(scene(fresh, closed=True, hours="22:00-10:30"))
    yield panel(scene(station, queue=QueueView(0, 4, None, ended=QueueEnd.LAPSED), waiting=4))
    for reason in StopReason:
        fresh = FakeStation(station.clock)
        ended(fresh, reason)
        yield panel(scene(fresh))
    until = station.clock.now()
    busy = SlotView("5", SlotState.FAULTED, "欧**华", watts=3.0, wh=12, errors=tuple(SlotError), until=until)
    slot_becomes(station, busy)
    yield panel(scene(station, chosen="5"))


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

        for told in dict.fromkeys(every_panel(station)):  # many refusals lead to the same panel
            await look(told)
        assert cut == []


class UnderLines(KioskApp):
    """An app with three lines beneath the footer, as the demonstration has."""

    def under_footer(self) -> Iterable[Widget]:
        """Three lines."""
        return (Static("1\n2\n3", id="demo-line"),)


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("brings_about", [own_hold, offered, any_hold])
async def test_lines_under_the_footer_cost_air_and_no_words(
    clock: VirtualClock, size: tuple[int, int], brings_about: BringsAbout
) -> None:
    """Who may start has the most to read, and both tiles stay big enough."""
    station = FakeStation(clock)
    app = UnderLines(station, clock=clock)
    async with app.run_test(size=size) as pilot:
        app.open(brings_about(station))
        await pilot.pause()
        if brings_about is any_hold:
            await pilot.click("#slot-1")
        room = app.screen.query_one(".panel-words")
        assert all(room.region.contains_region(prose.region) for prose in room.query(Prose) if prose.display)
        assert all(app.screen.query_one(tile).region.height >= 3 for tile in ("#main-offer", "#other-offer"))
