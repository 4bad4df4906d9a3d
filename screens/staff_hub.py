"""The board's page of the hub: how it stands at a glance, what to do, alarms, and what was not taken."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import Health
from screens import drain
from screens.drain import Drain
from screens.language import _
from screens.staff_base import BoardPage
from screens.staff_hub_alarms import AlarmsView
from screens.staff_hub_refused import RefusedList, RefusedOne
from screens.staff_hub_view import HubView, Notes
from screens.sync_words import LOOKS, STATES, Note, SyncState, facts, notes, state_of, why
from screens.widgets.facts import Facts
from screens.widgets.progress import Progress
from screens.widgets.prose import Prose
from screens.widgets.sign import sign
from screens.widgets.tile import Tile
from screens.wrapping import fit, wrap

TRIES_FOR_S: Final = 15.0
"""A try that has not ended by then is told as one that did not work."""
TOLD_FOR_S: Final = 5.0
"""How long the tile says what came of a try."""


class Overview(HubView, inherit_bindings=False):
    """State and advice on top, facts and alarms under them, the bar of a long backlog, three tiles."""

    def __init__(self) -> None:
        super().__init__(id="hub-overview")
        self._state: SyncState | None = None
        self._drain = Drain()
        self._tapped_at: float | None = None
        self._before: datetime | None = None
        """When the last attempt had ended before somebody asked for one."""
        self._outcome: tuple[str, float] | None = None
        """What came of the last try, and until when it is said."""

    def compose(self) -> Iterable[Widget]:
        """From the most important to the least."""
        words = Vertical(Prose(id="hub-state"), Prose(id="hub-why"), id="hub-words")
        yield Horizontal(Static("", id="hub-sign", markup=False), words, id="hub-banner")
        yield Horizontal(
            Facts(id="hub-facts"),
            Vertical(Notes(id="hub-notes"), id="hub-notes-box"),
            id="hub-middle",
        )
        yield Progress(id="hub-bar")
        yield Horizontal(
            Tile(_("Try now"), id="hub-try", classes="-main"),
            Tile("", id="hub-to-alarms"),
            Tile("", id="hub-to-refused"),
            classes="hub-foot",
        )

    def draw(self) -> None:
        """All of it as it is now."""
        sync, now = self.station.sync_status(), self.board.kiosk.clock.monotonic()
        state = state_of(sync)
        banner = self.query_one("#hub-banner")
        for look in LOOKS.values():
            banner.set_class(look.css_class == LOOKS[state].css_class, look.css_class)
        if state is not self._state:
            self._state = state
            self.query_one("#hub-sign", Static).update(sign(LOOKS[state].shape))
        self.query_one("#hub-state", Prose).say(_(STATES[state]))
        self.query_one("#hub-why", Prose).say(why(sync, self.board.kiosk.clock, self.station.settings.station.zone))
        settings = self.station.settings.station
        rows = facts(sync, self.board.kiosk.clock, settings.code, self.station.version, settings.zone)
        self.query_one(Facts).show(tuple(rows))
        self._show_notes()
        self._drain.note(now, sync.pending)
        share = drain.share(sync)
        self.query_one(Progress).show(share, "" if share is None else drain.drain_words(sync, self._drain.left_s()))
        self._draw_tiles(now)

    def second(self) -> None:
        """Ages grow."""
        self.draw()

    def try_now(self) -> None:
        """Ask the hub now."""
        self._tapped_at, self._outcome = self.board.kiosk.clock.monotonic(), None
        self._before = self.station.sync_status().tried_at
        self.station.sync_now()
        self.draw()

    def on_resize(self, _event: Resize) -> None:
        """Another room holds more or fewer words."""
        self.call_after_refresh(self._show_notes)

    def _draw_tiles(self, now: float) -> None:
        sync = self.station.sync_status()
        if self._tapped_at is not None and (sync.tried_at != self._before or now - self._tapped_at > TRIES_FOR_S):
            reached = sync.tried_at != self._before and sync.health is Health.CONNECTED
            self._outcome = (_("● Reached the hub") if reached else _("× Still not reached"), now + TOLD_FOR_S)
            self._tapped_at = None
        if self._outcome is not None and now >= self._outcome[1]:
            self._outcome = None
        words = _("One moment…") if self._tapped_at is not None else (self._outcome or (_("Try now"), 0))[0]
        self.query_one("#hub-try", Tile).say(words, enabled=sync.enrolled and self._tapped_at is None)
        standing = len(self._notes())
        alarms = _("▲ What to do ({n})").format(n=standing) if standing else _("No alarms")
        self.query_one("#hub-to-alarms", Tile).say(alarms, enabled=bool(standing))
        refused = _("▲ Not taken ({n})").format(n=f"{sync.quarantined:,}") if sync.quarantined else _("Nothing refused")
        self.query_one("#hub-to-refused", Tile).say(refused, enabled=bool(sync.quarantined))

    def _notes(self) -> tuple[Note, ...]:
        return tuple(notes(self.station.sync_status(), self.station.settings.station.zone))

    def _show_notes(self) -> None:
        """Each alarm with what it means, when there is room for that; else their headings."""
        prose, box = self.query_one("#hub-notes", Notes), self.query_one("#hub-notes-box")
        standing = self._notes()
        prose.set_class(bool(standing), "-standing")
        if not standing:
            prose.say("● " + _("No alarms"))
            return
        whole = "\n".join(f"{note.heading}\n{note.meaning}" for note in standing)
        width = max(2, box.content_size.width - 2)
        fits = len(wrap(whole, width)) <= box.content_size.height
        prose.say(whole if fits else "\n".join(fit(note.heading, width) for note in standing))


class HubPage(BoardPage, inherit_bindings=False):
    """One of four views at a time: the overview, the alarms, the list of what was not taken, one of that list."""

    def __init__(self) -> None:
        super().__init__(id="page-hub", classes="board-page")
        self._overview, self._alarms = Overview(), AlarmsView()
        self._refused, self._one = RefusedList(), RefusedOne()

    def compose(self) -> Iterable[Widget]:
        """The views; one is shown."""
        for view in self._views:
            view.display = view is self._overview
            yield view

    @property
    def view(self) -> HubView:
        """The view on top."""
        return next(view for view in self._views if view.display)

    def load(self) -> None:
        """What is shown may be old."""
        self.view.load()

    def draw(self) -> None:
        """Something changed."""
        self.view.draw()

    def second(self) -> None:
        """A second passed."""
        self.view.second()

    def overview(self) -> None:
        """The tab was tapped again: from the beginning."""
        self._show(self._overview)

    @property
    def _views(self) -> tuple[HubView, ...]:
        return (self._overview, self._alarms, self._refused, self._one)

    def _show(self, wanted: HubView) -> None:
        for view in self._views:
            view.display = view is wanted
        wanted.came()

    @on(Tile.Pressed, "#hub-try")
    def _try_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        self._overview.try_now()

    @on(Tile.Pressed, "#hub-to-alarms")
    def _alarms_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        self._show(self._alarms)

    @on(Tile.Pressed, "#hub-to-refused")
    def _refused_pressed(self, event: Tile.Pressed) -> None:
        event.stop()
        self._show(self._refused)

    @on(HubView.Left)
    def _left(self, event: HubView.Left) -> None:
        event.stop()
        self._show(self._refused if event.view is self._one else self._overview)

    @on(RefusedList.Chosen)
    def _chosen(self, event: RefusedList.Chosen) -> None:
        event.stop()
        self._one.open(event.key)
        self._show(self._one)
