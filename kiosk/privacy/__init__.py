"""Personal data: what is kept about a person, erasing it, and how long it is kept (docs/privacy.md)."""

from kiosk.privacy.erasing import carry_out, erase, open_matters, request, withdraw
from kiosk.privacy.export import export
from kiosk.privacy.kinds import FEATURE
from kiosk.privacy.retention import clear_up
from kiosk.privacy.stored import stored

__all__ = ["FEATURE", "carry_out", "clear_up", "erase", "export", "open_matters", "request", "stored", "withdraw"]
