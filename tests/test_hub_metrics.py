"""What the hub tells those who watch over it: metrics and health."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from starlette.requests import Request

from kiosk import riders
from kiosk.box import Box
from kiosk.hub import bulk, stations, streams
from kiosk.hub.access import MetricsAccess
from kiosk.hub.app import create_app
from kiosk.hub.gauges import STATES, DatabaseGauges
from kiosk.hub.loopback import is_loopback
from kiosk.hub.metrics import Metrics, forget_process
from kiosk.hub.refusal import RefusedError
from models.hub import HubEvent, HubStation
from models.hub_people import HubException, HubFold
from tests.helpers.described import Described
from tests.helpers.hub import Caller, Hub, closing_hubs, hub_box, publish, revoke_some_card, wire_events
from tests.helpers.postgres import OTHERS_OUT, Databases

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return hub_box(tmp_path)


async def scrape(hub: Hub) -> tuple[Samples, str]:
    """All samples by name and label values, and the page itself."""
    async with httpx.AsyncClient(transport=hub.transport, base_url="http://hub") as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200, answer.text
    found: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found[sample.name, *sample.labels.values()] = sample.value
    return found, answer.text


async def test_requests_are_counted_by_path_and_status_and_unknown_paths_are_one(hub: Hub, box: Box) -> None:
    caller = Caller(hub, hub.add(box))
    await caller.pull()
    await caller.pull()
    for path in ("/x", "/y/z", "/v1/push/" + "q" * 500):
        await caller.http.get(path)
    await caller.http.get("/v1/push")
    found, page = await scrape(hub)
    assert found["kiosk_hub_request_seconds_count", "/v1/pull", "200"] == 2
    assert found["kiosk_hub_request_seconds_count", "other", "404"] == 3
    assert found["kiosk_hub_request_seconds_count", "/v1/push", "405"] == 1
    assert found["kiosk_hub_refused_total", "not_found"] == 3
    assert "qqq" not in page


async def test_events_are_counted_by_what_became_of_them(hub: Hub, box: Box) -> None:
    caller = Caller(hub, hub.add(box))
    revoke_some_card(box)
    events = wire_events(box)
    await caller.push(box.origin, events)
    await caller.push(box.origin, [*events, {"raw": "{}", "digest": "00" * 32}])
    await caller.pull()
    found, _ = await scrape(hub)
    assert found["kiosk_hub_events_total", "accepted"] == 2
    assert found["kiosk_hub_events_total", "repeated"] == 2
    assert found["kiosk_hub_events_total", "quarantined"] == 1
    assert found["kiosk_hub_pulled_events_total",] == 3  # the certificate among them
    assert found["kiosk_hub_body_bytes_total", "in"] > 1000
    assert found["kiosk_hub_body_bytes_total", "out"] > 1000


async def test_refusals_are_counted_by_their_word(hub: Hub, box: Box) -> None:
    caller = Caller(hub, "wrong")
    await caller.http.get("/v1/pull")
    await caller.http.post("/v1/push", content=b"{")
    found, _ = await scrape(hub)
    assert found["kiosk_hub_refused_total", "unknown_key"] == 1
    assert found["kiosk_hub_refused_total", "json"] == 1


async def test_the_state_of_the_database_is_told_when_asked(hub: Hub, box: Box, tmp_path: Path) -> None:
    caller = Caller(hub, hub.add(box))
    stations.add(hub.store, "LX02", "luxi")
    stations.add(hub.store, "WL01", "wuling")
    stations.add(hub.store, "WL02", "wuling")
    await caller.push(box.origin, [{"raw": "{}", "digest": "00" * 32}])
    with hub.store.transaction():
        HubStation.update(enrol_until="2026-01-01T00:00:00.000+00:00").where(HubStation.code == "WL02").execute()
        streams.draw_epoch(streams.lock_area("luxi"))
    found, _ = await scrape(hub)
    assert found["kiosk_hub_database_up",] == 1
    assert {state: found["kiosk_hub_stations", state] for state in STATES} == {
        "waiting": 2,
        "expired": 1,
        "enrolled": 1,
        "revoked": 0,
    }
    assert 0 <= found["kiosk_hub_last_event_age_seconds", "luxi"] < 60
    assert ("kiosk_hub_last_event_age_seconds", "wuling") not in found
    assert (found["kiosk_hub_quarantined", "luxi"], found["kiosk_hub_quarantined", "wuling"]) == (1, 0)
    assert (found["kiosk_hub_gaps", "luxi"], found["kiosk_hub_gaps", "wuling"]) == (1, 0)


async def test_of_areas_that_are_silent_no_event_is_read_again(
    file_hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many events there are, and wherever in them the newest of each area lies."""
    caller = Caller(file_hub, file_hub.add(box))
    with file_hub.store.transaction():
        HubEvent.update(received_at="2026-01-01T00:00:00.000+00:00").execute()
    looked_at: list[object] = []
    execute = bulk.execute

    def watched(statement: str, *values: object) -> list[tuple[object, ...]]:
        looked_at.extend([values] if "hub_event" in statement else [])
        return execute(statement, *values)

    monkeypatch.setattr(bulk, "execute", watched)
    told = DatabaseGauges(file_hub.store)

    def age() -> float:
        families = {family.name: family.samples for family in told.collect()}
        return float(families["kiosk_hub_last_event_age_seconds"][0].value)

    assert age() > 86400
    assert age() > 86400
    assert looked_at == [("luxi", 1)]
    await caller.push(box.origin, wire_events(box))
    looked_at.clear()
    assert age() < 60
    assert age() < 60
    assert looked_at == [("luxi", 2)]


