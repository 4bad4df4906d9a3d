"""`verify`: are the chain and the records whole, and do the tables equal the fold of the journal?"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from kiosk.journal.envelope import ZERO, EnvelopeError, chain, decode
from kiosk.journal.fold import Fold
from kiosk.journal.kinds import Registry
from kiosk.journal.records import PersonalRecord, ref_in
from models.base import Store, all_models, projections

MOST_PROBLEMS = 50
"""Enough to see the pattern."""
SCRATCH = "/var/tmp"  # noqa: S108 - the folder in it is this process's own
"""Large temporary files (FHS 3.0, 5.15): /tmp may be memory, as Debian 13 has it."""
SHOWN_ROWS = 5
"""Differing rows told of each table."""


@dataclass(slots=True)
class Verification:
    """What `verify` found."""

    events: int = 0
    failed: int = 0
    """Events that are kept but could not be applied."""
    unknown: int = 0
    """Events of kinds that this version does not know."""
    exceptions: int = 0
    """Events that wait for a person."""
    problems: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems

    def add(self, problem: str) -> None:
        """Note a problem, up to `MOST_PROBLEMS`."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the event table."""

    raw: bytes
    digest: bytes
    columns: tuple[object, ...]
    state: str


def verify(database: Path, registry: Registry) -> Verification:
    """Check a station's database through a read-only connection, in a process of its own.

    A running station is not disturbed: everything is read from one snapshot. What is rebuilt needs as much disk as the
    station's database, in `TMPDIR` or `SCRATCH`.
    """
    found = Verification()
    with closing(_read_only(database)) as live, _scratch() as store:
        live.execute("BEGIN")
        _check_chain(live, found)
        _check_records(live, found)
        _rebuild(live, store, registry)
        _compare(live, store.connection, found)
    return found


@contextmanager
def _scratch() -> Iterator[Store]:
    """A database of its own to rebuild in, of which nothing is left whatever ends the process: its file has no name.

    It is written once and thrown away, so nothing of it waits for the disk.
    """
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", SCRATCH)) as folder:
        path = Path(folder) / "rebuilt.db"
        store = Store(path)
        with store.use() as database:
            for name, value in (("journal_mode", "memory"), ("synchronous", "off"), ("secure_delete", 0)):
                database.pragma(name, value)
            path.unlink()
            try:
                yield store
            finally:
                store.close()


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)


def _check_chain(live: sqlite3.Connection, found: Verification) -> None:
    rows = (
        _Row(raw, digest, tuple(columns), state)
        for raw, digest, state, *columns in live.execute(
            "SELECT envelope, digest, state, id, origin, incarnation, seq, lamport, kind, subject FROM event"
            " ORDER BY origin, incarnation, seq, arrival"
        )
    )
    for _, incarnation in groupby(rows, key=lambda row: row.columns[1:3]):
        _check_incarnation(incarnation, found)


def _check_incarnation(rows: Iterable[_Row], found: Verification) -> None:
    """Every digest stands on one of the digests before it; several at one place are a fork, and all are kept."""
    seq_before, digests_before = 0, {ZERO}
    for seq, place in groupby(rows, key=lambda row: row.columns[3]):
        if not isinstance(seq, int):
            found.add(f"a seq is {seq!r}")
            continue
        held = digests_before if seq == seq_before + 1 else None
        seq_before, digests_before = seq, set()
        for row in place:
            _check_event(row, held, found)
            digests_before.add(row.digest)


def _check_event(row: _Row, digests_before: set[bytes] | None, found: Verification) -> None:
    found.events += 1
    found.failed += row.state == "failed"
    found.unknown += row.state == "unknown"
    found.exceptions += row.state == "exception"
    try:
        event = decode(row.raw)
    except EnvelopeError as error:
        found.add(f"event {row.columns[0]}: its bytes are damaged: {error}")
        return
    told = (event.id, event.origin, event.incarnation, event.seq, event.lamport, event.kind, event.subject)
    if row.columns != told:
        found.add(f"event {event.id}: its columns differ from its bytes")
    if digests_before is not None and row.digest not in {chain(before, row.raw) for before in digests_before}:
        found.add(f"event {event.id}: its digest does not continue the chain")


