"""The volunteers' entrance on the idle screen, and their desk by taps."""

import re
from dataclasses import replace
from datetime import date

import pytest

from kiosk.views import CheckinsView, Role, VisitView, VolunteerOutcome
from kiosk.views.privacy import Unseen, UnseenPage
from screens.app import KioskApp
from screens.staff import StaffLockedScreen
from screens.staff_checkins import CheckinsScreen, NotesScreen
from screens.staff_code import StaffCodeScreen
from screens.staff_page import StaffScreen
from screens.staff_riders import StaffRidersScreen
from screens.staff_volunteer_card import VolunteerCardScreen
from screens.staff_volunteers import VolunteersScreen
from screens.widgets.qr import Qr
from screens.widgets.tile import Tile
from screens.widgets.week_bars import bar_heights
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.conftest import SIZES, check_targets, kinds, words
from tests.screens.scenes import settle


def test_whoever_came_at_all_shows_in_the_week_and_the_highest_day_fills_it() -> None:
    assert bar_heights([0, 1, 40, 80], 2) == [0, 1, 8, 16]
    assert bar_heights([0, 0], 2) == [0, 0]
    assert bar_heights([], 2) == []


async def test_the_entrance_opens_to_five_quick_taps_on_the_clock_and_to_nothing_else(
    app: KioskApp, station: FakeStation, clock: VirtualClock
) -> None:
    async with app.run_test(size=(112, 31)) as pilot:
        await pilot.pause()
        for taps, pause_s, then in ((4, 0.1, None), (8, 0.9, None), (4, 0.1, "#invitation"), (4, 0.1, "#week")):
            for _ in range(taps):
                await pilot.click("#clock")
                clock.advance(pause_s)
            if then is not None:
                await pilot.click(then)
                await pilot.click("#clock")
            await pilot.pause()
            assert len(app.screen_stack) == 1, (taps, pause_s, then)
            clock.advance(4)
        station.scan(station.greeting())
        await pilot.pause()
        app.close_outcome()
        app.finish()
        await pilot.pause()
        for _ in range(5):
            await pilot.click("#clock")
        await pilot.pause()
        assert kinds(app)[1:] == [StaffLockedScreen]
        await pilot.click("#by-code")
        await pilot.pause()
        for digit in "12345678":
            await pilot.click(f"#key-{digit}")
        await pilot.click("#unlock")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert ("unlock_by_code", "12345678") in station.asked
        assert kinds(app)[-1] is StaffScreen
        assert StaffCodeScreen not in kinds(app)


async def test_a_shift_a_note_and_a_striking_off_by_taps(app: KioskApp, station: FakeStation) -> None:
    visit = VisitView(RIDER, station.local_now(), first=True, outside=False, clock_trusted=True)
    station.volunteers.checkins_view = CheckinsView((visit,), 1, ())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.open_staff()
        await pilot.pause()
        await pilot.click("#to-volunteers")
        await settle(app, pilot)
        check_targets(app)
        await pilot.click("#duty")
        await settle(app, pilot)
        await pilot.click("#checkins-today")
        await settle(app, pilot)
        assert kinds(app)[-1] is CheckinsScreen
        check_targets(app)
        await pilot.click("#visit-0")
        await settle(app, pilot)
        assert kinds(app)[-1] is NotesScreen
        check_targets(app)
        await pilot.click("#phrase-found_item")
        await settle(app, pilot)
        await pilot.click("#own-words")
        await settle(app, pilot)
        check_targets(app)
        for key in ("#key-9", "#letter-0", "#key-1", "#key-5", "#letter-0", "#named"):
            await pilot.click(key)
            await settle(app, pilot)
        assert kinds(app)[-1] is NotesScreen
        app.back()
        app.back()
        await settle(app, pilot)
        await pilot.click("#volunteer-1")
        await settle(app, pilot)
        check_targets(app)
        await pilot.click("#strike-off")
        await pilot.pause()
        assert not any(call[0] == "revoke" for call in station.asked)
        await pilot.click("#strike-off")
        await settle(app, pilot)
        assert kinds(app)[-1] is VolunteersScreen
    assert ("sign_off", "") in station.asked
    assert ("leave_note", RIDER.id, "found_item", "True") in station.asked
    (own,) = [call for call in station.asked if call[0] == "leave_note" and call[2] != "found_item"]
    assert re.fullmatch(r"[\u4e00-\u9fff]，[\u4e00-\u9fff]", own[2]), "any characters, not those of names alone"
    assert ("revoke", "99112233445566bb") in station.asked


