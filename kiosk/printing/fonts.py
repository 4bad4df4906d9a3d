"""A font with Chinese characters: the one that the settings name, or the one that fontconfig finds."""

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_WITHIN_S: Final = 10
_PATTERN: Final = "sans:lang=zh-cn:style=Regular"
_NONE: Final = (
    "No font with Chinese characters was found: install one (on Debian, apt-get install fonts-noto-cjk) or name its "
    "file as printer.font in the settings."
)


class FontError(Exception):
    """There is no usable font; the message says what to do."""


class Fonts:
    """One font in any size.

    Args:
        path: its file; "" for whatever fontconfig finds.

    Raises:
        FontError: there is none with Chinese characters, or the file is no font.
    """

    def __init__(self, path: str = "") -> None:
        self._path, self._index = (path, 0) if path else _found()
        self.size(12)

    def size(self, pixels: int) -> "FreeTypeFont":
        """The font, so many pixels high.

        Raises:
            FontError: the file is no font.
        """
        from PIL import ImageFont  # noqa: PLC0415 - slow to import, and needed by whoever prints

        try:
            return ImageFont.truetype(self._path, pixels, index=self._index)
        except OSError as error:
            raise FontError(f"printer.font: {self._path} cannot be used: {error}.") from None


def _found() -> tuple[str, int]:
    """Fontconfig's answer: it always has one, so whether it has Chinese characters is asked as well."""
    try:
        told = subprocess.run(
            ["fc-match", "-f", "%{file}\n%{index}\n%{lang}", _PATTERN],
            check=True,
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        raise FontError(_NONE) from None
    if len(told) < 3 or "zh-cn" not in told[2].split("|") or not Path(told[0]).is_file():
        raise FontError(_NONE)
    # The upper half names an instance of a variable font; FreeType counts the faces of a collection in the lower one.
    return told[0], int(told[1]) & 0xFFFF
