"""Whose plug is in: what a restart remembers of a slot's last minute, and the question before the next start."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee as pw
import pytest

from kiosk.control import ControlError
from kiosk.slot_errands import SlotErrands
from kiosk.views import ChargingRefusal, RiderView, SlotState, SlotView, StopReason
from models.charging import ChargingSessionRow
from tests.helpers.virtual import InlineDatabase
from tests.helpers.virtual_point import VirtualPoint

WANG, LI = (RiderView(f"{number:016x}", f"王*{number}", number) for number in range(1, 3))
HOLD_S, OFFER_S, FINISHING_S = 900, 180, 60


@pytest.fixture
def place(tmp_path: Path) -> Iterator[VirtualPoint]:
    """Two slots."""
    place = VirtualPoint(tmp_path, 2, meter_active_s=3, meter_idle_s=20, relay_idle_s=8)
    place.switch_on()
    yield place
    place.close()


def slot(place: VirtualPoint, visitor: RiderView = LI) -> SlotView:
    """Slot 1 as a rider sees it."""
    return place.point.slots(visitor.id)[0]


def refusal(place: VirtualPoint, rider: RiderView = LI, *, confirmed: bool = False) -> ChargingRefusal | None:
    """What a start in slot 1 comes to."""
    return place.loop.do(place.point.start(rider, "1", confirmed=confirmed)).refusal


def charge_and_stop(place: VirtualPoint) -> None:
    """Wang has charged in slot 1, and the plug is still in."""
    place.plug("1")
    assert place.loop.do(place.point.start(WANG, "1")).done
    place.loop.wait(20)
    assert place.loop.do(place.point.stop(WANG)).done
    place.loop.wait(2)


def failing(*_: object) -> None:
    """A full disk."""
    raise pw.OperationalError


def asks(place: VirtualPoint) -> None:
    """Li is asked before a start in slot 1, Wang is not; Li's word is enough."""
    assert slot(place).doubtful_plug
    assert not slot(place, WANG).doubtful_plug
    assert refusal(place) is ChargingRefusal.CONFIRM_PLUG
    assert refusal(place, confirmed=True) is None
    place.loop.wait(1)
    assert not slot(place).doubtful_plug


