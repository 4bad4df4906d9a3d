"""What the command line may ask about the sync: of a running station, and of its database while none runs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec.structs import replace

from kiosk.box import Box
from kiosk.control import Arguments, ControlError, number_of, text_of
from kiosk.folder import DataFolder
from kiosk.identity.keys import Keys
from kiosk.settings import Settings
from kiosk.sync import alarms, inbox, outbox, quarantine
from kiosk.sync.alarms import Alarm
from kiosk.sync.client import SyncClient
from kiosk.sync.seen import see_alarms
from kiosk.system.clock import SystemClock
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import Health, QuarantinedView, SyncView

PER_PAGE: Final = 20
"""Quarantined events that one list holds."""

Page = tuple[tuple[QuarantinedView, ...], int]
Errand = Callable[[Arguments], Awaitable[object]]


class SyncErrands:
    """Does what `kiosk sync` asks of a running station."""

    def __init__(self, database: DatabaseThread, sync: SyncClient) -> None:
        self._database = database
        self._sync = sync

    def all(self) -> Mapping[str, Errand]:
        """The errands by name."""
        return {
            "sync-status": self._status,
            "sync-quarantine": self._quarantine,
            "sync-show": self._show,
            "sync-clear": self._clear,
            "sync-now": self._now,
        }

    async def _status(self, _: Arguments) -> SyncView:
        await self._sync.look()  # a station that has just started has not counted yet
        return replace(self._sync.status(), quarantine=())

    async def _quarantine(self, arguments: Arguments) -> Page:
        page = number_of(arguments, "page")
        return await self._database.run(Priority.MAINTENANCE, lambda: listed(page))

    async def _show(self, arguments: Arguments) -> QuarantinedView:
        key = text_of(arguments, "key")
        return await self._database.run(Priority.MAINTENANCE, lambda: shown(key))

    async def _clear(self, _: Arguments) -> str:
        return cleared_words(await self._sync.clear_alarms("cli"))

    async def _now(self, _: Arguments) -> str:
        if not self._sync.status().enrolled:
            raise ControlError("This box is not enrolled at a hub; `kiosk init --code CODE` enrols it.")
        self._sync.wake()
        return "the hub is asked now; `kiosk sync status` says what came of it"


def clear(box: Box, _: Arguments) -> str:
    """Clear the alarms while no station runs."""
    return cleared_words(see_alarms(box, "cli"))


def cleared_words(stood: list[str]) -> str:
    """What was cleared, as a sentence."""
    return f"cleared: {', '.join(stood)}" if stood else "nothing to clear"


def listed(page: int) -> Page:
    """One page (from 1) of the quarantined without their bytes, and the number of pages; on the database thread.

    Raises:
        ControlError: there is no such page.
    """
    if page < 1:
        raise ControlError(f"page: found {page}; the first is 1")
    views, pages = quarantine.page(page - 1, PER_PAGE)
    return tuple(replace(view, raw=b"") for view in views), pages


def shown(key: str) -> QuarantinedView:
    """One of the quarantined; on the database thread.

    Raises:
        ControlError: there is none.
    """
    view = quarantine.one(key)
    if view is None:
        raise ControlError(f"{key!r} is not among the quarantined; `kiosk sync quarantine` lists them.")
    return view


def stored_status(settings: Settings) -> SyncView:
    """How far the hub has been told, as the tables say while no station runs; with the store in use."""
    counts, known, standing = outbox.counts(), inbox.known(), alarms.standing()
    now = SystemClock().now()
    return SyncView(
        enrolled=settings.hub is not None and Keys.load(DataFolder.of(settings).keys).hub_api_key is not None,
        pending=counts.pending,
        oldest_s=None if counts.oldest is None else max(0.0, (now - counts.oldest).total_seconds()),
        last_success=known.told_at,
        quarantined=counts.quarantined,
        health=Health.UNKNOWN,
        hub_name=known.hub_name,
        hub_version=known.hub_version,
        gap_since=standing.get(Alarm.GAP),
        hub_gap_since=standing.get(Alarm.HUB_GAP),
        alarms=tuple(sorted(standing)),
        clock_trusted=SystemClock().trusted(),
    )
