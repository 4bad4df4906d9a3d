"""The rig fails as it is told, scans, and is told so over its control socket."""

import asyncio
import errno
import json
import os
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from devices.crc import with_crc
from devices.rig import Rig, RigClient, RigError, RigPlan, SlotPlan
from devices.rig.control import short_path
from tests.helpers.clock import VirtualClock
from tests.helpers.rig import Wire, bare_wire, registers, rig_in, rig_plan

pytestmark = pytest.mark.real_time


@pytest.fixture
async def rig(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Rig]:
    """A rig whose relays, batteries and meters go by the virtual clock; its wire is real."""
    async with rig_in(tmp_path, now=clock.monotonic) as rig:
        yield rig


def names_in(folder: Path) -> list[str]:
    """What a folder holds."""
    return [path.name for path in folder.iterdir()]


class TestFaults:
    """What goes wrong on command."""

    @pytest.mark.parametrize(
        ("kind", "sent"),
        [
            ("noise-before", "01 01 ff 01 01 01 00 51 88"),
            ("noise-in", "01 01 01 01 01 ff 00 51 88"),
            ("noise-after", "01 01 01 00 51 88 01 01 ff"),
            ("bad-crc", "01 01 01 00 51 d2"),
            ("wrong-id", "02 01 01 00 51 cc"),
        ],
    )
    async def test_replies_are_spoiled_until_cleared(self, rig: Rig, wire: Wire, kind: str, sent: str) -> None:
        request = with_crc(bytes.fromhex("01 01 00 00 00 08"))
        rig.fault(kind, "1")
        assert (await wire.exchange(request)).hex(" ") == sent
        assert await wire.ask("0b 42") == "0b 42"
        rig.clear()
        assert (await wire.exchange(request)).hex(" ") == "01 01 01 00 51 88"

    async def test_a_silent_unit_still_obeys(self, rig: Rig, wire: Wire) -> None:
        rig.fault("silent", "1")
        assert await wire.silent(with_crc(bytes.fromhex("01 05 00 00 ff 00")))
        rig.clear()
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 01"

    async def test_one_reply_alone_comes_late(self, rig: Rig, wire: Wire) -> None:
        request = with_crc(bytes.fromhex("01 01 00 00 00 08"))
        rig.fault("late", value=0.1)
        assert await wire.silent(request)
        assert (await wire.receive()).hex(" ") == "01 01 01 00 51 88"
        assert not await wire.silent(request)

    async def test_a_welded_relay_says_off_and_conducts(self, rig: Rig, wire: Wire, clock: VirtualClock) -> None:
        rig.plug("1", watts=200, soc=0)
        rig.fault("welded", "1")
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"
        clock.advance(60)
        assert (await registers(rig, wire))[3] > 1500
        slot = rig.status()["slots"][0]
        assert (slot["relay"], slot["live"]) == (False, True)
        assert slot["counter_wh"] > 11_000

    async def test_a_frozen_meter_repeats_itself(self, rig: Rig, wire: Wire) -> None:
        before = await registers(rig, wire)
        rig.fault("frozen", "1")
        rig.plug("1")
        await wire.ask("01 05 00 00 ff 00")
        assert await registers(rig, wire) == before
        rig.clear()
        assert await registers(rig, wire) != before

    async def test_counters_go_backwards_and_wrap(self, rig: Rig, wire: Wire) -> None:
        rig.fault("backwards", "1", 2000)
        rig.fault("wrap", "2", 1)
        values, wrapping = await registers(rig, wire), await registers(rig, wire, 12)
        assert values[5] | values[6] << 16 == 9_000
        assert wrapping[5] | wrapping[6] << 16 == 9_999_999
        assert rig.status()["faults"] == []

    async def test_the_mains_voltage_can_be_wrong(self, rig: Rig, wire: Wire) -> None:
        rig.fault("voltage", "1", 261)
        assert (await registers(rig, wire))[0] == 2610
        rig.fault("voltage", "1", 0)
        assert await registers(rig, wire) == [0, 0, 0, 0, 0, 11_000, 0, 500, 0, 0]

    async def test_a_pulled_adapter_hangs_up_and_comes_back_as_a_new_port(
        self, rig: Rig, wire: Wire, tmp_path: Path
    ) -> None:
        old = (tmp_path / "rs485").readlink()
        rig.fault("unplugged", "bus")
        assert not (tmp_path / "rs485").is_symlink()
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            os.write(wire.descriptor, b"x")
        rig.clear()
        assert (tmp_path / "rs485").readlink() != old
        with bare_wire(tmp_path / "rs485") as new:
            assert await new.ask("01 01 00 00 00 08") == "01 01 01 00"

    @pytest.mark.parametrize(
        ("fault", "sentence"),
        [
            (("tired", None, None), "There is no fault 'tired'"),
            (("silent", "77", None), "accepted is a unit's number, bus or scanner"),
            (("welded", None, None), "found none; accepted is a slot's name"),
            (("welded", "9", None), "found '9'; accepted is a slot's name"),
            (("frozen", "1", 3.0), "takes no value"),
            (("voltage", "1", 9000.0), "accepted is 0 to 500"),
            (("slow", "bus", float("nan")), "accepted is 0 to 600"),
            (("bad-crc", "scanner", None), "accepted is a unit's number or bus"),
        ],
    )
    async def test_a_fault_that_cannot_be_is_refused_with_a_sentence(
        self, rig: Rig, fault: tuple[str, str | None, float | None], sentence: str
    ) -> None:
        with pytest.raises(RigError, match=sentence):
            rig.fault(*fault)
        assert rig.status()["faults"] == []


