"""Today's check-ins for volunteers: who came, what was odd about it, and notes for a rider."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Container, Grid, Horizontal
from textual.widget import Widget

from kiosk.views import CheckinsView, NotePhrase, RiderNoteView, RiderView, ScanRefusal, VisitView, VolunteerOutcome
from screens.asking import AskingScreen
from screens.language import N_, _, n_
from screens.my_data_words import rider_words
from screens.outcome_words import note_words
from screens.volunteer_words import refused
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile
from screens.words import NOTE_PHRASES, SCAN_REFUSALS

SHOWN: Final = {True: 9, False: 12}
"""Visits on a page, compact or not: rows of three."""


class CheckinsScreen(AskingScreen):
    """A tile for each check-in; one that is tapped opens the rider's notes."""

    heading: ClassVar[str] = N_("Check-ins today")
    needs_visitor: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._view = CheckinsView((), 1, ())

    def compose_body(self) -> Iterable[Widget]:
        """Tiles over what was refused and the pager."""
        shown = SHOWN[self.compact]
        yield Grid(*(Tile("", id=f"visit-{place}") for place in range(shown)), classes="desk-grid")
        yield Horizontal(Prose("", id="refused"), Pager(), classes="desk-foot")

    def load(self) -> None:
        """The page that is open."""
        page = self.query_one(Pager).page
        self.fetch(self.station.volunteers.checkins(page, SHOWN[self.compact]), self._show)

    def _show(self, view: CheckinsView) -> None:
        self._view = view
        for place in range(SHOWN[self.compact]):
            tile = self.query_one(f"#visit-{place}", Tile)
            tile.display = place < len(view.visits)
            if place < len(view.visits):
                visit = view.visits[place]
                tile.say(f"{visit.at:%H:%M}  {rider_words(visit.rider)}", visit_words(visit))
        self.query_one(Pager).set_pages(view.pages)
        self.query_one("#refused", Prose).say(self._refused_words())

    def _refused_words(self) -> str:
        if not self._view.visits and not self._view.refused:
            return _("Nobody has checked in today.")
        count = sum(number for _reason, number in self._view.refused)
        if not count:
            return _("Tap a rider to leave a note.")
        reason = self._view.refused[0][0]
        most = _(SCAN_REFUSALS[ScanRefusal(reason)][0]) if reason in set(ScanRefusal) else reason
        words = n_("{n} scan refused", "{n} scans refused", count).format(n=count)
        return _("{words}, most often: {reason}").format(words=words, reason=most)

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self.load()

    @on(Tile.Pressed)
    def _visit_pressed(self, event: Tile.Pressed) -> None:
        kind, _dash, place = (event.tile.id or "").partition("-")
        if kind == "visit" and int(place) < len(self._view.visits):
            self.kiosk.push_screen(NotesScreen(self._view.visits[int(place)].rider))


def visit_words(visit: VisitView) -> str:
    """What is odd about a check-in, or that notes wait; the most important first."""
    words = []
    if not visit.first:
        words.append(_("duplicate"))
    if not visit.rider.verified:
        words.append(_("card unknown"))
    if not visit.clock_trusted:
        words.append(_("clock unsure"))
    if visit.outside:
        words.append(_("not open"))
    if visit.notes:
        words.append(n_("{n} note", "{n} notes", visit.notes).format(n=visit.notes))
    return _(", ").join(words)


class NotesScreen(AskingScreen):
    """A rider's notes, and ready phrases or own words for another one.

    Args:
        rider: whose check-in was tapped, or who stands at the counter.
    """

    heading: ClassVar[str] = N_("A note for the rider")
    needs_visitor: ClassVar[bool] = False

    def __init__(self, rider: RiderView) -> None:
        super().__init__()
        self._rider = rider
        self._notes: tuple[RiderNoteView, ...] = ()
        self._once = True

    def compose_body(self) -> Iterable[Widget]:
        """Whose, what stands, the phrases, and how long it stands."""
        yield Prose(rider_words(self._rider), id="who")
        yield Prose("", id="standing")
        phrases = (Tile(_(words), id=f"phrase-{phrase}") for phrase, words in NOTE_PHRASES.items())
        yield Container(Grid(*phrases, classes="desk-grid"), id="phrases")
        yield Horizontal(
            Tile(_("Own words"), id="own-words"),
            Tile("", id="how-long"),
            Tile(_("Clear the notes"), id="clear-notes", enabled=False),
            classes="desk-foot",
        )

    def again(self) -> "NotesScreen":
        """The same rider in another language."""
        return NotesScreen(self._rider)

    def load(self) -> None:
        """What stands now."""
        self._draw_once()
        self.fetch(self.station.volunteers.notes(self._rider.id), self._show)

    def _show(self, notes: tuple[RiderNoteView, ...]) -> None:
        self._notes = notes
        lines = [note_words(note) + ("" if note.once else "  " + _("until cleared")) for note in notes[:3]]
        self.query_one("#standing", Prose).say("\n".join(lines) or _("No note waits. Tap what the rider is told:"))
        self.query_one("#clear-notes", Tile).disabled = not notes

    def _draw_once(self) -> None:
        words = _("Told once") if self._once else _("Told until cleared")
        self.query_one("#how-long", Tile).say(words, _("tap to change"))

    @on(Tile.Pressed, "#how-long")
    def _how_long(self) -> None:
        self._once = not self._once
        self._draw_once()

    @on(Tile.Pressed, "#phrases Tile")
    def _phrase(self, event: Tile.Pressed) -> None:
        phrase = NotePhrase((event.tile.id or "").removeprefix("phrase-"))
        self.fetch(self.station.volunteers.leave_note(self._rider.id, phrase, once=self._once), self._done)

    @on(Tile.Pressed, "#own-words")
    def _own_words(self) -> None:
        from screens.staff_note import NoteWordsScreen  # noqa: PLC0415 - loads the table of characters

        self.kiosk.push_screen(NoteWordsScreen(self._rider.id, once=self._once))

    @on(Tile.Pressed, "#clear-notes")
    def _clear(self, event: Tile.Pressed) -> None:
        event.tile.disabled = True
        for note in self._notes:
            self.fetch(self.station.volunteers.clear_note(note.id), self._done)

    def _done(self, outcome: VolunteerOutcome) -> None:
        if outcome.refusal is not None:
            self.query_one("#standing", Prose).say("× " + refused(outcome.refusal))
        elif self.all_answered:
            self.load()
