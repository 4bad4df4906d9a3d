"""What the volunteers' screen of books shows for each of its tasks: pure functions."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kiosk.views import (
    BookHoldView,
    Condition,
    CopyHandled,
    CopyNote,
    CopyView,
    ParcelOutcome,
    ParcelView,
    StocktakeView,
    Task,
    TitleFound,
)
from screens.book_words import PARCEL_REFUSALS, note_words, parcel_words, whom
from screens.language import N_, _, n_
from screens.widgets.table import Row
from screens.words import day_words


class Page(StrEnum):
    """The tasks, in the order of their tiles."""

    BOOKS = "books"
    COUNT = "count"
    TRANSIT = "transit"
    ASIDE = "aside"
    PARCELS = "parcels"


PAGES: Final = {
    Page.BOOKS: (N_("Books"), Task.LOOK),
    Page.COUNT: (N_("Stocktaking"), Task.COUNT),
    Page.TRANSIT: (N_("In transit"), Task.RECEIVE),
    Page.ASIDE: (N_("Pick-up shelf"), Task.LOOK),
    Page.PARCELS: (N_("Parcels"), Task.PACK),
}
"""What the tile says (a message id), and what scans do."""

ALL: Final = ""
"""Every shelf."""
CLOSED: Final = frozenset({"confirmed", "cancelled"})
"""States of a parcel with which nothing can be done any more."""


class Do(StrEnum):
    """What a tile does."""

    SHELF = "shelf"
    ADD = "add"
    MISSING = "missing"
    REPAIR = "repair"
    WITHDRAWN = "withdrawn"
    IN_ORDER = "in_order"
    BEGIN = "begin"
    CLOSE = "close"
    GIVE_UP = "give_up"
    NEXT = "next"
    PACK = "pack"
    CONFIRM = "confirm"
    SHELVE = "shelve"
    UNPACK = "unpack"
    LABEL = "label"
    """Show a parcel's label once more."""
    PRINT = "print"
    """Print the label of the copy that was added."""


CONDITIONS: Final = {
    Do.MISSING: Condition.MISSING,
    Do.REPAIR: Condition.REPAIR,
    Do.WITHDRAWN: Condition.WITHDRAWN,
    Do.IN_ORDER: Condition.SHELF,
}
WORDS: Final = {
    Do.ADD: N_("Add one copy"),
    Do.MISSING: N_("Missing"),
    Do.REPAIR: N_("Repair"),
    Do.WITHDRAWN: N_("Withdraw"),
    Do.IN_ORDER: N_("In order again"),
    Do.BEGIN: N_("Begin"),
    Do.GIVE_UP: N_("Give up"),
    Do.NEXT: N_("Next ▼"),
    Do.PACK: N_("Pack one"),
    Do.CONFIRM: N_("It came"),
    Do.SHELVE: N_("Back on the shelf"),
    Do.UNPACK: N_("Unpack"),
    Do.LABEL: N_("Its label"),
    Do.PRINT: N_("Print the label"),
}


class Act(Struct, frozen=True):
    """A tile."""

    do: Do
    words: str
    danger: bool = False


def act(do: Do, *, danger: bool = False) -> Act:
    """A tile that always says the same."""
    return Act(do, _(WORDS[do]), danger)


def shelf_act(shelf: str) -> Act:
    """The tile that goes through the shelf marks."""
    return Act(Do.SHELF, _("Shelf {shelf} ►").format(shelf=shelf) if shelf else _("All shelves ►"))


def isbn_words(found: TitleFound) -> str:
    """What a scanned ISBN is, and what can be done."""
    if found.title is not None:
        title = found.title
        words = n_(
            "“{title}”, shelf {shelf}: {n} copy. Add another one?",
            "“{title}”, shelf {shelf}: {n} copies. Add another one?",
            title.copies,
        )
        return words.format(title=title.title, shelf=title.shelf, n=title.copies)
    if found.known is not None:
        return _("“{title}”, {author}: a new title. Choose its shelf, then add it.").format(
            title=found.known.title, author=found.known.author
        )
    return _("ISBN {isbn} is not in any list: import it by `kiosk import isbn` or `titles`.").format(isbn=found.isbn)


def isbn_acts(found: TitleFound, shelf: str) -> Iterable[Act]:
    """Add a copy; of a new title on some shelf."""
    if found.title is not None or found.known is not None:
        yield act(Do.ADD)
    if found.title is None and found.known is not None:
        yield shelf_act(shelf)


def copy_words(copy: CopyView) -> str:
    """A scanned copy."""
    words = _("“{title}” {label}").format(title=copy.title, label=copy.label)
    if copy.title == copy.label:  # nobody here has catalogued it
        words = copy.label
    return words if copy.note is None else f"{words} · {note_words(copy)}"


def handled_words(done: CopyHandled) -> str:
    """What came of scanning a copy for a task, and where the book belongs now."""
    copy = done.copy
    lines = [copy_words(copy)]
    if done.task in {Task.RECEIVE, Task.COUNT}:
        lines[0] = "✓ " + lines[0]
    if done.set_aside:
        lines.append(_("Somebody waits for it: please put it on the pick-up shelf."))
    elif done.task is Task.COUNT and copy.note is CopyNote.ON_LOAN:
        lines.append(_("It showed as lent: it counts as returned now."))
    elif done.task is Task.COUNT and copy.note is CopyNote.MISSING:
        lines.append(_("It was missing: it is found again."))
    elif copy.note is CopyNote.OTHER_SHELF:
        lines.append(_("It belongs on shelf {shelf}.").format(shelf=copy.shelf))
    elif copy.note is CopyNote.OTHER_STATION:
        lines.append(_("Please put it into the box for other stations."))
    elif done.task is Task.RECEIVE and copy.note is None and copy.shelf:
        lines.append(_("Received. Please put it on shelf {shelf}.").format(shelf=copy.shelf))
    return "\n".join(lines)


