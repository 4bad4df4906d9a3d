"""A board with one watchdog: it is fed only while every energised relay may have power; and boards with nothing."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.identity import NotAsExpected
from devices.modbus import BadReply, BusError, ReadCoils
from devices.relays import BoardKind, RelayBoard, make_board
from devices.relays.feeding import Feeding
from devices.relays.wirenboard import NotPreparedError, SilencedError, WirenBoard, WithheldError, watchdog_s
from devices.rig import Rig, RigPlan, SlotPlan
from devices.rig.plain import PlainBoard as RigPlain
from devices.rig.wirenboard import WirenBoard as RigWiren
from tests.helpers.rig import bare_wire, outcome

pytestmark = pytest.mark.real_time

BOARD, CHEAP = 3, 4
LEASE_S = 4.0
ALL_OFF = (False,) * 6


@pytest.fixture
def plan(tmp_path: Path) -> RigPlan:
    """A watchdog board with two slots, and a plain one."""
    return RigPlan(
        scanner_path=tmp_path / "scanner",
        bus_path=tmp_path / "rs485",
        boards={BOARD: "wirenboard", CHEAP: "plain"},
        meters={21: (BOARD, 0), 22: (BOARD, 1)},
        slots={"1": SlotPlan(BOARD, 0, 21), "2": SlotPlan(BOARD, 1, 22)},
        refresh_s=0.02,
    )


class Hand:
    """Monotonic s that a test pushes."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def board_of(rig: Rig) -> RigWiren:
    """The board's own side."""
    board = rig.bench.boards[BOARD]
    assert isinstance(board, RigWiren)
    return board


async def ready(bus: Bus, clock: Callable[[], float]) -> RelayBoard:
    """A board that was switched off and set up."""
    board = make_board("wirenboard", bus, BOARD, clock=clock)
    await board.all_off()
    await board.identify(LEASE_S)
    return board


async def asked_during(rig: Rig, seconds: float) -> int:
    """How many requests the board hears in the next time."""
    heard: list[int] = []
    board = board_of(rig)
    answer = board.answer

    def watched(function: int, data: bytes) -> bytes:
        heard.append(function)
        return answer(function, data)

    board.answer = watched  # type: ignore[method-assign]
    await asyncio.sleep(seconds)
    return len(heard)


class TestTheBoardItself:
    """The rig's side, by the register map."""

    async def test_as_it_leaves_the_factory_its_watchdog_does_nothing(self, rig: Rig, tmp_path: Path) -> None:
        with bare_wire(tmp_path / "rs485") as wire:
            assert await wire.ask("03 03 00 08 00 01") == "03 03 02 00 0a"
            assert await wire.ask("03 03 03 aa 00 01") == "03 03 02 00 00"
            assert await wire.ask("03 05 00 02 ff 00") == "03 05 00 02 ff 00"
            assert await wire.ask("03 02 00 60 00 06") == "03 02 01 04"
            assert await wire.ask("03 01 00 00 00 06") == "03 01 01 04"
        assert board_of(rig).relays[2].left_s(0.0) is None

    async def test_set_up_its_relays_open_when_nobody_polls_it(self, rig: Rig, tmp_path: Path) -> None:
        with bare_wire(tmp_path / "rs485") as wire:
            for setting in ("00 08 00 01", "03 aa 00 01", "03 a2 00 00"):
                assert await wire.ask(f"03 06 {setting}") == f"03 06 {setting}"
            await wire.ask("03 05 00 00 ff 00")
            await asyncio.sleep(0.7)
            assert await wire.ask("03 02 00 60 00 01") == "03 02 01 01"  # any poll feeds it
            await asyncio.sleep(0.7)
            assert rig.status()["slots"][0]["live"]
            await asyncio.sleep(0.4)
            assert not rig.status()["slots"][0]["live"]

    async def test_it_tells_its_signature_and_refuses_what_it_has_not(self, rig: Rig, tmp_path: Path) -> None:
        with bare_wire(tmp_path / "rs485") as wire:
            assert await wire.ask("03 04 00 c8 00 06") == "03 04 0c 00 57 00 42 00 4d 00 52 00 36 00 43"
            assert await wire.ask("03 04 00 00 00 06") == "03 84 02"
            assert await wire.ask("03 05 00 06 ff 00") == "03 85 02"
            assert await wire.ask("03 05 00 01 55 00") == "03 85 03"
        assert rig.status()["slots"][0]["relay"] is False