async def test_open_exceptions_of_the_tables_that_people_see_are_told_and_how_far_these_are_behind(
    hub: Hub, box: Box
) -> None:
    await Caller(hub, hub.add(box)).push(box.origin, wire_events(box))
    with hub.store.transaction():
        for generation, role in ((1, "shown"), (2, "building")):
            HubFold.create(area="luxi", generation=generation, role=role, position=1, epoch="e", version=1)
            for number, resolved in enumerate((None, None, "2026-11-25T00:00:00.000+00:00")):
                HubException.create(
                    area="luxi",
                    generation=generation,
                    id=f"{number:012x}",
                    kind="k",
                    subject="a:b",
                    events="[]",
                    count=1,
                    noticed_at="2026-11-24T00:00:00.000+00:00",
                    resolved_at=resolved,
                )
    found, _ = await scrape(hub)
    assert found["kiosk_hub_exceptions_open", "luxi"] == 2
    assert found["kiosk_hub_people_behind_events", "luxi"] == 1


async def test_no_name_key_or_id_stands_among_the_metrics(hub: Hub, box: Box) -> None:
    key = hub.add(box)
    caller = Caller(hub, key)
    with box.journal.store.use():
        rider = riders.enrol(box, "王小强", "13800001001", actor="cli").rider
    await caller.push(box.origin, wire_events(box))
    await caller.http.get("/v1/pull", params={"without": box.journal.incarnation})
    publish(hub, "t")
    _, page = await scrape(hub)
    for secret in ("王", "13800001001", rider.id, box.origin, box.journal.incarnation, key):
        assert secret not in page


async def test_a_database_that_does_not_answer_is_a_metric_and_not_a_failure(file_hub: Hub, box: Box) -> None:
    caller = Caller(file_hub, file_hub.add(box))
    with sqlite3.connect(file_hub.file) as sabotage:
        sabotage.execute("ALTER TABLE hub_area RENAME TO gone")
    sabotage.close()
    assert (await caller.http.get("/v1/pull")).status_code == 503
    found, _ = await scrape(file_hub)
    assert found["kiosk_hub_database_up",] == 0
    assert found["kiosk_hub_database_errors_total",] == 1


# Who may read them.


def asked_from(host: str, **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (host, 1), "headers": named})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "localhost"])
def test_metrics_are_open_to_this_machine(host: str) -> None:
    assert is_loopback(host)
    MetricsAccess().check(asked_from(host))


@pytest.mark.parametrize(
    ("access", "request_"),
    [
        (MetricsAccess(), asked_from("192.0.2.7")),
        (MetricsAccess(), asked_from("127.0.0.1", x_forwarded_for="192.0.2.7")),
        (MetricsAccess(behind_proxy=True), asked_from("127.0.0.1")),
        (MetricsAccess(token="secret"), asked_from("127.0.0.1")),
        (MetricsAccess(token="secret"), asked_from("127.0.0.1", authorization="Bearer secrets")),
    ],
    ids=["from elsewhere", "through a proxy", "behind a proxy", "without the token", "with another token"],
)
def test_metrics_are_closed_to_others(access: MetricsAccess, request_: Request) -> None:
    with pytest.raises(RefusedError):
        access.check(request_)


