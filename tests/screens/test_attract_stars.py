"""The quarter's service stars on the idle screen: whole names of riders who agreed, as many as fit."""

from rich.cells import cell_len

from kiosk.views import RankedView, RankingView
from screens.attract import star_lines

NAMES = ("王小强", "李四", "欧阳锋", "阿卜杜热西提·买买提明江", "石达开", "龙青山")
RANKING = RankingView(2026, 3, tuple(RankedView(number, name, 90) for number, name in enumerate(NAMES, 1)))


def test_no_ranking_takes_no_line() -> None:
    assert star_lines(None, 100, 2) == []


def test_names_are_never_cut_and_lines_never_too_long() -> None:
    for width in range(40, 120):
        for room in (1, 2):
            lines = star_lines(RANKING, width, room)
            assert len(lines) <= room
            assert all(cell_len(line) <= width for line in lines)
            shown = " ".join(lines)
            count = sum(name in shown for name in NAMES)
            assert all(f"{number} {name}" in shown for number, name in enumerate(NAMES[:count], 1)), "in order"


def test_all_are_shown_where_there_is_room() -> None:
    shown = "".join(star_lines(RANKING, 104, 2))
    assert all(name in shown for name in NAMES)
