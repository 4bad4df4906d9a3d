"""Events and batches at the limits of the wire: what fits passes, and what is a byte too long is put aside alone."""

import gzip
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk.box import Box
from kiosk.hub.erasure import MAX_RECORD
from kiosk.journal import PersonalRecord
from kiosk.journal.envelope import MAX_BYTES as MOST_OF_AN_EVENT
from kiosk.journal.envelope import encode
from kiosk.riders import CardRevoked
from kiosk.riders.kinds import RiderEnrolled
from kiosk.sync.wire import MAX_BYTES, MAX_EVENTS
from models.hub import HubRecord
from models.journal import EventRow, RecordRow
from tests.helpers.hub import Hub, Syncing, enrolled_box


class _Name(msgspec.Struct):
    name: str


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box."""
    return enrolled_box(tmp_path, hub)


def watched(station: Syncing) -> list[tuple[int, int]]:
    """Events and bytes of each push to come, inflated."""
    seen: list[tuple[int, int]] = []

    def look(request: httpx.Request) -> None:
        if request.url.path == "/v1/push":
            packed = request.headers.get("content-encoding") == "gzip"
            body = gzip.decompress(request.content) if packed else request.content
            seen.append((body.count(b'"raw":'), len(body)))

    station.net.before = look
    return seen


def of_length(box: Box, wanted: int, letter: str) -> str:
    """Record an event of so many bytes, most of them one letter; its id."""

    def record(reason: str) -> tuple[str, int]:
        event = box.journal.record(CardRevoked(reason=reason), subject="card:00", actor="cli")
        return event.id, len(encode(event))

    with box.journal.store.use():
        _, bare = record("")
        length = len(msgspec.json.encode(letter)) - 2
        many, rest = divmod(wanted - bare, length)
        event, found = record(letter * many + "x" * rest)
        assert found == wanted
        return event


async def test_what_is_more_than_a_mebibyte_goes_in_several_pushes(box: Box, hub: Hub) -> None:
    with box.journal.store.use(), box.journal.transaction():
        for number in range(MAX_EVENTS):
            box.journal.record(CardRevoked(reason="x" * 1700), subject=f"card:{number:016x}", actor="cli")
    station = Syncing(box, hub)
    pushes = watched(station)
    async with station.running():
        assert hub.events(box.origin) == station.own()
    assert max(size for _, size in pushes) <= MAX_BYTES
    assert [size > MAX_BYTES - 4096 for _, size in pushes] == [True, False]


@pytest.mark.parametrize("letter", ["x", "\\", '"', "愛"], ids=["plain", "backslash", "quote", "chinese"])
async def test_an_event_of_the_greatest_length_reaches_every_box_and_one_byte_more_does_not(
    letter: str, box: Box, hub: Hub, tmp_path: Path
) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    longest = [of_length(box, MOST_OF_AN_EVENT, letter) for _ in range(3)]
    too_long = of_length(box, MOST_OF_AN_EVENT + 1, letter)
    station = Syncing(box, hub)
    pushes = watched(station)
    async with station.running(), Syncing(other, hub).running():
        assert hub.events(box.origin) == [event for event in station.own() if event != too_long]
        assert station.client.status().quarantined == 1
        assert station.client.status().pending == 0
    assert max(size for _, size in pushes) <= MAX_BYTES
    with other.journal.store.use():
        assert set(longest) <= {row.id for row in EventRow.select(EventRow.id)}


async def test_a_record_of_the_greatest_length_arrives_with_its_event(box: Box, hub: Hub, tmp_path: Path) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    around = len(msgspec.json.encode(_Name(name="")))
    record = PersonalRecord.make(_Name(name="x" * (MAX_RECORD - around)))
    assert len(record.data) == MAX_RECORD
    body = RiderEnrolled(number=1, vanguard=False, person_ref=record.ref)
    with box.journal.store.use():
        event = box.journal.record(body, subject="rider:00000000000000aa", actor="cli", record=record)
    async with Syncing(box, hub).running(), Syncing(other, hub).running():
        with hub.store.reading():
            assert [row.event for row in HubRecord.select()] == [event.id]
    with other.journal.store.use():
        assert [bytes(row.data) for row in RecordRow.select()] == [record.data]
