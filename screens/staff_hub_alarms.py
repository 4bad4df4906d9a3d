"""The hub page's alarms: what each means, who does what, and "seen" with a second tap."""

from collections.abc import Iterable
from math import ceil
from typing import Final

from textual import on
from textual.containers import Vertical
from textual.events import Resize
from textual.widget import Widget

from screens.language import _
from screens.staff_hub_view import Foot, HubView, Notes
from screens.sync_words import can_be_seen, notes
from screens.widgets.pager import Pager
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile
from screens.wrapping import wrap

ASKED_FOR_S: Final = 8.0
"""An unanswered question lapses."""


class AlarmsView(HubView, inherit_bindings=False):
    """Alarms in pages. "Seen" asks first, and "no" takes its place: a finger that taps twice clears nothing."""

    def __init__(self) -> None:
        super().__init__(id="hub-alarms")
        self._asked_at: float | None = None
        self._busy = False

    def compose(self) -> Iterable[Widget]:
        """Words over the answers."""
        yield Prose(id="alarms-question")
        yield Vertical(Notes(id="alarms-words"), id="alarms-box")
        yield Foot(Tile(_("◄ Back"), id="alarms-left"), Pager(), Tile("", id="alarms-right"))

    def came(self) -> None:
        """On top: nothing is asked."""
        self._asked_at = None
        self.query_one(Pager).set_value(1)
        super().came()

    def draw(self) -> None:
        """Words and answers as they are now."""
        asked = self._asked_at is not None
        seen = can_be_seen(self.station.sync_status())
        question = self.query_one("#alarms-question", Prose)
        question.say(
            _("Has it been dealt with? It is kept who says so; what goes on is noticed anew.") if asked else ""
        )
        left, right = self.query_one("#alarms-left", Tile), self.query_one("#alarms-right", Tile)
        left.say(_("Yes, dealt with") if asked else _("◄ Back"), enabled=not self._busy)
        left.set_class(asked, "-danger")
        right.say(_("No ({n})").format(n=self._left_s()) if asked else _("✓ Seen…"), enabled=not self._busy)
        right.display = asked or seen
        self._show_words()

    def second(self) -> None:
        """A question lapses."""
        if self._asked_at is not None and self._left_s() <= 0:
            self._asked_at = None
        self.draw()

    def on_resize(self, _event: Resize) -> None:
        """Another room holds other pages."""
        self.call_after_refresh(self._show_words)

    def _left_s(self) -> int:
        now = self.board.kiosk.clock.monotonic()
        return 0 if self._asked_at is None else max(0, ceil(self._asked_at + ASKED_FOR_S - now))

    def _show_words(self) -> None:
        box, pager = self.query_one("#alarms-box"), self.query_one(Pager)
        standing = notes(self.station.sync_status(), self.station.settings.station.zone)
        pages = paged(
            [f"{note.heading}\n{note.meaning}" for note in standing],
            max(2, box.content_size.width - 2),
            box.content_size.height,
        )
        pager.set_pages(len(pages))
        self.query_one("#alarms-words", Notes).say(pages[pager.page] if pages else "● " + _("No alarms"))

    @on(Stepper.Changed)
    def _page_changed(self, event: Stepper.Changed) -> None:
        event.stop()
        self._show_words()

    @on(Tile.Pressed, "#alarms-right")
    def _right_pressed(self, event: Tile.Pressed) -> None:
        """Ask; or take the question back."""
        event.stop()
        self._asked_at = self.board.kiosk.clock.monotonic() if self._asked_at is None else None
        self.draw()

    @on(Tile.Pressed, "#alarms-left")
    def _left_pressed(self, event: Tile.Pressed) -> None:
        """Back; or yes."""
        event.stop()
        if self._asked_at is None:
            self.leave()
            return
        self._asked_at, self._busy = None, True

        async def answer() -> tuple[str, ...]:
            try:
                return await self.station.clear_sync_alarms()
            finally:
                self._busy = False

        self.board.ask(answer(), lambda _stood: self.leave())
        self.draw()


def paged(texts: list[str], width: int, height: int) -> list[str]:
    """Texts gathered into pages, none of them broken over two when it fits into one; a blank line between them.

    Args:
        texts: one each.
        width: cells of a line.
        height: lines of a page.
    """
    pages: list[str] = []
    used = 0
    for text in texts:
        lines = len(wrap(text, width))
        if pages and used + 1 + lines <= height:
            pages[-1] += f"\n\n{text}"
            used += 1 + lines
        else:
            pages.append(text)
            used = lines
    return pages
