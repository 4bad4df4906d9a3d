"""Going through the shelves in short steps: what should stand there, what was seen, what stands there and should not.

A county's library has hundreds of thousands of copies, and nobody may have the database thread for so long. So each
step is a job of its own, of less than 100 ms, and scans, charging and the hub come between them. It looks at what is
true then.
"""

from collections.abc import Callable, Sequence
from typing import Final

from kiosk.box import Box
from kiosk.reading.hold_events import READY
from kiosk.reading.shelf import OPEN
from kiosk.views import CopyNote, CopyView
from models.reading import StocktakeRow

TITLES: Final = 150
"""Looked at in one step: some 500 copies, and a title that has thousands does no harm."""
SCANS: Final = 500
"""Scanned labels looked at in one step."""
ODD: Final = 30
"""Of those that do not belong there, each of which is looked up in full, told by one step."""
MARKING_S: Final = 0.03
"""How long one step records what is missing, besides its questions and the disk."""
MOST_LISTED: Final = 500
"""Missing copies in the list, in the order of the shelves; nobody turns more pages, and their number is told of all."""

_TITLES: Final = """
    SELECT id, title, shelf FROM title
    WHERE (shelf, title, id) > (?, ?, ?) AND shelf < ? ORDER BY shelf, title, id LIMIT ?"""
_COPIES: Final = """
    SELECT c.label, t.title, t.shelf,
        EXISTS (SELECT 1 FROM stocktake_scan s WHERE s.stocktake = ? AND s.label = c.label)
    FROM copy c JOIN title t ON t.id = c.title
    WHERE c.title IN ({marks}) AND c.station = ? AND NOT {away}
    ORDER BY t.shelf, t.title, t.id, c.number"""
_AWAY: Final = f"""(
    EXISTS (SELECT 1 FROM copy_state a WHERE a.label = c.label)
    OR EXISTS (SELECT 1 FROM loan a WHERE a.label = c.label AND a.state = '{OPEN}')
    OR EXISTS (SELECT 1 FROM book_hold a WHERE a.label = c.label AND a.state = '{READY}'))"""  # noqa: S608 - of this program's own constants
"""Lent, out of order, elsewhere, or set aside: not expected on its shelf."""
_SCANNED: Final = "SELECT label FROM stocktake_scan WHERE stocktake = ? AND label > ? ORDER BY label LIMIT ?"
_STRANGE: Final = f"""
    SELECT s.label FROM stocktake_scan s
    WHERE s.stocktake = ? AND s.label > ? AND s.label <= ? AND NOT EXISTS (
        SELECT 1 FROM copy c JOIN title t ON t.id = c.title
        WHERE c.label = s.label AND c.station = ? AND t.shelf >= ? AND t.shelf < ? AND NOT {_AWAY})
    ORDER BY s.label LIMIT ?"""  # noqa: S608 - as above
END: Final = "\U0010ffff"
"""Behind every shelf mark that begins as asked."""


class Walk:
    """One way past the shelves of a stocktaking.

    Args:
        box: the box.
        taken: the stocktaking.
        mark: records that a copy is missing; None only counts.
    """

    def __init__(self, box: Box, taken: StocktakeRow, mark: Callable[[str], None] | None = None) -> None:
        self._box = box
        self._id, self._shelf = str(taken.id), str(taken.shelf)
        self._mark = mark
        self._after = (self._shelf, "", "")
        self.seen = 0
        self.expected = 0
        self.missing: list[CopyView] = []
        """The first ones."""

    def step(self) -> bool:
        """Go a little further; whether that was the end. One that marks is in a transaction of its caller's."""
        titles = self._titles()
        if not titles:
            return True
        copies = self._copies(titles)
        lacking = [CopyView(label, title, shelf, CopyNote.UNSEEN) for label, title, shelf, seen in copies if not seen]
        if self._mark is not None and not self._marked(lacking):
            return False  # what is left of these titles is for the next step
        self._after = (titles[-1][2], titles[-1][1], titles[-1][0])
        self.expected += len(copies)
        self.seen += len(copies) - len(lacking)
        self.missing += lacking[: MOST_LISTED - len(self.missing)]
        return False

    def _marked(self, lacking: Sequence[CopyView]) -> bool:
        """Mark them for as long as a step may take; whether those were all."""
        if self._mark is None:
            return True
        until = self._box.clock.monotonic() + MARKING_S
        for number, copy in enumerate(lacking, 1):
            self._mark(copy.label)
            if number < len(lacking) and self._box.clock.monotonic() > until:
                return False
        return True

    def _titles(self) -> list[tuple[str, str, str]]:
        return list(self._box.journal.store.execute(_TITLES, (*self._after, self._shelf + END, TITLES)))

    def _copies(self, titles: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str, int]]:
        statement = _COPIES.format(marks=", ".join("?" * len(titles)), away=_AWAY)
        ids = [title[0] for title in titles]
        return list(self._box.journal.store.execute(statement, (self._id, *ids, self._box.settings.station.code)))


class OddWalk:
    """One way through what was scanned: copies that do not belong there, or not where they stand.

    Args:
        box: the box.
        taken: the stocktaking.
        view: what a scanned copy is.
    """

    def __init__(self, box: Box, taken: StocktakeRow, view: Callable[[str], CopyView]) -> None:
        self._box = box
        self._id, self._shelf = str(taken.id), str(taken.shelf)
        self._view = view
        self._after = ""
        self.found: list[CopyView] = []

    def step(self) -> bool:
        """Go a little further; whether that was the end."""
        store, code = self._box.journal.store, self._box.settings.station.code
        scanned = [str(label) for (label,) in store.execute(_SCANNED, (self._id, self._after, SCANS))]
        if not scanned:
            return True
        values = (self._id, self._after, scanned[-1], code, self._shelf, self._shelf + END, ODD)
        strange = [str(label) for (label,) in store.execute(_STRANGE, values)]
        self.found += [copy for label in strange if (copy := self._view(label)).note is not None]
        self._after = strange[-1] if len(strange) == ODD else scanned[-1]
        return False
