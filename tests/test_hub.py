"""The hub: its protocol as a stranger's client would speak it."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.hub import stations, streams
from kiosk.journal import PersonErased
from kiosk.journal.envelope import ZERO, chain, decode
from kiosk.sync.wire import MAX_BYTES, HeadMark, Outcome, heads_hash
from models.hub import HubArea, HubMoved, HubRecord
from models.journal import RecordRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.hub import (
    Caller,
    Hub,
    area_of,
    decoded,
    hub_box,
    publish,
    revoke_some_card,
    wire_events,
)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box that is not enrolled."""
    return hub_box(tmp_path)


@pytest.fixture
def caller(hub: Hub, box: Box) -> Caller:
    """Requests with the box's key."""
    return Caller(hub, hub.add(box))


def hello_body(box: Box, **fields: object) -> dict[str, object]:
    return {"protocol": 1, "origin": box.origin, "software": "x", "heads": [], "rest": heads_hash([]), **fields}


# Push.


async def test_pushed_events_are_accepted_once_and_repeated_ever_after(caller: Caller, box: Box, hub: Hub) -> None:
    revoke_some_card(box)
    events = wire_events(box)
    first = await caller.push(box.origin, events)
    again = await caller.push(box.origin, events)
    assert [one.outcome for one in first.outcomes] == [Outcome.ACCEPTED] * 2
    assert [one.outcome for one in again.outcomes] == [Outcome.REPEATED] * 2
    assert len(hub.events(box.origin)) == 2


async def test_the_bytes_are_kept_and_handed_out_exactly_as_written(caller: Caller, box: Box) -> None:
    raw = '{ "unknown":"愛","id":"01932f4e-0000-7000-8000-000000000001",' + f'"origin":"{box.origin}",'
    raw += '"incarnation":"00000000000000aa","seq":1,"lamport":7,"at":"2026-11-24T04:00:00+00:00","boot":"b",'
    raw += '"monotonic_ms":1,"trusted":true,"kind":"card.revoked","version":1,"subject":"card:1","actor":"cli",'
    raw += '"body":{"reason":"lost"}}'
    await caller.push(box.origin, [{"raw": raw, "digest": chain(ZERO, raw.encode()).hex()}])
    page = await caller.pull()
    assert raw in [event.raw for event in page.events]


async def test_two_events_at_one_place_are_a_fork_and_both_are_kept(caller: Caller, box: Box, hub: Hub) -> None:
    (first,) = wire_events(box)
    raw = str(first["raw"])
    other = raw.replace(decode(raw.encode()).id, "01932f4e-0000-7000-8000-000000000002")
    answer = await caller.push(box.origin, [first, {"raw": other, "digest": chain(ZERO, other.encode()).hex()}])
    assert [one.outcome for one in answer.outcomes] == [Outcome.ACCEPTED, Outcome.FORKED]
    assert len(hub.events(box.origin)) == 2


async def test_one_poison_event_never_blocks_those_around_it(caller: Caller, box: Box, hub: Hub) -> None:
    for _ in range(4):
        revoke_some_card(box)
    events = wire_events(box)
    events[1] = {**events[1], "raw": "{}", "incarnation": box.journal.incarnation, "seq": 2}
    events[3] = {**events[3], "digest": "00" * 32}
    foreign = str(events[0]["raw"]).replace(box.origin, "ff" * 16)
    events.append({"raw": foreign, "digest": chain(ZERO, foreign.encode()).hex()})
    answer = await caller.push(box.origin, events)
    assert [one.outcome for one in answer.outcomes] == [
        Outcome.ACCEPTED,
        Outcome.QUARANTINED,
        Outcome.ACCEPTED,
        Outcome.QUARANTINED,
        Outcome.ACCEPTED,
        Outcome.QUARANTINED,
    ]
    assert [one.reason for one in answer.outcomes if one.reason][1:] == [
        "the digest does not continue the chain",
        "another box's event",
    ]
    assert len(hub.quarantined()) == 3
    await caller.push(box.origin, events)
    assert len(hub.quarantined()) == 3


async def test_a_lamport_at_the_bound_is_put_aside_and_leaves_numbers_to_everybody_else(
    caller: Caller, box: Box, hub: Hub
) -> None:
    events = wire_events(box)
    template = msgspec.json.decode(str(events[0]["raw"]))
    first = msgspec.json.encode({**template, "lamport": 2**32}).decode()
    digest = chain(ZERO, first.encode())
    leap = msgspec.json.encode({**template, "id": "leap", "seq": 2, "lamport": 2**62 - 1}).decode()
    pushed = [
        {"raw": first, "digest": digest.hex(), "incarnation": template["incarnation"], "seq": 1},
        {"raw": leap, "digest": chain(digest, leap.encode()).hex(), "incarnation": template["incarnation"], "seq": 2},
    ]
    answer = await caller.push(box.origin, pushed)
    assert [one.outcome for one in answer.outcomes] == [Outcome.ACCEPTED, Outcome.QUARANTINED]
    assert "too far ahead" in (answer.outcomes[1].reason or "")
    publish(hub, "an event of the hub's own")
    assert area_of(hub).lamport == 2**32 + 1


