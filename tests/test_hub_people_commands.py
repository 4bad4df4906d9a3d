"""The office's commands over what people see of an area: what they print, and what a spreadsheet makes of it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk import points
from kiosk.cli import main
from kiosk.commands.hub.people import MEANINGS
from kiosk.commands.hub.tables import Table, local, say_csv
from kiosk.hub import stations
from kiosk.hub.people.oddities import ExceptionKind
from kiosk.riders.kinds import RiderStatus, RiderStatusSet
from kiosk.sync.wire import PROTOCOL, EnrolRequest
from models.hub import HubBox
from models.hub_people import HubSession
from tests.helpers.hub import Caller, Hub, Syncing, closing_hubs, enrolled_box, hub_box
from tests.helpers.people import AREA, DAY, deliver, enrolled, level, open_hub, started
from tests.helpers.riders import add_rider
from tests.helpers.sheets import rows_of
from tests.helpers.stations import Stream

LI = "aa" * 8


@pytest.fixture
def kiosk_hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`kiosk hub ...` on one file."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["hub", *arguments, "--database", f"sqlite:///{tmp_path}/hub.db"])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


async def test_the_commands_show_names_only_when_asked_and_say_so(
    tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]
) -> None:
    with closing_hubs() as hubs:
        hubs.append(hub := Hub(tmp_path))
        box = enrolled_box(tmp_path, hub)
        with box.journal.store.use():
            rider = add_rider(box, "王小强").rider.id
            points.award(box, rider=rider, rule=points.Rule.CHECK_IN, day=DAY, actor="station")
        async with Syncing(box, hub).running():
            pass
    status, out, err = kiosk_hub("list", "riders", "--area", AREA)
    assert (status, err) == (0, "")
    assert out.splitlines()[1].split()[:2] == [rider, "王*强"]
    status, out, err = kiosk_hub("list", "balances", "--area", AREA, "--year", str(DAY.year), "--names", "--csv")
    assert status == 0
    assert "in full" in err
    (row,) = rows_of(out)
    assert (row["name"], row["daily"], row["review"], row["half_points"]) == ("王小强", "61", "", "122")
    assert (row["total"], row["provisional"]) == ("61", "yes"), "nobody has to halve what is on the list"
    for kind in ("sessions", "exceptions", "stations"):
        assert kiosk_hub("list", kind, "--area", AREA)[0] == 0
    status, out, _ = kiosk_hub("list", "rider", rider, "--area", AREA)
    assert (status, "王*强" in out, "王小强" in out) == (0, True, False)
    assert kiosk_hub("list", "rider", "ff" * 8, "--area", AREA)[0] == 1
    assert kiosk_hub("list", "riders", "--area", "nowhere")[0] == 1


def test_a_list_of_nothing_says_of_what(tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]) -> None:
    with open_hub(f"sqlite:///{tmp_path}/hub.db"):
        pass
    for words, told in (
        (("list", "riders", "--page", "9"), "Nothing to list in the area luxi on page 9.\n"),
        (("list", "balances", "--year", "2025"), "Nothing to list in the area luxi of 2025.\n"),
        (("list", "sessions", "--day", "2026-11-01"), "Nothing to list in the area luxi on 2026-11-01.\n"),
        (("list", "exceptions"), "Nothing to list in the area luxi; --all also shows what somebody has looked at.\n"),
        (("exception", "list", "--all"), "Nothing to list in the area luxi.\n"),
    ):
        status, out, err = kiosk_hub(*words, "--area", AREA)
        assert (status, len(out.splitlines()), err) == (0, 1, told), "the header alone, for a program"


def test_a_list_of_exceptions_says_what_they_mean(
    tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]
) -> None:
    assert set(MEANINGS) == set(ExceptionKind)
    with open_hub(f"sqlite:///{tmp_path}/hub.db") as store:
        station = Stream("1" * 32)
        deliver(store, [station.writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}") for _ in range(2)])
    _, _, err = kiosk_hub("exception", "list", "--area", AREA)
    assert err.splitlines() == [
        f"wrong_writer: {MEANINGS['wrong_writer']}.",
        "`kiosk hub exception resolve ID --area luxi --as seen` says that somebody has dealt with one.",
    ]
    assert kiosk_hub("exception", "list", "--area", AREA, "--csv")[2] == ""


def test_the_commands_resolve_rebuild_and_check(tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]) -> None:
    with open_hub(f"sqlite:///{tmp_path}/hub.db") as store:
        deliver(store, [Stream("1" * 32).writes(RiderStatusSet(status=RiderStatus.BLOCKED), f"rider:{LI}")])
    _, out, _ = kiosk_hub("exception", "list", "--area", AREA, "--csv")
    (row,) = rows_of(out)
    assert row["kind"] == "wrong_writer"
    assert kiosk_hub("exception", "resolve", row["id"], "--area", AREA, "--as", "Seen it")[0] == 2
    assert kiosk_hub("exception", "resolve", "0" * 12, "--area", AREA, "--as", "seen")[0] == 1
    assert kiosk_hub("exception", "resolve", row["id"], "--area", AREA, "--as", "seen")[0] == 0
    assert len(kiosk_hub("list", "exceptions", "--area", AREA)[1].splitlines()) == 1
    assert kiosk_hub("rebuild")[:2] == (0, f"{AREA}: the lists were built anew from 2 events.\n")
    assert kiosk_hub("check", "--area", AREA)[0] == 0
    with sqlite3.connect(tmp_path / "hub.db") as file:
        file.execute("UPDATE hub_exception SET resolution = 'forgotten'")
    status, out, _ = kiosk_hub("check")
    assert status == 1
    assert "table hub_exception" in out
    assert kiosk_hub("rebuild", "--area", "nowhere")[0] == 1


@dataclass(frozen=True)
class Cell:
    """A line of one column."""

    cell: object


def test_a_spreadsheet_shows_every_list_as_it_is_meant(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """In UTF-8, no formula, and no id as 1.23457E+15; what it would show as it is has no mark, for programs."""
    cells = {
        "王小强": "王小强",
        "=1+1": "'=1+1",
        ("=1", "b"): "'=1 b",
        "1234567890123456": "'1234567890123456",
        "12345678901234e5": "'12345678901234e5",
        "123456789012": "'123456789012",
        "01": "'01",
        ("0" * 16,): "'" + "0" * 16,
        "1": "1",
        "81.5": "81.5",
        "2026-11-24": "2026-11-24",
        -1: "-1",
        -0.5: "-0.5",
        None: '""',
        True: "yes",
    }
    say_csv(Table(Cell, [Cell(value) for value in cells]))
    lines = ["cell", *cells.values(), ""]
    assert capsysbinary.readouterr().out == b"\xef\xbb\xbf" + "\r\n".join(lines).encode()


def test_an_id_that_looks_like_a_number_is_taken_back_as_it_stands_in_a_list(
    tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]
) -> None:
    rider = "12345678901234e5"
    with open_hub(f"sqlite:///{tmp_path}/hub.db") as store:
        deliver(store, [enrolled(Stream("1" * 32), rider, 9)])
    _, out, _ = kiosk_hub("list", "riders", "--area", AREA, "--csv")
    shown = out.splitlines()[1].partition(",")[0]
    assert shown == f"'{rider}"
    status, out, _ = kiosk_hub("list", "rider", shown, "--area", AREA)
    assert (status, out.splitlines()[1].split()[0]) == (0, rider), "on a terminal it is as it is"
    reviews = tmp_path / "reviews.csv"
    reviews.write_bytes(f"\ufeffrider,points\r\n{shown},77\r\n".encode())
    status, out, err = kiosk_hub("review", "import", str(reviews), "--area", AREA, "--year", "2025")
    assert (status, out) == (0, "1 new, 0 corrected, 0 unchanged, 0 without points.\n"), err


def test_what_was_done_in_the_morning_does_not_stand_under_the_day_before(
    tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]
) -> None:
    """The hub keeps UTC; its civil days are the county's."""
    early = "2026-11-23T23:30:00.000+00:00"
    with open_hub(f"sqlite:///{tmp_path}/hub.db") as store:
        deliver(store, [started(Stream("1" * 32), "5" * 16, LI)])
        level(store)
        with store.transaction():
            HubSession.update(started_at=early).execute()
    sessions = ("list", "sessions", "--area", AREA, "--day", "2026-11-24")
    assert "  2026-11-24T07:30:00+08:00" in kiosk_hub(*sessions)[1]
    assert early in kiosk_hub(*sessions, "--csv")[1], "a program gets it as it is kept"
    for odd in ("9999-12-31T23:59:59.999+00:00", "2026-13-01T00:00:00.000+00:00", "x", ""):
        assert local(odd) == odd


