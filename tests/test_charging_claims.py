"""Bookings and sessions in the database, on a virtual clock: one live claim a rider and one a slot, always."""

from collections.abc import Callable
from pathlib import Path

import peewee as pw
import pytest

from kiosk.box import Box
from kiosk.charging import claims, recovery
from kiosk.charging.claims import ClaimRefusedError, Minute
from kiosk.charging.events import HoldEnded, HoldMade, SessionEnded, SessionStarted, SlotCleared, SlotFaulted
from kiosk.features import registry
from kiosk.journal import Incoming, Reception
from kiosk.journal.verify import verify
from kiosk.views import ChargingRefusal, SlotError, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow, SlotFaultRow
from models.journal import EventRow
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock

WANG, LI = "a" * 16, "b" * 16
HOLD_S = 15 * 60


def refusal(act: Callable[[], object]) -> ChargingRefusal:
    """Why something was refused."""
    with pytest.raises(ClaimRefusedError) as refused:
        act()
    return refused.value.refusal


def kinds(box: Box) -> list[str]:
    """The kinds of all events about charging, in order."""
    rows = EventRow.select().where(EventRow.kind != "journal.opened").order_by(EventRow.arrival)
    return [row.kind for row in rows]


def test_a_rider_has_one_live_claim(box: Box) -> None:
    claims.book(box, WANG, "1")
    assert refusal(lambda: claims.book(box, WANG, "2")) is ChargingRefusal.HAS_ONE_ALREADY
    assert refusal(lambda: claims.start(box, WANG, "2", 100)) is ChargingRefusal.HAS_ONE_ALREADY
    assert kinds(box) == ["hold.made"]


def test_a_slot_has_one_live_claim(box: Box) -> None:
    claims.book(box, WANG, "1")
    assert refusal(lambda: claims.book(box, LI, "1")) is ChargingRefusal.SLOT_TAKEN
    assert refusal(lambda: claims.start(box, LI, "1", 100)) is ChargingRefusal.SLOT_TAKEN


@pytest.mark.parametrize(("rider", "slot"), [(WANG, "2"), (LI, "1")])
def test_the_database_itself_refuses_a_second_claim(box: Box, rider: str, slot: str) -> None:
    claims.book(box, WANG, "1")
    with pytest.raises(pw.IntegrityError):
        ChargingClaimRow.create(id="x", kind="hold", rider=rider, slot=slot, boot="b")


def test_a_session_is_a_claim_too(box: Box) -> None:
    claims.start(box, WANG, "1", 100)
    assert refusal(lambda: claims.book(box, WANG, "2")) is ChargingRefusal.HAS_ONE_ALREADY
    assert refusal(lambda: claims.start(box, LI, "1", 100)) is ChargingRefusal.SLOT_TAKEN


def test_a_start_consumes_its_hold_and_the_disk_knows_everything_before_power(box: Box) -> None:
    hold = claims.book(box, WANG, "1")
    started = claims.start(box, WANG, "1", 4711)
    row = ChargingSessionRow.get_by_id(started.id)
    assert (row.rider, row.slot, row.start_wh, row.hold) == (WANG, "1", 4711, hold.id)
    assert (row.longest_s, row.limit_w) == (28_800, 800)
    assert row.started_ms == 1_000_000
    assert HoldRow.get_by_id(hold.id).outcome == "started"
    assert claims.holds(box) == []
    assert claims.is_open(started.id)


def test_a_rejected_start_keeps_the_hold(box: Box) -> None:
    claims.start(box, LI, "2", 100)
    hold = claims.book(box, WANG, "1")
    refusal(lambda: claims.start(box, WANG, "2", 100))
    assert claims.holds(box) == [hold]
    assert HoldRow.get_by_id(hold.id).outcome is None


