"""A hub's database with any number of events in it: written past the hub, and then as if the hub had taken them in."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.hub import bulk
from kiosk.hub.people.chunk import mark_at
from kiosk.hub.people.generations import RULES, Role
from kiosk.hub.store import HubStore
from kiosk.hub.streams import now
from models.hub import HubArea, HubChain, HubEvent
from models.hub_people import HubFold, HubFoldLease
from tests.benchmarks.long_events import Writer
from tests.benchmarks.long_hub import enrol, members_of

AREAS: Final = 50
STATIONS: Final = 6
"""Of an area: a county's."""
BATCH: Final = 20_000

Row = tuple[str, str, int, str, str, int, bytes, int, str, str, str, bytes, str]
"""A row of `HubEvent`."""
Insert = Callable[[str, Iterator[Sequence[Row]]], None]
COLUMNS: Final = ", ".join(field.column_name for field in HubEvent._meta.sorted_fields)


@dataclass(frozen=True, slots=True)
class Filled:
    """What is in a database.

    Attributes:
        database: its URL.
        areas: of each station.
        writers: the stations, each at the end of its chain.
        keys: theirs.
        bytes_an_event: of the event's table and its indexes, or of the whole file.
        envelope_bytes: of an event alone, on average.
    """

    database: str
    areas: Sequence[str]
    writers: Sequence[Writer]
    keys: Sequence[str]
    bytes_an_event: float
    envelope_bytes: float


def fill(database: str, count: int, insert: Insert, measure: Callable[[str], int], areas_count: int = AREAS) -> Filled:
    """Make a hub's database with `count` events of some areas with six stations each, come in turn by turn.

    Args:
        database: its URL; the hub makes its tables first.
        count: of events.
        insert: writes batches of rows into `hub_event`, with the hub's own indexes on it.
        measure: how many bytes the events take.
        areas_count: how many areas.
    """
    writers = [Writer(f"S{number:04}") for number in range(areas_count * STATIONS)]
    members = members_of(areas_count, STATIONS, [writer.origin for writer in writers])
    keys = enrol(database, members)
    areas = [member.area for member in members]
    with closing(HubStore(database)) as store, store.reading():
        positions = {area.name: area.position for area in HubArea.select()}
    told = [0]
    insert(database, _batches(writers, areas, positions, count, told))
    with closing(HubStore(database)) as store, store.transaction():
        _settle(writers, positions)
    os.sync()  # what is still on its way to the disk would be in the way of what is measured
    return Filled(database, areas, writers, keys, measure(database) / count, told[0] / count)


def _batches(
    writers: Sequence[Writer], areas: Sequence[str], positions: dict[str, int], count: int, told: list[int]
) -> Iterator[Sequence[Row]]:
    # Stations of different areas in turn, so that an area's events lie as far apart as they can.
    turn = [station + STATIONS * area for station in range(STATIONS) for area in range(len(positions))]
    for start in range(0, count, BATCH):
        rows: list[Row] = []
        received = now()
        for number in range(start, min(start + BATCH, count)):
            index = turn[number % len(turn)]
            area, writer = areas[index], writers[index]
            made = writer.write()
            positions[area] += 1
            told[0] += len(made.raw)
            place = (made.id, area, positions[area], writer.origin, made.incarnation, made.seq, made.digest)
            rows.append((*place, made.lamport, made.kind, made.subject, "area", made.raw, received))
        yield rows


def _settle(writers: Sequence[Writer], positions: dict[str, int]) -> None:
    """As if the hub had stored the events and made its tables for people of them. Inside a transaction."""
    lamport = max(writer.lamport for writer in writers)
    for name, position in positions.items():
        HubArea.update(position=position, lamport=lamport).where(HubArea.name == name).execute()
        area = HubArea.get(HubArea.name == name)
        HubFoldLease.create(area=name, generation=1)
        HubFold.create(
            area=name,
            generation=1,
            role=Role.SHOWN.value,
            position=position,
            mark=mark_at(name, position),
            epoch=area.epoch,
            version=RULES,
        )
    heads = [(writer.origin, head) for writer in writers for head in (*writer.ended, writer.head())]
    bulk.insert(HubChain, [(origin, one.incarnation, one.seq, bytes.fromhex(one.digest)) for origin, one in heads])


def insert_into_sqlite(database: str, batches: Iterator[Sequence[Row]]) -> None:
    """Insert without waiting for the disk."""
    marks = ", ".join("?" * len(HubEvent._meta.sorted_fields))
    statement = f"INSERT INTO hub_event ({COLUMNS}) VALUES ({marks})"  # noqa: S608 - the schema's own names
    with closing(sqlite3.connect(_file(database), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        for rows in batches:
            connection.execute("BEGIN")
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def insert_into_postgresql(database: str, batches: Iterator[Sequence[Row]]) -> None:
    """COPY, then what autovacuum would have done in the time in which so many events really come."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for rows in batches:
            with connection.cursor().copy(f"COPY hub_event ({COLUMNS}) FROM STDIN".encode()) as copying:
                copying.write("".join(map(_line, rows)))
        connection.execute("VACUUM (ANALYZE) hub_event")
        connection.execute("CHECKPOINT")


def bytes_in_sqlite(database: str) -> int:
    """Of the file, in which there is next to nothing else."""
    return _file(database).stat().st_size


def bytes_in_postgresql(database: str) -> int:
    """Of the table with its indexes."""
    import psycopg

    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT pg_total_relation_size('hub_event')").fetchone()
    return 0 if row is None else int(row[0])


def _file(database: str) -> Path:
    return Path(database.removeprefix("sqlite:///"))


def _line(row: Row) -> str:
    """A row for COPY; nothing in these texts has to be escaped."""
    event, area, position, origin, incarnation, seq, digest, lamport, kind, subject, scope, raw, received = row
    return (
        f"{event}\t{area}\t{position}\t{origin}\t{incarnation}\t{seq}\t\\\\x{digest.hex()}\t{lamport}\t{kind}\t{subject}"
        f"\t{scope}\t\\\\x{raw.hex()}\t{received}\n"
    )
