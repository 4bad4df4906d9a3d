"""The journal: one door, one chain, and tables that equal the fold whatever the order of arrival."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.journal import (
    Incoming,
    Journal,
    JournalTakenError,
    NoJournalError,
    PersonalRecord,
    PersonErased,
    Reception,
    create_journal,
    records,
)
from kiosk.journal.envelope import ZERO, chain, decode, encode, new_origin
from kiosk.journal.verify import verify
from models.base import Store
from models.journal import EventRow, RecordRow
from tests.helpers.clock import VirtualClock
from tests.helpers.ledger import POISON, HubNote, NotePinned, NoteRow, Secret, bare_registry, notes_registry


class Boxes:
    """Several boxes in one test, each with a database of its own."""

    def __init__(self) -> None:
        self.stores: list[Store] = []

    def new(self, path: Path | None = None, origin: str | None = None) -> Journal:
        """A fresh box, its journal open."""
        store = Store(path)
        self.stores.append(store)
        store.create_tables()
        with store.atomic():
            create_journal(origin or new_origin())
        return Journal(store, notes_registry(), VirtualClock(), software="test")

    def close(self) -> None:
        """Close every database."""
        for store in self.stores:
            store.close()


@pytest.fixture
def boxes() -> Iterator[Boxes]:
    """Boxes that are closed after the test."""
    made = Boxes()
    yield made
    made.close()


def pin(journal: Journal, board: str, text: str, record: PersonalRecord | None = None) -> str:
    """Record a note; its event's id."""
    body = NotePinned(text=text, person_ref=None if record is None else record.ref)
    return journal.record(body, subject=f"board:{board}", actor="station", record=record).id


def sent_by(journal: Journal) -> list[Incoming]:
    """All events that a box holds, as they would travel."""
    with journal.store.use():
        return [
            Incoming(bytes(row.envelope), bytes(row.digest), _record(row.id))
            for row in EventRow.select().order_by(EventRow.arrival)
        ]


def _record(event_id: str) -> PersonalRecord | None:
    row = RecordRow.get_or_none(RecordRow.event == event_id)
    return None if row is None else PersonalRecord(bytes(row.salt), bytes(row.data))


def notes(journal: Journal) -> list[tuple[str, str, int]]:
    """What the table says."""
    with journal.store.use():
        return sorted((row.board, row.text, row.count) for row in NoteRow.select())


def states(journal: Journal) -> dict[str, str]:
    """Each event's state by kind."""
    with journal.store.use():
        return {row.kind: row.state for row in EventRow.select()}


def test_a_recorded_event_is_in_the_journal_and_in_the_tables(boxes: Boxes) -> None:
    journal = boxes.new()
    pin(journal, "door", "hello")
    assert notes(journal) == [("door", "hello", 1)]
    assert journal.head.seq == 2, "journal.opened is the first"


def test_what_cannot_be_applied_is_not_recorded(boxes: Boxes) -> None:
    journal = boxes.new()
    before = journal.head
    with pytest.raises(ValueError, match="cannot be applied"):
        pin(journal, "door", POISON)
    assert journal.head == before
    assert notes(journal) == []


def test_a_transaction_keeps_all_its_events_or_none(boxes: Boxes) -> None:
    journal = boxes.new()

    def both() -> None:
        with journal.transaction():
            pin(journal, "door", "one")
            pin(journal, "door", POISON)

    with pytest.raises(ValueError, match="cannot be applied"):
        both()
    assert notes(journal) == []


def test_listeners_hear_of_a_commit_once_and_of_a_rollback_never(boxes: Boxes) -> None:
    journal = boxes.new()
    heard: list[int] = []
    journal.on_commit(lambda: heard.append(journal.head.seq))
    with journal.transaction():
        pin(journal, "door", "one")
        pin(journal, "door", "two")
    with pytest.raises(ValueError, match="cannot be applied"):
        pin(journal, "door", POISON)
    assert heard == [3]


def test_every_opening_is_a_new_incarnation_that_names_the_head_before_it(boxes: Boxes) -> None:
    first = boxes.new()
    pin(first, "door", "one")
    head = first.head
    second = Journal(first.store, notes_registry(), VirtualClock(), software="test")
    assert second.head.seq == 1
    assert second.head.incarnation != head.incarnation
    with second.store.use():
        row = EventRow.get((EventRow.incarnation == second.head.incarnation) & (EventRow.seq == 1))
    body = msgspec.json.decode(decode(bytes(row.envelope)).body)
    assert body["previous_incarnation"] == head.incarnation
    assert body["previous_seq"] == head.seq
    assert body["previous_digest"] == head.digest.hex()


