"""`kiosk label FILE.pdf LABEL...`: labels for books and parcels, to be printed on sheets of 24."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, say, say_error, settings_of
from kiosk.folder import DataFolder
from kiosk.scan import COPY_LABEL, PARCEL_LABEL
from models.base import Store

MOST = 2400
"""A hundred sheets: more is a slip of the finger."""


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk label`."""
    parser = subparsers.add_parser("label", parents=parents, help="draw labels for books and parcels as a PDF")
    parser.add_argument("file", type=Path, metavar="FILE.pdf")
    parser.add_argument(
        "labels", nargs="+", metavar="LABEL", help="LX01-0007, a range LX01-0007..LX01-0030, or a parcel's PKG-..."
    )
    parser.set_defaults(handler=_label)


def _label(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    try:
        codes = list(dict.fromkeys(code for word in arguments.labels for code in _spelt_out(word)))
    except ValueError as error:
        say_error(error)
        return WRONG_USE
    if len(codes) > MOST:
        return say_error(f"LABEL: found {len(codes)} of them; accepted are {MOST} at once.")
    from kiosk.printing.fonts import FontError, Fonts
    from kiosk.printing.labels import save_labels
    from kiosk.reading.labelled import label_of

    folder = DataFolder.of(settings)
    folder.check()
    store = Store(folder.database, read_only=True)
    try:
        with store.use():
            labels = [label_of(code) for code in codes]
    finally:
        store.close()
    try:
        pages = save_labels(labels, settings.station.name, Fonts(settings.printer.font), arguments.file)
    except (FontError, OSError) as error:
        return say_error(error)
    say(f"{len(labels)} labels on {pages} pages were written to {arguments.file}.")
    return DONE


def _spelt_out(word: str) -> Iterator[str]:
    """The labels that a word names.

    Raises:
        ValueError: it names none; the message is a sentence.
    """
    first, dots, last = word.partition("..")
    if not dots and (COPY_LABEL.match(word) or PARCEL_LABEL.match(word)):
        yield word
        return
    if not COPY_LABEL.match(first) or not COPY_LABEL.match(last) or _parted(first)[0] != _parted(last)[0]:
        raise ValueError(f"LABEL: found {word!r}; accepted are LX01-0007, LX01-0007..LX01-0030 or PKG-7K2M9QXC")
    (code, begin), (_code, end) = _parted(first), _parted(last)
    for number in range(begin, min(end, begin + MOST) + 1):
        yield f"{code}-{number:04d}"


def _parted(label: str) -> tuple[str, int]:
    code, _, number = label.rpartition("-")
    return code, int(number)
