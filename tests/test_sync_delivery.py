"""A backlog on its way: the next batch is made ready while the hub takes one in; nothing counts as told too early."""

import asyncio
import gzip
from collections import defaultdict
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk import privacy, riders
from kiosk.box import Box
from kiosk.hub import bulk, exchange
from kiosk.journal.envelope import decode
from kiosk.sync import heads, outbox
from kiosk.sync.wire import MAX_BYTES, HeadMark
from models.hub import HubChain, HubErased, HubEvent, HubRecord
from tests.helpers.hub import Caller, Hub, Syncing, enrolled_box, hub_box, no_answer, revoke_some_card
from tests.helpers.wire import body_is_out

PUSH = "/v1/push"


@pytest.fixture
def box(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Box:
    """An enrolled box with 121 events to tell: three batches of at most 50."""
    monkeypatch.setattr("kiosk.sync.delivery.MAX_EVENTS", 50)
    made = enrolled_box(tmp_path, hub)
    with made.journal.store.use(), made.journal.transaction():
        for _ in range(120):
            revoke_some_card(made)
    return made


def pushes(station: Syncing) -> int:
    """How many pushes the client has begun."""
    return station.net.paths.count(PUSH)


async def test_a_batch_is_acknowledged_only_when_its_answer_has_come(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    seen: list[tuple[int, int]] = []

    def look(request: httpx.Request) -> None:
        if request.url.path == PUSH:
            seen.append((len(hub.events(box.origin)), station.upstream().count("acked")))

    station.net.before = look
    async with station.running():
        pass
    assert [held for held, _ in seen][:2] == [0, 50]
    assert all(held in {50, 100} for held, _ in seen[2:])
    assert all(acked <= held for held, acked in seen)
    assert station.upstream() == ["acked"] * 121


async def test_an_answer_that_never_comes_leaves_its_batch_and_all_behind_it_pending(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)

    def lost(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == PUSH and pushes(station) > 1:
            raise httpx.ReadError("the answer is lost", request=request)
        return None

    station.net.after = lost
    async with station.running():
        assert hub.events(box.origin)[:100] == station.own()[:100]
        assert station.upstream() == ["acked"] * 50 + ["pending"] * 71
        station.net.after = None
        await station.round()
        assert hub.events(box.origin) == station.own()
        assert station.upstream() == ["acked"] * 121


@pytest.mark.parametrize("place", [0, 49, 75, 120])
async def test_an_event_that_the_hub_refuses_is_found_in_whichever_batch_it_is(box: Box, hub: Hub, place: int) -> None:
    station = Syncing(box, hub)
    poison = station.own()[place]

    def refuse(request: httpx.Request) -> httpx.Response | None:
        content = request.content
        if request.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        if request.url.path == PUSH and poison.encode() in content:
            return httpx.Response(422, json={"error": "shape", "message": "not this one"})
        return None

    station.net.before = refuse
    async with station.running():
        assert station.upstream() == ["acked"] * place + ["quarantined"] + ["acked"] * (120 - place)
        assert hub.events(box.origin) == [event for event in station.own() if event != poison]


async def test_what_is_recorded_while_a_backlog_drains_goes_along(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)

    def record(request: httpx.Request) -> None:
        if request.url.path == PUSH and pushes(station) in (1, 3):
            revoke_some_card(box)

    station.net.before = record
    async with station.running():
        assert len(station.own()) == 123
        assert hub.events(box.origin) == station.own()


async def test_a_box_that_started_more_often_than_a_hello_can_tell_is_heard_all_the_same(
    box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = HeadMark(incarnation="f" * 16, seq=2**62, digest="f" * 64)
    assert len(msgspec.json.encode(head)) * heads.MOST_OPEN < MAX_BYTES / 2
    monkeypatch.setattr(heads, "MOST_OPEN", 2)
    with box.journal.store.use():
        for _ in range(5):
            box.journal.begin_incarnation()
        assert len(heads.own_heads(box.journal).open) == 2
    async with Syncing(box, hub).running() as station:
        assert hub.events(box.origin) == station.own()
        assert set(station.upstream()) == {"acked"}
    # Nor can the hub tell all of them at once.
    monkeypatch.setattr(exchange, "MAX_REST", 2)
    with hub.store.transaction():
        HubChain.create(origin=box.origin, incarnation="f" * 16, seq=1, digest=b"")
    again = Syncing(box, hub)
    async with again.running():
        assert again.net.paths.count("/v1/hello") == 4
        assert PUSH not in again.net.paths, "all that it holds was listed"
        assert again.client.status().alarms == ("gap",), "and what is not here, too"


async def test_a_hub_that_takes_fewer_at_a_time_gets_them_in_smaller_batches(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)

    def too_large(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == PUSH and len(request.content) > 4_000:
            return httpx.Response(413, json={"error": "too_large", "message": "too much"})
        return None

    station.net.before = too_large
    async with station.running():
        assert hub.events(box.origin) == station.own()
        assert station.upstream() == ["acked"] * 121


async def test_after_a_new_hello_a_hub_is_given_whole_batches_again(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    most, sizes = 10, list[int]()

    def look(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != PUSH:
            return None
        packed = request.headers.get("content-encoding") == "gzip"
        plain = gzip.decompress(request.content) if packed else request.content
        sizes.append(len(msgspec.json.decode(plain)["events"]))
        large = sizes[-1] > most
        return httpx.Response(413, json={"error": "too_large", "message": "too large"}) if large else None

    station.net.before = look
    async with station.running():
        assert sizes[-1] < 10
        with box.journal.store.use(), box.journal.transaction():
            for _ in range(50):
                revoke_some_card(box)
        station.net.before = no_answer
        await station.round()
        most, station.net.before = 50, look
        await station.round()
        assert sizes[-1] == 50
        assert station.upstream() == ["acked"] * 171


async def test_an_end_in_the_middle_leaves_no_request_behind(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    begun = asyncio.Event()

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == PUSH:
                begun.set()
                await asyncio.Event().wait()
            return await station.net.handle_async_request(request)

    station.client._connect = lambda: httpx.AsyncClient(transport=Slow(), base_url="http://hub")
    before = asyncio.all_tasks()
    task = asyncio.create_task(station.client.run())
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() == before
    assert set(station.upstream()) == {"pending"}


# Two under way.


class Held(httpx.AsyncBaseTransport):
    """Holds certain pushes, counted from 1, until another one has been begun or answered.

    Args:
        net: to the hub.
        until_begun: push -> the one that must have begun before it goes on.
        until_answered: the same, with its answer.
    """

    def __init__(
        self, net: httpx.AsyncBaseTransport, until_begun: dict[int, int], until_answered: dict[int, int]
    ) -> None:
        self._net, self._until_begun, self._until_answered = net, until_begun, until_answered
        self._begun: dict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._done: dict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._count = 0
        self._under_way = 0
        self.most = 0
        """Pushes at once."""
        self.answers: list[int] = []
        """Statuses, in the order in which they came."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != PUSH:
            return await self._net.handle_async_request(request)
        self._count += 1
        number = self._count
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        self._begun[number].set()
        await body_is_out(request)
        try:
            if number in self._until_begun:
                async with asyncio.timeout(5):
                    await self._begun[self._until_begun[number]].wait()
            if number in self._until_answered:
                async with asyncio.timeout(5):
                    await self._done[self._until_answered[number]].wait()
            response = await self._net.handle_async_request(request)
        finally:
            self._under_way -= 1
            self._done[number].set()
        self.answers.append(response.status_code)
        return response


def held(
    station: Syncing, until_begun: dict[int, int] | None = None, until_answered: dict[int, int] | None = None
) -> Held:
    """A client's pushes are held."""
    transport = Held(station.net, until_begun or {}, until_answered or {})
    station.client._connect = lambda: httpx.AsyncClient(transport=transport, base_url="http://hub")
    return transport


async def test_a_push_is_sent_before_the_one_in_front_of_it_is_answered_and_never_a_third(box: Box, hub: Hub) -> None:
    with box.journal.store.use(), box.journal.transaction():
        for _ in range(100):
            revoke_some_card(box)
    station = Syncing(box, hub)
    wire = held(station, until_begun={2: 3}, until_answered={3: 2, 4: 3, 5: 4})
    async with station.running():
        assert hub.events(box.origin) == station.own()
    assert wire.most == 2
    assert wire.answers == [200] * 5


async def test_a_push_that_overtakes_the_one_in_front_of_it_is_sent_again_behind_it(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    wire = held(station, until_answered={2: 3})
    async with station.running():
        assert hub.events(box.origin) == station.own()
        assert station.upstream() == ["acked"] * 121
    assert wire.answers == [200, 425, 200, 200]


async def test_a_hub_that_says_nothing_of_two_gets_one_at_a_time(
    box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.hub.exchange.PUSHES_AT_ONCE", 1)
    station = Syncing(box, hub)
    wire = held(station)
    async with station.running():
        assert hub.events(box.origin) == station.own()
    assert wire.most == 1


async def test_a_hub_with_too_much_to_do_gets_one_at_a_time(
    box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.hub.room.Room.is_crowded", True)
    station = Syncing(box, hub)
    wire = held(station, until_begun={2: 3})
    async with station.running():
        assert hub.events(box.origin) == station.own()
        assert station.client.status().problem is None
    assert sorted(wire.answers) == [200, 200, 200, 425]


async def test_a_hub_that_only_ever_says_too_early_is_tried_again_later(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    early = httpx.Response(425, json={"error": "early", "message": "not yet"})
    station.net.before = lambda request: early if request.url.path == PUSH else None
    async with station.running():
        assert pushes(station) <= 2
        assert station.client.status().problem == "no_answer"
        station.net.before = None
        await station.round()
        assert station.upstream() == ["acked"] * 121


async def test_a_hub_with_another_word_for_too_early_gets_one_at_a_time(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    wire = held(station, until_begun={2: 3})
    later = httpx.Response(425, json={"error": "later", "message": "a station goes by the status"})
    station.net.before = lambda request: later if "follows" in request.url.params else None
    async with station.running():
        assert hub.events(box.origin) == station.own()
        assert station.client.status().problem is None
    assert sorted(wire.answers) == [200, 200, 200, 425]


async def test_the_hub_takes_nothing_that_follows_what_it_does_not_have(hub: Hub, tmp_path: Path) -> None:
    box = hub_box(tmp_path, "LX02")
    key = hub.add(box)
    for _ in range(4):
        revoke_some_card(box)
    with box.journal.store.use():
        events = [msgspec.to_builtins(item.event) for item in outbox.next_batch(box.journal)]
    caller = Caller(hub, key)

    async def push(part: list[dict[str, object]], query: str = "?follows=1") -> int:
        return (await caller.http.post(PUSH + query, json={"origin": box.origin, "events": part})).status_code

    assert await push(events[2:]) == 425
    assert hub.events(box.origin) == []
    assert await push(events[:2]) == 200
    assert await push(events[2:]) == 200
    assert await push(events[1:]) == 200
    assert await push([]) == 200
    assert len(hub.events(box.origin)) == len(events)


# The hub's side of a batch.


async def test_ids_that_are_there_are_found_in_one_look(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub)
    async with station.running():
        pass
    with hub.store.reading():
        found = bulk.found(HubEvent.id, [*station.own()[:100], "0" * 36], HubEvent.seq)
        assert len(found) == 100
        assert bulk.found(HubEvent.id, []) == []


def test_rows_whose_key_is_there_are_passed_over(hub: Hub) -> None:
    with hub.store.transaction():
        bulk.insert_new(HubErased.event, [("a", "one"), ("b", "one")])
        bulk.insert_new(HubErased.event, [("b", "two"), ("c", "two"), ("c", "three")])
        bulk.insert_new(HubErased.event, [])
        assert {row.event: row.person for row in HubErased.select()} == {"a": "one", "b": "one", "c": "two"}
        bulk.insert(HubRecord, [("a", bytes(32), b"\x00\xff\n\t\\.")])
        assert bytes(HubRecord.get().data) == b"\x00\xff\n\t\\."


async def test_a_batch_that_erases_what_it_brings_keeps_nothing_of_it(hub: Hub, tmp_path: Path) -> None:
    box = hub_box(tmp_path, "LX02")
    key = hub.add(box)
    with box.journal.store.use():
        rider = riders.enrol(box, "王小强", "13912345678", actor="cli").rider.id
        batch = outbox.next_batch(box.journal)  # as it was before the erasure: with the record
        privacy.erase(box, rider, actor="cli")
        behind = outbox.next_batch(box.journal, behind=batch[-1].arrival)
    events = [msgspec.to_builtins(item.event) for item in (*batch, *behind, *batch)]
    answer = await Caller(hub, key).push(box.origin, events)
    assert [one.outcome.value for one in answer.outcomes[-len(batch) :]] == ["repeated"] * len(batch)
    assert "person.erased" in {decode(event["raw"].encode()).kind for event in events}
    with hub.store.reading():
        assert HubRecord.select().count() == 0
