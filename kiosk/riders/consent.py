"""The consent text's version. The text itself stands where it is shown: `screens/consent.py`."""

from typing import Final

CONSENT_VERSION: Final = 1
"""Stands in the event of whoever accepts it; raised with every change of what the text promises."""
