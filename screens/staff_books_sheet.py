"""What the volunteers' screen of books shows for each of its tasks: pure functions."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kiosk.views import (
    BookHoldView,
    Condition,
    CopyNote,
    CopyView,
    ParcelView,
    StocktakeView,
    Task,
    TitleFound,
)
from screens.book_words import COPY_NOTES, parcel_words, whom
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
        return _("“{title}”, shelf {shelf}: {n} copies. Add another one?").format(
            title=title.title, shelf=title.shelf, n=title.copies
        )
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
    return words if copy.note is None else f"{words} · {_(COPY_NOTES[copy.note])}"


def copy_acts(copy: CopyView) -> Iterable[Act]:
    """What may be noted of it."""
    if copy.note in {CopyNote.MISSING, CopyNote.REPAIR, CopyNote.WITHDRAWN}:
        yield act(Do.IN_ORDER)
    for do, note in ((Do.MISSING, CopyNote.MISSING), (Do.REPAIR, CopyNote.REPAIR), (Do.WITHDRAWN, CopyNote.WITHDRAWN)):
        if copy.note is not note:
            yield act(do)


def copy_rows(copies: Iterable[CopyView]) -> tuple[Row, ...]:
    """A table of copies."""
    return tuple(Row((copy.label, copy.title, copy.shelf, _note(copy))) for copy in copies)


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


def parcel_acts(parcels: tuple[ParcelView, ...], chosen: str) -> Iterable[Act]:
    """Packing another, and what can be done with the chosen one."""
    yield act(Do.PACK)
    one = next((parcel for parcel in parcels if parcel.id == chosen), None)
    if len(parcels) > 1:
        yield act(Do.NEXT)
    if one is not None and one.state == "packed":
        yield act(Do.UNPACK, danger=True)
    elif one is not None:
        yield act(Do.CONFIRM)
        yield act(Do.SHELVE)


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


def _note(copy: CopyView) -> str:
    return "" if copy.note is None else f"{_(COPY_NOTES[copy.note])} {copy.where}".strip()
