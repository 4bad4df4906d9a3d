"""What the command line may ask of the reading desk."""

import msgspec

from kiosk.box import Box
from kiosk.control import Arguments, ControlError, text_of
from kiosk.reading import known, reindex


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


def titles_page(box: Box, arguments: Arguments) -> object:
    """The station's next titles with what they are found by, after the one that is named."""
    return msgspec.to_builtins(reindex.page(box, text_of(arguments, "after")))


def take_keys(box: Box, arguments: Arguments) -> int:
    """Take other keys of some titles in; of how many.

    Raises:
        ControlError: they are not of the right shape.
    """
    try:
        told = msgspec.json.decode(text_of(arguments, "titles"), type=tuple[reindex.Keyed, ...])
    except msgspec.DecodeError:
        raise ControlError("titles: found something else; accepted is what `kiosk catalogue reindex` sends") from None
    return reindex.take(box, told, actor="cli")


OPERATIONS = {"import-isbn": import_isbns, "titles-page": titles_page, "titles-keys": take_keys}
