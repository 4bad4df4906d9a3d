"""Chinese lines end where they may."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.wrapping import NOT_FIRST, NOT_LAST, fit, wrap

SIGNS = "骑手驿站充电，。、；：！？（）《》“”abc XYZ 12:30 -"


def test_a_comma_takes_its_word_along() -> None:
    """No line starts with a mark."""
    assert wrap("雨天路滑，请慢行。", 8) == ["雨天路", "滑，请慢", "行。"]


def test_an_opening_bracket_stays_with_its_word() -> None:
    """No line ends with one."""
    assert wrap("共读《红船》会", 6) == ["共读", "《红", "船》会"]


def test_latin_words_and_times_stay_whole() -> None:
    """A time broken in two is misread."""
    assert wrap("周五19:00读书会", 8) == ["周五", "19:00读", "书会"]
    assert wrap("please return it", 9) == ["please", "return it"]


def test_line_feeds_are_kept() -> None:
    """Also blank lines."""
    assert wrap("一\n\n二", 10) == ["一", "", "二"]


def test_a_word_wider_than_the_line_is_cut() -> None:
    """Rather than lost beyond the edge."""
    assert wrap("abcdefgh", 3) == ["abc", "def", "gh"]


def test_fitting_cuts_with_an_ellipsis() -> None:
    """In cells, not characters."""
    assert fit("平凡的世界", 7) == "平凡的…"
    assert fit("红岩", 4) == "红岩"


@given(st.text(alphabet=SIGNS, max_size=60), st.integers(min_value=12, max_value=40))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    """Whatever the mixture; spaces at breaks alone may go."""
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(st.sampled_from(["骑手", "充电", "，", "。", "《红岩》", "（今天）", "19:00", "！"]), max_size=30))
def test_no_line_starts_or_ends_with_the_wrong_mark(pieces: list[str]) -> None:
    """As long as the marks do not come in such a row that nothing else fits."""
    text = "站" + "".join(
        piece for at, piece in enumerate(pieces) if not (at and _mark(piece) and _mark(pieces[at - 1]))
    )
    for line in wrap(text, 24)[1:]:
        assert line[0] not in NOT_FIRST
    for line in wrap(text, 24):
        assert line[-1] not in NOT_LAST


def _mark(piece: str) -> bool:
    return piece in {"，", "。", "！"}
