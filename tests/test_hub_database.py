"""The hub's database on SQLite and on PostgreSQL: transactions, readers, several stores, and what cannot be used."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import peewee as pw
import pytest

from kiosk.hub import stations, streams
from kiosk.hub.store import HubStore
from kiosk.journal.envelope import ZERO, chain
from kiosk.riders import CardRevoked
from models.hub import HubArea, HubEvent, HubState
from tests.helpers.postgres import Databases


@contextmanager
def opened(url: str) -> Iterator[HubStore]:
    store = HubStore(url)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def store(hub_url: str) -> Iterator[HubStore]:
    """A new hub's database, on each engine."""
    with opened(hub_url) as made:
        yield made


@pytest.fixture
def postgres(databases: Databases) -> Iterator[HubStore]:
    """A new hub's database on PostgreSQL."""
    with opened(databases.wiped()) as made:
        yield made


def together(*work: Callable[[], object]) -> list[object]:
    """Do all of it in threads at once; what each returned."""
    with ThreadPoolExecutor(len(work)) as threads:
        return [one.result(timeout=20) for one in [threads.submit(job) for job in work]]


def name_of(store: HubStore) -> str:
    with store.reading():
        return store.state().name


def rename(store: HubStore, name: str, then: Callable[[], object] = lambda: None) -> None:
    """Change something, and do something else in the same transaction."""
    with store.transaction():
        HubState.update(name=name).execute()
        then()


def fail() -> None:
    raise ZeroDivisionError


def sql(store: HubStore, statement: str) -> Iterable[object]:
    rows: Iterable[object] = store.database.execute_sql(statement)  # type: ignore[no-untyped-call]  # as peewee has it
    return rows


# Reading and writing.


def test_what_was_committed_is_read_and_what_failed_is_undone(store: HubStore) -> None:
    rename(store, "一")
    with pytest.raises(ZeroDivisionError):
        rename(store, "二", fail)
    assert name_of(store) == "一"


def test_a_transaction_inside_another_is_undone_alone(store: HubStore) -> None:
    with store.transaction():
        HubState.update(name="outer").execute()
        with pytest.raises(ZeroDivisionError):
            rename(store, "inner", fail)
        assert name_of(store) == "outer"
    assert name_of(store) == "outer"


def test_readers_wait_for_nobody_and_see_one_moment(store: HubStore) -> None:
    rename(store, "before")
    reads, written = threading.Event(), threading.Event()

    def read() -> list[str]:
        with store.reading():
            first = store.state().name
            reads.set()
            assert written.wait(10)
            return [first, store.state().name]

    def write() -> None:
        assert reads.wait(10)
        with store.transaction():
            HubState.update(name="after").execute()
            assert ThreadPoolExecutor(1).submit(name_of, store).result(timeout=5) == "before"
        written.set()

    assert together(read, write)[0] == ["before", "before"]
    assert name_of(store) == "after"


def test_nothing_is_written_while_reading(store: HubStore) -> None:
    with store.reading(), pytest.raises(RuntimeError, match="cannot write"):
        rename(store, "x")
    with pytest.raises(pw.PeeweeException), store.reading():
        HubState.update(name="x").execute()
    assert name_of(store) != "x"


def test_texts_sort_by_their_code_points_on_every_engine(store: HubStore) -> None:
    names = ["a", "B", "b", "A", "a-b", "ab", "é", "爱"]
    with store.transaction():
        for name in names:
            HubArea.create(name=name, area_key="", epoch="", digest=b"")
        assert [row.name for row in HubArea.select().order_by(HubArea.name)] == sorted(names)


def test_stores_on_both_engines_live_side_by_side(databases: Databases, tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / 'a.db'}", databases.empty(), f"sqlite:///{tmp_path / 'b.db'}", databases.empty()]
    stores = [HubStore(url) for url in urls]

    def work(store: HubStore) -> None:
        for number in range(20):
            rename(store, f"{store.url} {number}")
            assert name_of(store) == f"{store.url} {number}"
            with store.transaction():
                HubArea.insert(name=f"{number}", area_key="", epoch="", digest=b"\x00\xff").execute()
                assert HubArea.get(HubArea.name == f"{number}").digest == b"\x00\xff"

    together(*[lambda store=store: work(store) for store in stores])
    first, second = stores[:2]
    with first.transaction():
        with second.transaction():
            HubState.update(name="inner").execute()
        HubState.update(name="outer").execute()
    assert [name_of(store) for store in stores[:2]] == ["outer", "inner"]
    for store in stores:
        store.close()


def test_positions_are_dense_and_the_chain_holds_when_many_threads_write(store: HubStore) -> None:
    stations.add(store, "LX01", "luxi")

    def write() -> None:
        for _ in range(5):
            with store.transaction():
                streams.record("luxi", CardRevoked(reason="lost"), subject="card:00")

    together(*[write] * 4)
    with store.reading():
        rows = list(HubEvent.select().order_by(HubEvent.position))
        assert [(row.position, row.seq) for row in rows] == [(number, number) for number in range(1, 21)]
        digest = ZERO
        for row in rows:
            digest = chain(digest, row.envelope)
            assert row.digest == digest
        assert HubArea.get().digest == digest


