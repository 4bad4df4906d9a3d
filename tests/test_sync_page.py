"""What one side could not take is read page by page, shown without harm; what somebody saw to has its actor."""

from pathlib import Path

import httpx
import pytest

from kiosk.box import Box
from kiosk.charging import service
from kiosk.control import ControlError
from kiosk.errands import perform
from kiosk.sync import alarms, legible, quarantine
from kiosk.sync.alarms import Alarm
from kiosk.sync.outbox import mark, next_batch
from kiosk.sync.seen import see_alarms
from kiosk.sync.wire import Outcome, PushOutcome
from kiosk.sync_errands import PER_PAGE, listed, shown, stored_status
from kiosk.views import ActView, StaffAct
from models.journal import EventRow
from models.sync import SyncQuarantineRow
from tests.helpers.hub import Hub, Syncing, enrolled_box, revoke_some_card


def refuse(box: Box, reason: str) -> str:
    """The hub refuses what the box recorded last; its id."""
    revoke_some_card(box)
    batch = next_batch(box.journal)
    mark(box.journal, batch[-1:], [PushOutcome(outcome=Outcome.QUARANTINED, reason=reason)])
    return batch[-1].id


def aside(key: str, raw: bytes, at: str, reason: str = "why") -> None:
    """An event of the hub that this box could not take."""
    SyncQuarantineRow.insert(key=key, own=False, reason=reason, envelope=raw, at=at).execute()


def acts(box: Box) -> tuple[ActView, ...]:
    """What somebody did here."""
    return service.acts(box, 0, 10)[0]


class TestQuarantine:
    """Read on demand."""

    def test_an_own_one_has_the_journals_bytes_and_its_kind(self, box: Box) -> None:
        event = refuse(box, "unknown kind")
        (view,), pages = quarantine.page(0, 5)
        stored = EventRow.get(EventRow.id == event)
        assert (view.own, view.key, view.kind, view.reason, pages) == (True, event, stored.kind, "unknown kind", 1)
        assert view.raw == bytes(stored.envelope)
        assert quarantine.one(event) == view

    def test_thousands_are_paged_newest_first(self, box: Box) -> None:
        with box.journal.store.atomic():
            for number in range(2000):
                aside(f"{number:04}", b"{}", f"2026-11-24T04:00:00.{number:06}Z")
        first, pages = quarantine.page(0, 7)
        assert (len(first), first[0].key, pages) == (7, "1999", 286)
        last, _pages = quarantine.page(285, 7)
        assert [view.key for view in last] == ["0004", "0003", "0002", "0001", "0000"]

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\xff\xfe",
            b"{",
            b"[" * 100_000,
            b'{"kind":5}',
            b'{"kind":"\\u001b[2J"}',
            b'{"kind":"' + b"k" * 99 + b'"}',
        ],
        ids=["empty", "binary", "cut", "deep", "number", "control", "long"],
    )
    @pytest.mark.usefixtures("box")
    def test_bytes_can_be_anything(self, raw: bytes) -> None:
        aside("k", raw, "2026-11-24T04:00:00Z")
        view = quarantine.one("k")
        assert view is not None
        assert (view.kind, view.raw, view.own) == (None, raw, False)

    @pytest.mark.usefixtures("box")
    def test_one_that_was_taken_meanwhile_is_none(self) -> None:
        assert quarantine.one("gone") is None

    def test_the_command_line_is_told_which_pages_and_keys_there_are(self, box: Box) -> None:
        for number in range(PER_PAGE + 1):
            aside(str(number), b"x", f"2026-11-24T04:00:{number:02}Z")
        views, pages = listed(2)
        assert ([view.key for view in views], pages) == (["0"], 2)
        assert views[0].raw == b""
        with pytest.raises(ControlError, match="the first is 1"):
            listed(0)
        with pytest.raises(ControlError, match="not among the quarantined"):
            shown("gone")
        assert shown("0").raw == b"x"
        assert box.settings.hub is None