class TestARestart:
    """In the minute after an end."""

    def test_the_slot_is_kept_for_what_is_left_of_its_minute(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        place.crash(20)
        assert slot(place).state is SlotState.FINISHING
        assert slot(place, WANG).mine
        assert refusal(place) is ChargingRefusal.SLOT_TAKEN
        place.loop.wait(FINISHING_S - 20)
        assert slot(place).state is SlotState.AVAILABLE
        assert refusal(place) is None

    def test_a_minute_that_was_over_does_not_begin_again(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        place.crash(FINISHING_S)
        assert slot(place).state is SlotState.AVAILABLE

    def test_after_a_reboot_the_wall_clock_tells_what_is_left(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        place.crash(30, reboot=True)
        assert slot(place).state is SlotState.FINISHING
        place.loop.wait(FINISHING_S - 30)
        assert slot(place).state is SlotState.AVAILABLE

    def test_where_no_clock_can_tell_the_minute_begins_anew(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        place.clock.trust = False
        place.crash(300, reboot=True)
        assert slot(place).state is SlotState.FINISHING
        place.loop.wait(FINISHING_S - 10)
        assert slot(place).state is SlotState.FINISHING
        place.loop.wait(10)
        assert slot(place).state is SlotState.AVAILABLE

    def test_its_rider_may_still_say_that_the_plug_is_out(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        place.crash(5)
        assert place.loop.do(place.point.stop(WANG)).done
        assert refusal(place) is None

    def test_a_volunteers_word_is_remembered(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        assert place.loop.do(place.point.staff.stop_slot("1", "cli")).done
        place.crash(5)
        assert slot(place).state is SlotState.AVAILABLE

    @pytest.mark.parametrize("reboot", [False, True])
    def test_its_rider_learns_why_it_ended(self, place: VirtualPoint, *, reboot: bool) -> None:
        place.plug("1")
        assert place.loop.do(place.point.start(WANG, "1")).done
        place.loop.wait(130)
        place.crash(1000, reboot=reboot)
        ended = place.point.own_session(WANG.id)
        assert ended is not None
        assert (ended.slot, ended.stop_reason) == ("1", StopReason.POWER_CUT)
        assert ended.wh == 9, "two minutes, and what was counted until the lease was over"
        assert len(ended.power_curve) == 2
        assert min(ended.power_curve) > 200
        assert place.point.own_session(LI.id) is None
        place.crash(12 * 3600 + 1)
        assert place.point.own_session(WANG.id) is None

    def test_a_session_before_the_last_is_not_told_in_its_place(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        assert place.loop.do(place.point.start(WANG, "2")).done
        place.loop.wait(200)
        place.crash(5)
        ended = place.point.own_session(WANG.id)
        assert ended is not None
        assert (ended.slot, ended.stop_reason) == ("2", StopReason.NO_LOAD_AT_START)

    def test_a_slot_that_was_booked_since_is_its_new_riders(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        assert place.loop.do(place.point.stop(WANG)).done
        assert place.loop.do(place.point.book(LI, "1")).done
        place.crash(5)
        assert slot(place).state is SlotState.RESERVED
        assert refusal(place) is None


class TestTheQuestion:
    """Is the plug in this socket yours?"""

    def test_nobody_is_asked_after_an_end_like_any_other(self, place: VirtualPoint) -> None:
        charge_and_stop(place)
        place.loop.wait(FINISHING_S)
        assert not slot(place).doubtful_plug
        assert refusal(place) is None

    @pytest.mark.parametrize("restart", [False, True])
    def test_it_is_asked_after_a_no_show(self, place: VirtualPoint, *, restart: bool) -> None:
        assert place.loop.do(place.point.book(WANG, "1")).done
        place.loop.wait(HOLD_S + 2)
        if restart:
            place.crash(5)
        asks(place)

    @pytest.mark.parametrize("restart", [False, True])
    def test_it_is_asked_after_a_start_that_found_no_load(self, place: VirtualPoint, *, restart: bool) -> None:
        assert place.loop.do(place.point.start(WANG, "1")).done
        place.loop.wait(200)
        with place.box.journal.store.use():
            assert ChargingSessionRow.get().stop_reason == StopReason.NO_LOAD_AT_START
        if restart:
            place.crash(5)
        place.loop.wait(FINISHING_S)
        asks(place)

    def test_it_is_asked_after_a_power_cut(self, place: VirtualPoint) -> None:
        place.plug("1")
        assert place.loop.do(place.point.start(WANG, "1")).done
        place.crash(1000)
        assert slot(place).state is SlotState.FINISHING
        place.loop.wait(FINISHING_S)
        asks(place)

    def test_it_is_asked_after_an_offer_that_lapsed(self, place: VirtualPoint) -> None:
        assert place.loop.do(place.point.join_queue(WANG)).done
        place.loop.wait(OFFER_S + 2)
        asks(place)

    @pytest.mark.parametrize("restart", [False, True])
    @pytest.mark.parametrize("by_volunteer", [False, True])
    def test_it_is_not_asked_once_the_plug_was_said_to_be_out(
        self, place: VirtualPoint, *, by_volunteer: bool, restart: bool
    ) -> None:
        assert place.loop.do(place.point.start(WANG, "1")).done
        place.loop.wait(200)
        says = place.point.staff.stop_slot("1", "cli") if by_volunteer else place.point.stop(WANG)
        assert place.loop.do(says).done
        if restart:
            place.crash(5)
        assert not slot(place).doubtful_plug
        assert refusal(place) is None

    def test_a_word_that_the_disk_does_not_take_is_not_called_done(
        self, place: VirtualPoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        charge_and_stop(place)
        with monkeypatch.context() as patch:
            patch.setattr("kiosk.charging.point.record_unplugged", failing)
            assert place.loop.do(place.point.stop(WANG)).refusal is ChargingRefusal.STATION_TROUBLE
        assert slot(place).state is SlotState.FINISHING
        assert place.loop.do(place.point.stop(WANG)).done

    def test_it_leaves_a_booking_as_it_is(self, place: VirtualPoint) -> None:
        assert place.loop.do(place.point.book(WANG, "1")).done
        place.loop.wait(HOLD_S + 2)
        assert place.loop.do(place.point.book(LI, "1")).done
        assert refusal(place) is ChargingRefusal.CONFIRM_PLUG
        hold = place.point.own_hold(LI.id)
        assert hold is not None
        assert hold.slot == "1"
        assert refusal(place, confirmed=True) is None

    def test_a_start_answers_it_for_all_who_come_later(self, place: VirtualPoint) -> None:
        assert place.loop.do(place.point.book(WANG, "1")).done
        place.loop.wait(HOLD_S + 2)
        place.plug("1")
        assert refusal(place, confirmed=True) is None
        place.loop.wait(20)
        assert place.loop.do(place.point.stop(LI)).done
        place.loop.wait(FINISHING_S + 2)
        assert not slot(place, WANG).doubtful_plug


class TestTheCommandLine:
    """`kiosk slot start`, as the running station answers it."""

    @pytest.fixture
    def ask(self, place: VirtualPoint, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
        """Asks for a start in slot 1; what is said."""
        known = {1: WANG, 2: LI}
        monkeypatch.setattr("kiosk.slot_errands.riders.by_number", lambda _box, number: known[number])

        def run(rider: int, slot: str, *, checked: bool = False) -> str:
            database: Any = InlineDatabase(place.box.journal.store)
            start = SlotErrands(place.box, database, place.point).all()["slot-start"]

            async def said() -> object:
                return await start({"rider": rider, "slot": slot, "plug_checked": checked})

            return str(place.loop.do(said()))

        return run

    def test_it_asks_for_a_look_at_the_plug(self, place: VirtualPoint, ask: Callable[..., str]) -> None:
        assert place.loop.do(place.point.book(WANG, "1")).done
        place.loop.wait(HOLD_S + 2)
        with pytest.raises(ControlError, match="somebody else's plug may be in: look, and say --plug-checked"):
            ask(2, "1")
        assert ask(2, "1", checked=True) == "Slot 1 charges for 王*2, until full."

    def test_it_says_that_the_rider_waits_for_power(self, place: VirtualPoint, ask: Callable[..., str]) -> None:
        place.plug("1")
        place.point._load._load._limit_w = 900
        assert ask(1, "1").startswith("Slot 1 charges")
        with pytest.raises(
            ControlError, match=r"no power for one more session\. 王\*2 waits in the queue, as number 1 of 1, "
        ):
            ask(2, "2")
        assert place.point.queue_length == 1
