"""The long benchmark's own parts: chains that a hub takes, databases filled past it that it goes on from."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec

from kiosk.hub import exchange
from kiosk.hub.app import create_app
from kiosk.hub.exchange import PullQuery
from kiosk.hub.people.job import PeopleJob
from kiosk.hub.store import HubStore
from kiosk.journal.envelope import ZERO, chain, decode
from kiosk.sync.wire import HelloRequest, Outcome, heads_hash
from models.hub import HubQuarantine
from models.hub_people import HubException
from tests.benchmarks import long
from tests.benchmarks.long import MEASUREMENTS, NAMES, QUICK, LongRun, measure
from tests.benchmarks.long_events import WEEK, Writer, push_request
from tests.benchmarks.long_figures import Figures, observed
from tests.benchmarks.long_fill import Filled, bytes_in_sqlite, fill, insert_into_sqlite
from tests.benchmarks.long_hub import enrol, members_of
from tests.benchmarks.long_said import BATCH, prepare


def test_the_chains_are_as_stations_write_them(tmp_path: Path) -> None:
    writer = Writer("S0000")
    digest = ZERO
    for number in range(WEEK):
        made = writer.write()
        digest = chain(digest, made.raw)
        event = decode(made.raw)
        assert (event.id, event.seq, event.origin) == (made.id, number + 1, writer.origin)
        assert made.digest == digest
    assert writer.write().seq == 1, "a new incarnation"
    assert len(writer.ended) == 1
    database = f"sqlite:///{tmp_path}/hub.db"
    (key,) = enrol(database, members_of(1, 1, [(other := Writer("S0000")).origin]))
    with closing(HubStore(database)) as store:
        said = push_request(other.origin, [other.write() for _ in range(12)])
        assert {one.outcome for one in exchange.push(store, key, said).outcomes} == {Outcome.ACCEPTED}
        PeopleJob(store).level("a000")
        with store.reading():
            assert HubException.select().count() == 0, "nothing that a person should look at"


def filled(tmp_path: Path, count: int) -> Filled:
    """A hub's database that was filled past the hub."""
    return fill(f"sqlite:///{tmp_path}/hub.db", count, insert_into_sqlite, bytes_in_sqlite, areas_count=2)


def test_a_hub_goes_on_from_a_database_that_was_filled_past_it(tmp_path: Path) -> None:
    found = filled(tmp_path, 12 * 20)
    writer, key = found.writers[7], found.keys[7]
    with closing(HubStore(found.database)) as store:
        told = exchange.hello(
            store,
            key,
            HelloRequest(
                protocol=1,
                origin=writer.origin,
                software="x",
                heads=[head := writer.head()],
                rest=heads_hash(writer.ended),
            ),
        )
        assert told.heads == [head]
        assert told.rest is None, "the rest is as the station has it"
        answer = exchange.push(store, key, push_request(writer.origin, [writer.write() for _ in range(3)]))
        assert {one.outcome for one in answer.outcomes} == {Outcome.ACCEPTED}
        page = exchange.pull(store, key, PullQuery(cursor=0)).answer
        assert len(page.events) == 6 + 120 + 3
        assert PeopleJob(store).work(), "the three are new to the tables for people"
        with store.reading():
            assert HubQuarantine.select().count() == 0
    assert 400 < found.envelope_bytes < 500
    with closing(sqlite3.connect(tmp_path / "hub.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM hub_fold").fetchone() == (2,), "nothing is built anew"


async def test_a_station_says_everything_that_was_prepared_for_it(tmp_path: Path) -> None:
    (one,) = prepare(1, 2)
    database = f"sqlite:///{tmp_path}/hub.db"
    (key,) = enrol(database, members_of(1, 1, [one.origin]))
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    with closing(HubStore(database)) as store:
        transport = httpx.ASGITransport(create_app(store))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers) as http:
            assert (await http.post("/v1/hello", content=one.hello)).status_code == 200
            for body, count in (*((body, BATCH) for body in one.pushes), (one.last_push, 1)):
                answer = await http.post("/v1/push", content=body, headers={"content-encoding": "gzip"})
                outcomes = msgspec.json.decode(answer.content)["outcomes"]
                assert [said["outcome"] for said in outcomes] == ["accepted"] * count


def test_a_measurement_that_fails_says_so_in_each_of_its_figures(tmp_path: Path) -> None:
    def broken(_: LongRun) -> Figures:
        raise RuntimeError("no server")

    def fine(_: LongRun) -> Figures:
        return {"long_pull_sqlite_page": observed([1.0], "ms")}

    run = LongRun(tmp_path, QUICK)
    found = measure(run, {"large_postgresql": broken, "long_pull_sqlite": fine})
    assert found["large_postgresql_hello"]["why"] == "RuntimeError: no server"
    assert found["large_postgresql_hello"]["met"] is False
    assert found["long_pull_sqlite_page"]["goal"] is None
    assert {name for name in NAMES if name.startswith("large_postgresql_")} < set(found)


def test_every_figure_belongs_to_one_measurement() -> None:
    def owners(name: str) -> Iterator[str]:
        return (prefix for prefix in MEASUREMENTS if name.startswith(f"{prefix}_"))

    assert all(len(list(owners(name))) == 1 for name in long.NAMES)
