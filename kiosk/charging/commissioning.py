"""Which relay boards have been measured, or accepted by an electrician: one small file in the data folder.

What a board does at a second "on for n seconds", at an OFF in between and at power-up is not in its documents. Until it
was measured on the very board, or an electrician has accepted it without, no slot on it charges. A rig's own boards
tell a version that no maker's board has; they switch nothing real and count as measured.
"""

import logging
import os
from pathlib import Path
from typing import Final

import msgspec

from devices.identity import Identity

log = logging.getLogger(__name__)

FILE = "commissioning.json"


class BoardRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one board."""

    driver: str
    firmware: str
    """As it was told; a board with another version has to be measured anew."""
    proven: bool
    """False when somebody accepted it without a measurement."""
    by: str
    """The electrician's name."""
    at: str
    """ISO-8601 UTC."""
    figures: dict[str, float] = {}
    """What was measured, s."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    boards: dict[str, BoardRecord] = {}
    """By bus address."""


class CommissioningError(Exception):
    """The file cannot be read or written; the message is a sentence."""


def read_records(folder: Path) -> dict[int, BoardRecord]:
    """Return the record of each board by its bus address; none when nothing was recorded yet.

    Raises:
        CommissioningError: the file cannot be read.
    """
    path = folder / FILE
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise CommissioningError(f"{path} cannot be read: {error}. Remove it and measure the boards anew.") from None
    return {int(unit): record for unit, record in file.boards.items() if unit.isdecimal()}


def write_record(folder: Path, unit: int, record: BoardRecord) -> None:
    """Keep a board's record in place of any earlier one.

    Raises:
        CommissioningError: the file cannot be read or written.
    """
    _write(folder, {**read_records(folder), unit: record})


def forget_record(folder: Path, unit: int) -> None:
    """Let no earlier record of a board stand.

    Raises:
        CommissioningError: the file cannot be read or written.
    """
    records = read_records(folder)
    if records.pop(unit, None) is not None:
        _write(folder, records)


def _write(folder: Path, records: dict[int, BoardRecord]) -> None:
    path = folder / FILE
    new = path.with_suffix(".new")
    text = msgspec.json.format(
        msgspec.json.encode(_File(boards={str(number): each for number, each in sorted(records.items())})), indent=2
    )
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise CommissioningError(f"{path} cannot be written: {error.strerror}.") from None


class Commissioned:
    """Tells whether a board may charge, by what the file says at the moment.

    Args:
        folder: the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder

    def holds(self, unit: int, driver: str, identity: Identity) -> bool:
        """Whether the board with this address, as it answers now, was measured or accepted."""
        if identity.simulated:
            return True
        try:
            record = read_records(self._folder).get(unit)
        except CommissioningError as error:
            log.error("%s", error)
            return False
        return record is not None and (record.driver, record.firmware) == (driver, identity.firmware)
