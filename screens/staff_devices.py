"""The board's page of devices and sync: what answers, and how far the hub has been told."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.facade import StationFacade
from kiosk.system.clock import Clock
from kiosk.views import DeviceView, Health
from screens.language import _, n_
from screens.staff_base import BoardPage
from screens.theme import HEALTH_LOOKS
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.words import HEALTHS, SYNC_PROBLEMS, age, device_words, faulty

LONG_BACKLOG: Final = 200
"""Events from which on people see how far a queue has drained."""
BAR: Final = 20
"""Cells of that bar."""


class DevicesPage(BoardPage, inherit_bindings=False):
    """Devices in pages, those that fail first; sync in lines."""

    def __init__(self) -> None:
        super().__init__(id="page-devices", classes="board-page")

    def compose(self) -> Iterable[Widget]:
        """Devices on the left, sync on the right."""
        devices = Vertical(
            Prose(id="devices-words", classes="facts-heading"),
            Table((Column(_("Device")), Column(_("State"), 18)), id="devices-table"),
            Pager(),
            id="devices",
        )
        sync = Vertical(
            Static(_("Reports to the hub"), classes="facts-heading", markup=False),
            Prose(id="sync"),
            Prose(id="software"),
            id="sync-box",
        )
        yield Horizontal(devices, sync, id="facts")

    def draw(self) -> None:
        """Devices and sync as they are now."""
        devices = self.station.devices()
        self.query_one("#devices-words", Prose).say(device_count(devices))
        self._show_devices()
        self.query_one("#sync", Prose).say("\n".join(sync_lines(self.station, self.board.kiosk.clock)))
        self.query_one("#software", Prose).say(_("Software {version}").format(version=self.station.version))

    def second(self) -> None:
        """Ages grow."""
        self.draw()

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        self._show_devices()

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._show_devices()

    def _show_devices(self) -> None:
        table, pager = self.query_one(Table), self.query_one(Pager)
        devices = self.station.devices()
        bad = faulty(devices)
        ordered = [*bad, *(device for device in devices if device not in bad)]
        pager.set_pages(ceil(len(ordered) / table.room))
        first = pager.page * table.room
        table.show(tuple(_row(device) for device in ordered[first : first + table.room]))


def _row(device: DeviceView) -> Row:
    good = device.health is Health.CONNECTED
    words = f"{HEALTH_LOOKS[device.health].shape} {_(HEALTHS[device.health])}"
    return Row((device_words(device.name), words), "" if good else "bold")


def device_count(devices: tuple[DeviceView, ...]) -> str:
    """How many devices work, fail, and are not known yet."""
    works = sum(device.health is Health.CONNECTED for device in devices)
    parts = [f"{HEALTH_LOOKS[Health.CONNECTED].shape} " + n_("{n} device works", "{n} devices work", works)]
    counts = [works]
    bad = len(faulty(devices))
    unknown = len(devices) - works - bad
    if bad:
        parts.append(f"{HEALTH_LOOKS[Health.UNREACHABLE].shape} " + n_("{n} fails", "{n} fail", bad))
        counts.append(bad)
    if unknown:
        parts.append(f"{HEALTH_LOOKS[Health.UNKNOWN].shape} " + _("{n} not known yet"))
        counts.append(unknown)
    return "  ".join(part.format(n=count) for part, count in zip(parts, counts, strict=True))


def sync_lines(station: StationFacade, clock: Clock) -> Iterable[str]:
    """How far the hub has been told, and what is in the way."""
    sync = station.sync_status()
    if not sync.enrolled:
        yield f"{HEALTH_LOOKS[Health.UNKNOWN].shape} " + _("This box is not enrolled at a hub")
    else:
        hub = sync.hub_name or _("Hub")
        yield f"{HEALTH_LOOKS[sync.health].shape} {hub}: {_(HEALTHS[sync.health])}"
    if sync.problem:
        yield "▲ " + _(SYNC_PROBLEMS.get(sync.problem, sync.problem))
    waiting = _("Waiting to be sent: {n}").format(n=sync.pending)
    if sync.oldest_s is not None:
        waiting += "  " + _("(oldest {age})").format(age=age(sync.oldest_s))
    yield waiting
    if sync.backlog >= LONG_BACKLOG and sync.pending:
        sent = 1 - sync.pending / sync.backlog
        yield "█" * round(sent * BAR) + "░" * (BAR - round(sent * BAR)) + f" {sent:.0%}"
    last = _("never")
    if sync.last_success is not None:
        ago = (clock.now() - sync.last_success).total_seconds()
        last = _("{age} ago").format(age=age(max(0.0, ago)))
    yield _("Last reached: {when}").format(when=last)
    if sync.quarantined:
        yield "▲ " + _("Refused by the hub: {n}").format(n=sync.quarantined)
    if sync.gap_since is not None:
        yield "▲ " + _("Restored: records since {when} may be missing").format(when=_day(sync.gap_since))
    if sync.hub_gap_since is not None:
        yield "▲ " + _("The hub was restored: its records since {when} may be missing").format(
            when=_day(sync.hub_gap_since)
        )
    if not sync.clock_trusted:
        yield "▲ " + _("The clock cannot be believed yet")


def _day(moment: datetime) -> str:
    """Day and time at this machine; the day alone would hide an hour's loss."""
    return f"{moment.astimezone():%m-%d %H:%M}"
