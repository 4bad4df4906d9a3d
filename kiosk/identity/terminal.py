"""A QR code for a terminal, and as a picture, of texts that are no cards."""

from pathlib import Path
from typing import Final

QUIET_MODULES: Final = 4
"""The quiet zone that a reader needs (ISO/IEC 18004)."""
PIXELS_A_MODULE: Final = 12

_HALVES: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
_INVERTED: Final = "\x1b[97;40m"
"""Bright white on black: the blocks are the white modules, so the code is right whatever the terminal's colours."""
_PLAIN: Final = "\x1b[0m"


def half_blocks(text: str, *, colours: bool) -> str:
    """A code as lines of half blocks: one column and half a row a module.

    Args:
        text: what the code says.
        colours: set black and white with ANSI codes; without, a terminal with dark letters on light shows the code
            inverted, which many scanners do not read.
    """
    import qrcode  # noqa: PLC0415 - slow to import, and needed by few commands

    code = qrcode.QRCode(border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    light = [[not module for module in row] for row in code.get_matrix()]
    if len(light) % 2:
        light.append([True] * len(light[0]))
    lines = [
        "".join(_HALVES[upper, lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(light[::2], light[1::2], strict=True)
    ]
    return "\n".join(f"{_INVERTED}{line}{_PLAIN}" if colours else line for line in lines)


def save_code(text: str, path: Path) -> None:
    """Write a code as a PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    import qrcode  # noqa: PLC0415 - slow to import, and needed by few commands

    code = qrcode.QRCode(box_size=PIXELS_A_MODULE, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    with path.open("wb") as file:
        code.make_image().save(file, format="PNG")
