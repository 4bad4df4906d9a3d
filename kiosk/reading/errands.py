"""What the command line may ask of the reading desk."""

import msgspec

from kiosk.box import Box
from kiosk.control import Arguments, ControlError, text_of
from kiosk.reading import known


class KnownBooks(msgspec.Struct):
    """Books of a list, each with its search keys."""

    books: list[tuple[str, str, str, tuple[str, ...]]]
    """ISBN, title, author, keys."""


def import_isbns(box: Box, arguments: Arguments) -> int:
    """Take a piece of a list of known ISBNs in; how many.

    Raises:
        ControlError: it is not of the right shape.
    """
    try:
        told = msgspec.json.decode(text_of(arguments, "books"), type=KnownBooks)
    except msgspec.DecodeError:
        raise ControlError("books: found something else; accepted is what `kiosk import isbn` sends") from None
    with box.journal.store.atomic():
        return known.take(known.Known(*book) for book in told.books)


OPERATIONS = {"import-isbn": import_isbns}
