"""The rig: its devices answer as their register maps say."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.crc import with_crc
from devices.rig import Rig
from devices.rig.outlet import Bike
from tests.helpers.clock import VirtualClock
from tests.helpers.rig import Wire, bare_wire, registers, rig_in, rig_plan

pytestmark = pytest.mark.real_time


@pytest.fixture
async def rig(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Rig]:
    """A rig whose relays, batteries and meters go by the virtual clock; its wire is real."""
    async with rig_in(tmp_path, now=clock.monotonic) as rig:
        yield rig


def test_the_rig_shares_no_code_with_the_drivers_but_the_check_sum() -> None:
    listing = "import sys, devices.rig; print(*(name for name in sys.modules if name.startswith('devices.')))"
    loaded = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True).stdout.split()
    assert {name for name in loaded if not name.startswith("devices.rig")} == {"devices.crc"}


class TestBoard:
    """The Waveshare board's register map, byte by byte."""

    async def test_frames_are_those_of_the_makers_document(self, wire: Wire) -> None:
        assert (await wire.exchange(bytes.fromhex("01 05 00 00 ff 00 8c 3a"))).hex(" ") == "01 05 00 00 ff 00 8c 3a"
        assert (await wire.exchange(bytes.fromhex("01 01 00 00 00 08 3d cc"))).hex(" ") == "01 01 01 01 90 48"
        assert (await wire.exchange(bytes.fromhex("01 05 02 00 00 07 8d b0"))).hex(" ") == "01 05 02 00 00 07 8d b0"

    @pytest.mark.parametrize(
        ("writes", "relays"),
        [
            ([], "00"),
            (["05 00 02 ff 00"], "04"),
            (["05 00 02 ff 00", "05 00 02 00 00"], "00"),
            (["05 00 07 55 00"], "80"),
            (["05 00 07 55 00", "05 00 07 55 00"], "00"),
            (["05 00 ff ff 00"], "ff"),
            (["05 00 ff ff 00", "05 00 ff 00 00"], "00"),
            (["05 00 01 ff 00", "05 00 ff 55 00"], "fd"),
            (["05 02 03 00 0a"], "08"),
            (["05 04 03 00 0a"], "00"),
        ],
    )
    async def test_relays_go_where_they_are_told(self, wire: Wire, writes: list[str], relays: str) -> None:
        for write in writes:
            assert await wire.ask(f"01 {write}") == f"01 {write}"
        assert await wire.ask("01 01 00 00 00 08") == f"01 01 01 {relays}"

    async def test_some_relays_can_be_read_alone(self, wire: Wire) -> None:
        await wire.ask("01 05 00 05 ff 00")
        assert await wire.ask("01 01 00 05 00 01") == "01 01 01 01"
        assert await wire.ask("01 01 00 04 00 03") == "01 01 01 02"

    @pytest.mark.parametrize(
        ("request_", "reply"),
        [
            ("01 02 00 00 00 08", "01 82 01"),
            ("01 0f 00 00 00 08 01 ff", "01 8f 01"),
            ("01 01 00 00 00 09", "01 81 02"),
            ("01 01 00 00 00 00", "01 81 03"),
            ("01 05 00 08 ff 00", "01 85 02"),
            ("01 05 02 08 00 0a", "01 85 02"),
            ("01 05 03 00 00 0a", "01 85 02"),
            ("01 05 00 00 00 01", "01 85 03"),
            ("01 05 02 00 00 00", "01 85 03"),
            ("01 05 02 00 80 00", "01 85 03"),
            ("01 03 00 00 00 01", "01 83 02"),
            ("01 03 80 00 00 02", "01 83 03"),
            ("01 06 40 00 00 00", "01 86 03"),
            ("01 06 20 00 00 09", "01 86 03"),
            ("01 06 11 11 00 01", "01 86 02"),
        ],
    )
    async def test_what_it_does_not_know_it_refuses(self, wire: Wire, request_: str, reply: str) -> None:
        assert await wire.ask(request_) == reply
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"

    async def test_a_timed_on_ends_by_itself(self, wire: Wire, clock: VirtualClock) -> None:
        await wire.ask("01 05 02 00 01 2c")
        clock.advance(29.9)
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 01"
        clock.advance(0.2)
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"

    async def test_a_second_timed_on_starts_the_time_anew(self, wire: Wire, clock: VirtualClock) -> None:
        await wire.ask("01 05 02 00 01 2c")
        clock.advance(20)
        await wire.ask("01 05 02 00 01 2c")
        clock.advance(20)
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 01"
        clock.advance(11)
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"

    async def test_plain_off_ends_a_timed_on_for_good(self, wire: Wire, clock: VirtualClock) -> None:
        await wire.ask("01 05 02 00 01 2c")
        await wire.ask("01 05 00 00 00 00")
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"
        clock.advance(60)
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"

    async def test_flash_off_ends_on(self, wire: Wire, clock: VirtualClock) -> None:
        await wire.ask("01 05 04 00 00 0a")
        clock.advance(1.1)
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 01"

    async def test_its_version_can_be_read_and_its_id_changed(self, wire: Wire) -> None:
        assert await wire.ask("01 03 80 00 00 01") == "01 03 02 52 47"
        assert await wire.ask("01 06 20 00 00 01") == "01 06 20 00 00 01"
        assert await wire.ask("01 06 40 00 00 05") == "01 06 40 00 00 05"
        assert await wire.ask("05 01 00 00 00 08") == "05 01 01 00"
        assert await wire.silent(with_crc(bytes.fromhex("01 01 00 00 00 08")))


