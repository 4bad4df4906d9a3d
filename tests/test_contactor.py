"""The master contactor between two orders: what comes in the middle of one is not forgotten."""

import asyncio
from typing import cast

import pytest

from devices.relays import RelayBoard
from kiosk.charging.contactor import Contactor, ContactorOpenError
from tests.helpers.clock import VirtualClock

FIRST, SECOND = 256, 257
LEASE_S = 30.0


class Board:
    """A leased relay that obeys at once, and confirms once it is let through."""

    def __init__(self) -> None:
        self.relay = ["off"]
        self.through = asyncio.Event()
        self.through.set()

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Close."""
        assert (channel, seconds) == (7, LEASE_S)
        self.relay = ["on"]
        await self.through.wait()

    async def switch_off(self, channel: int) -> None:
        """Open."""
        assert channel == 7
        self.relay = ["off"]
        await self.through.wait()


async def confirms() -> None:
    """A slot's relay that confirms its OFF."""


@pytest.fixture
def board() -> Board:
    """The board of the contactor's relay."""
    return Board()


@pytest.fixture
def contactor(board: Board, clock: VirtualClock) -> Contactor:
    """A contactor that nobody holds."""
    return Contactor(cast("RelayBoard", board), 7, clock.monotonic)


async def test_held_anew_while_it_opens_it_still_opens_with_the_last(board: Board, contactor: Contactor) -> None:
    await contactor.hold(FIRST, LEASE_S, confirms)
    board.through.clear()
    opens = asyncio.create_task(contactor.release(FIRST))
    await asyncio.sleep(0)
    assert board.relay == ["off"]
    held = asyncio.create_task(contactor.hold(SECOND, LEASE_S, confirms))
    await asyncio.sleep(0)
    board.through.set()
    await asyncio.gather(opens, held)
    assert board.relay == ["on"]
    await contactor.release(SECOND)
    assert board.relay == ["off"]


async def test_dropped_while_it_is_held_for_a_slot_that_slot_gets_no_power(board: Board, contactor: Contactor) -> None:
    board.through.clear()
    held = asyncio.create_task(contactor.hold(FIRST, LEASE_S, confirms))
    await asyncio.sleep(0)
    drops = asyncio.create_task(contactor.drop())
    await asyncio.sleep(0)
    board.through.set()
    with pytest.raises(ContactorOpenError, match="dropped"):
        await held
    await drops
    assert board.relay == ["off"]


async def test_a_slot_that_is_switched_off_for_being_late_is_not_renewed_meanwhile(
    contactor: Contactor, clock: VirtualClock
) -> None:
    through = asyncio.Event()

    async def slowly() -> None:
        await through.wait()

    await contactor.hold(FIRST, LEASE_S, slowly)
    clock.advance(LEASE_S / 2 + 1)
    second = asyncio.create_task(contactor.hold(SECOND, LEASE_S, confirms))
    await asyncio.sleep(0)
    with pytest.raises(ContactorOpenError, match="ran out"):
        await contactor.hold(FIRST, LEASE_S, slowly)
    through.set()
    await second
    assert contactor.held