def test_a_journal_that_somebody_else_opened_since_writes_nothing_more(boxes: Boxes) -> None:
    first = boxes.new()
    Journal(first.store, notes_registry(), VirtualClock(), software="test")
    with pytest.raises(JournalTakenError):
        pin(first, "door", "too late")
    assert notes(first) == []


def test_a_database_without_a_journal_says_so(boxes: Boxes) -> None:
    store = Store(None)
    boxes.stores.append(store)
    store.create_tables()
    with pytest.raises(NoJournalError, match="kiosk init"):
        Journal(store, notes_registry(), VirtualClock())


def test_recorded_time_never_goes_back_while_the_clock_is_not_trusted(boxes: Boxes) -> None:
    journal = boxes.new()
    clock = journal.clock
    assert isinstance(clock, VirtualClock)
    pin(journal, "door", "now")
    clock.trust_wall = False
    clock.jump(-10 * 365 * 86_400)
    event = journal.record(NotePinned(text="in the past?"), subject="board:door", actor="station")
    assert event.at.startswith("2026-11-24")
    assert not event.trusted


def test_an_event_of_a_wrong_writer_is_kept_and_not_applied(boxes: Boxes) -> None:
    station, other = boxes.new(), boxes.new()
    event = station.record(NotePinned(text="hi"), subject="board:door", actor="station")
    forged = msgspec.structs.replace(
        event, kind="note.of-the-hub", body=msgspec.Raw(msgspec.json.encode(HubNote(text="lie"))), seq=1
    )
    raw = encode(forged)
    (received,) = other.receive([Incoming(raw, chain(bytes(32), raw))])
    assert received.outcome is Reception.ACCEPTED
    assert notes(other) == []
    assert states(other)["note.of-the-hub"] == "exception"


def test_an_event_that_fails_blocks_nothing_behind_it(boxes: Boxes) -> None:
    station, other = boxes.new(), boxes.new()
    pin(station, "door", "before")
    poisoned = _with_poison(station)
    pin(station, "door", "after")
    items = sent_by(station)
    items.insert(2, poisoned)
    outcomes = [received.outcome for received in other.receive(items)]
    assert Reception.QUARANTINED not in outcomes
    assert notes(other) == [("door", "after", 2), ("elsewhere", "x", 1)]


def _with_poison(station: Journal) -> Incoming:
    """A well-formed event of another box whose application fails."""
    event = station.record(NotePinned(text="x"), subject="board:elsewhere", actor="station")
    body = msgspec.Raw(msgspec.json.encode(NotePinned(text=POISON)))
    poison = msgspec.structs.replace(
        event, id="0" * 36, origin=new_origin(), seq=1, subject="board:door", body=body, lamport=2
    )
    raw = encode(poison)
    return Incoming(raw, chain(bytes(32), raw))


def test_an_unknown_kind_is_kept_and_replayed_after_an_upgrade(boxes: Boxes) -> None:
    station, old = boxes.new(), boxes.new()
    pin(station, "door", "news")
    older = Journal(old.store, bare_registry(), VirtualClock(), software="older")
    older.receive(sent_by(station))
    assert states(older)["note.pinned"] == "unknown"
    newer = Journal(old.store, notes_registry(), VirtualClock(), software="newer")
    assert notes(newer) == [("door", "news", 1)]


def test_bytes_that_are_no_event_are_handed_back_with_the_reason(boxes: Boxes) -> None:
    journal = boxes.new()
    junk = [b"", b"{}", b"\xff\xfe", b"[1]", b'{"id": 7}', b"x" * (256 * 1024 + 1)]
    for received in journal.receive([Incoming(raw, bytes(32)) for raw in junk]):
        assert received.outcome is Reception.QUARANTINED
        assert received.reason


def test_a_digest_that_does_not_continue_the_chain_is_refused(boxes: Boxes) -> None:
    station, other = boxes.new(), boxes.new()
    pin(station, "door", "one")
    items = sent_by(station)
    other.receive(items[:1])
    (received,) = other.receive([Incoming(items[1].raw, bytes(32))])
    assert received.outcome is Reception.QUARANTINED
    assert "chain" in (received.reason or "")


