"""Points: the total with its two parts and the bonus apart, and every entry that led to it."""

from collections.abc import Iterable
from datetime import date, datetime
from math import ceil
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.points.rules import rules_of
from kiosk.views import PointsEntry, PointsView
from screens.asking import AskingScreen
from screens.language import N_, _, language
from screens.widgets.figure import Figure
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.table import Column, Row, Table
from screens.widgets.tile import Tile
from screens.words import points_words

REASONS: Final = {"check_in": N_("Check-in"), "parcel": N_("Parcel brought")}
"""Rules by their name; an unknown one (a newer station's) is shown as it is."""

PARTS: Final = {"daily": N_("Daily conduct"), "review": N_("Annual review"), "bonus": N_("Public spirit")}
"""Parts of the total by their name."""


def entry_row(entry: PointsEntry) -> Row:
    """One ledger line; a duplicate is marked in words and struck through."""
    reason = _(REASONS[entry.reason]) if entry.reason in REASONS else entry.reason
    part = _(PARTS[entry.part]) if entry.part in PARTS else entry.part
    note = "" if entry.counted else _("not counted")
    style = "" if entry.counted else "$ink-soft italic"
    return Row((short_day(entry.day), reason, part, f"{entry.amount:+d}", entry.station, note), style)


def short_day(day: date) -> str:
    """Month and day, such as 11-24; the year stands above."""
    return f"{day:%m-%d}"


def how_computed(view: PointsView) -> str:
    """How the total comes about, and what daily conduct begins with: that base is no entry, so no line shows it."""
    if view.provisional:
        total = _("No annual review yet: for now, total = daily conduct + public spirit.")
    else:
        total = _("Total = (daily conduct + annual review) ÷ 2 + public spirit.")
    base = _("Daily conduct starts at {points}.").format(points=rules_of(view.year).daily_base)
    return f"{total} {base}" if language() == "en" else total + base


def _part(name: str) -> Vertical:
    """A part of the total: its number over its name."""
    words = Static(_(PARTS[name]), classes="part-words", markup=False)
    return Vertical(Figure("—", id=name), words, classes="part")


class PointsScreen(AskingScreen):
    """Total, parts, entries."""

    heading: ClassVar[str] = N_("Points")

    def __init__(self) -> None:
        super().__init__()
        self._view: PointsView | None = None

    def compose_body(self) -> Iterable[Widget]:
        """Total and parts above, entries below."""
        yield Horizontal(
            Vertical(Figure("—", id="total"), Prose(id="total-words"), id="total-box"),
            _part("daily"),
            _part("review"),
            _part("bonus"),
            id="points-top",
        )
        yield Prose(_("One moment…"), id="how-computed")
        yield Table(
            (
                Column(_("Day"), 5),
                Column(_("For what")),
                Column(_("Part"), 14),
                Column(_("Points"), 6, right=True),
                Column(_("Station"), 8),
                Column("", 11),
            )
        )
        yield Horizontal(Prose(id="as-of"), Pager(), id="points-foot")

    def compose_footer(self) -> Iterable[Widget]:
        """The switch for the ranking; dead until it is known how it stands."""
        yield Tile(_("My name in the ranking"), _("One moment…"), enabled=False, id="named", classes="-quiet")

    def load(self) -> None:
        """The newest."""
        self.fetch(self.station.points(), self._show)

    @on(Table.Resized)
    def _room_changed(self) -> None:
        """Another room holds other pages."""
        self._show_entries()

    def _show(self, view: PointsView) -> None:
        self._view = view
        label = _("{year} so far (provisional)") if view.provisional else _("{year} in all")
        visitor = self.station.visitor
        if visitor is not None and not visitor.verified:
            self._show_strange()
            return
        self.query_one("#total", Figure).show(points_words(view.total_half_points), _("points"))
        self.query_one("#total-words", Prose).say(label.format(year=view.year))
        self.query_one("#daily", Figure).show(str(view.daily), "")
        self.query_one("#review", Figure).show("—" if view.review is None else str(view.review), "")
        self.query_one("#bonus", Figure).show(f"{view.bonus:+d}", "")
        self.query_one("#how-computed", Prose).say(how_computed(view))
        self.query_one("#as-of", Prose).say(self._as_of(view.as_of))
        state = _("■ Shown. Tap to hide it.") if view.named else _("□ Not shown. Tap to show it.")
        self.query_one("#named", Tile).say(_("My name in the ranking"), state, enabled=visitor is not None)
        self._show_entries()

    def _show_strange(self) -> None:
        """The card is nobody's that the station knows: it may be anybody's."""
        self.query_one("#how-computed", Prose).say(_("This card is not known here yet. Please ask a volunteer."))
        self.query_one("#named", Tile).say(_("My name in the ranking"), "", enabled=False)

    def _as_of(self, moment: datetime | None) -> str:
        if moment is None:
            return _("Only what this station knows: the hub was not reached yet.")
        local = moment.astimezone(self.station.settings.station.zone)
        return _("As of {day} {time}, when the hub was last reached.").format(
            day=short_day(local.date()), time=f"{local:%H:%M}"
        )

    def _show_entries(self) -> None:
        if self._view is None:
            return
        table, pager = self.query_one(Table), self.query_one(Pager)
        entries = self._view.entries
        pager.set_pages(ceil(len(entries) / table.room))
        first = pager.page * table.room
        table.show(tuple(entry_row(entry) for entry in entries[first : first + table.room]))

    @on(Tile.Pressed, "#named")
    def _named_pressed(self) -> None:
        if self._view is not None:
            self.query_one("#named", Tile).disabled = True  # until the answer: two taps are not two changes
            self.fetch(self.station.set_named(named=not self._view.named), self._show)

    @on(Stepper.Changed)
    def _page_changed(self) -> None:
        self._show_entries()
