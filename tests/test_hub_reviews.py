"""Annual reviews: a file is checked as a whole, told to every station, and corrected by telling it again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import points
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub.office import merges, reviews
from kiosk.imports import ImportReport
from models.hub import HubEvent
from tests.helpers.hub import Hub, Syncing, closing_hubs, hub_box
from tests.helpers.riders import add_rider


@pytest.fixture
def hub(tmp_path: Path, hub_url: str) -> Iterator[Hub]:
    """A hub that is closed after the test."""
    with closing_hubs() as hubs:
        hubs.append(Hub(tmp_path, hub_url))
        yield hubs[0]


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled station with three riders."""
    made = hub_box(tmp_path)
    hub.add(made)
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
    assert text.splitlines() == [
        "rider,station,number,name,points",
        f"{told[0]},LX01,1,王小强,",
        f"{told[1]},LX01,2,李四,",
        f"{told[2]},LX01,3,'=1+1,",
    ]
    filled = text.replace("王小强,", "王小强,８８").replace("李四,", "李四,100")
    assert take(hub, tmp_path / "r.csv", filled.encode(encoding)) == 0
    assert b"2 new, 0 corrected, 0 unchanged, 1 without points" in capsysbinary.readouterr().out
    again = reviews.template(hub.store, "luxi", 2026)
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
    assert take(hub, file, "") == 1
    assert take(hub, file, b"\xff\xff\xff") == 1
    assert reviewed(hub) == 0


def test_a_check_says_what_would_come_of_it_and_takes_nothing_in(
    hub: Hub, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(hub, tmp_path / "r.csv", f"rider,points\n{told[0]},90\n", "--check") == 0
    assert "1 new" in capsys.readouterr().out
    assert reviewed(hub) == 0


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
    assert "王小强" in reviews.template(hub.store, "luxi", 2026)
    assert "李四" not in reviews.template(hub.store, "luxi", 2026)


def test_an_area_or_a_file_that_is_not_there_is_said(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    database = ["hub", "--database", hub.url, "review"]
    assert main([*database, "import", "none.csv", "--area", "luxi", "--year", "2026"]) == 2
    assert "none.csv cannot be read" in capsys.readouterr().err
    assert main([*database, "template", "--area", "jishou", "--year", "2026"]) == 1
    assert "no area jishou" in capsys.readouterr().err
