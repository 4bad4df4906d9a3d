"""`kiosk hub`: areas, enrolment codes that a scanner reads, and where the database is named."""

import asyncio
import os
import sqlite3
import sys
import tty
from contextlib import closing
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kiosk.cli import main
from kiosk.commands.init import _first_scan
from kiosk.hub.sqlite import PRAGMAS
from kiosk.identity.terminal import half_blocks, save_code
from kiosk.sync.enrol import EnrolError, enrol
from kiosk.sync.ticket import Ticket, TicketError, read_ticket
from tests.helpers.box import make_settings
from tests.helpers.hub import hub_box

TICKET = Ticket("ABCD-EFGH-JKLM-NPQR", "https://hub.example/luxi")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A hub's database, named in the environment."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    monkeypatch.setenv("KIOSK_HUB_DATABASE", url)
    return url


def test_the_database_is_named_in_the_environment_or_by_an_option(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "area", "add", "luxi"]) == 0
    assert (tmp_path / "hub.db").exists()
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert main(["hub", "--database", other, "area", "add", "jishou"]) == 0
    assert main(["hub", "area", "add", "fenghuang", "--database", other]) == 0
    capsys.readouterr()
    assert main(["hub", "area", "list"]) == 0
    assert capsys.readouterr().out == "luxi  0 stations  0 events\n"
    assert main(["hub", "--database", other, "area", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["fenghuang", "jishou"]
    with pytest.raises(SystemExit):
        main(["hub", "--help"])
    assert database not in capsys.readouterr().out, "it may hold a password"


def test_who_names_another_database_than_the_hubs_reads_that_a_new_hub_was_made(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in another folder than the last time, where the name that is taken without one means another file."""
    main(["hub", "area", "add", "luxi"])
    assert capsys.readouterr().err.startswith(f"There was no hub in {database}: a new one was made there")
    monkeypatch.delenv("KIOSK_HUB_DATABASE")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert main(["hub", "area", "list"]) == 0
    made, none = capsys.readouterr().err.splitlines()
    assert made.startswith("There was no hub in sqlite:///hub.db: a new one was made there")
    assert made.endswith("name it with --database or in KIOSK_HUB_DATABASE.")
    assert "no area at this hub yet" in none
    main(["hub", "area", "list"])
    assert "There was no hub" not in capsys.readouterr().err


@pytest.mark.usefixtures("database")
def test_an_area_is_made_once_and_its_name_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub", "area", "add", "luxi"]) == 0
    assert main(["hub", "area", "add", "luxi"]) == 1
    assert "there already" in capsys.readouterr().err
    assert main(["hub", "area", "add", "Luxi"]) == 1
    assert "accepted are small letters" in capsys.readouterr().err
    assert main(["hub", "area", "close", "luxi", "--moved-to", "hub2"]) == 2
    assert "such as https://hub.example" in capsys.readouterr().err
    assert main(["hub", "notice", "add", "--area", "jishou", "--title", "x", "--text", "x"]) == 1
    assert "`kiosk hub area add jishou` makes it" in capsys.readouterr().err


@pytest.mark.usefixtures("database")
def test_the_code_of_a_new_station_can_be_scanned_from_a_terminal_and_from_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lx01.png"
    words = ["station", "add", "LX01", "--area", "luxi", "--qr", "--png", str(file), "--url", "https://hub.example"]
    assert main(["hub", *words]) == 0
    code, *drawn = capsys.readouterr().out.splitlines()
    wanted = f"KIOSK-ENROL:{code}:https://hub.example"
    assert scanned(Image.open(file)) == wanted
    assert scanned(pixels(drawn)) == wanted
    assert max(map(len, drawn)) <= 80
    assert main(["hub", "station", "add", "LX02", "--area", "luxi", "--url", "hub.example"]) == 2
    assert main(["hub", "station", "add", "LX02", "--area", "luxi", "--png", str(tmp_path / "none" / "x.png")]) == 1
    assert "the code above is good" in capsys.readouterr().err


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("takes", "told"), [("nobody", ""), ("full", "The output cannot be written: No space left on device.\n")]
)
def test_output_that_cannot_be_written_is_no_traceback(
    takes: str, told: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As behind `head -1`, or in a file on a full disk."""
    assert main(["hub", "station", "add", "LX01", "--area", "luxi"]) == 0
    if takes == "full":
        output = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, output = os.pipe()
        os.close(reader)
    capfd.readouterr()
    with os.fdopen(output, "w", encoding="utf-8") as stdout, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        assert main(["hub", "station", "add", "LX01", "--area", "luxi", "--qr", "--url", "https://hub.example"]) == 1
        assert main(["hub", "station", "list"]) == 0, "the buffer's rest goes nowhere"
    assert capfd.readouterr().err == told


def test_a_code_is_dark_on_light_whatever_the_terminals_colours() -> None:
    lines = half_blocks(TICKET.text, colours=True).splitlines()
    assert all(line.startswith("\x1b[97;40m") for line in lines)
    assert all(line.endswith("\x1b[0m") for line in lines)


def test_what_was_typed_or_scanned_is_one_ticket(tmp_path: Path) -> None:
    assert read_ticket(TICKET.text) == TICKET
    assert read_ticket(" kiosk-enrol:abcd-efgh:https://hub.example:8443 \n") == Ticket(
        "abcd-efgh", "https://hub.example:8443"
    )
    assert read_ticket(Ticket("ABCD").text) == read_ticket("ABCD") == Ticket("ABCD")
    for wrong in ("", "KIOSK-ENROL::https://hub.example", "A" * 65, "http://hub.example", "LX01_0001", "王"):
        with pytest.raises(TicketError, match="accepted is"):
            read_ticket(wrong)
    save_code(TICKET.text, tmp_path / "x.png")
    assert scanned(Image.open(tmp_path / "x.png")) == TICKET.text


def test_a_code_of_another_hub_is_not_tried_at_this_one(tmp_path: Path) -> None:
    box = hub_box(tmp_path)
    with pytest.raises(EnrolError, match=r"of the hub https://hub\.example/luxi; hub\.url in the settings says"):
        enrol(box.settings, box.keys, box.origin, TICKET.text)
    with pytest.raises(EnrolError, match="accepted is what"):
        enrol(box.settings, box.keys, box.origin, "no:code")
    assert Ticket("ABCD", "http://127.0.0.1:1/").is_of("http://127.0.0.1:1")


async def test_init_reads_the_code_with_the_stations_own_scanner(tmp_path: Path) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        settings = make_settings(tmp_path, scanner={"port": os.ttyname(slave)})
        reading = asyncio.create_task(_first_scan(settings))
        while not reading.done():
            os.write(master, TICKET.text.encode() + b"\r\n")
            await asyncio.wait((reading,), timeout=0.05)
        assert read_ticket(reading.result() or "") == TICKET
    finally:
        os.close(master)
        os.close(slave)


async def test_init_gives_up_when_nothing_is_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.commands.init.SCAN_WITHIN_S", 0.05)
    settings = make_settings(tmp_path, scanner={"port": str(tmp_path / "none")})
    assert await _first_scan(settings) is None


@pytest.mark.usefixtures("database")
def test_a_notice_is_listed_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "area", "add", "luxi"])
    capsys.readouterr()
    main(["hub", "notice", "add", "--area", "luxi", "--title", "雨天路滑", "--text", "请慢行"])
    notice = capsys.readouterr().out.strip()
    assert main(["hub", "notice", "list", "--area", "luxi"]) == 0
    assert capsys.readouterr().out.startswith(notice)
    assert main(["hub", "notice", "end", notice, "--area", "luxi"]) == 0
    capsys.readouterr()
    main(["hub", "notice", "list", "--area", "luxi"])
    assert " until " in capsys.readouterr().out
    assert main(["hub", "notice", "end", "none", "--area", "luxi"]) == 1
    over = ["--title", "x", "--text", "x", "--until", "2020-01-01"]
    assert main(["hub", "notice", "add", "--area", "luxi", *over]) == 2, "nobody would ever see it"


@pytest.mark.usefixtures("database")
def test_a_notice_has_room_on_the_smaller_screen(capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "area", "add", "luxi"])
    add = ["hub", "notice", "add", "--area", "luxi"]
    for title, text, told in (
        ("长" * 31, "x", "--title: found 31 characters; accepted are 1 to 30"),
        ("x", "长" * 101, "--text: found 101 characters; accepted are 1 to 100"),
        (" \n", "x", "--title: found 0 characters"),
    ):
        assert main([*add, "--title", title, "--text", text]) == 2
        assert told in capsys.readouterr().err
    assert main([*add, "--title", "雨天\n路滑", "--text", "请\x1b[2J慢行"]) == 0
    capsys.readouterr()
    main(["hub", "notice", "list", "--area", "luxi"])
    assert capsys.readouterr().out.endswith("雨天 路滑\n")


