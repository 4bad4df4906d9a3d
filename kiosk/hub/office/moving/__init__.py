"""Moving an area to another hub: closed here, written into a file, read there; nothing lost and nothing doubled.

Everything of the area goes as it is: events with their positions and the moments of their storing, chains, keys'
hashes, and the head of the hub's own stream with its epoch. To the stations the other hub is the same one: their
keys are good, their cursors and heads are met, and what they had not sent yet they send there. If the old hub was
still written to behind the file's back, its stations prove that with their next hello, and send it again.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import peewee as pw
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.hub import bulk, streams
from kiosk.hub.office.deeds import OfficeError, no_area
from kiosk.hub.office.moving.file import FORMAT, VERSION, Header, Lines, Table, new_file
from kiosk.hub.office.moving.leaving import (
    BEING_IMPORTED,
    check_imported,
    check_whole,
    close_area,
    in_turn,
    open_area,
    remove_area,
    remove_piece,
)
from kiosk.hub.office.moving.tables import (
    AREA_COLUMNS,
    AT_ONCE,
    MOVED,
    columns_of,
    rows_of,
    selection,
    table_of,
)
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore
from models.hub import (
    SCHEMA_VERSION,
    HubArea,
    HubBox,
    HubErased,
    HubEvent,
    HubMoved,
    HubState,
    HubStation,
)
from models.hub_base import HubBase

__all__ = ["Moved", "close_area", "export_area", "import_area", "open_area", "remove_area", "remove_piece"]

FIRST: Final = (HubArea, HubStation, HubBox)
"""Few rows, which may be here already: taken in at once."""
_Page = tuple[type[HubBase], Sequence[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Moved:
    """What went into a file, or came out of one."""

    area: str
    stations: int
    events: int


def export_area(store: HubStore, area: str, file: Path, *, with_keys: bool = False) -> Moved:
    """Write everything of a closed area into a new file that its owner alone can read.

    It holds riders' records, the area's key and the hashes of the boxes' keys: delete it when it was read.

    Args:
        store: the hub's database.
        area: the area.
        file: must not exist.
        with_keys: write the hub's own signing and sealing keys too, for a hub that is to be of the same name.

    Raises:
        OfficeError: there is no such area, it is open, or the file cannot be written.
    """
    try:
        with store.reading(), new_file(file) as lines:
            if HubArea.get_or_none(HubArea.name == area) is None:
                raise OfficeError(no_area(area, makeable=False))
            if moved_to(area) is None:
                raise OfficeError(f"The area {area} is open; `kiosk hub area close {area} --moved-to URL` closes it.")
            check_whole(area)
            lines.write(_header(store.state(), area, with_keys=with_keys))
            for model in MOVED:
                lines.write(Table(table=table_of(model), columns=columns_of(model)))
                written = 0
                for row in rows_of(model, area):
                    lines.write_row(row)
                    written += 1
                _check_complete(model, area, written)
            lines.end()
            return _counted(area)
    except OSError as error:
        raise OfficeError(f"The file {file} cannot be written: {error.strerror or error}.") from None


def import_area(store: HubStore, file: Path, *, with_keys: bool = False) -> Moved:
    """Read an area from a file, all of it or nothing; it is served once all of it is here.

    The file is looked through first. Then it is taken in page by page while the area is closed, so that nobody waits
    who asks for another one.

    Args:
        store: the hub's database.
        file: written by `export_area`.
        with_keys: take the other hub's signing and sealing keys over, when this hub has no area yet.

    Raises:
        OfficeError: the file is none, is cut or damaged, the area or a station of it is here already, or this hub's
            keys are others than those that the stations trust.
    """
    try:
        header, first = _looked_through(file)
        with store.transaction():
            _check_keys(store.state(), header, with_keys=with_keys)
            _check_absent(header.area)
            HubMoved.create(area=header.area, moved_to=BEING_IMPORTED, closed_at=streams.now())
            for model, page in first:
                _insert(model, page)
        return _take_in(store, header.area, file)
    except gzip.BadGzipFile:
        raise OfficeError(
            f"The file {file} is none that `kiosk hub area export` has written. Nothing was taken in."
        ) from None
    except EOFError:
        raise OfficeError(f"The file {file} is cut: its end is missing. Nothing was taken in.") from None
    except OSError as error:
        raise OfficeError(f"The file {file} cannot be read: {error.strerror or error}. Nothing was taken in.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, zlib.error) as error:
        raise OfficeError(f"The file {file} cannot be read: {error}. Nothing was taken in.") from None
    except pw.IntegrityError:
        raise OfficeError(
            f"Something in {file} is at this hub already: a station of that code, or a box. Nothing was taken in."
        ) from None


def _check_absent(area: str) -> None:
    if HubArea.get_or_none(HubArea.name == area) is not None:
        check_imported(area)
        raise OfficeError(f"The area {area} is at this hub already.")
    HubMoved.delete().where(HubMoved.area == area).execute()


def _looked_through(file: Path) -> tuple[Header, list[_Page]]:
    """Make sure that a file is whole; what it begins with, and the pages of `FIRST`."""
    with gzip.open(file, "rb") as raw:
        lines = Lines(raw)
        header = lines.header()
        return header, [(model, page) for model, page in _pages(lines, header.area) if model in FIRST]


def _take_in(store: HubStore, area: str, file: Path) -> Moved:
    """Take in all that comes behind the pages of `FIRST`; when that fails, what is here of the area goes again."""
    try:
        with gzip.open(file, "rb") as raw:
            lines = Lines(raw)
            lines.header()
            for model, page in _pages(lines, area):
                if model not in FIRST:
                    with in_turn(), store.transaction():
                        _insert(model, page)
        with store.transaction():
            HubMoved.delete().where(HubMoved.area == area).execute()
            return _counted(area)
    except BaseException:
        with suppress(pw.PeeweeException):
            remove_area(store, area)
        raise


def _pages(lines: Lines, area: str) -> Iterator[_Page]:
    """All rows behind the header, page by page, to the end."""
    for model in MOVED:
        told = lines.table()
        if (told.table, told.columns) != (table_of(model), columns_of(model)):
            raise ValueError(f"found the table {told.table}, expected {table_of(model)} with the same columns")
        rows = lines.rows()
        of_area = told.columns.index(AREA_COLUMNS[model]) if model in AREA_COLUMNS else None
        while page := list(islice(rows, AT_ONCE)):
            if of_area is not None and any(row[of_area] != area for row in page):
                raise ValueError(f"a row of {told.table} is of another area")
            yield model, page
    lines.check_end()


def _insert(model: type[HubBase], page: Sequence[tuple[object, ...]]) -> None:
    if model is HubErased:
        bulk.insert_new(HubErased.event, page)  # what was erased before its event came may be any area's
    else:
        bulk.insert(model, page)


def _header(state: HubState, area: str, *, with_keys: bool) -> Header:
    verify, seal = _public_keys(state)
    return Header(
        format=FORMAT,
        version=VERSION,
        schema=SCHEMA_VERSION,
        area=area,
        verify_key=verify,
        seal_key=seal,
        signing_seed=str(state.signing_seed) if with_keys else None,
        sealing_key=str(state.sealing_key) if with_keys else None,
    )


def _public_keys(state: HubState) -> tuple[str, str]:
    seal = PrivateKey(bytes.fromhex(state.sealing_key)).public_key
    return bytes(SigningKey(bytes.fromhex(state.signing_seed)).verify_key).hex(), bytes(seal).hex()


def _check_keys(state: HubState, header: Header, *, with_keys: bool) -> None:
    """Make sure that stations will trust this hub: they hold on to the keys that they were enrolled with."""
    if _public_keys(state) == (header.verify_key, header.seal_key):
        return
    if not with_keys:
        raise OfficeError(
            "This hub signs and opens with other keys than the one that the area comes from, so the area's stations "
            "would not trust it. Hubs of one name share their keys: export with --with-keys, and import with "
            "--with-keys into a hub that has no area yet. Nothing was taken in."
        )
    if header.signing_seed is None or header.sealing_key is None:
        raise OfficeError("The file holds no keys; export the area with --with-keys. Nothing was taken in.")
    if HubArea.select().exists() or HubStation.select().exists():
        raise OfficeError("This hub has areas that trust its own keys; keys are taken over by an empty hub alone.")
    HubState.update(signing_seed=header.signing_seed, sealing_key=header.sealing_key).execute()


def _check_complete(model: type[HubBase], area: str, written: int) -> None:
    """Nobody finds out about a row that was left out here: count them once more, in another way."""
    there = model.select().where(selection(model, area)).count()
    if written != there:
        raise OfficeError(f"{written} rows of {table_of(model)} were written, but {there} are there: nothing was kept.")


def _counted(area: str) -> Moved:
    return Moved(
        area,
        HubStation.select().where(HubStation.area == area).count(),
        HubEvent.select().where(HubEvent.area == area).count(),
    )
