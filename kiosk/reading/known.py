"""The list of known ISBNs: what a bar code on a cover stands for.

It is of this box alone. Every function needs a store in use.
"""

from collections.abc import Iterable

from msgspec import Struct

from models.reading import KnownIsbnRow, TitleKeyRow, TitleRow


class Known(Struct, frozen=True):
    """A book that could be catalogued."""

    isbn: str
    title: str
    author: str
    keys: tuple[str, ...]


def take(books: Iterable[Known]) -> int:
    """Add books to the list; one that stands there already is replaced.

    Returns:
        How many.
    """
    rows = [
        {"isbn": book.isbn, "title": book.title, "author": book.author, "keys": " ".join(book.keys)} for book in books
    ]
    if rows:
        KnownIsbnRow.insert_many(rows).on_conflict_replace().execute()
    return len(rows)


def look_up(isbn: str) -> Known | None:
    """What an ISBN stands for: by the imported list, or as another station of the area catalogued it."""
    row = KnownIsbnRow.get_or_none(KnownIsbnRow.isbn == isbn)
    if row is not None:
        return Known(isbn, row.title, row.author, tuple(str(row.keys).split()))
    title = TitleRow.select().where(TitleRow.isbn == isbn).order_by(TitleRow.id).first()
    if title is None:
        return None
    keys = TitleKeyRow.select(TitleKeyRow.key).where(TitleKeyRow.title == title.id)
    letters = sorted(str(row.key) for row in keys if str(row.key).isalpha())  # ISBN and shelf are added anew
    return Known(isbn, title.title, title.author, tuple(letters))
