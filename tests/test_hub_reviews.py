"""Annual reviews: a file is checked as a whole, told to every station, and corrected by telling it again."""

from datetime import date
from pathlib import Path

import pytest

from kiosk import points
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import office
from kiosk.hub.office import erasing, merges, reviews
from kiosk.imports import ImportReport
from models.hub import HubEvent, HubRecord
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.people import deliver, enrolled
from tests.helpers.riders import add_rider
from tests.helpers.stations import Stream

TODAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """What day it is at the office."""
    monkeypatch.setattr("kiosk.commands.hub.reviews.today", lambda: TODAY)


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled station with three riders."""
    made = enrolled_box(tmp_path, hub)
    with made.journal.store.use():
        for number, name in enumerate(("王小强", "李四", "=1+1")):
            add_rider(made, name, f"1380000100{number}")
    return made


@pytest.fixture
async def told(box: Box, hub: Hub) -> list[str]:
    """The hub knows the riders; their ids by number."""
    async with Syncing(box, hub).running():
        pass
    with hub.store.transaction():
        enrolled = HubEvent.select().where(HubEvent.kind == "rider.enrolled").order_by(HubEvent.position)
        return [str(row.subject).partition(":")[2] for row in enrolled]


def take(hub: Hub, file: Path, content: str | bytes, *options: str) -> int:
    """`kiosk hub review import`."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    words = ["review", "import", str(file), "--area", "luxi", "--year", "2026", *options]
    return main(["hub", "--database", hub.url, *words])


def unguarded(text: str) -> list[str]:
    """Lines, without the mark before a random id that happens to look like a number."""
    return [line.removeprefix("'") for line in text.splitlines()]


def reviewed(hub: Hub) -> int:
    """How many reviews were told so far."""
    with hub.store.transaction():
        return int(HubEvent.select().where(HubEvent.kind == "points.reviewed").count())