def test_both_branches_of_a_fork_are_kept_and_told(boxes: Boxes, tmp_path: Path) -> None:
    station, other = boxes.new(), boxes.new(tmp_path / "other.db")
    pin(station, "door", "one branch")
    items = sent_by(station)
    event = decode(items[1].raw)
    twin = msgspec.structs.replace(
        event, id="f" * 36, body=msgspec.Raw(msgspec.json.encode(NotePinned(text="other branch")))
    )
    raw = encode(twin)
    outcomes = other.receive([*items, Incoming(raw, chain(items[0].digest, raw))])
    assert [received.outcome for received in outcomes] == [Reception.ACCEPTED, Reception.ACCEPTED, Reception.FORKED]
    assert notes(other) == [("door", "other branch", 2)]
    assert verify(tmp_path / "other.db", notes_registry()).whole


def test_erasing_deletes_the_record_everywhere_and_the_chain_still_verifies(boxes: Boxes, tmp_path: Path) -> None:
    station, other = boxes.new(tmp_path / "station.db"), boxes.new(tmp_path / "other.db")
    event_id = pin(station, "door", "note", PersonalRecord.make(Secret(name="王小强", lookup="cafe")))
    with_record = sent_by(station)
    other.receive(with_record)
    station.record(PersonErased(events=[event_id]), subject="person:p1", actor="volunteer:v1")
    other.receive(sent_by(station))
    other.receive(with_record)  # an old repetition must not bring it back
    for journal in (station, other):
        with journal.store.use():
            assert records.load(event_id, Secret) is None
    for name in ("station.db", "other.db"):
        found = verify(tmp_path / name, notes_registry())
        assert found.whole, found.problems


def test_a_record_that_is_not_the_one_its_body_names_is_dropped(boxes: Boxes) -> None:
    station, other = boxes.new(), boxes.new()
    event_id = pin(station, "door", "note", PersonalRecord.make(Secret(name="王小强")))
    items = sent_by(station)
    wrong = Incoming(items[1].raw, items[1].digest, PersonalRecord.make(Secret(name="somebody else")))
    other.receive([items[0], wrong])
    with other.store.use():
        assert records.load(event_id, Secret) is None


def test_a_record_beside_a_body_that_names_none_keeps_no_event_out(boxes: Boxes) -> None:
    station, other = boxes.new(), boxes.new()
    pin(station, "door", "note")
    odd = msgspec.structs.replace(
        decode(sent_by(station)[0].raw), id="odd", kind="odd", body=msgspec.Raw(b'{"person_ref":7}')
    )
    raw = encode(odd)
    (received,) = other.receive([Incoming(raw, chain(ZERO, raw), PersonalRecord.make(Secret(name="王小强")))])
    assert received.outcome is Reception.ACCEPTED


def test_verify_names_a_table_row_that_does_not_follow_from_the_journal(boxes: Boxes, tmp_path: Path) -> None:
    journal = boxes.new(tmp_path / "box.db")
    pin(journal, "door", "one")
    assert verify(tmp_path / "box.db", notes_registry()).whole
    with journal.store.atomic():
        NoteRow.update(text="tampered").execute()
    found = verify(tmp_path / "box.db", notes_registry())
    assert any("test_note" in problem for problem in found.problems)


def test_verify_names_an_event_whose_bytes_were_changed(boxes: Boxes, tmp_path: Path) -> None:
    journal = boxes.new(tmp_path / "box.db")
    pin(journal, "door", "one")
    with journal.store.atomic():
        row = EventRow.get(EventRow.kind == "note.pinned")
        EventRow.update(envelope=bytes(row.envelope).replace(b'"one"', b'"two"')).where(EventRow.id == row.id).execute()
    found = verify(tmp_path / "box.db", notes_registry())
    assert any(row.id in problem and "chain" in problem for problem in found.problems)


Act = tuple[int, str, str]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    acts=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["door", "hall"]), st.sampled_from(["a", "b", "c"])), max_size=12
    ),
    meetings=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_any_interleaving_delay_and_repetition_gives_the_same_tables_on_every_box(
    acts: list[Act], meetings: list[tuple[int, int]], order: Random
) -> None:
    boxes = Boxes()
    try:
        journals = [boxes.new() for _ in range(3)]
        for number, (writer, board, text) in enumerate(acts):
            pin(journals[writer], board, text)
            if number < len(meetings):  # a box hears of some others early, of the rest at the end
                giver, taker = meetings[number]
                journals[taker].receive(sent_by(journals[giver]))
        everything = [item for journal in journals for item in sent_by(journal)]
        for journal in journals:
            mixed = [*everything, *everything[: len(everything) // 2]]
            order.shuffle(mixed)
            cut = len(mixed) // 3
            for part in (mixed[:cut], mixed[cut:]):
                assert all(received.outcome is not Reception.QUARANTINED for received in journal.receive(part))
        assert notes(journals[0]) == notes(journals[1]) == notes(journals[2])
    finally:
        boxes.close()