def test_nothing_that_a_station_says_commands_the_offices_terminal(
    tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]
) -> None:
    with open_hub(f"sqlite:///{tmp_path}/hub.db") as store:
        evil = Stream("1" * 32).writes(RiderStatusSet(status=RiderStatus.BLOCKED), "rider:\x1b]0;x\x07\x1b[2J\u202e")
        deliver(store, [evil])
        code = stations.add(store, "LX01", AREA)
        box = hub_box(tmp_path)
        stations.enrol(
            store,
            EnrolRequest(
                protocol=PROTOCOL,
                code=code,
                origin=box.origin,
                station="LX01",
                area=AREA,
                software="1\x1b[2J",
                key_id=box.keys.issuing.key_id,
                public_key=box.keys.issuing.public_key.hex(),
            ),
        )
        with store.transaction():
            HubBox.update(seen_at="x").execute()
    for command in (("exception", "list", "--area", AREA), ("list", "stations", "--area", AREA), ("station", "list")):
        _, out, _ = kiosk_hub(*command)
        assert "·" in out
        assert out.replace("\n", "").isprintable()


async def test_what_stations_sent_that_is_no_event_can_be_looked_at(
    tmp_path: Path, kiosk_hub: Callable[..., tuple[int, str, str]]
) -> None:
    garbage = {"raw": "\x1b[2J{}", "digest": "00" * 32, "incarnation": "ab" * 8, "seq": 7}
    with closing_hubs() as hubs:
        hubs.append(hub := Hub(tmp_path))
        box = hub_box(tmp_path)
        answer = await Caller(hub, hub.add(box)).push(box.origin, [garbage])
        assert [one.outcome for one in answer.outcomes] == ["quarantined"]
    status, out, _ = kiosk_hub("quarantined", "list", "--area", AREA, "--csv")
    assert status == 0
    (row,) = rows_of(out)
    assert (row["station"], row["incarnation"], row["seq"], row["size"]) == ("LX01", "ab" * 8, "7", "6")
    assert row["reason"] == answer.outcomes[0].reason
    status, out, _ = kiosk_hub("quarantined", "show", row["id"].upper(), "--area", AREA)
    assert (status, "1b 5b 32 4a 7b 7d" in out, "\x1b" in out) == (0, True, False)
    assert kiosk_hub("quarantined", "show", "0" * 12, "--area", AREA)[0] == 1
    assert kiosk_hub("quarantined", "list", "--area", "nowhere")[0] == 1
    assert kiosk_hub("quarantined", "show", row["id"], "--area", AREA, "--raw")[:2] == (0, "\x1b[2J{}")
