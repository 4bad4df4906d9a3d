"""`kiosk status`: the station in one JSON object. Live fields are null when nothing runs, never 0."""

from datetime import date, datetime
from pathlib import Path

import msgspec

from kiosk import __version__, riders
from kiosk.box import Box
from kiosk.settings import Settings
from kiosk.sync import outbox
from kiosk.system.clock import SystemClock, civil_day
from kiosk.views import DeviceView, SlotView
from models.base import Store
from models.checkin import CheckinRow
from models.journal import JournalState
from models.reading import LoanRow
from models.sync import SyncState


class SlotStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One charging slot."""

    name: str
    state: str | None = None
    """OCPP's name in lower case."""
    rider: str | None = None
    """Masked name."""
    watts: float | None = None
    wh: int | None = None
    lease_s: float | None = None
    errors: list[str] | None = None


class JournalStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the box's own chain."""

    origin: str
    incarnation: str
    seq: int
    digest: str
    """64 hex digits."""


class SyncStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the hub has been told."""

    pending: int
    oldest_s: float | None
    last_success: str | None
    """ISO-8601 UTC."""
    quarantined: int


class DeviceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One device; its health is null when nothing runs."""

    name: str
    health: str | None = None
    problem: str | None = None
    """Why it is not what the settings say."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What `kiosk status --json` prints."""

    version: str
    station: str
    uptime: float | None
    """Seconds since the station opened."""
    riders: int
    checkins_today: int
    slots: list[SlotStatus]
    loans_open: int
    journal: JournalStatus
    sync: SyncStatus
    devices: list[DeviceStatus]


def live_status(box: Box, *, uptime_s: float, slots: tuple[SlotView, ...], devices: tuple[DeviceView, ...]) -> Status:
    """The status of a running station; on the database thread."""
    return _status(
        box.settings,
        box.today,
        box.clock.now(),
        uptime_s=uptime_s,
        slots=[_slot(slot) for slot in slots],
        devices=[
            DeviceStatus(name=device.name, health=device.health.value, problem=device.problem) for device in devices
        ],
    )


def stored_status(settings: Settings, database: Path) -> Status:
    """The status as the disk tells it while no station runs; nothing is written."""
    now = SystemClock().now()
    store = Store(database, read_only=True)
    try:
        with store.use():
            return _status(
                settings,
                civil_day(now, settings.station.zone),
                now,
                uptime_s=None,
                slots=[SlotStatus(name=slot.name) for slot in settings.charging.slots],
                devices=[DeviceStatus(name=name) for name in ("scanner", "bus")],
            )
    finally:
        store.close()


def _status(
    settings: Settings,
    today: date,
    now: datetime,
    *,
    uptime_s: float | None,
    slots: list[SlotStatus],
    devices: list[DeviceStatus],
) -> Status:
    state = JournalState.get()
    counted = (CheckinRow.day == today.isoformat()) & (CheckinRow.place == 1) & ~CheckinRow.undone
    return Status(
        version=__version__,
        station=settings.station.code,
        uptime=None if uptime_s is None else round(uptime_s, 1),
        riders=riders.count(),
        checkins_today=CheckinRow.select().where(counted & (CheckinRow.origin == state.origin)).count(),
        slots=slots,
        loans_open=LoanRow.select().where(LoanRow.state == "open").count(),
        journal=JournalStatus(
            origin=state.origin, incarnation=state.incarnation, seq=state.seq, digest=bytes(state.digest).hex()
        ),
        sync=_sync(now),
        devices=devices,
    )


def _slot(slot: SlotView) -> SlotStatus:
    return SlotStatus(
        name=slot.name,
        state=slot.state.value,
        rider=slot.rider,
        watts=slot.watts,
        wh=slot.wh,
        lease_s=slot.lease_s,
        errors=[error.value for error in slot.errors],
    )


def _sync(now: datetime) -> SyncStatus:
    state, counts = SyncState.get_or_none(), outbox.counts()
    return SyncStatus(
        pending=counts.pending,
        oldest_s=None if counts.oldest is None else max(0.0, round((now - counts.oldest).total_seconds(), 1)),
        last_success=None if state is None else state.told_at,
        quarantined=counts.quarantined,
    )
