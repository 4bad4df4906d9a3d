"""Labels for books and parcels as a PDF: a QR code, the label in letters, and the title; 24 on a sheet of A4.

Drawn in black and white as cards are (`kiosk.printing.sheet`); the sheet is the common one of 3 x 8 without gaps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.printing.fonts import Fonts
from kiosk.printing.sheet import DPI, PAGE_MM, code_picture

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

LABEL_MM: Final = (70.0, 37.0)
COLUMNS: Final = 3
ROWS: Final = 8
MODULE_PIXELS: Final = 13
"""0.83 mm: a code of 21 modules with its quiet zone is 24 mm wide."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label."""

    code: str
    """What is scanned."""
    title: str = ""
    below: str = ""
    """A smaller line, such as the shelf mark."""


def save_labels(labels: Sequence[Label], station: str, fonts: Fonts, path: Path) -> int:
    """Write a PDF with all labels; the number of pages.

    Args:
        labels: at least one.
        station: the station's name.
        fonts: what to write in.
        path: of the PDF; replaced when it is there.

    Raises:
        OSError: the file cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    pages = 0
    try:
        for page in _pages(labels, station, fonts):
            page.save(fresh, format="PDF", resolution=DPI, append=pages > 0)
            pages += 1
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return pages


def draw_label(label: Label, station: str, fonts: Fonts) -> "Image":
    """One label in black on white."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    width, height = (_pixels(side) for side in LABEL_MM)
    picture = Image.new("1", (width, height), 1)
    code = code_picture(label.code, MODULE_PIXELS)
    picture.paste(code, (_pixels(2), (height - code.height) // 2))
    draw = ImageDraw.Draw(picture)
    left, top = _pixels(3) + code.width, _pixels(7)
    room = width - left - _pixels(3)
    for words, size in ((label.code, 5.0), (label.title, 4.0), (label.below, 3.2), (station, 3.2)):
        if words:
            top += _line(draw, words, (left, top), fonts, room=room, size=_pixels(size)) + _pixels(1.4)
    return picture


def _pages(labels: Sequence[Label], station: str, fonts: Fonts) -> Iterator["Image"]:
    from PIL import Image  # noqa: PLC0415 - slow to import, and needed by whoever prints

    width, height = (_pixels(side) for side in LABEL_MM)
    across, down = (_pixels(side) for side in PAGE_MM)
    margin = max(0, (across - COLUMNS * width) // 2), max(0, (down - ROWS * height) // 2)
    for first in range(0, len(labels), COLUMNS * ROWS):
        page = Image.new("1", (across, down), 1)
        for place, label in enumerate(labels[first : first + COLUMNS * ROWS]):
            corner = margin[0] + place % COLUMNS * width, margin[1] + place // COLUMNS * height
            page.paste(draw_label(label, station, fonts), corner)
        yield page


def _line(draw: "ImageDraw", words: str, corner: tuple[int, int], fonts: Fonts, *, room: int, size: int) -> int:
    """Write one line, smaller when it is long, and cut off when that is not enough; the height that it took."""
    smallest = _pixels(2.4)
    while size > smallest and fonts.size(size).getlength(words) > room:
        size = size * 9 // 10
    font = fonts.size(size)
    while font.getlength(words) > room:
        words = words[:-2] + "…"
    draw.text(corner, words, fill=0, font=font)
    return size


def _pixels(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI)