def _check_records(live: sqlite3.Connection, found: Verification) -> None:
    rows = live.execute(
        "SELECT r.event, r.salt, r.data, e.envelope FROM personal_record r LEFT JOIN event e ON e.id = r.event"
    )
    for event_id, salt, data, raw in rows:
        if raw is None:
            found.add(f"a personal record stands beside event {event_id}, which is not here")
        elif _named_ref(raw) != PersonalRecord(salt, data).ref:
            found.add(f"event {event_id}: its personal record is not the one that its body names")


def _named_ref(raw: bytes) -> str | None:
    try:
        return ref_in(decode(raw))
    except EnvelopeError:
        return None


def _rebuild(live: sqlite3.Connection, store: Store, registry: Registry) -> None:
    """The journal of `live`, folded anew in the events' order."""
    held = _tables(live)
    with store.atomic() as database:
        database.create_tables([model for model in all_models() if model._meta.table_name in held])
        # Folding reads no personal record, and none lies in a temporary file for a moment.
        _copy(live, store.connection, "event")
    fold = Fold(store, registry)
    with store.atomic():
        for (raw,) in live.execute("SELECT envelope FROM event ORDER BY lamport, origin, incarnation, seq, id"):
            try:
                event = decode(raw)
            except EnvelopeError:
                continue  # told already by the check of the chain
            fold.apply(event)


def _copy(live: sqlite3.Connection, copy: sqlite3.Connection, table: str) -> None:
    names = _columns(copy, table)
    marks = ", ".join("?" * len(names))
    columns = ", ".join(names)
    rows = live.execute(f"SELECT {columns} FROM {table}")  # noqa: S608 - the names are the schema's own
    copy.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608 - as above


def _compare(live: sqlite3.Connection, rebuilt: sqlite3.Connection, found: Verification) -> None:
    for table in sorted({str(model._meta.table_name) for model in projections()} & _tables(live)):
        extra, missing = _differences(_content(live, table), _content(rebuilt, table))
        for row in extra:
            found.add(f"table {table}: {row} does not follow from the journal")
        for row in missing:
            found.add(f"table {table}: {row} follows from the journal and is missing")
    states = "SELECT id || ': it is marked ' || state FROM event ORDER BY 1"
    marked, _ = _differences(_lines(live, states), _lines(rebuilt, states))
    for line in marked:
        found.add(f"event {line}, which does not follow from the journal")


def _differences(here: Iterator[str], there: Iterator[str]) -> tuple[list[str], list[str]]:
    """The first lines that only the one has, and only the other. Both are sorted, and neither is held in memory."""
    extra: list[str] = []
    missing: list[str] = []
    one, other = next(here, None), next(there, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(here, None), next(there, None)
        elif other is None or (one is not None and one < other):
            extra += [one] if one is not None and len(extra) < SHOWN_ROWS else []
            one = next(here, None)
        else:
            missing += [other] if len(missing) < SHOWN_ROWS else []
            other = next(there, None)
    return extra, missing


def _content(database: sqlite3.Connection, table: str) -> Iterator[str]:
    """A table's rows as text, sorted, whatever the order of rows and columns."""
    names = sorted(_columns(database, table))
    row = " || ', ' || ".join(f"'{name} = ' || quote(\"{name}\")" for name in names)  # quoted: "into" is one
    return _lines(database, f"SELECT {row} FROM {table} ORDER BY 1")  # noqa: S608 - the names are the schema's own


def _lines(database: sqlite3.Connection, statement: str) -> Iterator[str]:
    """What a statement gives, text by text: SQLite sorts bytes of UTF-8, as Python sorts characters."""
    return (str(line) for (line,) in database.execute(statement))


def _tables(database: sqlite3.Connection) -> set[str]:
    return {str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")]
