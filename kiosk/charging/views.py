"""Slots and devices as screens see them."""

from collections.abc import Iterable
from datetime import datetime

from devices.health import Health as DeviceHealth
from kiosk.box import Box
from kiosk.charging.slot import Slot
from kiosk.charging.wiring import BoardWatch
from kiosk.views import DeviceView, Health, SlotState, SlotView


def slot_view(box: Box, slot: Slot, visitor: str | None, *, live: bool) -> SlotView:
    """One slot, live.

    Args:
        box: the box.
        slot: the slot.
        visitor: id of the identified rider.
        live: False before the boards were told to switch off, and after the end.
    """
    reading = slot.meter.reading
    rider, name = _whose(slot)
    until = _until(slot)
    return SlotView(
        name=slot.name,
        state=_state(slot) if live else SlotState.UNAVAILABLE,
        rider=name,
        mine=visitor is not None and rider == visitor,
        watts=None if reading is None else reading.watts,
        wh=_wh(slot),
        lease_s=slot.power.lease_left_s,
        errors=slot.errors,
        until=None if until is None else box.local(until),
        out_of_service=slot.out_of_service,
        doubtful_plug=slot.session is None and slot.plug_is_doubtful(visitor),
    )


def device_views(
    bus: DeviceHealth | None, boards: Iterable[BoardWatch], slots: Iterable[Slot], alarms: Iterable[DeviceView]
) -> tuple[DeviceView, ...]:
    """The bus, the boards, the meters and the alarm inputs."""
    relays = (DeviceView(f"relay {board.unit}", board.health, board.problem) for board in boards)
    meters = (DeviceView(f"meter {slot.meter.unit}", slot.meter.health, slot.meter.problem) for slot in slots)
    health = Health.UNKNOWN if bus is None else Health(bus.value)
    return (DeviceView("bus", health), *relays, *meters, *alarms)


def _state(slot: Slot) -> SlotState:
    """The state by OCPP's names; a fault hides whatever is beneath, except a session that still has power."""
    session = slot.session
    if slot.errors and (session is None or session.stop is not None):
        return SlotState.FAULTED
    if session is not None:
        return _session_state(slot)
    return _state_without_session(slot)


def _state_without_session(slot: Slot) -> SlotState:
    states = (
        (SlotState.UNAVAILABLE, slot.out_of_service is not None),
        (SlotState.PREPARING, slot.starting is not None),
        (SlotState.FINISHING, slot.finishing_now is not None),
        (SlotState.RESERVED, slot.hold is not None or slot.offer is not None),
        (SlotState.UNAVAILABLE, slot.conditions.closed),
    )
    return next((state for state, holds in states if holds), SlotState.AVAILABLE)


def _session_state(slot: Slot) -> SlotState:
    session = slot.session
    if session is None or session.stop is not None:
        return SlotState.FINISHING
    if session.resume_at is not None:
        return SlotState.SUSPENDED_EVSE
    course = session.course
    if course.watts is not None and course.idle_since is not None:
        return SlotState.SUSPENDED_EV if course.charged else SlotState.PREPARING
    return SlotState.CHARGING


def _whose(slot: Slot) -> tuple[str | None, str | None]:
    """Id and masked name of who holds or uses it."""
    if slot.session is not None:
        return slot.session.rider, slot.session.masked_name
    if slot.starting is not None:
        return slot.starting.id, slot.starting.masked_name
    finishing = slot.finishing_now
    if finishing is not None:
        return finishing.rider, finishing.masked_name
    kept = slot.hold or slot.offer
    return (kept.rider, slot.holder) if kept is not None else (None, None)


def _wh(slot: Slot) -> int | None:
    if slot.session is not None:
        return slot.session.course.wh
    finishing = slot.finishing_now
    return None if finishing is None else finishing.wh


def _until(slot: Slot) -> datetime | None:
    if slot.session is not None:
        return slot.session.until
    kept = slot.hold or slot.offer
    return None if kept is None else kept.until
