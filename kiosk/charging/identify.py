"""Whether what is wired to a slot is what the settings say, and may charge."""

from collections.abc import Iterable

from kiosk.charging.wiring import BoardWatch, MeterWatch
from kiosk.views import ChargingRefusal, SlotError


def errors(boards: Iterable[BoardWatch], meter: MeterWatch) -> tuple[SlotError, ...]:
    """What a slot shows of it.

    Args:
        boards: the board of its relay, and that of the contactor above it.
        meter: its meter.
    """
    boards = tuple(boards)
    found = []
    if meter.problem is not None or any(board.problem is not None for board in boards):
        found.append(SlotError.WRONG_DEVICE)
    if any(board.identity is not None and not board.accepted for board in boards):
        found.append(SlotError.NOT_COMMISSIONED)
    return tuple(found)


def refusal(boards: Iterable[BoardWatch], meter: MeterWatch) -> ChargingRefusal | None:
    """Why nobody may start; a device that has not told who it is has not proven to be the right one."""
    boards = tuple(boards)
    if meter.problem is not None or not meter.identified:
        return ChargingRefusal.SLOT_FAULTED if meter.problem is not None else ChargingRefusal.METER_UNKNOWN
    if any(board.problem is not None or board.identity is None for board in boards):
        return ChargingRefusal.SLOT_FAULTED
    return None if all(board.accepted for board in boards) else ChargingRefusal.NOT_COMMISSIONED
