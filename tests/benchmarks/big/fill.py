"""Filling a station's database, and what a measurement has to know of it."""

import random
import sqlite3
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from kiosk.features import registry
from kiosk.identity.keys import Keys
from tests.benchmarks.big.books import write_books
from tests.benchmarks.big.counts import Counts
from tests.benchmarks.big.days import Days
from tests.benchmarks.big.pen import Pen
from tests.benchmarks.big.people import Known, write_people
from tests.benchmarks.big.rows import Rows

ZONE: Final = ZoneInfo("Asia/Shanghai")
SEED: Final = 20260729
"""The same makes the same database, but for keys, salts and times."""
SAMPLE: Final = 200
"""Titles that are asked for."""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a database.

    Attributes:
        events: how many.
        known: riders with the same short history in every database.
        regulars: ids of riders who have come nearly every day.
        isbns: of some titles.
        shelves: shelf marks of some titles.
        keys: usual initials of some titles.
    """

    events: int
    known: list[Known]
    regulars: list[str]
    isbns: list[str]
    shelves: list[str]
    keys: list[str]


def fill(database: Path, keys: Keys, counts: Counts, code: str, today: date) -> Filled:
    """Fill a station's database, as `kiosk init` made it: with events, and exactly the rows that follow from them.

    What `kiosk verify` compares is what the station's own code would have written; `tests/test_benchmarks_big.py` asks
    it. Written past that code, because with it two and a half million events would take hours.

    Args:
        database: the file.
        keys: the station's.
        counts: how much.
        code: the station's.
        today: the day after the last one.
    """
    registry()  # every table's model is loaded
    chance = random.Random(SEED)  # noqa: S311 - nothing secret
    first = datetime.combine(today - timedelta(days=counts.days + 1), time(hour=9), ZONE)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        rows = Rows(connection)
        pen = Pen(connection, rows, chance)
        pen.begin(first)
        yesterday = datetime.combine(today - timedelta(days=1), time(hour=9), ZONE)
        people = write_people(pen, rows, keys, chance, counts.riders, counts.known, first, yesterday)
        books = write_books(pen, rows, chance, code, counts.titles, counts.copies, first + timedelta(hours=1))
        Days(pen, rows, chance, counts, people, books.labels, code, ZONE, today).write()
        pen.finish()
        rows.finish()
        (events,) = connection.execute("SELECT count(*) FROM event").fetchone()
    some = chance.sample(range(counts.titles), min(SAMPLE, counts.titles))
    return Filled(
        events=events,
        known=list(people.known),
        regulars=list(people.riders[: counts.regulars]),
        isbns=[books.isbns[place] for place in some],
        shelves=[books.shelves[place] for place in some],
        keys=[books.keys[place] for place in some],
    )