@pytest.mark.usefixtures("database")
def test_lists_of_nothing_say_so_and_put_nothing_where_a_program_reads(capsys: pytest.CaptureFixture[str]) -> None:
    for words, told in (
        (["area", "list"], "no area at this hub yet"),
        (["station", "list"], "no station at this hub yet"),
        (["notice", "list", "--area", "luxi"], "No notice was published"),
        (["ranking", "list", "--area", "luxi"], "No ranking stands"),
    ):
        assert main(["hub", *words]) == 0
        out, err = capsys.readouterr()
        assert (out, told in err) == ("", True)
        if words[0] == "station":
            main(["hub", "area", "add", "luxi"])
            capsys.readouterr()


@pytest.mark.usefixtures("database")
def test_what_a_new_code_means_beyond_itself_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    add = ["hub", "station", "add", "LX01", "--area", "luxi"]
    assert main(add) == 0
    assert capsys.readouterr().err.endswith("\nThe area luxi is new: it was made with this station.\n")
    assert main(add) == 0
    assert "is not good any more" in capsys.readouterr().err


@pytest.mark.usefixtures("database")
def test_who_gives_something_else_reads_what_was_found_and_an_example_of_what_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "area", "add", "luxi"])
    phone = ["rider", "phone", "00000000000000aa", "--area", "luxi", "--by"]
    word = "accepted is a word of small letters and _"
    none = str(tmp_path / "none")
    for status, words, told in (
        (2, [*phone, "Wang Lan", "--reason", "accident"], f"--by: found 'Wang Lan'; {word}, such as wang_lan"),
        (2, [*phone, "wang_lan", "--reason", "事故"], f"--reason: found '事故'; {word}, such as accident"),
        (1, [*phone, "wang_lan", "--reason", "accident", "--keys", none], f"{none} cannot be read: No such file"),
        (1, ["station", "revoke", "LX09"], "no station LX09 at this hub; `kiosk hub station list` shows all"),
        (1, ["area", "close", "lux", "--moved-to", "https://x.example"], "`kiosk hub area list` shows those that are"),
        (1, ["area", "export", "lux", none], "`kiosk hub area list` shows those that are there"),
        (1, ["check"], "`kiosk hub rebuild --area luxi` builds the lists of luxi anew."),
        (2, ["--metrics-token", none], f"{none} cannot be read (No such file or directory)"),
    ):
        capsys.readouterr()
        assert main(["hub", *words]) == status
        assert told in capsys.readouterr().err


def test_who_finds_somebody_else_writing_reads_that_it_passes(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "area", "add", "luxi"])
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 1)
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        capsys.readouterr()
        assert main(["hub", "area", "list"]) == 1
    assert capsys.readouterr().err.endswith("is locked. Somebody else is writing there: try again in a moment.\n")


@pytest.mark.usefixtures("database")
def test_a_station_that_is_refused_already_is_told_of_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    main(["hub", "station", "add", "LX01", "--area", "luxi"])
    capsys.readouterr()
    for told in ("Station LX01 is refused from now on", "Station LX01 was refused already"):
        assert main(["hub", "station", "revoke", "LX01"]) == 0
        assert capsys.readouterr().out.startswith(told)


def scanned(picture: Image.Image) -> str:
    """What a reader makes of a picture."""
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def pixels(lines: list[str]) -> Image.Image:
    """Half blocks as a terminal with light letters on dark shows them."""
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = [bytes(halves[letter][half] for letter in line) for line in lines for half in (0, 1)]
    small = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    return small.resize((small.width * 6, small.height * 6), Image.Resampling.NEAREST)
