"""Sync: whatever happens between a box and its hub, every event arrives once and nothing is lost."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn

from kiosk import checkin, riders
from kiosk.box import Box
from kiosk.features import registry
from kiosk.hub import stations, streams
from kiosk.hub.app import create_app
from kiosk.hub.store import HubStore
from kiosk.identity.keys import Keys
from kiosk.journal import Journal, create_journal
from kiosk.journal.envelope import new_origin
from kiosk.settings import Settings
from kiosk.sync.client import BACKOFF_TO_S, SyncClient
from kiosk.sync.enrol import enrol
from kiosk.system.clock import SystemClock
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import Health, ScanRefusal
from models.base import Store
from models.board import NoticeRow
from models.checkin import CheckinRow
from models.hub import HubEvent
from models.journal import EventRow
from models.sync import SyncQuarantineRow
from tests.helpers.box import close_boxes, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import (
    Hub,
    Syncing,
    enrolled_box,
    hub_box,
    no_answer,
    own_events,
    publish,
    revoke_some_card,
)


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box."""
    return enrolled_box(tmp_path, hub)


async def test_what_was_recorded_arrives_and_nothing_stays_pending(box: Box, hub: Hub) -> None:
    revoke_some_card(box)
    async with Syncing(box, hub).running() as station:
        assert hub.events(box.origin) == station.own()
        status = station.client.status()
        assert (status.pending, status.oldest_s, status.quarantined) == (0, None, 0)
        assert status.health is Health.CONNECTED
        assert status.last_success == box.clock.now()
        assert station.client.as_of() == status.last_success


async def test_a_commit_is_pushed_at_once_without_waiting_for_the_next_pull(box: Box, hub: Hub) -> None:
    async with Syncing(box, hub).running() as station:
        revoke_some_card(box)
        await station.pauses.next()
        assert hub.events(box.origin) == station.own()