class TestScanner:
    """The scanner's bytes."""

    async def test_a_code_comes_with_its_terminator(self, rig: Rig, tmp_path: Path) -> None:
        with bare_wire(tmp_path / "scanner") as wire:
            await rig.scan(b"ABC")
            assert await wire.receive() == b"ABC\r"
            await rig.scan(b"\x00\xff", b"")
            assert await wire.receive() == b"\x00\xff"
            await rig.scan(b"ABCDEF", b"\r\n", pieces=4)
            assert await wire.receive() == b"ABCDEF\r\n"

    async def test_an_unplugged_or_silent_scanner_sends_nothing(self, rig: Rig, tmp_path: Path) -> None:
        with bare_wire(tmp_path / "scanner") as wire:
            rig.fault("silent", "scanner")
            await rig.scan(b"ABC")
            await asyncio.sleep(0.02)
            assert wire.waiting() == b""
        rig.fault("unplugged", "scanner")
        with pytest.raises(RigError, match="unplugged"):
            await rig.scan(b"ABC")


class TestControl:
    """The control socket and its client."""

    @pytest.mark.usefixtures("rig")
    async def test_a_client_does_all_that_the_rig_can(self, tmp_path: Path) -> None:
        client = RigClient(tmp_path / "rig.sock")
        await client.plug("1", watts=300, wh=500, soc=0.5)
        await client.fault("welded", "1")
        await client.fault("late", value=0.2)
        status = await client.status()
        assert status["slots"][0]["bike"] == {"watts": 300, "wh": 500, "soc": 0.5}
        assert status["slots"][0]["watts"] > 250
        assert status["faults"] == [
            {"kind": "welded", "target": "1", "value": 0},
            {"kind": "late", "target": "bus", "value": 0.2},
        ]
        with bare_wire(tmp_path / "scanner") as wire:
            await client.scan("驿站")
            assert (await wire.receive()).decode() == "驿站\r"
        await client.unplug("1")
        await client.clear()
        status = await client.status()
        assert (status["slots"][0]["bike"], status["faults"]) == (None, [])
        assert status["scanner"] == {"port": str(tmp_path / "scanner"), "plugged": True}

    async def test_status_tells_what_is_left_of_a_timed_on(
        self, wire: Wire, clock: VirtualClock, tmp_path: Path
    ) -> None:
        await wire.ask("01 05 02 00 01 2c")
        clock.advance(10)
        slot = (await RigClient(tmp_path / "rig.sock").status())["slots"][0]
        assert (slot["relay"], slot["left_s"]) == (True, 20)

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            (b"nonsense", "not JSON"),
            (b"[1]", "not a JSON object"),
            (b"{}", "lacks 'command'"),
            (b'{"command": "dance"}', "no command 'dance'"),
            (b'{"command": "plug"}', "lacks 'slot'"),
            (b'{"command": "plug", "slot": "9"}', "no slot '9'; there are 1, 2, 3"),
            (b'{"command": "plug", "slot": "1", "watts": "many"}', "'watts' is to be a number, found 'many'"),
            (b'{"command": "plug", "slot": "1", "watts": -1}', "no bike of -1 W"),
            (b'{"command": "scan", "hex": "0"}', "pairs of hexadecimal digits"),
            (b'{"command": "fault", "kind": 3}', "'kind' is to be a text, found 3"),
        ],
    )
    @pytest.mark.usefixtures("rig")
    async def test_a_refusal_is_a_sentence_and_the_connection_goes_on(
        self, tmp_path: Path, line: bytes, sentence: str
    ) -> None:
        with short_path(tmp_path / "rig.sock") as path:
            reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line + b'\n{"command": "status"}\n')
        refused, status = json.loads(await reader.readline()), json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
        assert not refused["ok"]
        assert sentence in refused["error"]
        assert status["ok"]

    async def test_the_socket_is_its_owners_alone_and_a_folder_may_have_a_long_name(self, tmp_path: Path) -> None:
        folder = tmp_path / ("long" * 40)
        async with rig_in(folder, rig_plan(folder)):
            socket_path = folder / "rig.sock"
            assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
            assert (await RigClient(socket_path).status())["bus"]["plugged"]
        assert names_in(folder) == []

    async def test_no_rig_is_said_in_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(RigError, match="No rig serves at"):
            await RigClient(tmp_path / "rig.sock").status()

    @pytest.mark.usefixtures("rig")
    async def test_a_second_rig_on_the_same_ports_is_refused_and_harms_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(RigError, match="already"):
            await Rig(rig_plan(tmp_path)).start()
        assert (await RigClient(tmp_path / "rig.sock").status())["bus"]["plugged"]

    async def test_a_real_device_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "rs485").symlink_to("/dev/null")
        with pytest.raises(RigError, match="no rig's port"):
            await Rig(rig_plan(tmp_path)).start()
        assert names_in(tmp_path) == ["rs485"]

    async def test_what_a_killed_rig_left_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "rs485").symlink_to("/dev/pts/99999")
        (tmp_path / "rig.sock").touch()
        async with rig_in(tmp_path):
            assert (await RigClient(tmp_path / "rig.sock").status())["bus"]["plugged"]


WIRINGS: list[tuple[Callable[[Path], RigPlan], str]] = [
    (lambda path: RigPlan(path / "a", path / "b", {1: "other"}), "the rig has waveshare, wirenboard, plain"),
    (lambda path: RigPlan(path / "a", path / "b", {1: "waveshare"}, {11: (1, 8)}), "channel 8 of board 1"),
    (lambda path: RigPlan(path / "a", path / "b", {1: "waveshare"}, {1: (1, 0)}), "to devices of two kinds"),
    (
        lambda path: RigPlan(path / "a", path / "b", {1: "waveshare"}, {11: (1, 0)}, {"1": SlotPlan(1, 1, 11)}),
        "another socket",
    ),
    (lambda path: rig_plan(path, time_factor=0), "above 0"),
]


@pytest.mark.parametrize(("make", "sentence"), WIRINGS)
def test_a_wiring_that_cannot_be_is_refused(make: Callable[[Path], RigPlan], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(RigError, match=sentence):
        make(tmp_path)