def test_a_process_that_starts_or_dies_during_a_scrape_does_not_spoil_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    unfinished = tmp_path / "counter_1.db"
    unfinished.touch()
    later = threading.Timer(0.1, lambda: unfinished.write_bytes(bytes(4096)))
    later.start()
    assert b"kiosk_hub_up 1" in Metrics().page(_Up())
    later.join()
    unfinished.write_bytes(b"")
    forget_process(1)
    assert not unfinished.exists()


class _Up(Collector):
    """One gauge."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """It is 1."""
        yield GaugeMetricFamily("kiosk_hub_up", "Test.", value=1)


def test_metrics_are_for_whoever_shows_the_token_or_for_all_if_somebody_has_said_so() -> None:
    MetricsAccess(token="secret").check(asked_from("192.0.2.7", authorization="Bearer secret"))
    MetricsAccess(open=True, behind_proxy=True).check(asked_from("192.0.2.7"))


async def test_a_refused_reader_is_told_why(hub: Hub) -> None:
    hub.transport = Described(create_app(hub.store), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=hub.transport, base_url="http://hub") as http:
        answer = await http.get("/metrics")
    assert (answer.status_code, answer.json()["error"]) == (403, "metrics_closed")


# Health.


async def test_a_hub_whose_database_takes_writes_is_well(hub: Hub) -> None:
    answer = await Caller(hub).http.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


async def test_a_hub_whose_database_takes_no_writes_is_not_well(file_hub: Hub) -> None:
    file_hub.store.database.execute_sql("PRAGMA query_only = 1")  # type: ignore[no-untyped-call]  # peewee has no annotation
    answer = await Caller(file_hub).http.get("/healthz")
    assert (answer.status_code, answer.json()["error"]) == (503, "database")
    assert "no writes" in answer.json()["message"]


async def test_a_hub_whose_database_is_held_by_another_writer_says_so_within_two_seconds(file_hub: Hub) -> None:
    file_hub.store.database.execute_sql("PRAGMA busy_timeout = 50")  # type: ignore[no-untyped-call]  # as above
    holder = sqlite3.connect(file_hub.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = await Caller(file_hub).http.get("/healthz")
    assert answer.status_code == 503
    assert "another writer" in answer.json()["message"]
    holder.rollback()
    holder.close()
    assert (await Caller(file_hub).http.get("/healthz")).status_code == 200


async def test_a_database_that_hangs_holds_one_check_and_every_question_is_answered(
    file_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.hub.health.WITHIN_S", 0.05)
    holder = sqlite3.connect(file_hub.file, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    caller = Caller(file_hub)
    answers = [await caller.http.get("/healthz") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {503}
    assert "did not answer" in answers[0].json()["message"]
    holder.rollback()
    holder.close()
    monkeypatch.setattr("kiosk.hub.health.WITHIN_S", 5)
    assert (await caller.http.get("/healthz")).status_code == 200


async def test_a_hub_whose_postgresql_is_a_standby_or_gone_is_not_well(tmp_path: Path, databases: Databases) -> None:
    url = databases.empty()
    name = url.rpartition("/")[2]
    with closing_hubs() as hubs:
        hubs.append(Hub(tmp_path, url))
        caller = Caller(hubs[0])
        assert (await caller.http.get("/healthz")).status_code == 200
        databases.server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        databases.server.execute(OTHERS_OUT.format(name=name))
        answer = await caller.http.get("/healthz")
        assert answer.status_code == 503
        assert "standby" in answer.json()["message"]
        databases.server.execute(f"ALTER DATABASE {name} RENAME TO gone_{name}")
        databases.server.execute(OTHERS_OUT.format(name=f"gone_{name}"))
        assert (await caller.http.get("/healthz")).status_code == 503
        found, _ = await scrape(hubs[0])
        assert found["kiosk_hub_database_up",] == 0
        databases.server.execute(f"ALTER DATABASE gone_{name} RENAME TO {name}")
        databases.server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        databases.server.execute(OTHERS_OUT.format(name=name))
        assert (await caller.http.get("/healthz")).status_code == 200