def copy_acts(copy: CopyView) -> Iterable[Act]:
    """What may be noted of it; nothing of what is not this station's to say."""
    if copy.note in {CopyNote.UNKNOWN, CopyNote.OTHER_STATION}:
        return
    if copy.note in {CopyNote.MISSING, CopyNote.REPAIR, CopyNote.WITHDRAWN}:
        yield act(Do.IN_ORDER)
    for do, note in ((Do.MISSING, CopyNote.MISSING), (Do.REPAIR, CopyNote.REPAIR), (Do.WITHDRAWN, CopyNote.WITHDRAWN)):
        if copy.note is not note:
            yield act(do)


def copy_rows(copies: Iterable[CopyView]) -> tuple[Row, ...]:
    """A table of copies."""
    return tuple(Row((copy.label, copy.title, copy.shelf, note_words(copy))) for copy in copies)


def hold_rows(holds: Iterable[BookHoldView]) -> tuple[Row, ...]:
    """The pick-up shelf."""
    return tuple(
        Row((hold.label or "", hold.title, hold.rider, "" if hold.until is None else day_words(hold.until)))
        for hold in holds
    )


def parcel_rows(parcels: Iterable[ParcelView], chosen: str) -> tuple[Row, ...]:
    """The open parcels; the chosen one is marked."""
    return tuple(
        Row(
            (
                ("► " if parcel.id == chosen else "") + parcel.id,
                whom(parcel),
                parcel.rider,
                parcel_words(parcel),
            ),
            "bold" if parcel.id == chosen else "$bad" if parcel.late else "",
        )
        for parcel in parcels
    )


def parcel_acts(one: ParcelView | None, *, others: bool, asked: Do | None) -> Iterable[Act]:
    """Packing another, and what can be done with the chosen one: the second tap confirms or unpacks it.

    Args:
        one: the chosen one; None for none.
        others: whether there are more to choose from.
        asked: which act was tapped once.
    """
    yield act(Do.PACK)
    if others:
        yield act(Do.NEXT)
    if one is None or one.state in CLOSED:
        return
    if one.state == "packed":
        yield act(Do.LABEL)
        yield Act(Do.UNPACK, _("Yes, unpack"), danger=True) if asked is Do.UNPACK else act(Do.UNPACK)
    else:
        yield Act(Do.CONFIRM, _("Yes, it came"), danger=True) if asked is Do.CONFIRM else act(Do.CONFIRM)
        yield act(Do.SHELVE)


def parcel_asked(one: ParcelView, asked: Do) -> str:
    """What the second tap brings about, and of which parcel."""
    which = "  ".join(part for part in (one.id, whom(one)) if part)
    if asked is Do.UNPACK:
        return _("Unpack {parcel}? Its books go back on the shelf.").format(parcel=which)
    return _("Did {parcel} come? Then its rider earns the points.").format(parcel=which)


def parcel_done(outcome: ParcelOutcome, do: Do | None) -> str:
    """What came of an act with a parcel, or of scanning it (None)."""
    if outcome.refusal is not None:
        return f"× {outcome.id} " + _(PARCEL_REFUSALS[outcome.refusal])
    if outcome.points:
        return "✓ " + _("{id} is confirmed; its rider earned {n} points.").format(id=outcome.id, n=outcome.points)
    if do is Do.CONFIRM:
        return "✓ " + _("{id} is confirmed.").format(id=outcome.id)
    if do is Do.SHELVE:
        return "✓ " + _("{id} is on the shelf again.").format(id=outcome.id)
    if do is Do.UNPACK:
        return "✓ " + _("{id} is unpacked: please put its books on the shelf.").format(id=outcome.id)
    words = "" if outcome.parcel is None else parcel_words(outcome.parcel)
    return f"► {outcome.id}  {words}".rstrip()


def stock_words(taken: StocktakeView | None) -> str:
    """How far the stocktaking has come."""
    if taken is None:
        return _("Stocktaking: choose the shelf, begin, then scan every book that stands there.")
    where = _("Shelf {shelf}").format(shelf=taken.shelf) if taken.shelf else _("All shelves")
    odd = n_("{n} does not belong there", "{n} do not belong there", len(taken.unexpected))
    return _("{where}: {seen} of {expected} seen, {odd}").format(
        where=where, seen=taken.seen, expected=taken.expected, odd=odd.format(n=len(taken.unexpected))
    )


def stock_acts(taken: StocktakeView | None, shelf: str, *, asked: Do | None) -> Iterable[Act]:
    """Begin; or close, or give up: the second tap marks what is missing, or forgets what was counted.

    Args:
        taken: the stocktaking, if one is going on.
        shelf: the one that is chosen; empty for all.
        asked: which of them was tapped once.
    """
    if taken is None:
        yield shelf_act(shelf)
        yield act(Do.BEGIN)
        return
    missing = taken.expected - taken.seen
    words = _("Yes: {n} are missing") if asked is Do.CLOSE else _("Close ({n} missing)")
    yield Act(Do.CLOSE, words.format(n=missing), danger=asked is Do.CLOSE)
    if asked is Do.GIVE_UP:
        yield Act(Do.GIVE_UP, _("Yes: forget the count"), danger=True)
    else:
        yield act(Do.GIVE_UP)
