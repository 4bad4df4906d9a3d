"""The style sheets: one for what the first frame needs, and those of the rooms behind it."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent

FIRST_STYLES: Final = _FOLDER / "kiosk.tcss"
"""Idle screen, outcomes, the volunteers' pad, and what all screens have."""
ROOM_STYLES: Final = tuple(sorted(set(_FOLDER.glob("*.tcss")) - {FIRST_STYLES}))
"""All others: four fifths of the lines. Parsing them takes 15 to 30 ms, so that is done when the first frame is out."""
