"""Moving an area to another hub: closed here, written into a file, read there; nothing lost and nothing doubled.

Everything of the area goes as it is: events with their positions and the moments of their storing, chains, keys'
hashes, and the head of the hub's own stream with its epoch. To the stations the other hub is the same one: their
keys are good, their cursors and heads are met, and what they had not sent yet they send there. If the old hub was
still written to behind the file's back, its stations prove that with their next hello, and send it again.
"""

import gzip
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
import peewee as pw
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.hub import bulk, streams
from kiosk.hub.office.deeds import OfficeError
from kiosk.hub.office.moving.file import FORMAT, VERSION, Header, Lines, Table, new_file
from kiosk.hub.office.moving.tables import (
    AREA_COLUMNS,
    AT_ONCE,
    FOUND_BY_OTHERS,
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
    HubChain,
    HubErased,
    HubEvent,
    HubMoved,
    HubRecord,
    HubState,
    HubStation,
)
from models.hub_base import HubBase

REMOVED_AT_ONCE = 5000
"""Events deleted in one transaction: half a second or so, in which others wait."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What went into a file, or came out of one."""

    area: str
    stations: int
    events: int


def close_area(store: HubStore, area: str, where: str) -> None:
    """Serve an area no more: stations are told to try later, and keep what they have.

    Raises:
        OfficeError: there is no such area.
    """
    with store.transaction():
        _locked(area)
        HubMoved.delete().where(HubMoved.area == area).execute()
        HubMoved.create(area=area, moved_to=where, closed_at=streams.now())


def open_area(store: HubStore, area: str) -> None:
    """Serve a closed area again: it has not moved after all.

    Raises:
        OfficeError: there is no such area, it is open, or half removed.
    """
    with store.transaction():
        _locked(area)
        _check_whole(area)
        if not HubMoved.delete().where(HubMoved.area == area).execute():
            raise OfficeError(f"The area {area} is open.")


def remove_area(store: HubStore, area: str) -> None:
    """Delete a closed area with everything in it, once the other hub has it. What was broken off is gone on with.

    Raises:
        OfficeError: there is no such area, or it is open.
    """
    while remove_piece(store, area):
        pass
    with store.transaction():
        _locked_and_closed(area)
        # What refers to events goes before them, and the area itself last: it is what the others are found by.
        others = [model for model in MOVED if model not in FOUND_BY_OTHERS]
        order: list[type[HubBase]] = [HubRecord, HubErased, HubChain, *others, HubArea]
        for model in order:
            model.delete().where(selection(model, area, early=False)).execute()
        HubMoved.delete().where(HubMoved.area == area).execute()


def remove_piece(store: HubStore, area: str) -> bool:
    """Delete the first events of a closed area, with their records, so that nobody has to wait for all of it.

    Returns:
        Whether there may be more.

    Raises:
        OfficeError: there is no such area, or it is open.
    """
    with store.transaction():
        _locked_and_closed(area)
        first = HubEvent.select(pw.fn.MIN(HubEvent.position)).where(HubEvent.area == area).scalar()
        if first is None:
            return False
        piece = (HubEvent.area == area) & (HubEvent.position < int(first) + REMOVED_AT_ONCE)
        ids = HubEvent.select(HubEvent.id).where(piece)
        for model in (HubRecord, HubErased):
            model.delete().where(model._meta.fields["event"].in_(ids)).execute()
        HubEvent.delete().where(piece).execute()
        return True


def _locked_and_closed(area: str) -> None:
    _locked(area)
    if moved_to(area) is None:
        raise OfficeError(f"The area {area} is open; close it first, and remove it when the other hub serves it.")


def _check_whole(area: str) -> None:
    """Positions begin at 1 and have no gaps: an area that has come further and lacks the first one is half gone."""
    come_to = int(HubArea.get(HubArea.name == area).position)
    if come_to and not HubEvent.select().where((HubEvent.area == area) & (HubEvent.position == 1)).exists():
        raise OfficeError(f"The area {area} is being removed: `kiosk hub area remove {area} --yes` goes on with it.")


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
                raise OfficeError(f"There is no area {area} at this hub.")
            if moved_to(area) is None:
                raise OfficeError(f"The area {area} is open; `kiosk hub area close {area} --moved-to URL` closes it.")
            _check_whole(area)
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
    """Read an area from a file, all of it or nothing; it is served from then on.

    Args:
        store: the hub's database.
        file: written by `export_area`.
        with_keys: take the other hub's signing and sealing keys over, when this hub has no area yet.

    Raises:
        OfficeError: the file is none, is cut or damaged, the area or a station of it is here already, or this hub's
            keys are others than those that the stations trust.
    """
    try:
        with gzip.open(file, "rb") as raw, store.transaction():
            lines = Lines(raw)
            header = lines.header()
            _check_keys(store.state(), header, with_keys=with_keys)
            if HubArea.get_or_none(HubArea.name == header.area) is not None:
                raise OfficeError(f"The area {header.area} is at this hub already.")
            for model in MOVED:
                _take_in(model, lines, header.area)
            lines.check_end()
            HubMoved.delete().where(HubMoved.area == header.area).execute()
            return _counted(header.area)
    except (OSError, EOFError, msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise OfficeError(f"The file {file} cannot be read: {error}. Nothing was taken in.") from None
    except pw.IntegrityError:
        raise OfficeError(
            f"Something in {file} is at this hub already: a station of that code, or a box. Nothing was taken in."
        ) from None


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


def _take_in(model: type[HubBase], lines: Lines, area: str) -> None:
    told = lines.table()
    if (told.table, told.columns) != (table_of(model), columns_of(model)):
        raise ValueError(f"found the table {told.table}, expected {table_of(model)} with the same columns")
    rows = lines.rows()
    of_area = told.columns.index(AREA_COLUMNS[model]) if model in AREA_COLUMNS else None
    while page := list(islice(rows, AT_ONCE)):
        if of_area is not None and any(row[of_area] != area for row in page):
            raise ValueError(f"a row of {told.table} is of another area")
        if model is HubErased:
            bulk.insert_new(HubErased.event, page)  # what was erased before its event came may be any area's
        else:
            bulk.insert(model, page)


def _check_complete(model: type[HubBase], area: str, written: int) -> None:
    """Nobody finds out about a row that was left out here: count them once more, in another way."""
    there = model.select().where(selection(model, area)).count()
    if written != there:
        raise OfficeError(f"{written} rows of {table_of(model)} were written, but {there} are there: nothing was kept.")


def _locked(area: str) -> HubArea:
    try:
        return streams.lock_area(area)
    except pw.DoesNotExist:
        raise OfficeError(f"There is no area {area} at this hub.") from None


def _counted(area: str) -> Moved:
    return Moved(
        area,
        HubStation.select().where(HubStation.area == area).count(),
        HubEvent.select().where(HubEvent.area == area).count(),
    )
