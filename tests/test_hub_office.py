"""How the office decides: the journal is read without a lock, what comes meanwhile counts, trouble is a sentence."""

from collections.abc import Iterator
from datetime import date

import peewee as pw
import pytest

from kiosk.board import NoticePublished
from kiosk.cli import main
from kiosk.hub import office
from kiosk.hub.office import deeds, reading
from kiosk.hub.office.deeds import Act
from kiosk.hub.store import HubStore
from kiosk.journal import Event
from kiosk.journal.envelope import decode
from models.hub import HubEvent


@pytest.fixture
def store(hub_url: str) -> Iterator[HubStore]:
    """A hub with an area."""
    made = HubStore(hub_url)
    try:
        office.add_area(made, "luxi")
        yield made
    finally:
        made.close()


def notice(title: str) -> Act:
    """A notice, and its subject."""
    return NoticePublished(title=title, text="", published=date(2026, 7, 1)), f"notice:{title}"


def titles() -> list[str]:
    """Of all notices, as the journal says now."""
    found = (one.body for one in reading.said("luxi", (NoticePublished,)))
    return [body.title for body in found if isinstance(body, NoticePublished)]


def test_what_comes_while_the_journal_is_read_counts_and_is_all_that_is_read_again(
    store: HubStore, hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.records(store, "luxi", [notice(str(number)) for number in range(5)])
    decoded = list[bytes]()

    def counted(raw: bytes) -> Event:
        decoded.append(raw)
        return decode(raw)

    monkeypatch.setattr(reading, "decode", counted)
    other, seen = HubStore(hub_url), list[list[str]]()

    def plan() -> tuple[str, list[Act]]:
        seen.append(titles())
        if len(seen) == 1:
            # Another process writes: it would wait in vain if the area, or the file, were held.
            office.records(other, "luxi", [notice("meanwhile")])
        return "decided", [notice(f"after {seen[-1][-1]}")]

    assert deeds.decided(store, "luxi", plan) == "decided"
    assert seen == [["0", "1", "2", "3", "4"], ["0", "1", "2", "3", "4", "meanwhile"]]
    assert len(decoded) == 6
    other.close()
    with store.reading():
        assert titles()[-1] == "after meanwhile"


def test_who_decides_nothing_locks_nothing(store: HubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HubStore, "transaction", None)
    assert deeds.decided(store, "luxi", lambda: (titles(), [])) == []


def test_a_question_that_is_asked_otherwise_is_read_anew(store: HubStore) -> None:
    office.records(store, "luxi", [notice("1"), notice("2")])
    with reading.remembering(), store.reading():
        assert len(reading.said("luxi", (NoticePublished,), about=["no such text"])) == 0
        assert len(reading.said("luxi", (NoticePublished,), subjects={"notice:2"})) == 1
        assert len(reading.said("luxi", (NoticePublished,))) == 2
        assert len(reading.said("luxi", (NoticePublished,))) == 2


def test_a_database_that_fails_in_the_middle_is_a_sentence_without_names(
    store: HubStore, hub_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.transaction():
        store.database.execute_sql("ALTER TABLE hub_event RENAME TO gone")  # type: ignore[no-untyped-call]  # peewee's
    assert main(["hub", "--database", hub_url, "notice", "list", "--area", "luxi"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("The hub's database broke this off: ")
    assert told.count("\n") == 1
    with pytest.raises(pw.PeeweeException), store.reading():
        HubEvent.get_or_none()
