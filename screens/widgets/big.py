"""Words in very large characters, drawn in half blocks: readable from across the street.

A terminal has one size of characters, so the few words that must be seen from afar are drawn from dots. The dots were
rendered once from Noto Sans CJK SC Bold (SIL Open Font License 1.1) and DejaVu Sans Mono Bold (Bitstream Vera licence);
the digits were drawn by hand.
"""

from functools import lru_cache
from typing import Final

from textual.widgets import Static

from screens.language import language

Glyph = tuple[int, str]
"""Width in dots, and the rows from the top as hexadecimal digits, each row filled up to whole digits."""

GLYPHS: Final[dict[int, dict[str, Glyph]]] = {
    24: {
        "请": (
            24,
            (
                "0003801803803c7ffc1e7ffc0e0380063ffc003ffc0003807cfffe7cfffe7c00000c3ffc"
                "0c3ffc0c381c0c381c0c3ffc0c3ffc0fb81c0fbffc1f3ffc1e381c1c38f81838f8000000"
            ),
        ),
        "扫": (
            24,
            (
                "0600000e00000e3ffc0e3ffc0e3ffc7fc01c7fc01c7f801c0e001c0e001c0e1ffc0fdffc"
                "7fdffc7f801c7e001c0e001c0e001c0e001c0e001c0e3ffc0e3ffc3e3ffc3c001c100000"
            ),
        ),
        "码": (
            24,
            (
                "0000007fdff87fdff81c00381c0c381c0c38181c30381c303f9c303f9c707f9ffe799ffe"
                "79801e79800e39800c39bfec39bffc3fbfdc3f801c38001c3800f80000f8000000000000"
            ),
        ),
    },
    16: {
        "请": (16, "202033fe3870187001fc707073fe100011fc110411fc1d0c3dfc398c311c011c"),
        "扫": (16, "180019fc19fe7c067c061806180619fe7ffe780618061806180619fe79fe7006"),
        "码": (16, "7dfc7dfc300c308c208c7c887dfee5fe6406240625f63df63c04201c001c0000"),
        "充": (16, "0180018001807ffe7ffe0e301c383ffc3ffe066406600e600c621c62787e203c"),
        "电": (16, "018001803ffc3ffc318c318c3ffc3ffc318c318c3ffc3ffc3182018601fe00fc"),
        "读": (16, "31fc3bfc106003fe73fe71b610f4133011b017fe1ffe3cf839cc338602020000"),
        "书": (16, "0300031c030e3ffe3ff8031803187ffe7ffe0306030603060306033c03380300"),
        "积": (16, "04007efe78fe18867f867f8618863cfe3efe7e007a0058cc58c619c619861800"),
        "分": (16, "0e300c301c18381c300e7ffe3ffc03180618061806180c181c1878f020f00000"),
        "结": (16, "1030183031fe31fe66307c307dfe19fe30007efc71fe01860f867ffe61fe0084"),
        "束": (16, "018001807ffe7ffe01803ffc3ffc318c3ffc3ffc07e00ff01db8799e61860180"),
        "签": (16, "106038603ffe6c984d8807c00e707ffe67e6000019981998089000307ffe7ffe"),
        "到": (16, "00067f867fb61a3633363fb63fb600360c367fb63fb60c360c863f867c1e001c"),
        "成": (16, "00d800dc00cc3ffe3ffe30403e6c3f6c33783378237822706e726cfa619e410c"),
        "功": (16, "00607e607e6019fe19fe18661866186618463ec67cc661860386073c02380000"),
        "已": (16, "00003ff83ff800183018301830183ff83ff830083000300630063ffe1ffc0000"),
        "借": (16, "19981ffe33fe319877fef7ff700031fc33fc330433fc330c330433fc33fc0000"),
        "还": (16, "77fe3ffe1060006000e071f873fc376e3e663060306030607c00effe43fe0000"),
        "不": (16, "00007ffe01c00180038007f00fb81d9c798e7186018001800180018001800000"),
        "能": (16, "10603264367c7f707f6000627e7e7e3c66607e6c627c7e70766262626e7e6e3c"),
    },
    14: {
        "S": (8, "0000003c6260707c1e0707463c00"),
        "C": (8, "0000001e30706060606070301e00"),
        "A": (8, "0000001c3c3c3e36667e6363c300"),
        "N": (8, "000000637373737b6b6f6f676700"),
        "R": (8, "0000007c666767667c6e66676300"),
        "D": (8, "0000007c66676363636367667c00"),
        " ": (8, "0000000000000000000000000000"),
    },
    6: {
        "0": (3, "755570"),
        "1": (3, "262270"),
        "2": (3, "717470"),
        "3": (3, "717170"),
        "4": (3, "557110"),
        "5": (3, "747170"),
        "6": (3, "747570"),
        "7": (3, "712220"),
        "8": (3, "757570"),
        "9": (3, "757170"),
        "/": (3, "112440"),
    },
}
"""Glyphs by height in dots; two dots are one row of cells."""


@lru_cache(maxsize=8)
def big(words: str, height: int) -> str:
    """Lines of half blocks for some words.

    Args:
        words: only characters that `GLYPHS` has at this height.
        height: in dots: 24, 16, 14, or 6 for digits.

    Raises:
        KeyError: for a character that was never drawn.
    """
    glyphs = [(width, _rows(dots, height)) for width, dots in (GLYPHS[height][sign] for sign in words)]
    lines = []
    for top in range(0, height, 2):
        pieces = [_cells(width, rows[top], rows[top + 1]) for width, rows in glyphs]
        lines.append(" ".join(pieces))
    return "\n".join(lines)


def _rows(dots: str, height: int) -> list[int]:
    digits = len(dots) // height
    return [int(dots[row * digits : (row + 1) * digits], 16) for row in range(height)]


def _cells(width: int, upper: int, lower: int) -> str:
    return "".join(" ▀▄█"[(upper >> bit & 1) + 2 * (lower >> bit & 1)] for bit in reversed(range(width)))


def scan_invitation(*, compact: bool) -> tuple[str, int]:
    """The word "scan" in the language spoken now, and its height in dots: as large as there is room."""
    if language() == "en":
        return ("SCAN" if compact else "SCAN CARD"), 14
    return "请扫码", 16 if compact else 24


class Big(Static, inherit_bindings=False):
    """Large words in the middle of its space.

    Args:
        words: see `big`.
        height: see `big`.
        id: the widget's id.
    """

    def __init__(self, words: str, height: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(big(words, height), id=id, classes="-big", markup=False)

    def say(self, words: str, height: int) -> None:
        """Show other words."""
        self.update(big(words, height))
