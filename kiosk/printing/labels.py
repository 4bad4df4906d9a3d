"""Labels for books and parcels as a PDF: a QR code, the label in letters, and the title; 24 on a sheet of A4.

Drawn in black and white as cards are (`kiosk.printing.paper`); the sheet is the common one of 3 x 8 without gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.printing.fonts import Fonts
from kiosk.printing.paper import Grid, blank, code_picture, pixels, save_pages, write_line

if TYPE_CHECKING:
    from PIL.Image import Image

LABEL_MM: Final = (70.0, 37.0)
GRID: Final = Grid(LABEL_MM, columns=3, rows=8)
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
    return save_pages((draw_label(label, station, fonts) for label in labels), GRID, path)


def draw_label(label: Label, station: str, fonts: Fonts) -> "Image":
    """One label in black on white."""
    from PIL import ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    picture = blank(LABEL_MM)
    width, height = picture.size
    code = code_picture(label.code, MODULE_PIXELS)
    picture.paste(code, (pixels(2), (height - code.height) // 2))
    draw = ImageDraw.Draw(picture)
    left, top = pixels(3) + code.width, pixels(7)
    room = width - left - pixels(3)
    for words, size in ((label.code, 5.0), (label.title, 4.0), (label.below, 3.2), (station, 3.2)):
        if words:
            top += write_line(draw, words, (left, top), fonts, room=room, size=pixels(size)) + pixels(1.4)
    return picture