async def test_a_volunteer_who_taps_another_is_told_that_the_keeper_may(app: KioskApp, station: FakeStation) -> None:
    station.volunteers.role = Role.VOLUNTEER
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.open_staff()
        await pilot.pause()
        await pilot.click("#to-volunteers")
        await settle(app, pilot)
        assert not app.screen.query_one("#new-volunteer").display
        await pilot.click("#volunteer-1")
        await settle(app, pilot)
        assert kinds(app)[-1] is VolunteersScreen
        assert "× 只有站长可以这样做" in words(app)


async def test_another_pin_is_told_to_hold(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.open_staff()
        await pilot.pause()
        for target in ("#to-volunteers", "#volunteer-1", "#their-pin"):
            await pilot.click(target)
            await settle(app, pilot)
        for digit in "1357":
            await pilot.click(f"#key-{digit}")
        await pilot.click("#unlock")
        await settle(app, pilot)
        assert "✓ 新密码已生效" in words(app)


async def test_riders_not_seen_for_years_stand_on_pages_and_a_tap_shows_what_is_kept(
    app: KioskApp, station: FakeStation
) -> None:
    shown = [Unseen(f"{number:016x}", number, "王*强", date(2023, 5, 1)) for number in range(1, 12)]
    few = UnseenPage(tuple(shown[:4]), 25)
    pages = [few, UnseenPage(tuple(shown[4:]), None)]
    station.privacy.unseen_pages = [*pages, UnseenPage(tuple(shown[9:]), None)]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.open_staff()
        await pilot.pause()
        for target in ("#to-volunteers", "#unseen"):
            await pilot.click(target)
            await settle(app, pilot)
        check_targets(app)
        assert sum(tile.display for tile in app.screen.query(".desk-grid Tile")) == 9
        await pilot.click("#more")
        await settle(app, pilot)
        assert sum(tile.display for tile in app.screen.query(".desk-grid Tile")) == 2
        await pilot.click("#unseen-1")
        await settle(app, pilot)
        assert app.screen.query("#erase")
    assert [call[1] for call in station.asked if call[0] == "unseen"] == ["0", "25", "9"]
    assert ("stored_of", shown[10].rider) in station.asked


@pytest.mark.parametrize("size", SIZES.values())
async def test_a_keeper_enters_a_volunteer_who_gets_a_card(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    station.volunteers.outcome = VolunteerOutcome(card_text="A" * 131)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.open_staff()
        await pilot.pause()
        await pilot.click("#to-volunteers")
        await settle(app, pilot)
        await pilot.click("#new-volunteer")
        await settle(app, pilot)
        for _ in range(2):  # a surname and one character: names of two go on by themselves
            await pilot.click("#letter-0")
            await pilot.pause()
        await pilot.click("#named")
        await settle(app, pilot)
        await pilot.click("#role")
        for digit in "1357":
            await pilot.click(f"#key-{digit}")
        await pilot.click("#unlock")
        await settle(app, pilot)
        assert app.screen.query_one(Qr).level is not None, "the card is shown once, so there has to be room for it"
        assert isinstance(app.screen, VolunteerCardScreen)
        assert app.screen.idle_seconds() >= 120
        await pilot.click("#photo-done")
        await settle(app, pilot)
        assert kinds(app)[-1] is VolunteersScreen
    (call,) = [call for call in station.asked if call[0] == "create"]
    assert (len(call[1]), call[2], call[3]) == (2, "1357", Role.KEEPER.value)


async def test_a_card_that_nobody_vouches_for_gets_no_pin_and_no_new_card_by_it(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        station.identify(replace(RIDER, verified=False))
        await pilot.pause()
        app.push_screen(StaffRidersScreen())
        await settle(app, pilot)
        assert "本站不认识这张卡" in words(app)
        assert RIDER.masked_name not in words(app)
        assert all(app.screen.query_one(f"#{name}", Tile).disabled for name in ("set-pin", "set-mark", "new-card"))