class TestSettingUp:
    """What happens before any relay may be switched on."""

    async def test_the_watchdog_is_set_and_read_back(self, rig: Rig, bus: Bus) -> None:
        identity = await (await ready(bus, Hand())).identify(30)
        holding = board_of(rig).holding
        assert identity.model == "WBMR6C"
        assert identity.simulated
        assert holding[8] == watchdog_s(30) == 7
        assert [holding[930 + channel] for channel in range(6)] == [0] * 6
        assert [holding[938 + channel] for channel in range(6)] == [1] * 6
        assert holding[6] == 0

    async def test_a_board_that_does_not_keep_it_is_refused(self, rig: Rig, bus: Bus) -> None:
        board_of(rig)._write = lambda *_: None  # type: ignore[method-assign]
        with pytest.raises(NotAsExpected, match="register 8 was set to 1 and holds 10"):
            await ready(bus, Hand())

    async def test_nothing_is_switched_on_before(self, bus: Bus) -> None:
        board = make_board("wirenboard", bus, BOARD)
        with pytest.raises(NotPreparedError):
            await board.switch_on_for(0, LEASE_S)
        await board.all_off()
        await board.identify(30)
        with pytest.raises(NotPreparedError):  # the watchdog would come too late
            await board.switch_on_for(0, LEASE_S)

    async def test_another_board_at_its_address_is_refused(self, rig: Rig, bus: Bus) -> None:
        with pytest.raises(NotAsExpected, match=r"address 4 answers, but does not understand what a Wiren Board"):
            await make_board("wirenboard", bus, CHEAP).identify(LEASE_S)
        with pytest.raises(NotAsExpected, match=r"address 21 .* does not understand what a Waveshare"):
            await make_board("waveshare", bus, 21).identify(LEASE_S)
        assert rig.faults.present() == ()

    @pytest.mark.parametrize(("after_s", "words"), [(0.01, "Two devices answer"), (0.0, "makes no sense")])
    async def test_two_boards_with_one_address_are_noticed(
        self, rig: Rig, bus: Bus, after_s: float, words: str
    ) -> None:
        rig.fault("twice", str(BOARD), after_s)
        board = WirenBoard(bus, BOARD)
        # On a machine that stands still for some 10 ms the second answer is found before the next request, as rubbish.
        for _ in range(10):
            error = await outcome(board.identify(LEASE_S))
            if isinstance(error, NotAsExpected):
                break
            assert isinstance(error, BadReply)
        assert isinstance(error, NotAsExpected)
        assert words in str(error)


