"""Nobody in the queue is overtaken, but by their own refusal, lapse or leaving: checked against a plain list."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.charging import claims, queue
from kiosk.charging.claimed import ClaimRefusedError
from kiosk.charging.fairness import Room
from kiosk.charging.point import WAITED_FOR
from kiosk.views import StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow
from tests.helpers.box import close_boxes
from tests.helpers.clock import VirtualClock
from tests.helpers.queue import RIDERS, box_of

SLOTS = ("1", "2", "3")
POWER = 2
"""So many sessions does the station's limit carry."""

riders = st.sampled_from(RIDERS[:6])
acts = st.one_of(
    st.tuples(st.just("join"), riders, st.none()),
    st.tuples(st.just("join"), riders, st.none()),
    st.tuples(st.just("leave"), riders, st.none()),
    st.tuples(st.just("start"), riders, st.sampled_from(SLOTS)),
    st.tuples(st.just("start"), riders, st.sampled_from(SLOTS)),
    st.tuples(st.just("book"), riders, st.sampled_from((None, *SLOTS))),
    st.tuples(st.just("release"), riders, st.none()),
    st.tuples(st.just("end"), riders, st.none()),
    st.tuples(st.sampled_from(("wait", "wait long")), riders, st.none()),
    st.tuples(st.just("no power"), riders, st.sampled_from(SLOTS)),
)

Act = tuple[str, str, str | None]


class Area:
    """A box with three slots, and what a plain list says of its queue."""

    def __init__(self, folder: Path, power: int) -> None:
        self.clock = VirtualClock()
        self.box = box_of(folder, self.clock, len(SLOTS), no_show_pause_hours=0)
        self.power = power
        self.line: list[str] = []
        """Who waits or has an offer, the first first."""

    def room(self) -> Room:
        """What the hardware would allow."""
        charging = self.sessions()
        return Room(tuple(slot for slot in SLOTS if slot not in charging.values()), self.power - len(charging))

    def sessions(self) -> dict[str, str]:
        """The slot of each rider who charges."""
        return {
            row.rider: row.slot for row in ChargingSessionRow.select().where(ChargingSessionRow.stop_reason.is_null())
        }

    def gained(self) -> set[str]:
        """Riders who charge or have a booking."""
        return self.sessions().keys() | {row.rider for row in HoldRow.select().where(HoldRow.outcome.is_null())}

    def act(self, what: str, rider: str, slot: str | None) -> None:
        """Do one thing, and see whom it passes over."""
        had = self.gained()
        before = self.line.copy()
        try:
            self._do(what, rider, slot)
        except ClaimRefusedError:
            assert self.gained() == had or what.startswith("wait")
        self._nobody_is_overtaken(before, self.gained() - had)
        assert [entry.rider for entry in queue.entries(self.box)] == self.line

    def look(self) -> None:
        """Offer what is free, as the station does within a second."""
        offered = {entry.rider for entry in queue.entries(self.box) if entry.slot is not None}
        queue.make_offers(self.box, self.room())
        entries = queue.entries(self.box)
        assert [entry.rider for entry in entries] == self.line
        new = [entry.rider for entry in entries if entry.slot is not None and entry.rider not in offered]
        without = [entry.rider for entry in entries if entry.rider not in offered]
        assert new == without[: len(new)], "an offer passed somebody over"
        kept = ChargingClaimRow.select().where(ChargingClaimRow.kind != "queue").count()
        assert not new or kept <= self.power, "an offer was made for which there is no power"
        assert not self._spare() or len(offered | set(new)) == len(self.line), "something is free and nobody is asked"

    def _do(self, what: str, rider: str, slot: str | None) -> None:
        match what:
            case "join":
                queue.join(self.box, rider)
                self.line.append(rider)
            case "leave":
                queue.leave(self.box, rider, f"rider:{rider}")
                self.line.remove(rider)
            case "start":
                self._start(rider, slot or "1")
            case "no power":
                started = claims.start(
                    self.box, rider, slot or "1", 100, claims.Order(room=self.room(), confirmed=True)
                )
                claims.take_back(self.box, started, StopReason.RELAY_LOST)
            case "book":
                claims.book(self.box, rider, slot, room=self.room())
                self._out(rider)
            case "release":
                claims.release(self.box, rider, f"rider:{rider}")
            case "end":
                for claim in ChargingClaimRow.select().where(
                    (ChargingClaimRow.rider == rider) & (ChargingClaimRow.kind == claims.SESSION)
                ):
                    claims.end(self.box, claim.id, StopReason.FULL, wh=1, powered_s=1)
            case _:
                self.clock.advance(200 if what == "wait long" else 30)
                for gone in queue.lapse(self.box):
                    self._out(gone)
                claims.expire(self.box)

    def _start(self, rider: str, slot: str) -> None:
        """Start; who has to wait for power or for others is in the queue afterwards, as at the station."""
        try:
            claims.start(self.box, rider, slot, 100, claims.Order(room=self.room(), confirmed=True))
        except ClaimRefusedError as refused:
            if refused.refusal not in WAITED_FOR:
                raise
            queue.join(self.box, rider)
            self.line.append(rider)
        else:
            self._out(rider)

    def _out(self, rider: str) -> None:
        if rider in self.line:
            self.line.remove(rider)

    def _nobody_is_overtaken(self, before: list[str], winners: set[str]) -> None:
        """Who got something left enough for everybody who was in the line before them."""
        offered = {entry.rider for entry in queue.entries(self.box) if entry.slot is not None}
        for winner in winners:
            ahead = before[: before.index(winner)] if winner in before else before
            waiting = [rider for rider in ahead if rider not in offered]
            assert len(waiting) <= self._spare(), f"{winner} passed {waiting}"

    def _spare(self) -> int:
        """How many more could start, counted anew from claims."""
        rows = list(ChargingClaimRow.select())
        free = len(SLOTS) - sum(row.slot is not None for row in rows)
        floating = sum(row.kind == "hold" and row.slot is None for row in rows)
        kept = sum(row.kind in {"hold", "offer", "session"} for row in rows)
        assert free >= floating
        return max(0, min(free - floating, self.power - kept))


def check(power: int, doings: list[tuple[Act, bool]]) -> None:
    """Let all that be done one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        area = Area(Path(folder), power)
        try:
            for (what, rider, slot), looks in doings:
                area.act(what, rider, slot)
                if looks:
                    area.look()
        finally:
            close_boxes()


CHECKS = list(HealthCheck)


@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(power=st.sampled_from((POWER, 99)), doings=st.lists(st.tuples(acts, st.booleans()), min_size=10, max_size=25))
def test_nobody_in_the_queue_is_overtaken(power: int, doings: list[tuple[Act, bool]]) -> None:
    check(power, doings)


@pytest.mark.long
@settings(max_examples=2000, deadline=None, database=None, suppress_health_check=CHECKS)
@given(power=st.sampled_from((POWER, 99)), doings=st.lists(st.tuples(acts, st.booleans()), min_size=10, max_size=100))
def test_nobody_in_a_long_queue_is_overtaken(power: int, doings: list[tuple[Act, bool]]) -> None:
    check(power, doings)
