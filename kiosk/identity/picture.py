"""A card as a picture for printing."""

from pathlib import Path
from typing import Final

QR_VERSION: Final = 6
"""41 modules: 131 characters of base45 fit version 6 at level M."""

PIXELS_A_MODULE: Final = 12
QUIET_MODULES: Final = 4
"""The quiet zone that a reader needs (ISO/IEC 18004)."""


def save_png(text: str, path: Path) -> None:
    """Write the QR code of a card's text as a PNG file.

    Raises:
        OSError: the file cannot be written.
        ValueError: the text does not fit a card's code.
    """
    # The picture libraries cost 100 ms and some MB that a running station does not need.
    import qrcode  # noqa: PLC0415
    from qrcode.constants import ERROR_CORRECT_M  # noqa: PLC0415
    from qrcode.exceptions import DataOverflowError  # noqa: PLC0415

    code = qrcode.QRCode(
        version=QR_VERSION, error_correction=ERROR_CORRECT_M, box_size=PIXELS_A_MODULE, border=QUIET_MODULES
    )
    code.add_data(text, optimize=0)
    try:
        code.make(fit=False)
    except DataOverflowError:
        raise ValueError("the text does not fit a card's QR code") from None
    with path.open("wb") as file:
        code.make_image().save(file, format="PNG")
