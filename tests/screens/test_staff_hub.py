"""The board's page of the hub, under somebody's fingers."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from kiosk.views import ActView, Health, QuarantinedView, StaffAct
from screens.app import KioskApp
from screens.outcome import OutcomeScreen
from screens.widgets.facts import Facts
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens import hub_scenes
from tests.screens.board_taps import acts, board, tap
from tests.screens.conftest import SIZES, kinds, words


def shown(app: KioskApp, name: str) -> str:
    """What a tile says."""
    return app.screen.query_one(name, Tile).title


class TestOverview:
    """At one glance."""

    @pytest.mark.parametrize("size", SIZES)
    async def test_everything_one_is_asked_is_on_it(self, app: KioskApp, station: FakeStation, size: str) -> None:
        hub_scenes.waiting(station)
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot, "#tab-hub")
            said = words(app)
            for part in (
                *("▲ 上报", "上级没有应答", "10:00 起", "数据不会丢", "14 条", "118 分钟前", "2 小时前（10:00）"),
                *("已校准", "泸溪县  版本 0.1.0", "LX01  版本 0.1.0", "没有报警"),
            ):
                assert part in said, part

    async def test_it_follows_what_happens(self, app: KioskApp, station: FakeStation) -> None:
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub")
            assert "全部已上报" in words(app)
            hub_scenes.revoked(station)
            station.change()
            await pilot.pause()
            assert "上级不收本机的上报" in words(app)
            assert app.screen.query_one("#hub-banner").has_class("-bad")
            assert not app.screen.query_one("#hub-banner").has_class("-good")

    @pytest.mark.parametrize("size", SIZES)
    async def test_a_long_backlog_has_a_bar_with_an_estimate(
        self, app: KioskApp, station: FakeStation, size: str
    ) -> None:
        async with app.run_test(size=SIZES[size]) as pilot:
            await hub_scenes.show("hub-backlog", app, station, pilot)
            assert "已报 9,500／共 20,000 条，大约还要 3 分钟" in words(app)
            assert "██████" in words(app)
            long = station.sync
            hub_scenes.waiting(station)
            station.sync = replace(station.sync, pending=long.pending, backlog=long.backlog)
            station.change()
            await pilot.pause()
            facts = app.screen.query_one(Facts)
            assert len(facts.rows) == 7
            assert facts.size.height >= 7, "none makes room for the bar, not even the hub's name and version"

    async def test_alarms_are_told_whole_where_there_is_room_else_by_their_headings(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        hub_scenes.alarmed(station)
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await board(app, pilot, "#tab-hub")
            assert "其中一台要重新登记" in words(app)
            hub_scenes.everything(station)
            station.change()
            await pilot.pause()
            assert "其中一台要重新登记" not in words(app)
            for heading in ("被复制过", "别的机器上", "本机可能缺", "上级可能缺", "时钟还没有校准"):
                assert f"▲ {heading}"[2:] in words(app)


class TestTryNow:
    """Nobody has to wait for the next attempt."""

    async def test_it_asks_and_says_what_came_of_it(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        hub_scenes.waiting(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-try")
            assert acts(station) == [("sync_now",)]
            assert shown(app, "#hub-try") == "请稍候……"
            station.sync = replace(station.sync, tried_at=clock.now())
            station.change()
            await pilot.pause()
            assert shown(app, "#hub-try") == "× 还是连不上"
            clock.advance(6)
            app.tick()
            assert shown(app, "#hub-try") == "现在就连"

    async def test_success_is_told_too(self, app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-try")
            station.sync = replace(station.sync, tried_at=clock.now(), health=Health.CONNECTED)
            station.change()
            await pilot.pause()
            assert shown(app, "#hub-try") == "● 已连上"

    async def test_an_attempt_that_never_ends_is_given_up(self, app: KioskApp, clock: VirtualClock) -> None:
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-try")
            clock.advance(16)
            app.tick()
            assert shown(app, "#hub-try") == "× 还是连不上"

    async def test_a_box_that_is_not_enrolled_asks_nobody(self, app: KioskApp, station: FakeStation) -> None:
        hub_scenes.alone(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-try")
            assert acts(station) == []


class TestAlarms:
    """What each means; seen to with two taps at different places."""

    async def test_two_taps_clear_them(self, app: KioskApp, station: FakeStation) -> None:
        hub_scenes.alarmed(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-alarms", "#alarms-right")
            assert acts(station) == []
            await tap(app, pilot, "#alarms-left")
            assert acts(station) == [("clear_sync_alarms",)]
            assert "没有报警" in words(app)
            assert "全部已上报" in words(app)

    async def test_who_saw_them_stands_among_the_acts(self, app: KioskApp, station: FakeStation) -> None:
        when = station.local_now()
        station.act_views = (ActView(when, "周*兰", StaffAct.SYNC_SEEN, None, about=("gap", "haunted")),)
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await board(app, pilot, "#tab-acts")
            for part in ("周*兰", "确认了上报报警", "本机可能缺了一段记录", "haunted"):
                assert part in words(app), part
            assert words(app).replace("全部停止", "").count("全部") == 1, "the days' button alone, not the act's slot"

    async def test_two_taps_at_one_place_clear_nothing(self, app: KioskApp, station: FakeStation) -> None:
        hub_scenes.alarmed(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-alarms", "#alarms-right", "#alarms-right")
            assert acts(station) == []
            assert "已经处理好了吗" not in words(app)

    async def test_a_question_lapses(self, app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
        hub_scenes.alarmed(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-alarms", "#alarms-right")
            assert "还没有（8）" in words(app)
            clock.advance(8)
            app.tick()
            await pilot.pause()
            await tap(app, pilot, "#alarms-left")
            assert acts(station) == []
            assert "全部已上报" in words(app)

    async def test_the_hubs_own_gap_is_the_hubs_to_clear(self, app: KioskApp, station: FakeStation) -> None:
        station.sync = replace(station.sync, alarms=("hub_gap",), hub_gap_since=station.clock.now())
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-alarms")
            assert "由上级解除" in app.screen.query_one("#alarms-words", Prose).text
            assert not app.screen.query_one("#alarms-right").display

    async def test_more_than_fit_are_paged(self, app: KioskApp, station: FakeStation) -> None:
        hub_scenes.everything(station)
        async with app.run_test(size=SIZES["small"]) as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-alarms")
            assert "时钟还没有校准" not in words(app)
            await tap(app, pilot, "#hub-alarms .step-more")
            assert "时钟还没有校准" in words(app)

    async def test_a_fault_while_clearing_is_told_and_taps_are_taken_again(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        hub_scenes.alarmed(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-alarms", "#alarms-right")
            station.trouble = OSError("disk")
            await pilot.click("#alarms-left")
            await pilot.pause()
            await pilot.pause()
            assert kinds(app)[-1] is OutcomeScreen
            station.trouble = None
            app.close_outcome()
            await pilot.pause()
            app.tick()
            assert not app.screen.query_one("#alarms-right").disabled


class TestRefused:
    """What was not taken, with its reason and its bytes."""

    @pytest.mark.parametrize("size", SIZES)
    async def test_they_are_listed_in_pages(self, app: KioskApp, station: FakeStation, size: str) -> None:
        hub_scenes.refused(station)
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-refused")
            for part in ("11-24 12:00", "本机的", "checkin.recorded", "上级的", "Expected `int`", "无法识别"):
                assert part in words(app), part
            rows = sum(tile.display for tile in app.screen.query(".-refused"))
            assert rows == {"standard": 5, "small": 3}[size]
            while not app.screen.query_one("#hub-refused .step-more", Tile).disabled:
                await tap(app, pilot, "#hub-refused .step-more")
            oldest = station.clock.now().astimezone(station.settings.station.zone) - timedelta(minutes=19 * 22)
            assert f"{oldest:%H:%M}" in words(app)

    async def test_one_of_them_is_shown_as_text(self, app: KioskApp, station: FakeStation) -> None:
        hub_scenes.refused(station)
        async with app.run_test(size=SIZES["small"]) as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-refused", "#refused-0")
            assert "原因：the digest does not continue the chain" in words(app)
            assert '"verified":true' in words(app).replace("\n", "").replace(" ", "") or "verifie" in words(app)
            await tap(app, pilot, "#one-back")
            assert "checkin.recorded" in words(app)
            await tap(app, pilot, "#tab-hub")
            assert "全部已上报" in words(app)

    async def test_bytes_that_are_no_text_are_shown_as_numbers_to_the_last(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        hub_scenes.refused(station)
        async with app.run_test(size=SIZES["small"]) as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-refused", "#refused-2")
            assert "000000  ff 1b 5b 32 4a" in words(app)
            assert "\x1b" not in words(app)
            while not app.screen.query_one("#hub-one .step-more", Tile).disabled:
                await tap(app, pilot, "#hub-one .step-more")
            assert "000570" in words(app)

    async def test_markup_in_a_reason_or_the_bytes_is_only_text(self, app: KioskApp, station: FakeStation) -> None:
        evil = "[bold red]\x1b[31m\u202eevil[/] [@click=app.end]x[/]"
        raw = evil.replace("\x1b", "").replace("\u202e", "").encode()
        station.quarantined_views = (QuarantinedView(False, evil, raw, station.clock.now(), key="k", kind="[b]x[/b]"),)
        station.sync = replace(station.sync, quarantined=1)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-refused")
            assert "[b]x[/b]" in words(app)
            assert "[bold red]·[31m·evil[/]" in words(app)
            await tap(app, pilot, "#refused-0")
            assert "[@click=app.end]x[/]" in words(app)

    async def test_one_that_was_taken_meanwhile_says_so(self, app: KioskApp, station: FakeStation) -> None:
        hub_scenes.refused(station)
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-hub", "#hub-to-refused")
            station.quarantined_views = ()
            await tap(app, pilot, "#refused-1")
            assert "刚才已经收下了" in words(app)
            await tap(app, pilot, "#one-back")
            assert "checkin.recorded" not in words(app)