async def test_a_backlog_of_an_outage_drains_in_batches(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    station.net.before = no_answer
    async with station.running():
        for _ in range(1200):
            revoke_some_card(box)
        await station.round()
        assert station.client.status().pending == 1201
        station.net.before = None
        station.net.paths.clear()
        await station.round()
        assert hub.events(box.origin) == station.own()
        assert station.net.paths.count("/v1/push") == 3
        assert station.client.status().pending == 0


async def test_back_off_grows_to_a_minute_and_never_ends(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    station.net.before = no_answer
    async with station.running():
        waits = [station.pauses.asked[0]] + [await station.round() for _ in range(30)]
        assert waits == [2, 4, 8, 16, 32, *[60] * 26]
        assert station.client.status().problem == "no_answer"
        assert station.client.status().health is Health.UNREACHABLE
        station.net.before = None
        await station.round()
        assert station.client.status().problem is None


async def test_a_commit_during_back_off_is_counted_but_does_not_hurry_the_hub(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    station.net.before = no_answer
    async with station.running():
        asked = len(station.net.paths)
        before = station.client.status().pending
        revoke_some_card(box)
        while station.client.status().pending == before:
            await station.client._count()
        assert len(station.net.paths) == asked


async def test_an_answer_lost_after_the_commit_doubles_nothing(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    station.net.after = lambda request: no_answer(request) if request.url.path == "/v1/push" else None
    async with station.running():
        assert hub.events(box.origin) == station.own()
        assert set(station.upstream()) == {"pending"}
        station.net.after = None
        await station.round()
        assert hub.events(box.origin) == station.own()
        assert set(station.upstream()) == {"acked"}


@pytest.mark.parametrize("status", [302, 500, 502, 503, 408, 429])
async def test_a_transient_error_is_tried_again(box: Box, hub: Hub, status: int) -> None:
    station = Syncing(box, hub)
    station.net.before = lambda _: httpx.Response(status)
    async with station.running():
        assert station.client.status().problem == "no_answer"
        station.net.before = None
        await station.round()
        assert station.client.status().pending == 0


@pytest.mark.parametrize(
    ("status", "problem"),
    [(401, "not_enrolled"), (403, "revoked"), (400, "refused"), (404, "refused"), (409, "refused"), (426, "too_old")],
)
async def test_a_refusal_is_shown_and_deletes_nothing(box: Box, hub: Hub, status: int, problem: str) -> None:
    station = Syncing(box, hub)
    station.net.before = lambda _: httpx.Response(status)
    async with station.running():
        view = station.client.status()
        assert (view.problem, view.health) == (problem, Health.DEGRADED)
        assert view.pending == len(station.own())
        assert station.pauses.asked == [BACKOFF_TO_S]


async def test_a_revoked_station_keeps_its_queue_and_says_so(box: Box, hub: Hub) -> None:
    stations.revoke(hub.store, "LX01")
    async with Syncing(box, hub).running() as station:
        revoke_some_card(box)
        await station.round()
        assert station.client.status().problem == "revoked"
        assert set(station.upstream()) == {"pending"}
        hub.add(box)
        station.client.wake()
        await station.pauses.next()
        assert station.client.status().problem is None
        assert hub.events(box.origin) == station.own()


async def test_a_log_in_page_instead_of_the_hub_is_no_answer(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    station.net.before = lambda _: httpx.Response(200, html="<h1>Free Wi-Fi</h1>")
    async with station.running():
        assert station.client.status().problem == "no_answer"
        assert set(station.upstream()) == {"pending"}


async def test_a_poison_event_is_put_aside_and_the_rest_passes(box: Box, hub: Hub) -> None:
    revoke_some_card(box)
    with box.journal.store.use():
        EventRow.update(envelope=b'{"not": "an event"}').where(EventRow.seq == 2).execute()
    poisoned = own_events(box)[1]
    revoke_some_card(box)
    async with Syncing(box, hub).running() as station:
        assert hub.events(box.origin) == [event for event in station.own() if event != poisoned]
        assert station.upstream() == ["acked", "quarantined", "acked"]
        assert station.client.status().quarantined == 1
        assert len(hub.quarantined()) == 1
        with box.journal.store.use():
            assert SyncQuarantineRow.get().key == poisoned
        # The chain has no gap: a new hello finds nothing to send again.
        station.net.paths.clear()
        station.net.before = no_answer
        await station.round()
        station.net.before = None
        await station.round()
        assert "/v1/push" not in station.net.paths


async def test_a_hub_that_refuses_a_whole_batch_for_one_event_gets_the_others(box: Box, hub: Hub) -> None:
    for _ in range(9):
        revoke_some_card(box)
    poisoned = own_events(box)[4]

    def refuse(request: httpx.Request) -> httpx.Response | None:
        pushed = request.url.path == "/v1/push" and poisoned in str(
            httpx.Response(
                200, headers={"content-encoding": request.headers.get("content-encoding", "")}, content=request.content
            ).text
        )
        return httpx.Response(422) if pushed else None

    station = Syncing(box, hub)
    station.net.before = refuse
    async with station.running():
        assert hub.events(box.origin) == [event for event in station.own() if event != poisoned]
        assert station.upstream().count("quarantined") == 1


async def test_a_hub_that_refuses_every_push_is_at_fault_itself_and_nothing_is_put_aside(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    station.net.before = lambda request: httpx.Response(422) if request.url.path == "/v1/push" else None
    async with station.running():
        assert set(station.upstream()) == {"pending"}
        assert station.client.status().problem == "refused"


async def test_the_last_success_is_known_after_a_restart(hub: Hub, tmp_path: Path) -> None:
    box = enrolled_box(tmp_path, hub, on_disk=True)
    async with Syncing(box, hub).running() as station:
        told = station.client.as_of()
    close_boxes()
    station = Syncing(hub_box(tmp_path, on_disk=True), hub)
    station.net.before = no_answer
    async with station.running():
        assert station.client.as_of() == told
        assert station.client.status().hub_name is not None


async def test_413_sends_fewer_events_at_a_time(box: Box, hub: Hub) -> None:
    for _ in range(39):
        revoke_some_card(box)
    station = Syncing(box, hub)
    station.net.before = lambda request: httpx.Response(413) if len(request.content) > 2500 else None
    async with station.running():
        assert hub.events(box.origin) == station.own()


async def test_the_hubs_notices_and_revocations_arrive_with_the_next_pull(box: Box, hub: Hub) -> None:
    async with Syncing(box, hub).running() as station:
        publish(hub, "封路")
        with hub.store.transaction():
            streams.record("luxi", riders.CardRevoked(reason="stolen"), subject="card:00000000000000aa")
        assert await station.round() == 30
        with box.journal.store.use():
            assert NoticeRow.get().title == "封路"
            assert riders.is_revoked("00000000000000aa")


async def test_a_second_station_learns_of_check_ins_and_names_but_not_of_refused_scans(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    with box.journal.store.use():
        rider = riders.enrol(box, "王小强", "13800001001", actor="cli")
        checkin.present_card(box, rider.card_text)
        checkin.refuse(box, ScanRefusal.UNKNOWN)
    async with Syncing(box, hub).running():
        pass
    other = enrolled_box(tmp_path, hub, "LX02")
    async with Syncing(other, hub).running():
        with other.journal.store.use():
            assert CheckinRow.get().rider == rider.rider.id
            known = riders.view(other, rider.rider.id)
            assert known is not None
            assert known.masked_name == "王*强"
            assert riders.issuer_key(other, box.keys.issuing.key_id) == box.keys.issuing.public_key
            kinds = {row.kind for row in EventRow.select().where(EventRow.origin == box.origin)}
            assert "checkin.recorded" in kinds
            assert "scan.refused" not in kinds


async def test_a_box_that_is_not_enrolled_asks_nobody_and_begins_once_it_is(hub: Hub, tmp_path: Path) -> None:
    box = hub_box(tmp_path)
    station = Syncing(box, hub)
    station.client.wake()
    task = asyncio.create_task(station.client.run())
    await asyncio.sleep(0)
    assert not station.client.status().enrolled
    assert station.net.paths == []
    hub.add(box)
    station.client.wake()
    await station.pauses.next()
    assert station.client.status().enrolled
    assert hub.events(box.origin) == station.own()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_clock_that_cannot_be_believed_takes_the_hubs_time(hub: Hub, tmp_path: Path) -> None:
    class Told(VirtualClock):
        def tell(self, now: datetime) -> None:
            self.told = now

    clock = Told(trusted=False)
    box = enrolled_box(tmp_path, hub, clock=clock)
    async with Syncing(box, hub).running():
        assert abs((clock.told - datetime.now(UTC)).total_seconds()) < 60


def test_a_told_clock_counts_while_the_kernel_is_not_synchronised(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    told = datetime(2031, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("kiosk.system.clock.kernel_synchronised", lambda: False)
    assert not clock.trusted()
    clock.tell(told)
    assert clock.trusted()
    assert timedelta(0) <= clock.now() - told < timedelta(seconds=5)
    monkeypatch.setattr("kiosk.system.clock.kernel_synchronised", lambda: True)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_over_a_socket_and_with_the_database_thread_everything_arrives_too(tmp_path: Path) -> None:
    store = HubStore(f"sqlite:///{tmp_path / 'hub.db'}")
    server = uvicorn.Server(uvicorn.Config(create_app(store), log_config=None, lifespan="off", access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = make_settings(tmp_path, hub={"url": url})
        thread = DatabaseThread(Store(tmp_path / "station.db"))
        box = await thread.run(Priority.COUNTER, lambda: open_new_box(thread.store, settings, tmp_path))
        changed = asyncio.Event()
        client = SyncClient(box, thread, software="0.0.0", on_change=changed.set)
        syncing = asyncio.create_task(client.run())
        code = stations.add(store, "LX01", "luxi")
        await asyncio.to_thread(enrol, settings, box.keys, box.origin, code)
        client.wake()
        await until(changed, lambda: client.status().last_success is not None)
        await thread.run(
            Priority.COUNTER,
            lambda: box.journal.record(riders.CardRevoked(reason="lost"), subject="card:00", actor="cli"),
        )
        await until(changed, lambda: has_card(store))
        await until(changed, lambda: client.status().pending == 0)
        syncing.cancel()
        await asyncio.gather(syncing, return_exceptions=True)
        thread.close()
        server.should_exit = True
        await serving
        store.close()


def has_card(store: HubStore) -> bool:
    with store.transaction():
        return bool(HubEvent.select().where(HubEvent.subject == "card:00").count() == 1)


def open_new_box(store: Store, settings: Settings, folder: Path) -> Box:
    store.create_tables()
    with store.atomic():
        create_journal(new_origin())
    return Box(settings, Journal(store, registry(), VirtualClock()), Keys.create(folder / "keys"))


async def until(changed: asyncio.Event, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            changed.clear()
            await changed.wait()
