"""Named scenes of charging: what the station says, and which screen is open."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from kiosk.views import (
    ChargeLimits,
    ChargingOutcome,
    ChargingRefusal,
    HoldView,
    PastSessionView,
    QueueView,
    SessionView,
    SlotError,
    SlotOffer,
    SlotState,
    SlotView,
    StopReason,
)
from tests.helpers.fake_station import RIDER, FakeStation

CURVE: Final = (40.0, 210.0, 322.0, 330.0, 331.0, 328.0, 330.0, 327.0, 325.0, 326.0, 324.0, 320.0, 318.0, 312.0)
"""A charger's first minutes, W."""

Scene = Callable[[FakeStation], str]
"""Prepares the station; the answer names the screen to open."""


def slot_becomes(station: FakeStation, slot: SlotView) -> None:
    """Replace the slot of this name."""
    station.charging.slot_views = tuple(slot if old.name == slot.name else old for old in station.charging.slot_views)


def nobody(station: FakeStation) -> str:
    """The map without a rider."""
    station.now_visiting = None
    return "charging"


def somebody(station: FakeStation) -> str:
    """The map with one."""
    station.now_visiting = RIDER
    return "charging"


def faulted(station: FakeStation) -> str:
    """A slot with two errors."""
    slot_becomes(station, SlotView("5", SlotState.FAULTED, errors=(SlotError.METER_LOST, SlotError.OFF_UNCONFIRMED)))
    return somebody(station)


def own_hold(station: FakeStation) -> str:
    """Slot 4 is held for the visitor for 12 more minutes."""
    until = station.local_now() + timedelta(minutes=12)
    station.charging.hold = HoldView("4", until)
    slot_becomes(station, SlotView("4", SlotState.RESERVED, rider=RIDER.masked_name, mine=True, until=until))
    return somebody(station)


def any_hold(station: FakeStation) -> str:
    """Whichever slot is free is held for the visitor for 12 more minutes."""
    station.charging.hold = HoldView(None, station.local_now() + timedelta(minutes=12))
    return somebody(station)


def ran_out(station: FakeStation) -> str:
    """The visitor came a few minutes too late for slot 3."""
    station.charging.old_hold = HoldView("3", station.local_now() - timedelta(minutes=4))
    return somebody(station)


def own_session(station: FakeStation) -> str:
    """Slot 4 has been charging for the visitor for 14 minutes; nobody can tell yet when it will be full."""
    now = station.local_now()
    station.charging.session = SessionView("4", now - timedelta(minutes=14), 312.0, 71, 14 * 60.0, CURVE)
    until = now + timedelta(hours=7, minutes=46)
    charging = SlotState.CHARGING
    slot_becomes(
        station, SlotView("4", charging, RIDER.masked_name, mine=True, watts=312.0, wh=71, lease_s=24.0, until=until)
    )
    return somebody(station)


def nearly_full(station: FakeStation) -> str:
    """The same an hour and a half later, when its curve tells the end."""
    own_session(station)
    assert station.charging.session is not None
    now = station.local_now()
    tail = tuple(312.0 - 1.9 * minute for minute in range(86))
    station.charging.session = replace(
        station.charging.session,
        started_at=now - timedelta(minutes=100),
        watts=148.0,
        wh=412,
        elapsed_s=6000.0,
        power_curve=CURVE + tail,
        expected_end=now + timedelta(minutes=55),
        progress=0.62,
    )
    return "charging"


def two_hours(station: FakeStation) -> str:
    """The visitor chose two hours, of which 14 minutes are over."""
    own_session(station)
    assert station.charging.session is not None
    end = station.local_now() + timedelta(minutes=106)
    station.charging.session = replace(
        station.charging.session, limits=ChargeLimits(seconds=7200.0), expected_end=end, progress=14 / 120
    )
    return "charging"


def ended(station: FakeStation, reason: StopReason = StopReason.FULL) -> str:
    """The visitor's session in slot 4 has just ended."""
    now = station.local_now()
    start = now - timedelta(hours=3, minutes=12)
    station.charging.session = SessionView("4", start, None, 486, 11_520.0, CURVE, ended_at=now, stop_reason=reason)
    slot_becomes(station, SlotView("4", SlotState.FINISHING, RIDER.masked_name, mine=True, watts=0.0, wh=486))
    return somebody(station)


def _smoke_end(station: FakeStation) -> str:
    return ended(station, StopReason.SMOKE)


def alarm(station: FakeStation) -> str:
    """Smoke: every slot is off."""
    station.charging.slot_views = tuple(
        SlotView(slot.name, SlotState.FAULTED, errors=(SlotError.SMOKE,)) for slot in station.charging.slot_views
    )
    return somebody(station)


def full_house(station: FakeStation) -> str:
    """Every slot is taken, and three riders wait."""
    until = station.local_now() + timedelta(hours=2)
    station.charging.queue_now = 3
    station.charging.slot_views = tuple(
        replace(slot, state=SlotState.CHARGING, rider="欧**华", watts=280.0, wh=140, until=until)
        if slot.state is SlotState.AVAILABLE
        else slot
        for slot in station.charging.slot_views
    )
    return somebody(station)


def in_queue(station: FakeStation) -> str:
    """The visitor is the second of three."""
    full_house(station)
    station.charging.queue_view = QueueView(place=2, waiting=3, expected_wait_s=25 * 60.0)
    return "charging"


