"""Cards on paper: a picture each, ten on a sheet of A4, to be cut out and laminated.

Everything is drawn by us into pages of pure black and white, so that a PDF needs no font where it is printed, and the
modules of the codes stand on whole pixels.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import cos, pi, sin
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.printing.fonts import Fonts
from kiosk.views import PrintedCard

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

DPI: Final = 400
"""Laser printers have 600; at 400 a page is 15 MB while it is drawn, and letters are smooth."""
PAGE_MM: Final = (210.0, 297.0)
CARD_MM: Final = (85.6, 54.0)
"""ID-1 of ISO/IEC 7810: fits wallets and laminating pouches."""
COLUMNS: Final = 2
ROWS: Final = 5
MODULE_PIXELS: Final = 14
"""0.89 mm: the code with its quiet zone is 43.6 mm wide."""
QUIET_MODULES: Final = 4
SMALLEST_MM: Final = 2.2
"""Letters that can still be read at arm's length."""
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
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    pages = 0
    try:
        # One page at a time: a hundred of them would not fit a small box's memory.
        for page in _pages(cards, station, fonts):
            page.save(fresh, format="PDF", resolution=DPI, append=pages > 0)
            pages += 1
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return pages


def draw_card(card: PrintedCard, station: str, fonts: Fonts) -> "Image":
    """One card in black on white: the code, and beside it name, mark, number, station and day of issue."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    width, height = (_pixels(side) for side in CARD_MM)
    picture = Image.new("1", (width, height), 1)
    code = code_picture(card.text, MODULE_PIXELS)
    inset = (height - code.height) // 2
    picture.paste(code, (inset // 2, inset))
    draw = ImageDraw.Draw(picture)
    left = inset // 2 + code.width + _pixels(1)
    room = width - left - _pixels(3)
    top = _pixels(8)
    top += _line(draw, card.name, (left, top), fonts, room=room, size=_pixels(7.5)) + _pixels(2)
    if card.vanguard:
        top += _mark(draw, fonts, (left, top), room) + _pixels(2)
    number = () if card.number is None else (f"No. {card.number}",)
    for words in (*number, station, card.issued.isoformat()):
        top += _line(draw, words, (left, top), fonts, room=room, size=_pixels(3.6)) + _pixels(1.2)
    return picture


def code_picture(text: str, pixels: int) -> "Image":
    """A card's code with its quiet zone, so many pixels a module, in black and white."""
    import qrcode  # noqa: PLC0415 - slow to import, and needed by whoever prints
    from PIL import Image  # noqa: PLC0415
    from qrcode.constants import ERROR_CORRECT_M  # noqa: PLC0415

    code = qrcode.QRCode(border=QUIET_MODULES, error_correction=ERROR_CORRECT_M)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    modules = code.get_matrix()
    picture = Image.new("1", (len(modules), len(modules)), 1)
    for row, line in enumerate(modules):
        for column, black in enumerate(line):
            if black:
                picture.putpixel((column, row), 0)
    return picture.resize((len(modules) * pixels, len(modules) * pixels), Image.Resampling.NEAREST)


def _pages(cards: Sequence[PrintedCard], station: str, fonts: Fonts) -> Iterator["Image"]:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    left = iter(cards)
    width, height = (_pixels(side) for side in CARD_MM)
    across, down = (_pixels(side) for side in PAGE_MM)
    margin = ((across - COLUMNS * width) // 2, (down - ROWS * height) // 2)
    while batch := list(islice(left, COLUMNS * ROWS)):
        page = Image.new("1", (across, down), 1)
        for place, card in enumerate(batch):
            corner = margin[0] + place % COLUMNS * width, margin[1] + place // COLUMNS * height
            page.paste(draw_card(card, station, fonts), corner)
            outline = (*corner, corner[0] + width, corner[1] + height)
            ImageDraw.Draw(page).rectangle(outline, outline=0, width=2)
        yield page


def _line(draw: "ImageDraw", words: str, corner: tuple[int, int], fonts: Fonts, *, room: int, size: int) -> int:
    """Write one line, smaller when it is long, and cut off when that is not enough; the height that it took."""
    font = fonts.size(size)
    while size > _pixels(SMALLEST_MM) and font.getlength(words) > room:
        size = size * 9 // 10
        font = fonts.size(size)
    while font.getlength(words) > room:
        words = words[:-2] + "…"
    draw.text(corner, words, fill=0, font=font)
    return size


def _mark(draw: "ImageDraw", fonts: Fonts, corner: tuple[int, int], room: int) -> int:
    """The vanguard riders' mark, white on black, with its star; the height that it took."""
    height = _pixels(8)
    draw.rectangle((*corner, corner[0] + room, corner[1] + height), fill=0)
    centre, radius = (corner[0] + height // 2, corner[1] + height // 2), height * 2 // 5
    points = [
        (centre[0] + length * sin(tenth * pi / 5), centre[1] - length * cos(tenth * pi / 5))
        for tenth, length in ((tenth, radius if tenth % 2 == 0 else radius * 0.382) for tenth in range(10))
    ]
    draw.polygon(points, fill=1)
    size = min(_pixels(5), (room - height - _pixels(1)) // len(MARK))
    draw.text((corner[0] + height, corner[1] + (height - size) // 2 - size // 8), MARK, fill=1, font=fonts.size(size))
    return height


def _pixels(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI)