async def test_two_events_that_a_disk_has_made_alike_are_both_put_aside(caller: Caller, box: Box, hub: Hub) -> None:
    for _ in range(2):
        revoke_some_card(box)
    spoiled = [
        {**event, "raw": "\x00" * 9, "incarnation": box.journal.incarnation, "seq": seq}
        for seq, event in enumerate(wire_events(box)[1:], 2)
    ]
    answer = await caller.push(box.origin, [wire_events(box)[0], *spoiled])
    assert [one.outcome for one in answer.outcomes] == [Outcome.ACCEPTED, *[Outcome.QUARANTINED] * 2]
    assert len(hub.quarantined()) == 2


async def test_a_push_that_waits_at_its_area_while_that_is_closed_is_not_taken(
    caller: Caller, box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = streams.lock_area

    def closed_meanwhile(name: str) -> HubArea:
        HubMoved.create(area=name, moved_to="https://hub2.example", closed_at="2026-11-24T04:00:00.000+00:00")
        return real(name)

    monkeypatch.setattr(streams, "lock_area", closed_meanwhile)
    answer = await caller.http.post("/v1/push", json={"origin": box.origin, "events": wire_events(box)})
    assert (answer.status_code, answer.json()["error"]) == (503, "moved")
    assert not hub.events(box.origin)


async def test_texts_that_a_database_cannot_hold_are_put_aside_with_their_event(caller: Caller, box: Box) -> None:
    template = msgspec.json.decode(str(wire_events(box)[0]["raw"]))
    pushed: list[dict[str, object]] = []
    changes: list[dict[str, object]] = [
        {"subject": "card:\0"},
        {"id": os.urandom(5000).hex()},
        {"body": {"note": "\0"}},
        {"kind": "\0.x"},
    ]
    for number, change in enumerate(changes):
        envelope = {**template, "id": f"odd-{number}", "incarnation": f"odd-{number}", **change}
        raw = msgspec.json.encode(envelope).decode()
        pushed.append({"raw": raw, "digest": chain(ZERO, raw.encode()).hex()})
    outcomes = [one.outcome.value for one in (await caller.push(box.origin, pushed)).outcomes]
    assert outcomes == ["quarantined", "quarantined", "accepted", "quarantined"]
    body = hello_body(box, software="x\0")
    assert (await caller.http.post("/v1/hello", json=body)).status_code in (200, 422)


async def test_an_erased_record_does_not_come_back_with_a_repetition(caller: Caller, box: Box, hub: Hub) -> None:
    with box.journal.store.use():
        rider = riders.enrol(box, "王小强", "13800001001", actor="cli").rider
        event = RecordRow.get().event
        records = {row.event: {"salt": row.salt, "data": row.data} for row in RecordRow.select()}
    events = [
        {**one, "record": msgspec.to_builtins(records.get(decode(str(one["raw"]).encode()).id))}
        for one in wire_events(box)
    ]
    await caller.push(box.origin, events)
    pulled = [one.record for one in (await caller.pull()).events if decoded(one)["id"] == event]
    assert pulled[0] is not None
    assert "王小强" in pulled[0].data.decode()
    with box.journal.store.use():
        box.journal.record(PersonErased(events=[event]), subject=f"person:{rider.id}", actor="cli")
    await caller.push(box.origin, wire_events(box))
    await caller.push(box.origin, events)
    with hub.store.transaction():
        assert HubRecord.select().count() == 0
    assert [one.record for one in (await caller.pull()).events if decoded(one)["id"] == event] == [None]


async def test_an_erasure_by_the_hub_erases_at_the_hub_too(caller: Caller, box: Box, hub: Hub) -> None:
    with box.journal.store.use():
        rider = riders.enrol(box, "王小强", "13800001001", actor="cli").rider
        row = RecordRow.get()
        record = {"salt": row.salt, "data": row.data}
    events = [{**one, "record": msgspec.to_builtins(record)} for one in wire_events(box)]
    await caller.push(box.origin, events)
    with hub.store.transaction():
        assert HubRecord.select().count() == 1
        streams.record("luxi", PersonErased(events=[row.event]), subject=f"person:{rider.id}")
        assert HubRecord.select().count() == 0
    await caller.push(box.origin, events)
    with hub.store.transaction():
        assert HubRecord.select().count() == 0


async def test_a_record_that_is_not_the_one_its_event_names_is_not_kept(caller: Caller, box: Box, hub: Hub) -> None:
    events = wire_events(box)
    await caller.push(box.origin, [{**events[0], "record": {"salt": "AAAA", "data": "AAAA"}}])
    with hub.store.transaction():
        assert HubRecord.select().count() == 0


# Hello.


async def test_hello_tells_how_far_each_chain_is_held(caller: Caller, box: Box) -> None:
    revoke_some_card(box)
    events = wire_events(box)
    head = {"incarnation": box.journal.incarnation, "seq": 2, "digest": events[1]["digest"]}
    before = await caller.hello(hello_body(box, heads=[head]))
    assert [(one.seq, one.digest) for one in before.heads] == [(0, "")]
    await caller.push(box.origin, events)
    after = await caller.hello(hello_body(box, heads=[head]))
    assert [(one.seq, one.digest) for one in after.heads] == [(2, events[1]["digest"])]
    assert after.rest is None
    assert abs(datetime.fromisoformat(after.time) - datetime.now(UTC)) < timedelta(seconds=10)


async def test_the_rest_is_listed_only_when_its_hash_differs(caller: Caller, box: Box) -> None:
    events = wire_events(box)
    await caller.push(box.origin, events)
    held = HeadMark(incarnation=box.journal.incarnation, seq=1, digest=str(events[0]["digest"]))
    assert (await caller.hello(hello_body(box, rest=heads_hash([held])))).rest is None
    assert (await caller.hello(hello_body(box))).rest == [held]


async def test_a_cursor_beyond_the_hub_or_of_another_history_draws_a_new_epoch(caller: Caller, box: Box) -> None:
    page = await caller.pull()
    good = {"epoch": page.epoch, "position": page.next, "digest": page.digest}
    assert (await caller.hello(hello_body(box, cursor=good))).epoch == page.epoch
    second = (await caller.hello(hello_body(box, cursor={**good, "position": page.next + 1}))).epoch
    assert second != page.epoch
    assert (await caller.hello(hello_body(box, cursor=good))).epoch == second
    third = (await caller.hello(hello_body(box, cursor={**good, "epoch": second, "digest": "00" * 32}))).epoch
    assert third != second
    assert (await caller.pull(cursor=page.next, epoch=third, digest="00" * 32)).epoch != third


async def test_a_new_epoch_is_a_new_incarnation_of_the_hubs_stream(caller: Caller, box: Box, hub: Hub) -> None:
    lost = {"incarnation": "00" * 8, "seq": 5, "digest": "00" * 32}
    epoch = (await caller.hello(hello_body(box, lost=[lost]))).epoch
    with hub.store.transaction():
        event = streams.record("luxi", riders.CardRevoked(reason="lost"), subject="card:00")
    assert (event.incarnation, event.seq) == (epoch, 1)


# Pull.


async def test_no_page_is_larger_than_a_body_may_be_however_much_of_it_is_escaped(
    hub: Hub, caller: Caller, box: Box
) -> None:
    with hub.store.transaction():
        rows = [(f"{n:036}", box.origin, "aa" * 8, n, ZERO, n, "k", "s:1", "area", b'"' * 1040) for n in range(1, 501)]
        streams.store_events(streams.lock_area("luxi"), rows, lamport=500)
    answer = await caller.http.get("/v1/pull")
    assert MAX_BYTES / 2 < len(answer.content) <= MAX_BYTES
    assert answer.json()["more"]


async def test_pull_pages_through_everything_in_order_and_then_says_so(caller: Caller, box: Box) -> None:
    for _ in range(6):
        revoke_some_card(box)
    await caller.push(box.origin, wire_events(box))
    seen: list[object] = []
    cursor, more = 0, True
    while more:
        page = await caller.pull(cursor=cursor, limit=3)
        assert len(page.events) <= 3
        seen += [decoded(event)["seq"] for event in page.events if decoded(event)["origin"] == box.origin]
        cursor, more = page.next, page.more
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert (await caller.pull(cursor=cursor)).events == []


async def test_a_page_stays_below_a_mebibyte(caller: Caller, box: Box) -> None:
    with box.journal.store.use():
        for number in range(9):
            body = riders.CardRevoked(reason="x" * 90_000)
            box.journal.record(body, subject=f"card:{number}", actor="cli")
    for event in wire_events(box):
        await caller.push(box.origin, [event])
    response = await caller.http.get("/v1/pull", headers={"accept-encoding": "identity"})
    assert len(response.content) < MAX_BYTES
    assert msgspec.json.decode(response.content)["more"]


async def test_own_events_can_be_left_out(caller: Caller, box: Box) -> None:
    await caller.push(box.origin, wire_events(box))

    async def origins(**query: str | int) -> set[object]:
        return {decoded(event)["origin"] for event in (await caller.pull(**query)).events}

    assert await origins() == {box.origin, "hub:luxi"}
    assert await origins(others=1) == {"hub:luxi"}
    assert await origins(without=box.journal.incarnation) == {"hub:luxi"}
    assert await origins(without="00" * 8) == {box.origin, "hub:luxi"}


async def test_events_for_the_hub_alone_are_handed_to_nobody_but_who_wrote_them(
    caller: Caller, box: Box, hub: Hub, tmp_path: Path
) -> None:
    template = msgspec.json.decode(str(wire_events(box)[0]["raw"]))
    pushed: list[dict[str, object]] = []
    for number, (kind, scope) in enumerate(
        [("scan.refused", "area"), ("new.kind", None), ("new.kind", "hub"), ("new.kind", "area")]
    ):
        envelope = {**template, "id": f"new-{number}", "incarnation": f"new-{number}", "kind": kind, "body": {}}
        raw = msgspec.json.encode(envelope).decode()
        pushed.append({"raw": raw, "digest": chain(ZERO, raw.encode()).hex(), "scope": scope})
    answer = await caller.push(box.origin, pushed)
    assert {one.outcome for one in answer.outcomes} == {Outcome.ACCEPTED}
    other = Caller(hub, hub.add(hub_box(tmp_path, "LX02")))
    ids = {f"new-{number}" for number in range(4)}
    for puller, handed in ((other, {"new-3"}), (caller, ids)):
        assert ids & {decoded(event)["id"] for event in (await puller.pull()).events} == handed


async def test_areas_do_not_see_each_other(caller: Caller, box: Box, hub: Hub, tmp_path: Path) -> None:
    await caller.push(box.origin, wire_events(box))
    settings = make_settings(tmp_path / "JS01", "JS01", station={"area": "jishou"}, hub={"url": "http://127.0.0.1:1"})
    other = make_box(tmp_path, code="JS01", settings=settings)
    pulled = await Caller(hub, hub.add(other)).pull()
    assert {decoded(event)["origin"] for event in pulled.events} == {"hub:jishou"}


# Errors.


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        (b"{", {}, 400, "json"),
        (b"[]", {}, 422, "shape"),
        (b"{}", {}, 422, "shape"),
        (b"\xff", {}, 400, "json"),
        (b"not gzip", {"content-encoding": "gzip"}, 400, "gzip"),
        (gzip.compress(b"{}")[:-4], {"content-encoding": "gzip"}, 400, "gzip"),
        (gzip.compress(b"{}") + b"more", {"content-encoding": "gzip"}, 400, "gzip"),
        (b"{}", {"content-encoding": "br"}, 415, "encoding"),
        (b" " * (MAX_BYTES + 1), {}, 413, "too_large"),
        (gzip.compress(b" " * (64 * MAX_BYTES)), {"content-encoding": "gzip"}, 413, "too_large"),
    ],
    ids=["cut", "list", "empty", "binary", "no-gzip", "cut-gzip", "two-gzips", "brotli", "large", "gzip-bomb"],
)
async def test_a_malformed_body_is_named(
    caller: Caller, body: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    for path in ("/v1/push", "/v1/hello", "/v1/enrol"):
        response = await caller.http.post(path, content=body, headers=headers)
        assert (response.status_code, response.json()["error"]) == (status, error)


async def test_a_wrong_key_an_old_version_and_too_many_events_are_refused(caller: Caller, box: Box, hub: Hub) -> None:
    async def said(http: httpx.AsyncClient, path: str, body: object) -> tuple[int, str]:
        response = await http.post(path, json=body)
        return response.status_code, response.json()["error"]

    push = {"origin": box.origin, "events": []}
    assert await said(Caller(hub).http, "/v1/push", push) == (401, "unknown_key")
    assert await said(Caller(hub, "wrong").http, "/v1/push", push) == (401, "unknown_key")
    assert await said(caller.http, "/v1/hello", hello_body(box, protocol=2)) == (426, "protocol")
    assert await said(caller.http, "/v1/push", {**push, "origin": "00" * 16}) == (403, "other_origin")
    many = {**push, "events": [{"raw": "", "digest": ""}] * 501}
    assert await said(caller.http, "/v1/push", many) == (413, "too_many")
    assert (await caller.http.get("/v1/pull?cursor=x")).status_code == 400
    assert (await caller.http.get("/v1/nothing")).json()["error"] == "not_found"
    assert (await caller.http.get("/v1/push")).status_code == 405
    stations.revoke(hub.store, "LX01")
    assert await said(caller.http, "/v1/push", push) == (401, "revoked")
    assert (await caller.http.get("/v1/pull")).json()["error"] == "revoked"


async def test_healthz_answers_without_a_key(hub: Hub) -> None:
    response = await Caller(hub).http.get("/healthz")
    assert response.json()["status"] == "ok"