class TestMeter:
    """The PZEM meter's register map."""

    async def test_an_idle_socket_has_voltage_and_nothing_else(self, rig: Rig, wire: Wire) -> None:
        values = await registers(rig, wire)
        assert 2250 <= values[0] <= 2350
        assert values[1:5] == [0, 0, 0, 0]
        assert values[5] | values[6] << 16 == 11_000
        assert values[7:] == [500, 0, 0]

    async def test_long_numbers_come_low_word_first(self, rig: Rig, wire: Wire) -> None:
        rig.fault("overload", "1", 7000)
        await wire.ask("01 05 00 00 ff 00")
        values = await registers(rig, wire)
        assert values[3] | values[4] << 16 == 70_000
        assert values[4] == 1

    async def test_power_is_volts_times_amps_times_factor(self, rig: Rig, wire: Wire) -> None:
        rig.plug("1", watts=300, soc=0.5)
        await wire.ask("01 05 00 00 ff 00")
        values = await registers(rig, wire)
        watts = values[3] / 10
        assert 270 < watts <= 300
        assert values[0] / 10 * values[1] / 1000 * values[8] / 100 == pytest.approx(watts, rel=0.01)

    async def test_voltage_ripples(self, rig: Rig, wire: Wire, clock: VirtualClock) -> None:
        seen = set()
        for _ in range(5):
            clock.advance(7)
            seen.add((await registers(rig, wire))[0])
        assert len(seen) > 1

    async def test_energy_is_counted_while_the_relay_is_closed(self, rig: Rig, wire: Wire, clock: VirtualClock) -> None:
        rig.fault("overload", "2", 3600)
        await wire.ask("01 05 02 01 00 64")
        clock.advance(60)
        values = await registers(rig, wire, 12)
        assert values[5] | values[6] << 16 == 12_010

    async def test_holding_registers_and_the_energy_reset(self, wire: Wire) -> None:
        assert await wire.ask("0b 03 00 01 00 02") == "0b 03 04 59 d8 00 0b"
        assert await wire.ask("0b 06 00 01 00 64") == "0b 06 00 01 00 64"
        assert await wire.ask("0b 03 00 01 00 01") == "0b 03 02 00 64"
        assert await wire.ask("0b 42") == "0b 42"
        assert await wire.ask("0b 04 00 05 00 02") == "0b 04 04 00 00 00 00"

    async def test_the_alarm_stands_above_its_threshold(self, rig: Rig, wire: Wire) -> None:
        rig.fault("overload", "1", 500)
        await wire.ask("01 05 00 00 ff 00")
        await wire.ask("0b 06 00 01 00 64")
        assert (await registers(rig, wire))[9] == 0xFFFF

    @pytest.mark.parametrize(
        ("request_", "reply"),
        [
            ("0b 01 00 00 00 01", "0b 81 01"),
            ("0b 04 00 00 00 0b", "0b 84 02"),
            ("0b 04 00 0a 00 01", "0b 84 02"),
            ("0b 04 00 00 00 00", "0b 84 03"),
            ("0b 03 00 00 00 01", "0b 83 02"),
            ("0b 06 00 03 00 01", "0b 86 02"),
            ("0b 06 00 02 00 f8", "0b 86 03"),
        ],
    )
    async def test_what_it_does_not_know_it_refuses(self, wire: Wire, request_: str, reply: str) -> None:
        assert await wire.ask(request_) == reply


