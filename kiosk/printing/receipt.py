"""Slips of an ESC/POS receipt printer, cards and labels: words as a picture, the code by the printer's own command."""

import logging
from typing import TYPE_CHECKING, Final

from kiosk.printing.fonts import Fonts
from kiosk.printing.labels import Label
from kiosk.printing.paper import code_picture
from kiosk.printing.sheet import MARK
from kiosk.settings import PrinterSettings
from kiosk.views import PrintedCard

if TYPE_CHECKING:
    from PIL.Image import Image

MODULE_DOTS: Final = 6
"""0.75 mm at 203 dpi: 41 modules and the quiet zone are 294 of the 384 dots of a 58 mm printer."""
PAPER_DOTS: Final = 384
FEED_LINES: Final = 4


def card_slip(card: PrintedCard, station: str, settings: PrinterSettings) -> bytes:
    """The bytes for the printer.

    Args:
        card: whose it is.
        station: the station's name.
        settings: the printer's.

    Raises:
        kiosk.printing.fonts.FontError: words are to be drawn, and there is no font for them.
    """
    mark = ["★ " + MARK] if card.vanguard else []
    return _slip([station, card.name, *mark, _last_line(card)], card.text, settings)


def label_slip(label: Label, station: str, settings: PrinterSettings) -> bytes:
    """The bytes of a label, to be stuck on.

    Args:
        label: what is scanned, and what it is on.
        station: the station's name.
        settings: the printer's.

    Raises:
        kiosk.printing.fonts.FontError: words are to be drawn, and there is no font for them.
    """
    return _slip([station, *filter(None, (label.title, label.below)), label.code], label.code, settings)


def _slip(lines: list[str], code: str, settings: PrinterSettings) -> bytes:
    """Words over a code; the second line is the largest."""
    # Nothing of the library speaks to a port here: a printer that is silent is our own care (devices/printer.py).
    from escpos.constants import QR_ECLEVEL_M  # noqa: PLC0415 - slow to import, and needed by few stations
    from escpos.printer import Dummy  # noqa: PLC0415

    # It warns of paper whose width the printer's profile does not tell; ours is given.
    logging.getLogger("escpos").setLevel(logging.ERROR)
    slip = Dummy()
    slip.hw("INIT")
    slip.set(align="center")
    if settings.text == "gb18030":
        slip._raw("".join(f"{line}\n" for line in lines).encode("gb18030", "replace"))  # noqa: SLF001 - it has no other
    else:
        slip.image(_words(lines, Fonts(settings.font)), impl="bitImageRaster")
    if settings.qr == "native":
        slip.qr(code, ec=QR_ECLEVEL_M, size=MODULE_DOTS, native=True)
    else:
        slip.image(code_picture(code, MODULE_DOTS), impl="bitImageRaster")
    slip.ln(FEED_LINES)
    slip.cut()
    return bytes(slip.output)


def _last_line(card: PrintedCard) -> str:
    return str(card.issued) if card.number is None else f"No. {card.number}  {card.issued}"


def _words(lines: list[str], fonts: Fonts) -> "Image":
    from PIL import Image, ImageDraw  # noqa: PLC0415 - slow to import, and needed by whoever prints

    heights = [30 if place != 1 else 52 for place in range(len(lines))]
    picture = Image.new("1", (PAPER_DOTS, sum(heights) + 12), 1)
    draw, top = ImageDraw.Draw(picture), 0
    for words, height in zip(lines, heights, strict=True):
        size = height - 6
        while size > 8 and fonts.size(size).getlength(words) > PAPER_DOTS:
            size -= 2
        font = fonts.size(size)
        draw.text(((PAPER_DOTS - font.getlength(words)) / 2, top), words, fill=0, font=font)
        top += height
    return picture
