"""The board's page of devices: what answers, and what an electrician should know of what does not."""

from collections.abc import Iterable
from math import ceil

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.views import DeviceView, Health
from screens.language import _, n_
from screens.staff_base import BoardPage
from screens.theme import HEALTH_LOOKS
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.words import HEALTHS, device_words, faulty


class DevicesPage(BoardPage, inherit_bindings=False):
    """Devices in pages, those that fail first."""

    def __init__(self) -> None:
        super().__init__(id="page-devices", classes="board-page")

    def compose(self) -> Iterable[Widget]:
        """How many there are, each of them, and this software's version."""
        yield Prose(id="devices-words", classes="facts-heading")
        yield Table(
            (Column(_("Device"), 16), Column(_("State"), 18), Column(_("For the electrician"))), id="devices-table"
        )
        yield Horizontal(Prose(id="software"), Pager(), id="devices-foot")

    def draw(self) -> None:
        """Devices as they are now."""
        self.query_one("#devices-words", Prose).say(device_count(self.station.devices()))
        self._show_devices()
        self.query_one("#software", Prose).say(_("Software {version}").format(version=self.station.version))

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
    return Row((device_words(device.name), words, device.problem or ""), "" if good else "bold")


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
