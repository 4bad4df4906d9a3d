"""What the command line may ask of the station, through the control socket or with the folder's lock."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from kiosk import card_errands, rider_errands, riders, sync_errands, volunteer_errands
from kiosk.box import Box
from kiosk.charging import ChargingPoint
from kiosk.control import Arguments, ControlError, Request, number_of, text_of
from kiosk.privacy import errands as privacy_errands
from kiosk.reading import errands as reading_errands
from kiosk.riders import resealing
from kiosk.slot_errands import SlotErrands
from kiosk.sync.client import SyncClient
from kiosk.sync.enrol import EnrolError, enrol
from kiosk.sync_errands import SyncErrands
from kiosk.system.database import DatabaseThread, Priority

if TYPE_CHECKING:
    from kiosk import imports

__all__ = ["OPERATIONS", "REFUSALS", "Arguments", "Errand", "Errands", "Operation", "number_of", "perform", "text_of"]

log = logging.getLogger(__name__)

R = TypeVar("R")
L = TypeVar("L")

ROWS_BESIDE_CHARGING = 200
"""More lines than this would hold the database longer than a lease allows (about 1 ms a line)."""


def _import_riders(box: Box, arguments: Arguments) -> int:
    from kiosk import imports  # noqa: PLC0415 - a station seldom imports, and starts without it

    return _accepted(imports.import_riders(box, _accepted(imports.check_riders(_file(arguments))), actor="cli"))


def _import_titles(box: Box, arguments: Arguments) -> int:
    from kiosk import imports  # noqa: PLC0415 - a station seldom imports, and starts without it

    return _accepted(imports.import_titles(box, _accepted(imports.check_titles(_file(arguments))), actor="cli"))


def _file(arguments: Arguments) -> bytes:
    try:
        return base64.b64decode(text_of(arguments, "file"), validate=True)
    except ValueError:
        raise ControlError("file: found something else; accepted is base64") from None


def _accepted(checked: "R | imports.ImportReport") -> R:
    from kiosk import imports  # noqa: PLC0415 - a station seldom imports, and starts without it

    if isinstance(checked, imports.ImportReport):
        raise ControlError(str(checked))
    return checked


def _enrol(box: Box, arguments: Arguments) -> None:
    _take_keys(box, arguments)
    resealing.reseal(box)


def _take_keys(box: Box, arguments: Arguments) -> None:
    """Enrol; phones taken before it are sealed to the hub's key afterwards."""
    try:
        enrol(box.settings, box.keys, box.origin, text_of(arguments, "code"))
    except EnrolError as error:
        raise ControlError(str(error)) from None


Operation = Callable[[Box, Arguments], object]

OPERATIONS: Mapping[str, Operation] = {
    "card": card_errands.show,
    "issue-card": card_errands.issue,
    "replace-card": card_errands.replace,
    "revoke-card": card_errands.revoke,
    "printed-cards": card_errands.printed,
    "highest-rider": card_errands.highest,
    **privacy_errands.OPERATIONS,
    **rider_errands.OPERATIONS,
    "import-riders": _import_riders,
    "import-titles": _import_titles,
    "enrol": _enrol,
    "sync-clear": sync_errands.clear,
    **volunteer_errands.OPERATIONS,
    "rotate-key": card_errands.rotate_key,
    **reading_errands.OPERATIONS,
}
"""What can be done with the box alone, whether a station runs or not."""

REFUSALS = (riders.NoCardError, *volunteer_errands.REFUSALS)
"""What an operation raises for what it was asked; the message is a sentence."""


def perform(name: str, box: Box, arguments: Arguments) -> object:
    """Do one of `OPERATIONS`; on the database thread, or in a command with the folder's lock.

    Raises:
        ControlError: it was refused; the message says why.
    """
    try:
        return OPERATIONS[name](box, arguments)
    except REFUSALS as error:
        raise ControlError(str(error)) from None


Errand = Callable[[Arguments], Awaitable[object]]


class Errands:
    """Does what comes through the control socket of a running station."""

    def __init__(self, box: Box, database: DatabaseThread, charging: ChargingPoint, sync: SyncClient) -> None:
        self._box = box
        self._database = database
        self._charging = charging
        self._sync = sync
        self._live: dict[str, Errand] = {
            "enrol": self._enrol,
            "rotate-key": self._rotate_key,
            "import-riders": self._import_riders,
            "import-titles": self._import_titles,
            **SyncErrands(database, sync).all(),
            **SlotErrands(box, database, charging).all(),
        }

    def add(self, name: str, errand: Errand) -> None:
        """Serve one more live errand."""
        self._live[name] = errand

    async def answer(self, request: Request) -> object:
        """Do a request.

        Raises:
            ControlError: it was refused; the message says why.
        """
        errand = self._live.get(request.command)
        if errand is not None:
            return await errand(request.arguments)
        if request.command not in OPERATIONS:
            raise ControlError(f"command: found {request.command!r}; accepted are {', '.join(self.names())}")
        return await self._database.run(
            Priority.MAINTENANCE, lambda: perform(request.command, self._box, request.arguments)
        )

    def names(self) -> list[str]:
        """Every command that is served."""
        return sorted({*OPERATIONS, *self._live})

    async def _enrol(self, arguments: Arguments) -> None:
        # It waits for the hub, so it must not hold the database thread.
        await asyncio.to_thread(_take_keys, self._box, arguments)
        self._sync.wake()

    async def _rotate_key(self, arguments: Arguments) -> object:
        made = await self._database.run(Priority.MAINTENANCE, lambda: perform("rotate-key", self._box, arguments))
        self._sync.wake()  # the hub certifies it
        return made

    async def _import_riders(self, arguments: Arguments) -> int:
        from kiosk import imports  # noqa: PLC0415 - a station seldom imports, and starts without it

        rows = self._fit(_accepted(imports.check_riders(_file(arguments))))
        # Look-ups cost a tenth of a second each on purpose: not on the database thread, where leases would wait.
        prepared = await asyncio.to_thread(imports.prepare_riders, self._box.keys, rows)
        try:
            return await self._database.run(
                Priority.MAINTENANCE, lambda: _accepted(imports.import_riders(self._box, prepared, actor="cli"))
            )
        except riders.KeysChangedError as error:
            raise ControlError(str(error)) from None

    async def _import_titles(self, arguments: Arguments) -> int:
        from kiosk import imports  # noqa: PLC0415 - a station seldom imports, and starts without it

        rows = self._fit(_accepted(imports.check_titles(_file(arguments))))
        return await self._database.run(
            Priority.MAINTENANCE, lambda: _accepted(imports.import_titles(self._box, rows, actor="cli"))
        )

    def _fit(self, rows: "imports.Rows[L]") -> "imports.Rows[L]":
        if self._charging.charges and len(rows.lines) > ROWS_BESIDE_CHARGING:
            raise ControlError(
                f"The file has {len(rows.lines)} lines; while somebody charges, {ROWS_BESIDE_CHARGING} are accepted at "
                "once. Split it, or come back when no slot charges."
            )
        return rows
