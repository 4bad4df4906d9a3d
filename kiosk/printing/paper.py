"""What all that goes on paper shares: pages of pure black and white, a grid on A4, lines that fit, codes.

Everything is drawn by us, so that a PDF needs no font where it is printed, and the modules of the codes stand on whole
pixels.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.printing.fonts import Fonts

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

DPI: Final = 400
"""Laser printers have 600; at 400 a page is 15 MB while it is drawn, and letters are smooth."""
PAGE_MM: Final = (210.0, 297.0)
QUIET_MODULES: Final = 4
SMALLEST_MM: Final = 2.4
"""Letters that can still be read at arm's length."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How pieces stand on a page."""

    piece_mm: tuple[float, float]
    columns: int
    rows: int
    outlined: bool = False
    """A line to cut along."""


def save_pages(pieces: Iterable["Image"], grid: Grid, path: Path, *, mode: int = 0o644) -> int:
    """Write a PDF with all pieces; the number of pages.

    Args:
        pieces: at least one, each of the grid's size; drawn a page at a time, for a hundred would not fit a small box.
        grid: where they stand.
        path: of the PDF; replaced when it is there.
        mode: of the file; what bears names is its owner's alone.

    Raises:
        OSError: the file cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=mode)
    pages = 0
    try:
        for page in _pages(pieces, grid):
            page.save(fresh, format="PDF", resolution=DPI, append=pages > 0)
            pages += 1
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return pages


def blank(size_mm: tuple[float, float]) -> "Image":
    """White paper of this size."""
    from PIL import Image  # noqa: PLC0415 - slow to import, and needed by whoever prints

    return Image.new("1", (pixels(size_mm[0]), pixels(size_mm[1])), 1)


def write_line(draw: "ImageDraw", words: str, corner: tuple[int, int], fonts: Fonts, *, room: int, size: int) -> int:
    """Write one line, smaller when it is long, and cut off when that is not enough; the height that it took."""
    font = fonts.size(size)
    while size > pixels(SMALLEST_MM) and font.getlength(words) > room:
        size = size * 9 // 10
        font = fonts.size(size)
    while font.getlength(words) > room:
        words = words[:-2] + "…"
    draw.text(corner, words, fill=0, font=font)
    return size


def code_picture(text: str, pixels: int) -> "Image":
    """A code with its quiet zone, so many pixels a module, in black and white."""
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


def pixels(millimetres: float) -> int:
    """So many millimetres of paper."""
    return round(millimetres / 25.4 * DPI)


def _pages(pieces: Iterable["Image"], grid: Grid) -> Iterator["Image"]:
    from PIL import ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    left = iter(pieces)
    width, height = (pixels(side) for side in grid.piece_mm)
    across, down = (pixels(side) for side in PAGE_MM)
    margin = max(0, (across - grid.columns * width) // 2), max(0, (down - grid.rows * height) // 2)
    while batch := list(islice(left, grid.columns * grid.rows)):
        page = blank(PAGE_MM)
        for place, piece in enumerate(batch):
            corner = margin[0] + place % grid.columns * width, margin[1] + place // grid.columns * height
            page.paste(piece, corner)
            if grid.outlined:
                outline = (*corner, corner[0] + width, corner[1] + height)
                ImageDraw.Draw(page).rectangle(outline, outline=0, width=2)
        yield page