class TestLegible:
    """No control character reaches a terminal."""

    def test_printable_text_stays_text(self) -> None:
        assert legible.text_of('{"题":\n"红岩"}'.encode()) == '{"题": "红岩"}'

    @pytest.mark.parametrize("raw", [b"\xff", b"a\x1b[2J", "\u202eabc".encode(), "a\u0301".encode(), b"a\x00", b"\x7f"])
    def test_anything_else_is_dumped(self, raw: bytes) -> None:
        assert legible.text_of(raw) is None
        rows = list(legible.dump(raw))
        assert raw.hex(" ") in rows[0]
        assert all(row.isascii() and row.isprintable() for row in rows)

    def test_a_dump_shows_every_byte_in_rows_that_fit_the_small_screen(self) -> None:
        rows = list(legible.dump(bytes(range(256))))
        assert rows[2] == "000020  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f   !\"#$%&'()*+,-./"
        assert len(rows) == 16
        assert {len(row) for row in rows} == {73}

    def test_words_from_elsewhere_are_one_harmless_line(self) -> None:
        assert legible.plain("a\n\tb\x1b[2J\u202e") == "a b·[2J·"


class TestSeen:
    """An act like any other."""

    def test_who_saw_which_alarms_is_recorded_and_shown_among_the_acts(self, box: Box) -> None:
        alarms.note(box.journal, Alarm.CLONED)
        alarms.note(box.journal, Alarm.FORKED)
        assert see_alarms(box, "cli") == ["cloned", "forked"]
        assert alarms.standing() == {}
        (act,) = acts(box)
        assert (act.act, act.actor, act.slot, act.about) == (StaffAct.SYNC_SEEN, "cli", None, ("cloned", "forked"))

    def test_when_nothing_stands_nothing_is_recorded(self, box: Box) -> None:
        assert see_alarms(box, "cli") == []
        assert acts(box) == ()

    def test_the_hubs_own_gap_stays(self, box: Box) -> None:
        alarms.note_hub_gap(box.journal, "2026-11-20T04:00:00Z")
        assert see_alarms(box, "cli") == []
        assert set(alarms.standing()) == {Alarm.HUB_GAP}

    def test_the_command_line_does_it_without_a_running_station(self, box: Box) -> None:
        alarms.note(box.journal, Alarm.CLONED)
        assert perform("sync-clear", box, {}) == "cleared: cloned"
        assert [act.actor for act in acts(box)] == ["cli"]


class TestStatus:
    """What the client says of itself."""

    async def test_an_attempt_is_noted_whether_it_went_well_or_not(self, tmp_path: Path) -> None:
        hub = Hub(tmp_path)
        box = enrolled_box(tmp_path, hub)
        station = Syncing(box, hub)
        assert station.client.status().tried_at is None
        async with station.running():
            assert station.client.status().tried_at == station.client.status().last_success
        hub.store.close()

    @pytest.mark.parametrize(
        ("word", "status", "problem"),
        [
            ("revoked", 403, "revoked"),
            ("unknown_key", 401, "unknown_key"),
            ("other_origin", 403, "other_origin"),
            ("protocol", 426, "too_old"),
        ],
    )
    async def test_each_refusal_has_its_own_word_and_deletes_nothing(
        self, tmp_path: Path, word: str, status: int, problem: str
    ) -> None:
        hub = Hub(tmp_path)
        box = enrolled_box(tmp_path, hub)
        station = Syncing(box, hub)
        station.net.before = lambda _request: httpx.Response(status, json={"error": word, "message": "no"})
        async with station.running():
            view = station.client.status()
            assert (view.problem, view.last_success) == (problem, None)
            assert view.tried_at is not None
            assert view.pending == EventRow.select().where(EventRow.origin == box.origin).count() > 0
        hub.store.close()

    def test_the_tables_tell_the_rest_while_no_station_runs(self, box: Box) -> None:
        refuse(box, "no")
        alarms.note(box.journal, Alarm.CLONED)
        view = stored_status(box.settings)
        assert (view.enrolled, view.quarantined, view.alarms, view.last_success) == (False, 1, ("cloned",), None)
        assert view.pending > 0
        assert view.oldest_s is not None
