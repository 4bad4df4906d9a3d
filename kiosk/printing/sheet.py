"""Cards on paper: a picture each, ten on a sheet of A4, to be cut out and laminated."""

from collections.abc import Sequence
from math import cos, pi, sin
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.printing.fonts import Fonts
from kiosk.printing.paper import Grid, blank, code_picture, pixels, save_pages, write_line
from kiosk.views import PrintedCard

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

CARD_MM: Final = (85.6, 54.0)
"""ID-1 of ISO/IEC 7810: fits wallets and laminating pouches."""
GRID: Final = Grid(CARD_MM, columns=2, rows=5, outlined=True)
MODULE_PIXELS: Final = 14
"""0.89 mm: the code with its quiet zone is 43.6 mm wide."""
MARK: Final = "先锋骑手"
"""The programme's own word, on paper as on the box: it is not translated."""


def save_sheets(cards: Sequence[PrintedCard], station: str, fonts: Fonts, path: Path) -> int:
    """Write a PDF with all cards; for its owner's eyes alone (mode 0600): names stand on it.

    Args:
        cards: at least one.
        station: the station's name.
        fonts: what to write in.
        path: of the PDF; replaced when it is there.

    Returns:
        The number of pages.

    Raises:
        OSError: the file cannot be written.
    """
    return save_pages((draw_card(card, station, fonts) for card in cards), GRID, path, mode=0o600)


def draw_card(card: PrintedCard, station: str, fonts: Fonts) -> "Image":
    """One card in black on white: the code, and beside it name, mark, number, station and day of issue."""
    from PIL import ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    picture = blank(CARD_MM)
    width, height = picture.size
    code = code_picture(card.text, MODULE_PIXELS)
    inset = (height - code.height) // 2
    picture.paste(code, (inset // 2, inset))
    draw = ImageDraw.Draw(picture)
    left = inset // 2 + code.width + pixels(1)
    room = width - left - pixels(3)
    top = pixels(8)
    top += write_line(draw, card.name, (left, top), fonts, room=room, size=pixels(7.5)) + pixels(2)
    if card.vanguard:
        top += _mark(draw, fonts, (left, top), room) + pixels(2)
    number = () if card.number is None else (f"No. {card.number}",)
    for words in (*number, station, card.issued.isoformat()):
        top += write_line(draw, words, (left, top), fonts, room=room, size=pixels(3.6)) + pixels(1.2)
    return picture


def _mark(draw: "ImageDraw", fonts: Fonts, corner: tuple[int, int], room: int) -> int:
    """The vanguard riders' mark, white on black, with its star; the height that it took."""
    height = pixels(8)
    draw.rectangle((*corner, corner[0] + room, corner[1] + height), fill=0)
    centre, radius = (corner[0] + height // 2, corner[1] + height // 2), height * 2 // 5
    points = [
        (centre[0] + length * sin(tenth * pi / 5), centre[1] - length * cos(tenth * pi / 5))
        for tenth, length in ((tenth, radius if tenth % 2 == 0 else radius * 0.382) for tenth in range(10))
    ]
    draw.polygon(points, fill=1)
    size = min(pixels(5), (room - height - pixels(1)) // len(MARK))
    draw.text((corner[0] + height, corner[1] + (height - size) // 2 - size // 8), MARK, fill=1, font=fonts.size(size))
    return height