def test_what_was_deleted_for_good_leaves_the_log_once_nobody_reads_any_more(tmp_path: Path) -> None:
    log = tmp_path / "hub.db-wal"
    with opened(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        rename(store, "欧阳建华的家")
        rename(store, "hub")
        with ThreadPoolExecutor(1) as elsewhere, store.reading():
            store.state()
            elsewhere.submit(store.wipe).result(timeout=20)
            assert "欧阳建华".encode() in log.read_bytes()
        rename(store, "the hub")
        assert "欧阳建华".encode() not in log.read_bytes()


# PostgreSQL alone.


def test_areas_are_written_at_the_same_time(postgres: HubStore) -> None:
    both = threading.Barrier(2, timeout=10)
    stations.add(postgres, "LX01", "luxi")
    stations.add(postgres, "JS01", "jishou")

    def write(area: str) -> None:
        with postgres.transaction():
            streams.record(area, CardRevoked(reason="lost"), subject="card:00")
            both.wait()

    together(lambda: write("luxi"), lambda: write("jishou"))


def test_many_who_open_an_empty_database_at_once_make_one_hub(databases: Databases) -> None:
    url = databases.empty()
    start = threading.Barrier(4, timeout=10)

    def keys() -> str:
        start.wait()
        with opened(url) as store, store.reading():
            return store.state().signing_seed

    assert len(set(together(*[keys] * 4))) == 1


def test_what_is_acknowledged_is_on_disk_whatever_the_servers_default(databases: Databases) -> None:
    url = databases.empty()
    name = url.rpartition("/")[2]
    for setting, becomes in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        databases.server.execute(f"ALTER DATABASE {name} SET synchronous_commit = {setting}")
        with opened(url) as store, store.transaction():
            assert list(sql(store, "SHOW synchronous_commit")) == [(becomes,)]


def test_a_transaction_with_a_failed_statement_never_counts_as_committed(postgres: HubStore) -> None:
    def break_it() -> None:
        with pytest.raises(pw.IntegrityError):
            HubState.create(id=1, schema=1, name="x", signing_seed="", sealing_key="")

    with pytest.raises(pw.InternalError, match="ROLLBACK"):
        rename(postgres, "lost", break_it)
    assert name_of(postgres) != "lost"


WARNS_AT_COMMIT = """
CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER warns AFTER UPDATE ON hub_state DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION warn()
"""


def test_a_commit_with_a_warning_is_not_acknowledged(databases: Databases) -> None:
    with opened(databases.empty()) as store:
        with store.transaction():
            sql(store, WARNS_AT_COMMIT)
        with pytest.raises(pw.OperationalError, match="committed, but: canceling wait"):
            rename(store, "doubtful")
        assert name_of(store) == "doubtful"  # so whoever tries again must be told that it is there


def test_writers_that_block_each_other_are_told_to_come_again(postgres: HubStore) -> None:
    both = threading.Barrier(2, timeout=10)
    stations.add(postgres, "LX01", "luxi")
    stations.add(postgres, "JS01", "jishou")

    def write(first: str, second: str) -> str:
        try:
            with postgres.transaction():
                streams.lock_area(first)
                both.wait()
                streams.lock_area(second)
        except pw.OperationalError:
            return "again"
        return "done"

    assert sorted(map(str, together(lambda: write("luxi", "jishou"), lambda: write("jishou", "luxi")))) == [
        "again",
        "done",
    ]


def test_a_lost_connection_ends_its_transaction_and_the_next_one_works(
    postgres: HubStore, databases: Databases
) -> None:
    with pytest.raises(pw.OperationalError):
        rename(postgres, "lost", lambda: databases.hang_up(postgres.url))
    rename(postgres, "found")
    databases.hang_up(postgres.url)  # while nobody uses them
    assert name_of(postgres) == "found"
    rename(postgres, "again")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's silence is given up after half a second, beside the 0.2 s that a statement may take."""
    monkeypatch.setattr("kiosk.hub.postgres.SILENT_S", 0.3)


IMPATIENT = "?options=-c%20statement_timeout%3D200ms&connect_timeout=2"


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_frozen_while_its_kernel_answers_is_given_up(databases: Databases) -> None:
    with opened(databases.wiped() + IMPATIENT) as store:
        with databases.server.frozen():
            for attempt in (lambda: name_of(store), lambda: rename(store, "lost")):
                began = time.monotonic()
                with pytest.raises(pw.OperationalError, match=r"not answered|timeout expired"):
                    attempt()
                assert time.monotonic() - began < 5
        rename(store, "found")
        assert name_of(store) == "found"


def test_a_statement_has_all_the_time_that_the_server_gives_it(databases: Databases) -> None:
    with opened(databases.wiped() + "?options=-c%20statement_timeout%3D20min") as store, store.reading():
        connection = store.database.connection()  # type: ignore[no-untyped-call]  # peewee has no annotation
        assert connection.patience_s == 20 * 60 + 10


def test_a_server_that_became_read_only_is_one_that_does_not_answer(postgres: HubStore) -> None:
    with postgres.transaction():
        sql(postgres, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    with pytest.raises(pw.OperationalError, match="read-only now"):
        rename(postgres, "x")
    rename(postgres, "y")  # on another connection
    assert name_of(postgres) == "y"