def test_a_start_that_cannot_be_recorded_keeps_the_hold(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = claims.book(box, WANG, "1")
    record = box.journal.record

    def fails(body: object, **rest: object) -> object:
        if isinstance(body, SessionStarted):
            raise pw.OperationalError("database or disk is full")
        return record(body, **rest)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(type(box.journal), "record", lambda _self, body, **rest: fails(body, **rest))
    with pytest.raises(pw.OperationalError):
        claims.start(box, WANG, "1", 100)
    monkeypatch.undo()
    assert claims.holds(box) == [hold]


def test_a_start_without_power_gives_the_hold_back_with_what_is_left(box: Box, clock: VirtualClock) -> None:
    hold = claims.book(box, WANG, "1")
    clock.advance(60)
    started = claims.start(box, WANG, "1", 100)
    back = claims.take_back(box, started, StopReason.RELAY_LOST)
    assert back is not None
    assert back.until == hold.until
    assert claims.holds(box) == [back]
    assert ChargingSessionRow.get_by_id(started.id).stop_reason == "relay_lost"


def test_a_hold_expires_as_an_event_after_its_time_and_not_before(box: Box, clock: VirtualClock) -> None:
    claims.book(box, WANG, "1")
    clock.advance(HOLD_S - 0.001)
    assert claims.expire(box) == []
    clock.advance(0.001)
    assert [hold.slot for hold in claims.expire(box)] == ["1"]
    assert claims.expire(box) == []
    assert kinds(box) == ["hold.made", "hold.ended"]
    assert HoldRow.get().outcome == "no_show"


def test_a_jump_of_the_wall_clock_moves_no_hold(box: Box, clock: VirtualClock) -> None:
    claims.book(box, WANG, "1")
    clock.jump(86_400)
    assert claims.expire(box) == []
    clock.jump(-2 * 86_400)
    clock.advance(HOLD_S)
    assert [hold.slot for hold in claims.expire(box)] == ["1"]


def test_expiry_never_touches_a_slot_that_charges(box: Box, clock: VirtualClock) -> None:
    claims.book(box, WANG, "1")
    clock.advance(HOLD_S - 1)
    started = claims.start(box, WANG, "1", 100)
    clock.advance(HOLD_S)
    assert claims.expire(box) == []
    assert claims.is_open(started.id)


def test_a_start_that_comes_after_the_expiry_but_before_its_event_is_a_start_without_a_hold(
    box: Box, clock: VirtualClock
) -> None:
    claims.book(box, WANG, "1")
    clock.advance(HOLD_S)
    started = claims.start(box, WANG, "1", 100)
    assert started.hold is None
    assert HoldRow.get().outcome == "no_show"
    assert claims.expire(box) == []


def test_another_rider_may_start_once_the_hold_is_over(box: Box, clock: VirtualClock) -> None:
    claims.book(box, WANG, "1")
    clock.advance(HOLD_S)
    claims.start(box, LI, "1", 100)
    assert kinds(box) == ["hold.made", "hold.ended", "session.started"]


def test_a_released_hold_frees_the_slot(box: Box) -> None:
    claims.book(box, WANG, "1")
    released = claims.release(box, WANG, f"rider:{WANG}")
    assert released is not None
    assert released.slot == "1"
    assert claims.release(box, WANG, f"rider:{WANG}") is None
    claims.book(box, LI, "1")


def test_a_running_session_is_not_released(box: Box) -> None:
    claims.start(box, WANG, "1", 100)
    assert claims.release(box, WANG, f"rider:{WANG}") is None


def test_a_session_ends_once_and_its_reason_stands(box: Box) -> None:
    started = claims.start(box, WANG, "1", 100)
    claims.end(box, started.id, StopReason.FULL, wh=386, powered_s=5400.04)
    claims.end(box, started.id, StopReason.STOPPED_BY_RIDER, wh=0, powered_s=0)
    row = ChargingSessionRow.get_by_id(started.id)
    assert (row.stop_reason, row.wh, row.powered_s) == ("full", 386, 5400.0)
    assert kinds(box).count("session.ended") == 1
    claims.start(box, WANG, "1", 486)


def test_a_fault_latches_once_ends_the_hold_and_goes_only_when_cleared(box: Box) -> None:
    claims.book(box, WANG, "1")
    for _ in range(2):
        claims.fault(box, "1", SlotError.RELAY_WELDED, None, 230.0)
    assert claims.faults(box) == {"1": SlotError.RELAY_WELDED}
    assert kinds(box) == ["hold.made", "slot.faulted", "hold.ended"]
    assert HoldRow.get().outcome == "slot_faulted"
    claims.clear_fault(box, "1", "volunteer:v")
    assert claims.faults(box) == {}


def test_a_hold_keeps_its_end_over_a_reboot_with_a_trusted_clock(box: Box, clock: VirtualClock) -> None:
    hold = claims.book(box, WANG, "1")
    clock.advance(300)
    clock.reboot()
    recovery.settle_holds(box)
    (kept,) = claims.holds(box)
    assert kept.until == hold.until
    assert kept.until_s == pytest.approx(clock.monotonic() + 600)
    clock.advance(600)
    assert [hold.slot for hold in claims.expire(box)] == ["1"]


def test_a_hold_ends_over_a_reboot_with_an_untrusted_clock(box: Box, clock: VirtualClock) -> None:
    claims.book(box, WANG, "1")
    clock.reboot()
    clock.trust_wall = False
    recovery.settle_holds(box)
    assert HoldRow.get().outcome == "clock_untrusted"
    assert claims.holds(box) == []


def keep(box: Box, session: str, number: int, wh: int) -> None:
    """Keep a minute."""
    claims.keep(box, session, Minute(number, 100 + wh, wh, number * 60.0, 230.0, 231.0))


def test_a_minute_may_be_kept_twice_and_tells_whether_the_session_is_open(box: Box) -> None:
    started = claims.start(box, WANG, "1", 100)
    minute = Minute(1, 104, 4, 60.0, 230.0, 231.0)
    assert claims.keep(box, started.id, minute)
    assert claims.keep(box, started.id, minute)
    claims.end(box, started.id, StopReason.FULL, wh=4, powered_s=60)
    assert not claims.keep(box, started.id, minute)


def test_an_open_session_is_taken_up_where_its_last_minute_left_it(box: Box, clock: VirtualClock) -> None:
    numbers = box.settings.charging
    started = claims.start(box, WANG, "1", 100)
    for number in (1, 2):
        clock.advance(60)
        keep(box, started.id, number, 4 * number)
    clock.advance(100)
    clock.reboot()
    (found,) = recovery.open_sessions(box)
    assert (found.wh, found.powered_s, found.counter_wh, found.minutes) == (8, 120.0, 108, 2)
    assert found.outage_s == pytest.approx(100)
    assert found.first_start == pytest.approx(clock.monotonic() - 220)
    assert found.may_resume(numbers, clock.monotonic())
    course = found.live(None, clock.monotonic(), clock.monotonic()).course
    assert (course.charged, course.plateau_w) == (True, 231.0)


@pytest.mark.parametrize(("outage_s", "resumes"), [(899.0, True), (900.0, False)])
def test_an_outage_is_short_below_15_minutes(box: Box, clock: VirtualClock, outage_s: float, *, resumes: bool) -> None:
    claims.start(box, WANG, "1", 100)
    clock.advance(outage_s)
    clock.reboot()
    (found,) = recovery.open_sessions(box)
    assert found.may_resume(box.settings.charging, clock.monotonic()) is resumes


def test_no_session_goes_on_beyond_the_longest_time(box: Box, clock: VirtualClock) -> None:
    started = claims.start(box, WANG, "1", 100)
    clock.advance(28_790)
    keep(box, started.id, 1, 4)
    clock.advance(10)
    (found,) = recovery.open_sessions(box)
    assert not found.may_resume(box.settings.charging, clock.monotonic())


def test_no_session_goes_on_when_the_clock_is_not_trusted_or_was_not(box: Box, clock: VirtualClock) -> None:
    claims.start(box, WANG, "1", 100)
    clock.trust_wall = False
    (found,) = recovery.open_sessions(box)
    assert found.outage_s is None
    claims.start(box, LI, "2", 100)
    clock.trust_wall = True
    clock.reboot()
    wang, li = recovery.open_sessions(box)
    assert wang.outage_s is not None
    assert li.outage_s is None
    assert not li.may_resume(box.settings.charging, clock.monotonic())


def test_a_wall_clock_that_went_back_over_the_reboot_resumes_nothing(box: Box, clock: VirtualClock) -> None:
    claims.start(box, WANG, "1", 100)
    clock.reboot()
    clock.jump(-3600)
    (found,) = recovery.open_sessions(box)
    assert not found.may_resume(box.settings.charging, clock.monotonic())


def test_claims_and_sessions_agree_again_after_the_start(box: Box) -> None:
    started = claims.start(box, WANG, "1", 100)
    ChargingClaimRow.update(id="gone").execute()
    assert recovery.open_sessions(box) == []
    assert ChargingSessionRow.get_by_id(started.id).stop_reason == "power_cut"
    assert ChargingClaimRow.get_or_none() is None


def test_events_of_another_station_that_come_late_fold_to_the_same(tmp_path: Path, clock: VirtualClock) -> None:
    here = make_box(tmp_path, clock, "LX01")
    there = make_box(tmp_path, clock, "LX02")
    with there.journal.store.use():
        claims.book(there, WANG, "1")
        started = claims.start(there, WANG, "1", 100)
        claims.end(there, started.id, StopReason.FULL, wh=386, powered_s=60)
        claims.fault(there, "1", SlotError.RELAY_WELDED, started.id, 200)
        claims.clear_fault(there, "1", "cli")
        claims.fault(there, "2", SlotError.RELAY_WELDED, None, 200)
        items = [
            Incoming(bytes(row.envelope), bytes(row.digest)) for row in EventRow.select().order_by(EventRow.arrival)
        ]
        expected = list(HoldRow.select().dicts()), list(ChargingSessionRow.select().dicts())
    with here.journal.store.use():
        claims.start(here, LI, "1", 100)  # no claim of here is in the way of there's
        claims.book(here, WANG, "2")
        received = here.journal.receive(reversed(items))
        assert {each.outcome for each in received} == {Reception.ACCEPTED}
        assert not EventRow.select().where(EventRow.state != "applied").exists()
        theirs = (
            list(HoldRow.select().where(HoldRow.origin == there.origin).dicts()),
            list(ChargingSessionRow.select().where(ChargingSessionRow.origin == there.origin).dicts()),
        )
        assert theirs == expected
        assert [row.slot for row in SlotFaultRow.select()] == ["2"]
        assert claims.faults(here) == {}
        assert [session.rider for session in recovery.open_sessions(here)] == [LI]


def test_the_tables_equal_the_fold(tmp_path: Path, clock: VirtualClock) -> None:
    box = make_box(tmp_path, clock, on_disk=True)
    claims.book(box, WANG, "1")
    started = claims.start(box, WANG, "1", 100)
    keep(box, started.id, 1, 4)
    claims.end(box, started.id, StopReason.OVERLOAD, wh=4, powered_s=60)
    claims.fault(box, "1", SlotError.RELAY_WELDED, started.id, 200)
    claims.start(box, LI, "2", 100)
    claims.book(box, WANG, "1")
    clock.advance(HOLD_S)
    claims.expire(box)
    found = verify(tmp_path / "LX01" / "station.db", registry())
    assert found.problems == []
    assert found.events == 9


def test_every_body_is_declared() -> None:
    known = registry()
    for body in (
        HoldMade(slot="1", rider=WANG, until=""),
        HoldEnded(outcome="expired"),
        SessionStarted(slot="1", rider=WANG, start_wh=0, longest_s=60, limit_w=800),
        SessionEnded(reason="full", wh=0, powered_s=0),
        SlotFaulted(error="relay_welded"),
        SlotCleared(),
    ):
        assert known.of_body(body).name in known.names()
