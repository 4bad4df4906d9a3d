"""What volunteers do on the board: every act with its taps, and its refusals in plain words."""

from typing import Final

import pytest

from kiosk.views import ChargingOutcome, ChargingRefusal
from screens.app import KioskApp
from screens.outcome import OutcomeScreen
from tests.helpers.fake_station import FakeStation
from tests.screens.board_taps import LOWEST, MIDDLE, TOP, acts, board, tap
from tests.screens.conftest import kinds, words

ACTS: Final = (
    (("#slot-2", MIDDLE, LOWEST), ("stop_slot", "2"), "2 号位已停止"),
    (("#slot-3", TOP, LOWEST), ("release_slot", "3"), "3 号位的预约已取消"),
    (("#slot-1", LOWEST, "#act-0-0"), ("disable_slot", "1", "repair"), "1 号位已停用"),
    (("#slot-1", LOWEST, "#act-0-1"), ("disable_slot", "1", "cleaning"), "1 号位已停用"),
    (("#slot-3", LOWEST, "#act-1-0"), ("disable_slot", "3", "cable"), "3 号位已停用"),
    (("#slot-5", LOWEST, "#act-1-1"), ("disable_slot", "5", "other"), "5 号位已停用"),
    (("#slot-6", LOWEST), ("enable_slot", "6"), "6 号位已恢复使用"),
    (("#slot-5", MIDDLE, LOWEST), ("clear_slot", "5"), "5 号位的故障已解除"),
    (("#slot-7", MIDDLE, LOWEST), ("stop_slot", "7"), "7 号位已空出"),
    (("#slot-2", LOWEST, "#slot-4", LOWEST), ("move", "2", "4"), "已换到 4 号位"),
    (("#slot-3", MIDDLE, "#slot-8", LOWEST), ("move", "3", "8"), "已换到 8 号位"),
    (("#stop-all", LOWEST), ("stop_all",), "全部充电位已停止"),
)
"""Taps, what the station is asked by the last of them, and what is told when it was done."""


REFUSED: Final = (
    (("#slot-5", MIDDLE, LOWEST), ChargingRefusal.RELAY_WELDED, "仍有电流"),
    (("#slot-5", MIDDLE, LOWEST), ChargingRefusal.ALARM, "烟雾或高温报警还在"),
    (("#slot-5", MIDDLE, LOWEST), ChargingRefusal.METER_UNKNOWN, "电表无应答"),
    (("#slot-2", MIDDLE, LOWEST), ChargingRefusal.NOT_IDENTIFIED, "志愿者区已上锁"),
    (("#slot-2", MIDDLE, LOWEST), ChargingRefusal.STATION_TROUBLE, "没有执行"),
    (("#slot-1", LOWEST, TOP), ChargingRefusal.STILL_CHARGING, "正在充电"),
)
"""Taps, the station's answer, and what is told."""


class TestActs:
    """Tap a slot, choose, confirm."""

    async def test_an_act_is_done_by_its_last_tap_and_told(self, app: KioskApp, station: FakeStation) -> None:
        """Not before it."""
        async with app.run_test() as pilot:
            await board(app, pilot)
            for targets, asked, told in ACTS:
                station.asked.clear()
                await tap(app, pilot, *targets[:-1])
                assert acts(station) == [], targets
                await tap(app, pilot, targets[-1])
                assert acts(station) == [asked]
                assert told in words(app)

    async def test_a_refused_act_says_why(self, app: KioskApp, station: FakeStation) -> None:
        """In words for a volunteer; and nothing is said to be done."""
        station.charging.outcome = ChargingOutcome(ChargingRefusal.POWER_UNCONFIRMED)
        async with app.run_test() as pilot:
            await board(app, pilot)
            for targets, asked, told in ACTS:
                station.asked.clear()
                await tap(app, pilot, *targets)
                assert acts(station) == [asked]
                assert "开关无应答，可能还有电" in words(app)
                assert told not in words(app)

    async def test_refusals_of_acts_have_words_of_their_own(self, app: KioskApp, station: FakeStation) -> None:
        """They tell a volunteer what to do next."""
        async with app.run_test() as pilot:
            await board(app, pilot)
            for targets, refusal, told in REFUSED:
                station.charging.outcome = ChargingOutcome(refusal)
                await tap(app, pilot, *targets)
                assert told in words(app)

    @pytest.mark.parametrize(
        ("targets", "slot"), [(("#stop-all", LOWEST), "2"), (("#slot-2", LOWEST, "#slot-4", LOWEST), "4")]
    )
    async def test_where_several_slots_are_concerned_the_one_that_refused_is_named(
        self, app: KioskApp, station: FakeStation, targets: tuple[str, ...], slot: str
    ) -> None:
        """The first of them."""
        station.charging.outcome = ChargingOutcome(ChargingRefusal.SLOT_FAULTED, slot)
        async with app.run_test() as pilot:
            await board(app, pilot, *targets)
            assert f"{slot} 号位：那个充电位有故障" in words(app)

    async def test_a_fault_of_the_station_is_told_and_the_board_takes_taps_again(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """An error is an outcome like any other."""
        station.trouble = OSError("disk")
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", MIDDLE)
            await pilot.click(LOWEST)
            await pilot.pause()
            await pilot.pause()
            assert kinds(app)[-1] is OutcomeScreen
            station.trouble = None
            app.close_outcome()
            await pilot.pause()
            app.tick()
            await tap(app, pilot, MIDDLE, LOWEST)
            assert acts(station) == [("stop_slot", "2"), ("stop_slot", "2")]