class TestBike:
    """A bike on its charger."""

    def test_it_fills_and_then_floats(self) -> None:
        bike = Bike(watts=240, wh=100)
        minutes, drawn = 0, []
        while bike.soc < 1 and minutes < 300:
            drawn.append(bike.draw_w)
            bike.take(bike.draw_w / 60)
            minutes += 1
        assert 25 < minutes < 120
        assert max(drawn) == pytest.approx(240, rel=0.02)
        assert drawn[-1] < 30
        assert bike.draw_w < 5

    async def test_power_flows_only_while_the_relay_is_closed(self, rig: Rig, wire: Wire) -> None:
        rig.plug("1", watts=200)
        assert rig.status()["slots"][0]["watts"] == 0
        await wire.ask("01 05 00 00 ff 00")
        assert rig.status()["slots"][0]["watts"] > 150
        rig.unplug("1")
        assert rig.status()["slots"][0]["watts"] == 0

    async def test_time_can_go_faster_for_a_battery(self, tmp_path: Path, clock: VirtualClock) -> None:
        rig = Rig(rig_plan(tmp_path, time_factor=60), clock.monotonic)
        rig.plug("1", watts=240, wh=240, soc=0)
        rig.bench.boards[1].answer(5, bytes.fromhex("0000ff00"))
        clock.advance(60)
        slot = rig.status()["slots"][0]
        assert slot["bike"] is not None
        assert 0.85 < slot["bike"]["soc"] < 1


class TestWire:
    """What the devices hear."""

    async def test_a_wrong_check_sum_and_an_unknown_id_get_no_answer(self, wire: Wire) -> None:
        assert await wire.silent(bytes.fromhex("01 05 00 00 ff 00 8c 3b"))
        assert await wire.silent(with_crc(bytes.fromhex("09 01 00 00 00 08")))
        assert await wire.silent(with_crc(bytes.fromhex("00 05 00 ff ff 00")))
        assert await wire.ask("01 01 00 00 00 08") == "01 01 01 00"

    async def test_a_request_in_two_pieces_is_heard(self, wire: Wire) -> None:
        frame = with_crc(bytes.fromhex("01 01 00 00 00 08"))
        # A machine that stands still between the pieces makes two requests of them; not twenty times in a row.
        for _ in range(20):
            os.write(wire.descriptor, frame[:3])
            await asyncio.sleep(0.002)
            if not await wire.silent(frame[3:], at_once=True):
                return
        pytest.fail("a request in two pieces was answered no time")

    async def test_a_request_right_behind_a_reply_is_not_heard(self, wire: Wire) -> None:
        frame = with_crc(bytes.fromhex("01 01 00 00 00 08"))

        async def answer_to_the_second() -> bytes:
            os.write(wire.descriptor, frame)
            while not wire.waiting():  # noqa: ASYNC110 - the next request is to follow at once
                await asyncio.sleep(0)
            os.write(wire.descriptor, frame)
            await asyncio.sleep(0.05)
            return wire.waiting()

        # A machine that stands still for 4 ms in between makes the gap itself; not twenty times in a row.
        for _ in range(20):
            if await answer_to_the_second() == b"":
                return
        pytest.fail("a request without a gap before it was answered each time")

    async def test_bytes_take_their_time_when_asked_to(self, tmp_path: Path) -> None:
        async with rig_in(tmp_path, rig_plan(tmp_path, baud_timing=True)) as rig:
            with bare_wire(tmp_path / "scanner") as wire:
                loop = asyncio.get_running_loop()
                start = loop.time()
                await rig.scan(b"X" * 63)
                received = b""
                while not received.endswith(b"\r"):
                    received += wire.waiting()
                    await asyncio.sleep(0.002)
                assert loop.time() - start >= 64 * 10 / 38_400