def offered(station: FakeStation) -> str:
    """It is the visitor's turn: slot 3, for 2:40."""
    full_house(station)
    until = station.local_now() + timedelta(seconds=160)
    station.charging.queue_view = QueueView(place=1, waiting=3, expected_wait_s=0.0, offer=SlotOffer("3", until))
    slot_becomes(station, SlotView("3", SlotState.RESERVED, RIDER.masked_name, mine=True, until=until))
    return "charging"


def offered_at_home(station: FakeStation) -> str:
    """The same, met at home."""
    offered(station)
    return "home"


def _refusing(refusal: ChargingRefusal, hours: float | None = None) -> Scene:
    def scene(station: FakeStation) -> str:
        until = None if hours is None else station.local_now() + timedelta(hours=hours)
        station.charging.outcome = ChargingOutcome(refusal, until=until)
        return somebody(station)

    return scene


def no_power(station: FakeStation) -> str:
    """A start that there is no power for: the visitor is in the queue."""
    place = QueueView(place=2, waiting=2, expected_wait_s=25 * 60.0)
    station.charging.outcome = ChargingOutcome(ChargingRefusal.STATION_LIMIT, "1", queued=place)
    return somebody(station)


def doubtful(station: FakeStation) -> str:
    """Somebody may have left a plug in slot 1."""
    slot_becomes(station, SlotView("1", SlotState.AVAILABLE, watts=0.0, doubtful_plug=True))
    return somebody(station)


def closed(station: FakeStation) -> str:
    """Charging is over for the day."""
    rules = msgspec.structs.replace(station.set.charging, charging_hours="18:00-10:30")
    station.set = msgspec.structs.replace(station.set, charging=rules)
    station.charging.outcome = ChargingOutcome(ChargingRefusal.CHARGING_HOURS)
    return somebody(station)


def past_sessions(station: FakeStation) -> tuple[PastSessionView, ...]:
    """Thirty of them, with every reason."""
    reasons = [StopReason.FULL, StopReason.CHOSEN_TIME, *StopReason]
    start = station.local_now() - timedelta(hours=20)
    return tuple(
        PastSessionView(
            slot=str(n % 8 + 1),
            station="LX02" if n % 7 == 3 else "LX01",
            started_at=start - timedelta(days=n, minutes=37 * n),
            ended_at=start - timedelta(days=n, minutes=37 * n - 95),
            wh=486 - 11 * n,
            powered_s=95 * 60.0,
            stop_reason=reasons[n % len(reasons)],
        )
        for n in range(30)
    )


def history(station: FakeStation) -> str:
    """A rider who has often charged."""
    station.charging.past_sessions = past_sessions(station)
    return somebody(station)


def many_slots(station: FakeStation) -> str:
    """Twenty slots in every state."""
    states = list(SlotState)
    station.charging.slot_views = tuple(
        SlotView(
            str(number),
            states[number % len(states)],
            rider="欧**华" if number % len(states) in range(1, 7) else None,
            watts=None if number == 12 else 98.0 * number,
            wh=120 * number,
        )
        for number in range(1, 21)
    )
    return somebody(station)


CHARGING_SCENES: Final[Mapping[str, Scene]] = {
    "charging-nobody": nobody,
    "charging-tap": somebody,
    "charging-chosen": somebody,
    "charging-time": somebody,
    "charging-energy": somebody,
    "charging-fault": faulted,
    "charging-out-of-service": somebody,
    "charging-alarm": alarm,
    "charging-many": many_slots,
    "charging-hold": own_hold,
    "charging-give-up": own_hold,
    "charging-ran-out": ran_out,
    "home-ran-out": lambda station: ran_out(station) and "home",
    "charging-any": any_hold,
    "charging-any-here": any_hold,
    "charging-running": own_session,
    "charging-progress": nearly_full,
    "charging-limited": two_hours,
    "charging-confirm": own_session,
    "charging-ended": ended,
    "charging-smoke": _smoke_end,
    "charging-all-taken": full_house,
    "charging-waiting": in_queue,
    "charging-leave": in_queue,
    "charging-offer": offered,
    "charging-offer-leave": offered,
    "charging-offer-home": offered_at_home,
    "charging-no-power": no_power,
    "charging-plug": doubtful,
    "charging-not-mine": doubtful,
    "charging-closed": closed,
    "charging-paused": _refusing(ChargingRefusal.PAUSED_NO_SHOWS, 26),
    "charging-hours": closed,
    "charging-history": history,
}
"""Every scene of charging that is pictured, by name."""

CHARGING_TAPS: Final[Mapping[str, tuple[str, ...]]] = {
    "charging-chosen": ("#slot-1",),
    "charging-time": ("#slot-1", "#until-time", "#amount .step-more"),
    "charging-energy": ("#slot-1", "#until-energy"),
    "charging-fault": ("#slot-5",),
    "charging-out-of-service": ("#slot-6",),
    "charging-confirm": ("#main-offer",),
    "charging-give-up": ("#other-offer",),
    "charging-leave": ("#other-offer",),
    "charging-offer-leave": ("#other-offer",),
    "charging-no-power": ("#slot-1", "#main-offer"),
    "charging-plug": ("#slot-1",),
    "charging-not-mine": ("#slot-1", "#other-offer"),
    "charging-paused": ("#slot-1", "#other-offer"),
    "charging-hours": ("#slot-1", "#main-offer"),
    "charging-any-here": ("#slot-8",),
    "charging-history": ("#more-offer",),
}
"""What is tapped before the picture is taken."""
