"""Line breaking for Chinese and mixed text, in terminal cells.

Textual breaks at spaces alone, which leaves Chinese ragged and starts lines with a comma. Here a line may break
between any two wide characters, never before closing punctuation and never after an opening bracket (GB/T 15834-2011
§5.1: such marks do not stand at the beginning, respectively the end, of a line), and never inside a Latin word or a
number.
"""

from typing import Final

from rich.cells import cell_len

NOT_FIRST: Final = frozenset("，。、；：！？）》〉」』】〕”’…—～·％,.;:!?)]}%")
"""Characters that no line starts with."""

NOT_LAST: Final = frozenset("（《〈「『【〔“‘￥$([{")
"""Characters that no line ends with."""


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells.

    A closing mark that does not fit takes the word before it along to the next line. A single word wider than the line
    is cut.

    Args:
        text: the words; line feeds are kept as breaks.
        width: cells of a line, at least 2.

    Returns:
        The lines, without trailing spaces; a blank line for an empty text line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_paragraph(paragraph, max(2, width))
    return lines


def fit(text: str, width: int) -> str:
    """The text in one line of at most `width` cells, cut with an ellipsis when it is longer."""
    if cell_len(text) <= width:
        return text
    kept = ""
    for character in text:
        if cell_len(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for unit in _units(paragraph):
        if line and cell_len((line + unit).rstrip()) > width:
            lines.append(line.rstrip())
            line = unit.lstrip()
        else:
            line += unit
        while cell_len(line.rstrip()) > width:
            head = _head(line, width)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()]


def _head(line: str, width: int) -> str:
    head = ""
    for character in line:
        if head and cell_len(head + character) > width:
            break
        head += character
    return head


def _units(text: str) -> list[str]:
    """Pieces that may not be broken: a Latin word, or one wide character, with the marks that cling to it."""
    units: list[str] = []
    for character in text:
        if units and not _may_break(units[-1][-1], character):
            units[-1] += character
        else:
            units.append(character)
    return units


def _may_break(before: str, after: str) -> bool:
    if after in NOT_FIRST or before in NOT_LAST or after == " ":
        return False
    return before == " " or _wide(before) or _wide(after)


def _wide(character: str) -> bool:
    return cell_len(character) == 2