class TestFeeding:
    """Who keeps whom on."""

    async def test_renewals_of_all_slots_keep_all_on(self, rig: Rig, bus: Bus) -> None:
        clock = Hand()
        board = await ready(bus, clock)
        for channel in (0, 1):
            await board.switch_on_for(channel, LEASE_S)
        for _ in range(5):
            clock.now += 1.5
            for channel in (0, 1):
                await board.switch_on_for(channel, LEASE_S)
            await asyncio.sleep(0.3)
        assert await board.read() == (True, True, *ALL_OFF[2:])
        assert [slot["live"] for slot in rig.status()["slots"]] == [True, True]

    async def test_a_slot_that_is_not_renewed_is_switched_off_and_the_others_go_on(self, rig: Rig, bus: Bus) -> None:
        clock = Hand()
        board = await ready(bus, clock)
        for channel in (0, 1):
            await board.switch_on_for(channel, LEASE_S)
        clock.now += 1.5
        await board.switch_on_for(0, LEASE_S)
        clock.now += 0.6
        assert await board.read() == (True, *ALL_OFF[1:])
        with pytest.raises(WithheldError):
            await board.switch_on_for(1, LEASE_S)
        await board.switch_off(1)
        await board.switch_on_for(1, LEASE_S)
        assert [slot["live"] for slot in rig.status()["slots"]] == [True, True]

    async def test_an_off_that_is_not_confirmed_silences_the_board_until_its_watchdog_has_acted(
        self, rig: Rig, bus: Bus
    ) -> None:
        clock = Hand()
        board = await ready(bus, clock)
        for channel in (0, 1):
            await board.switch_on_for(channel, LEASE_S)
        relay = board_of(rig).relays[1]
        move = relay.set
        relay.set = lambda closed, now, for_s=None: move(closed or True, now, for_s)  # type: ignore[method-assign]
        assert isinstance(await outcome(board.switch_off(1)), BusError)
        relay.set = move  # type: ignore[method-assign]
        for request in (board.read(), board.switch_on_for(0, LEASE_S), board.switch_off(0), board.all_off()):
            assert isinstance(await outcome(request), SilencedError)
        assert await asked_during(rig, 1.1) == 0
        assert [slot["live"] for slot in rig.status()["slots"]] == [False, False]
        clock.now += 1.8
        assert await board.read() == ALL_OFF
        with pytest.raises(WithheldError):
            await board.switch_on_for(0, LEASE_S)

    async def test_a_slot_without_a_permit_whose_off_fails_takes_the_board_with_it(self, rig: Rig, bus: Bus) -> None:
        clock = Hand()
        board = await ready(bus, clock)
        for channel in (0, 1):
            await board.switch_on_for(channel, LEASE_S)
        clock.now += 1.9
        await board.switch_on_for(0, LEASE_S)
        clock.now += 0.2
        rig.fault("silent", str(BOARD))
        assert isinstance(await outcome(board.switch_on_for(0, LEASE_S)), SilencedError)
        rig.clear()
        assert await asked_during(rig, 1.1) == 0
        assert not any(slot["live"] for slot in rig.status()["slots"])

    async def test_a_relay_that_the_watchdog_opened_is_not_closed_by_a_renewal(self, rig: Rig, bus: Bus) -> None:
        board = await ready(bus, Hand())
        await board.switch_on_for(0, LEASE_S)
        await asyncio.sleep(1.1)
        with pytest.raises(WithheldError, match="went off by itself"):
            await board.switch_on_for(0, LEASE_S)
        assert not rig.status()["slots"][0]["live"]

    async def test_before_everything_was_switched_off_once_the_board_is_silenced_for_its_factory_time(
        self, rig: Rig, bus: Bus
    ) -> None:
        clock = Hand()
        board = make_board("wirenboard", bus, BOARD, clock=clock)
        rig.fault("silent", str(BOARD))
        assert isinstance(await outcome(board.all_off()), BusError)
        rig.clear()
        clock.now += 12
        assert isinstance(await outcome(board.all_off()), SilencedError)
        clock.now += 1.1
        await board.all_off()

    def test_a_permit_ends_and_silence_takes_all_permits(self) -> None:
        clock = Hand()
        feeding = Feeding(clock)
        feeding.permit(0, 5)
        feeding.permit(1, 9)
        assert (feeding.ends_at, feeding.expired()) == (105.0, [])
        clock.now = 105.0
        assert feeding.expired() == [0]
        feeding.be_silent_for(3)
        assert (feeding.silent, feeding.revoked(1)) == (True, True)
        clock.now = 108.0
        assert not feeding.silent
        feeding.off(1)
        assert not feeding.revoked(1)


class TestPlain:
    """A board with nothing that switches it off."""

    async def test_it_switches_and_stays(self, rig: Rig, bus: Bus) -> None:
        board = make_board("plain", bus, CHEAP, channels=3)
        assert (board.kind, board.channels) == (BoardKind.PLAIN, 3)
        assert (await board.identify(LEASE_S)).firmware == ""
        await board.switch_on_for(2, 0.1)
        await asyncio.sleep(0.2)
        assert await board.read() == (False, False, True)
        await board.switch_off(2)
        await board.switch_on_for(0, 0.1)
        await board.all_off()
        assert await bus.transact(ReadCoils(CHEAP, 0, 8)) == (False,) * 8
        assert isinstance(rig.bench.boards[CHEAP], RigPlain)

    async def test_more_relays_than_it_has_are_refused(self, bus: Bus) -> None:
        with pytest.raises(NotAsExpected, match="a relay board with 16 relays or more"):
            await make_board("plain", bus, CHEAP, channels=16).identify(LEASE_S)