async def test_a_review_is_half_of_the_total_at_every_station(
    hub: Hub, box: Box, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(hub, tmp_path / "r.csv", f"rider,points\n{told[0]},90\n{told[1].upper()},0\n") == 0
    assert capsys.readouterr().out == "2 new, 0 corrected, 0 unchanged, 0 without points.\n"
    async with Syncing(box, hub).running():
        with box.journal.store.use():
            views = [points.summary(box, rider) for rider in told]
    assert [view.review for view in views] == [90, 0, None]
    assert [view.provisional for view in views] == [False, False, True]
    assert views[0].total_half_points == views[0].daily + 90


async def test_a_second_file_corrects_what_differs_and_repeats_nothing(
    hub: Hub, box: Box, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.csv"
    take(hub, file, "station,number,points\nLX01,1,90\nlx01,2,70\n")
    assert take(hub, file, "station,number,points\nLX01,1,90\nLX01,2,75\nLX01,3,\n") == 0
    assert capsys.readouterr().out.endswith("0 new, 1 corrected, 1 unchanged, 1 without points.\n")
    assert reviewed(hub) == 3
    async with Syncing(box, hub).running():
        with box.journal.store.use():
            assert points.summary(box, told[1]).review == 75


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_template_is_filled_in_and_taken_back(
    hub: Hub, told: list[str], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], encoding: str
) -> None:
    assert main(["hub", "--database", hub.url, "review", "template", "--area", "luxi", "--year", "2026"]) == 0
    text = capsysbinary.readouterr().out.decode("utf-8-sig")
    assert unguarded(text) == [
        "rider,station,number,name,points",
        f"{told[0]},LX01,1,王小强,",
        f"{told[1]},LX01,2,李四,",
        f"{told[2]},LX01,3,'=1+1,",
    ]
    filled = text.replace("王小强,", "王小强,８８").replace("李四,", "李四,100")
    assert take(hub, tmp_path / "r.csv", filled.encode(encoding)) == 0
    assert b"2 new, 0 corrected, 0 unchanged, 1 without points" in capsysbinary.readouterr().out
    again = reviews.template(hub.store, "luxi", 2026).text
    assert "王小强,88" in again, "what was told so far stands in the next template"


def test_every_mistake_is_named_by_its_line_and_nothing_is_taken_in(
    hub: Hub, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.csv"
    assert take(hub, file, f"rider,points\n{told[0]},101\nxyz,9\n{told[1]},50\n{told[1]},50\n{told[2]},7.5\n") == 1
    wrong = capsys.readouterr().err.splitlines()
    assert wrong[0] == "Nothing was taken in:"
    assert [line.strip().partition(":")[0] for line in wrong[1:]] == [
        "line 2, points",
        "line 3, rider",
        "line 5, rider",
        "line 6, points",
    ]
    assert "found '101'; accepted is a whole number from 0 to 100" in wrong[1]
    assert take(hub, file, "station,number,points\nLX01,1,50\nLX01,4,50\nLX09,1,50\n") == 1
    wrong = capsys.readouterr().err.splitlines()
    assert [line.strip().partition(":")[0] for line in wrong[1:]] == ["line 3, number", "line 4, number"]
    assert take(hub, file, f"rider,station,number,name,points\n{told[0]},LX01,2,x,50\n") == 1
    assert f"accepted is LX01 1, which rider {told[0]} is" in capsys.readouterr().err
    assert take(hub, file, "name,points\nx,1\n") == 1
    assert "accepted is rider,station,number,name,points, or station,number,points, or" in capsys.readouterr().err
    for mark in (";", "\t"):
        assert take(hub, file, f"rider,points\n{told[0]},50\n".replace(",", mark)) == 1
        assert "with commas between the fields" in capsys.readouterr().err
    for other, name in ((b"PK\x03\x04" + b"\xff" * 9, "a spreadsheet itself"), ("rider".encode("utf-16"), "UTF-16")):
        assert take(hub, file, other) == 1
        found = capsys.readouterr().err
        assert name in found
        assert "accepted is a CSV file in UTF-8 or GB18030" in found
    assert take(hub, file, "") == 1
    assert take(hub, file, b"\xff\xff\xff") == 1
    assert reviewed(hub) == 0


def test_a_check_says_what_would_come_of_it_and_takes_nothing_in(
    hub: Hub, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(hub, tmp_path / "r.csv", f"rider,points\n{told[0]},90\n", "--check") == 0
    assert "1 new" in capsys.readouterr().out
    assert reviewed(hub) == 0


def test_a_year_that_has_not_begun_is_not_reviewed(
    hub: Hub, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        take(hub, tmp_path / "r.csv", f"rider,points\n{told[0]},90\n", "--year", "2027")
    told_why = "--year: found '2027', which has not begun; accepted is a year from 2022 to 2026\n"
    assert capsys.readouterr().err.endswith(told_why)
    assert reviewed(hub) == 0
    assert take(hub, tmp_path / "r.csv", f"rider,points\n{told[0]},90\n", "--year", "2025") == 0


def test_a_person_enrolled_twice_is_reviewed_once(hub: Hub, told: list[str]) -> None:
    merges.merge(hub.store, "luxi", told[0], told[1])
    rows = reviews.check_reviews(f"rider,points\n{told[1]},80\n".encode())
    assert not isinstance(rows, ImportReport)
    reviews.import_reviews(hub.store, "luxi", 2026, rows)
    with hub.store.transaction():
        review = HubEvent.get(HubEvent.kind == "points.reviewed")
        assert review.subject == f"review:{told[0]}/2026"
    twice = reviews.check_reviews(f"rider,points\n{told[0]},80\n{told[1]},80\n".encode())
    assert not isinstance(twice, ImportReport)
    report = reviews.import_reviews(hub.store, "luxi", 2026, twice)
    assert isinstance(report, ImportReport)
    assert [mistake.line for mistake in report.mistakes] == [3]
    text = reviews.template(hub.store, "luxi", 2026).text
    assert "王小强" in text
    assert "李四" not in text


def test_who_has_no_readable_name_is_in_the_template_all_the_same_but_who_was_erased_is_not(
    hub: Hub, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with hub.store.transaction():
        unread = HubEvent.get(HubEvent.subject == f"rider:{told[1]}").id
        HubRecord.update(data=b"{}").where(HubRecord.event == unread).execute()
    erasing.erase(hub.store, "luxi", told[2])
    assert main(["hub", "--database", hub.url, "review", "template", "--area", "luxi", "--year", "2026"]) == 0
    said = capsys.readouterr()
    assert unguarded(said.out)[1:] == [f"{told[0]},LX01,1,王小强,", f"{told[1]},LX01,2,,"]
    assert said.err.startswith("1 of 2 riders have no name here")
    merges.merge(hub.store, "luxi", told[1], told[0])
    (line,) = reviews.template(hub.store, "luxi", 2026).text.splitlines()[1:]
    assert line == f"{told[1]},LX01,2,王小强,", "the person's name under the other id"


def test_an_id_that_a_spreadsheet_would_take_for_a_number_comes_back_as_it_was(
    hub: Hub, told: list[str], tmp_path: Path
) -> None:
    """It would save 1.23457E+15. Here of a box that the hub does not know any more, so that its id is the station's."""
    assert told
    rider, origin = "12345678901234e5", "00e0" * 8
    deliver(hub.store, [enrolled(Stream(origin), rider, 9)])
    text = reviews.template(hub.store, "luxi", 2026).text
    (line,) = (line for line in text.splitlines() if rider in line)
    assert line == f"'{rider},{origin},9,,"
    assert take(hub, tmp_path / "r.csv", text.replace(line, line + "77")) == 0
    with hub.store.transaction():
        assert HubEvent.get(HubEvent.kind == "points.reviewed").subject == f"review:{rider}/2026"


def test_an_area_or_a_file_that_is_not_there_is_said(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    database = ["hub", "--database", hub.url, "review"]
    office.add_area(hub.store, "luxi")
    assert main([*database, "template", "--area", "luxi", "--year", "2026"]) == 1
    assert capsys.readouterr() == (
        "",
        "No rider of the area luxi has come to this hub yet: there is nobody to review.\n",
    )
    with pytest.raises(SystemExit, match="2"):
        main([*database, "template", "--area", "luxi", "--year", "26"])
    assert "--year: found '26'; accepted is a whole number from 2022 to 2026" in capsys.readouterr().err
    assert main([*database, "import", "none.csv", "--area", "luxi", "--year", "2026"]) == 2
    assert "none.csv cannot be read" in capsys.readouterr().err
    assert main([*database, "template", "--area", "jishou", "--year", "2026"]) == 1
    assert "no area jishou" in capsys.readouterr().err
