"""A wrong name: a station enrols the person anew, and the office says which enrolment the person goes by."""

from pathlib import Path

import pytest

from kiosk import checkin, points
from kiosk.box import Box
from kiosk.cli import main
from kiosk.riders import people
from tests.helpers.hub import Hub, Syncing, enrolled_box
from tests.helpers.riders import add_rider
from tests.helpers.sheets import rows_of

WRONG, RIGHT = "王小墙", "王小强"


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled station."""
    return enrolled_box(tmp_path, hub)


@pytest.fixture
async def ids(box: Box, hub: Hub) -> tuple[str, str]:
    """A rider with a point who was misspelt, and the same person enrolled anew; the hub knows both."""
    with box.journal.store.use():
        misspelt = add_rider(box, WRONG, "13800001001")
        checkin.present_card(box, misspelt.card_text)
        anew = add_rider(box, RIGHT, "13800001002")
    async with Syncing(box, hub).running():
        pass
    return misspelt.rider.id, anew.rider.id


async def test_who_was_enrolled_anew_goes_by_the_new_name_and_keeps_the_points(
    hub: Hub, box: Box, ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    misspelt, anew = ids
    area = ("--area", "luxi", "--database", hub.url)
    assert main(["hub", "rider", "merge", anew, misspelt, *area]) == 0
    assert capsys.readouterr().out.endswith("One person, by the first name: LX01 2 (王*强) = LX01 1 (王*墙).\n")
    async with Syncing(box, hub).running():
        pass
    with box.journal.store.use():
        rider = people.view(box, misspelt)
        assert rider is not None
        assert people.name_of(rider) == RIGHT
        assert points.summary(box, anew).daily == points.summary(box, misspelt).daily
        assert any(entry.counted for entry in points.summary(box, anew).entries)
    main(["hub", "list", "balances", "--names", "--csv", *area])
    (row,) = rows_of(capsys.readouterr().out)
    assert (row["rider"], row["name"]) == (anew, RIGHT)


async def test_in_the_wrong_order_the_old_name_stays_and_that_can_be_undone(
    hub: Hub, box: Box, ids: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    misspelt, anew = ids
    area = ("--area", "luxi", "--database", hub.url)
    for deeds, name in (
        ([("merge", misspelt, anew)], WRONG),
        ([("unmerge", anew), ("merge", anew, misspelt)], RIGHT),
    ):
        for deed in deeds:
            assert main(["hub", "rider", *deed, *area]) == 0
        assert f"by the first name: LX01 {1 if name == WRONG else 2} (" in capsys.readouterr().out
        async with Syncing(box, hub).running():
            pass
        with box.journal.store.use():
            rider = people.view(box, misspelt)
            assert rider is not None
            assert people.name_of(rider) == name


def test_the_office_reads_where_a_wrong_name_is_mended(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["hub", "rider", "--help"])
    assert "or anew at a station because the name or the number was wrong" in " ".join(capsys.readouterr().out.split())
