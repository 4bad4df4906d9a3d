"""The usual batch is taken in at once; whatever is unusual about one gives what taking it event by event gives."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.hub.ingest import Ingest
from kiosk.journal.envelope import ZERO, chain, decode
from kiosk.sync.wire import PushAnswer
from models.hub import HubChain, HubEvent, HubQuarantine
from tests.helpers.hub import Caller, Hub, closing_hubs, hub_box, revoke_some_card, wire_events

Events = list[dict[str, object]]


def told(events: Events) -> Events:
    """With their places in the chain, as the client tells them."""
    places = [decode(str(event["raw"]).encode()) for event in events]
    return [
        {**event, "incarnation": place.incarnation, "seq": place.seq, "scope": "area"}
        for event, place in zip(events, places, strict=True)
    ]


def changed(at: int, **fields: object) -> Callable[[Events], Events]:
    """One event's fields are others."""
    return lambda events: [*events[:at], {**events[at], **fields}, *events[at + 1 :]]


def rewritten(*replaced: tuple[str, str]) -> Callable[[Events], Events]:
    """Something else stands in the last event, and its digest is right."""

    def change(events: Events) -> Events:
        raw, before = str(events[-1]["raw"]), bytes.fromhex(str(events[-2]["digest"]))
        for old, new in replaced:
            assert old in raw
            raw = raw.replace(old, new)
        return [*events[:-1], {**events[-1], "raw": raw, "digest": chain(before, raw.encode()).hex()}]

    return change


def the_first_again_in_its_end(events: Events) -> Events:
    """The last event has the first one's id."""
    first, last = (decode(str(event["raw"]).encode()).id for event in (events[0], events[-1]))
    return rewritten((last, first))(events)


UNUSUAL: dict[str, Callable[[Events], Events]] = {
    "nothing": lambda events: events[:0],
    "one is missing": lambda events: [*events[:2], *events[3:]],
    "two have changed places": lambda events: [events[1], events[0], *events[2:]],
    "the same twice": lambda events: [*events, events[-1]],
    "two with one id": the_first_again_in_its_end,
    "no place is told": lambda events: [{**event, "incarnation": None, "seq": None} for event in events],
    "another seq is told": changed(2, seq=7),
    "another incarnation is told": changed(2, incarnation="f" * 16),
    "a wrong digest": changed(2, digest="0" * 64),
    "a digest in capitals": changed(2, digest="A" * 64),
    "no JSON": changed(2, raw="{"),
    "a record": changed(2, record={"salt": "AAAA", "data": "AAAA"}),
    "a seq of its own": rewritten(('"seq":5', '"seq":9')),
    "an erasure": rewritten(('"kind":"card.revoked"', '"kind":"person.erased"')),
    "a kind that nobody knows": rewritten(('"kind":"card.revoked"', '"kind":"card.painted"')),
    "a field is missing": rewritten(('"boot":', '"boots":')),
    "a text that is too long": rewritten(('"kind":"card.revoked"', f'"kind":"{"x" * 256}"')),
    "a NUL": rewritten(('"kind":"card.revoked"', '"kind":"card\\u0000"')),
    "a body that is no object": rewritten(('{"reason":"lost"}', "[1]")),
    "another box's": lambda events: [
        {**event, "raw": str(event["raw"]).replace('"origin":"', '"origin":"0')} for event in events
    ],
}


@pytest.fixture
def hubs(tmp_path: Path) -> Iterator[list[Hub]]:
    """Two, of which the second will take every batch event by event."""
    with closing_hubs() as made:
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            made.append(Hub(tmp_path / name))
        yield made


def kept(hub: Hub, origin: str) -> list[object]:
    """What a hub has of a box, moments left out."""
    with hub.store.reading():
        columns = [field for field in HubEvent._meta.sorted_fields if field is not HubEvent.received_at]
        events = HubEvent.select(*columns).where(HubEvent.origin == origin).order_by(HubEvent.position)
        return [
            list(events.tuples()),
            list(HubChain.select().where(HubChain.origin == origin).dicts()),
            sorted((row.seq or 0, row.reason) for row in HubQuarantine.select()),
        ]


@pytest.mark.parametrize("name", UNUSUAL)
async def test_an_unusual_batch_gives_what_taking_each_event_gives(
    name: str, hubs: list[Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = hub_box(tmp_path / "one")
    for _ in range(4):
        revoke_some_card(box)
    usual = told(wire_events(box))
    batch = UNUSUAL[name](usual)
    answers: list[list[PushAnswer]] = []
    for hub in hubs:
        caller = Caller(hub, hub.add(box))
        # And once more: by then what the batch left there is unusual too.
        answers.append([await caller.push(box.origin, events) for events in (batch, usual)])
        monkeypatch.setattr("kiosk.hub.ingest.read_straight", lambda *_, **__: None)
    straight, each = answers
    assert [answer.outcomes for answer in straight] == [answer.outcomes for answer in each]
    assert kept(hubs[0], box.origin) == kept(hubs[1], box.origin)


async def test_the_usual_batch_is_taken_at_once_and_gives_the_same(
    hubs: list[Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = hub_box(tmp_path / "one")
    for _ in range(4):
        revoke_some_card(box)
    batch = told(wire_events(box))
    first, second = (Caller(hub, hub.add(box)) for hub in hubs)
    with monkeypatch.context() as usual:
        usual.setattr(Ingest, "_take_each", lambda *_: pytest.fail("event by event"))
        at_once = await first.push(box.origin, batch[:2]), await first.push(box.origin, batch[2:])
    monkeypatch.setattr("kiosk.hub.ingest.read_straight", lambda *_, **__: None)
    each = await second.push(box.origin, batch[:2]), await second.push(box.origin, batch[2:])
    assert [answer.outcomes for answer in at_once] == [answer.outcomes for answer in each]
    assert kept(hubs[0], box.origin) == kept(hubs[1], box.origin)
    assert chain(ZERO, str(batch[0]["raw"]).encode()).hex() == batch[0]["digest"]
