"""The scanner: whatever way it was set up, whole codes come out, and the next one always works."""

import asyncio
import os
import termios
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import serial

from devices.framing import Frame, Framer
from devices.gm import ANY_CRC, HEARTBEAT, LOCK, Order, Zone, answer_of, command
from devices.health import Health
from devices.rig import Rig
from devices.rig.gm import SETUP_ZONE, TAIL_ZONE, GmModule
from devices.scanner import Scanner, _Connection
from tests.helpers.rig import rig_in, rig_plan, until

pytestmark = pytest.mark.real_time

CARD = b"6BFOXN.LJ:8T" * 11
"""As long as a card's code, in its alphabet."""


def scans(data: bytes, framer: Framer | None = None) -> list[Frame]:
    """What comes out for bytes that arrive at once."""
    return (framer or Framer()).feed(data, 0.0)


class TestFraming:
    """Bytes in, codes out."""

    @pytest.mark.parametrize(
        ("stream", "codes"),
        [
            (b"ABC\r", [b"ABC"]),
            (b"ABC\n", [b"ABC"]),
            (b"ABC\r\n", [b"ABC"]),
            (b"ABC\t", [b"ABC"]),
            (b"\x02ABC\x03", [b"ABC"]),
            (b"\x02ABC\x03\r\n", [b"ABC"]),
            (b"\x02ABC\r", [b"ABC"]),
            (b"]Q1ABC\r", [b"ABC"]),
            (b"\x02]Q1ABC\x03", [b"ABC"]),
            (b"]C0LX01-0007\r\n", [b"LX01-0007"]),
            (b"]E09787020002207\r", [b"9787020002207"]),
            (b"]Q1\r", []),
            (b"\r\n\r\n\t\x02\x03\x03", []),
            (b"A\rB\nC\r\nD\t\x02E\x03", [b"A", b"B", b"C", b"D", b"E"]),
            (b"A\x02B\x03", [b"A", b"B"]),
            (b"\xff\xfe\x80\r", [b"\xff\xfe\x80"]),
            (b"A\x00B\r", [b"A\x00B"]),
            (b"~ABC\r", [b"~ABC"]),
            (b"A~\x00\r", [b"A~\x00"]),
            (b"ABC", []),
        ],
    )
    def test_every_terminator_and_prefix_gives_the_bare_code(self, stream: bytes, codes: list[bytes]) -> None:
        assert scans(stream) == [Frame(code) for code in codes]

    @pytest.mark.parametrize("terminator", [b"\r", b"\n", b"\r\n", b"\t", b"\x03"])
    def test_bytes_may_come_one_by_one(self, terminator: bytes) -> None:
        framer, found = Framer(), []
        for byte in CARD + terminator + b"NEXT" + terminator:
            found += framer.feed(bytes((byte,)), 0.0)
        assert found == [Frame(CARD), Frame(b"NEXT")]

    def test_a_code_of_512_bytes_is_whole_and_one_of_513_is_too_long(self) -> None:
        assert scans(b"A" * 512 + b"\r") == [Frame(b"A" * 512)]
        assert scans(b"A" * 513 + b"\r") == [Frame(b"A" * 512, "too_long")]

    def test_an_over_long_code_is_told_once_and_the_next_is_good(self) -> None:
        assert scans(b"A" * 9000 + b"\r\nNEXT\r\n") == [Frame(b"A" * 512, "too_long"), Frame(b"NEXT")]

    @pytest.mark.parametrize(
        "control",
        [
            "7e 00 0a 01 00 00 00 30 1a",
            "7e 00 08 01 00 00 d5 ab cd",
            "02 00 00 01 00 33 31",
            "03 00 00 01 00 33 31",
            "02 00 00 02 0d 0a 11 22",
        ],
    )
    def test_a_control_frame_is_no_code(self, control: str) -> None:
        frame = bytes.fromhex(control)
        assert scans(frame) == []
        assert scans(b"A\r" + frame + b"B\r") == [Frame(b"A"), Frame(b"B")]

    def test_an_answer_right_behind_a_code_without_a_terminator_is_no_code_either(self) -> None:
        framer = Framer(silence_s=0.08)
        found = framer.feed(b"LX01-0001", 1.0)
        found += framer.feed(bytes.fromhex("03 00 00 01 00 33 31"), 1.05)
        found += framer.feed(b"", 2.0)
        assert found == [Frame(b"LX01-0001")]
        assert framer.take_controls() == [bytes.fromhex("03 00 00 01 00 33 31")]

    @pytest.mark.parametrize(("head", "length"), [("02 00 00 00", 256), ("02 00 00 ff", 255), ("7e 00 08 00", 258)])
    def test_a_length_of_zero_means_256_bytes_and_none_of_them_is_a_code(self, head: str, length: int) -> None:
        frame = bytes.fromhex(head) + b"LX01-0007\r".ljust(length, b"A") + b"\xab\xcd"
        framer, found = Framer(), []
        for start in range(0, len(frame), 50):
            found += framer.feed(frame[start : start + 50], 0.0)
        assert found == []
        assert framer.take_controls() == [frame]
        assert framer.feed(b"LX01-0008\r", 0.0) == [Frame(b"LX01-0008")]

    def test_a_half_control_frame_does_not_swallow_the_next_code(self) -> None:
        framer = Framer()
        assert framer.feed(bytes.fromhex("02 00 00 ff 00"), 0.0) == []
        assert framer.feed(b"ABC\r", 0.5) == [Frame(b"ABC")]

    def test_silence_ends_a_code_only_when_set_up(self) -> None:
        waiting, closing = Framer(), Framer(silence_s=0.08)
        for framer in (waiting, closing):
            assert framer.feed(b"AB", 10.0) == []
            assert framer.feed(b"C", 10.05) == []
        assert waiting.closes_at is None
        assert closing.closes_at == pytest.approx(10.13)
        assert waiting.feed(b"", 10.14) == []
        assert closing.feed(b"", 10.14) == [Frame(b"ABC")]
        assert closing.closes_at is None
        assert waiting.feed(b"D\r", 20.0) == [Frame(b"ABCD")]
        assert closing.feed(b"D\r", 20.0) == [Frame(b"D")]


class Reader:
    """A scanner on a rig's port with all that it told."""

    def __init__(self, port: Path, silence_s: float | None = None, gm: Sequence[Zone] | None = None) -> None:
        self.frames: list[Frame] = []
        self.health: list[Health] = []
        self.scanner = Scanner(
            str(port),
            9600,
            self.frames.append,
            self.health.append,
            silence_s=silence_s,
            gm=gm,
            beat_s=0.03,
            answer_s=0.05,
        )

    async def next(self) -> Frame:
        """The next code, once it came."""
        await until(lambda: bool(self.frames))
        return self.frames.pop(0)


@asynccontextmanager
async def reading(
    port: Path, *, silence_s: float | None = None, gm: Sequence[Zone] | None = None
) -> AsyncIterator[Reader]:
    """A scanner that runs."""
    reader = Reader(port, silence_s, gm)
    task = asyncio.create_task(reader.scanner.run())
    await until(lambda: bool(reader.health))
    yield reader
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


class TestPort:
    """Over a serial port."""

    @pytest.mark.parametrize("terminator", [b"\r", b"\n", b"\r\n", b"\t"])
    async def test_a_code_arrives_whole_in_however_many_pieces(
        self, rig: Rig, tmp_path: Path, terminator: bytes
    ) -> None:
        async with reading(tmp_path / "scanner") as reader:
            for pieces in (1, 3):
                await rig.scan(CARD, terminator, pieces=pieces)
                assert await reader.next() == Frame(CARD)
            assert reader.frames == []

    async def test_the_next_scan_works_after_every_outcome(self, rig: Rig, tmp_path: Path) -> None:
        async with reading(tmp_path / "scanner") as reader:
            for code, found in (
                (b"]Q1" + CARD, [Frame(CARD)]),
                (CARD[:60], [Frame(CARD[:60])]),
                (b"Z" * 600, [Frame(b"Z" * 512, "too_long")]),
                (b"\x80\x00\xff" * 9, [Frame(b"\x80\x00\xff" * 9)]),
                (b"", []),
                (bytes.fromhex("7e 00 0a 01 00 00 00 30 1a"), []),
                (b"two\rin one", [Frame(b"two"), Frame(b"in one")]),
            ):
                await rig.scan(code)
                await rig.scan(b"LX01-0007")
                assert [await reader.next() for _ in range(len(found) + 1)] == [*found, Frame(b"LX01-0007")]

    async def test_a_scanner_without_a_terminator_is_read_by_its_pauses(self, rig: Rig, tmp_path: Path) -> None:
        async with reading(tmp_path / "scanner", silence_s=0.06) as reader:
            await rig.scan(CARD, b"", pieces=2)
            assert await reader.next() == Frame(CARD)
            await rig.scan(b"NEXT", b"")
            assert await reader.next() == Frame(b"NEXT")

    async def test_health_is_told_once_when_lost_and_once_when_back(self, rig: Rig, tmp_path: Path) -> None:
        async with reading(tmp_path / "scanner") as reader:
            await rig.scan(b"half a co", b"")
            rig.fault("unplugged", "scanner")
            await until(lambda: len(reader.health) == 2)
            await asyncio.sleep(0.3)
            rig.clear()
            await until(lambda: len(reader.health) == 3)
            assert reader.health == [Health.CONNECTED, Health.UNREACHABLE, Health.CONNECTED]
            await rig.scan(b"NEXT")
            assert await reader.next() == Frame(b"NEXT")

    async def test_a_port_that_is_missing_at_the_start_is_found_later(self, tmp_path: Path) -> None:
        async with reading(tmp_path / "scanner") as reader:
            assert reader.scanner.health is Health.UNREACHABLE
            async with rig_in(tmp_path) as rig:
                await until(lambda: reader.scanner.health is Health.CONNECTED)
                await rig.scan(b"FIRST")
                assert await reader.next() == Frame(b"FIRST")

    async def test_what_was_scanned_while_nobody_read_does_not_act_later(self, rig: Rig, tmp_path: Path) -> None:
        await rig.scan(b"OLD")
        async with reading(tmp_path / "scanner") as reader:
            await rig.scan(b"NEW")
            assert await reader.next() == Frame(b"NEW")

    async def test_nobody_else_opens_the_port_meanwhile_and_a_port_that_is_taken_is_waited_for(
        self, rig: Rig, tmp_path: Path
    ) -> None:
        path = tmp_path / "scanner"
        with serial.Serial(str(path), exclusive=True):
            async with reading(path) as reader:
                assert reader.health == [Health.UNREACHABLE]
        async with reading(path) as reader:
            assert reader.health == [Health.CONNECTED]
            with pytest.raises(serial.SerialException, match="exclusively lock"):
                serial.Serial(str(path), exclusive=True)
            await rig.scan(b"NEXT")
            assert await reader.next() == Frame(b"NEXT")

    async def test_a_port_that_reads_as_ended_is_given_up_at_once(self) -> None:
        near, far = os.pipe()
        os.close(far)  # readable, and empty, from now on and for good
        connection = _Connection(near, Framer(), lambda _: None, None, lambda: 0.0)
        with pytest.raises(OSError, match="reads as ended"):
            await asyncio.wait_for(connection.ended(), 5)
        assert not asyncio.get_running_loop().remove_reader(near), "nobody looks at it any more"
        os.close(near)

    async def test_a_port_that_goes_while_it_is_opened_is_tried_again(
        self, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(_: serial.Serial) -> None:
            raise termios.error(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(serial.Serial, "_reset_input_buffer", gone)
            async with reading(tmp_path / "scanner") as reader:
                assert reader.health == [Health.UNREACHABLE]
                patch.undo()
                await until(lambda: reader.scanner.health is Health.CONNECTED)
                await rig.scan(b"NEXT")
                assert await reader.next() == Frame(b"NEXT")


class TestGmFrames:
    """What a module of the GM family is told, to the letter of the manuals."""

    def test_commands_are_those_of_the_manuals(self) -> None:
        assert bytes.fromhex("7e 00 0a 01 00 00 00 30 1a") == HEARTBEAT
        assert command(Order.SAVE) == bytes.fromhex("7e 00 09 01 00 00 00 de c8")
        assert command(Order.READ, 0x2A, b"\x02") == bytes.fromhex("7e 00 07 01 00 2a 02 d8 0f")

    @pytest.mark.parametrize(
        ("frame", "data"),
        [
            ("02 00 00 01 00 33 31", b"\x00"),
            ("03 00 00 01 00 33 31", b"\x00"),
            ("02 00 00 01 00 ab cd", b"\x00"),
            ("02 00 00 02 39 01 ab cd", b"\x39\x01"),
            ("02 00 00 01 00 33 32", None),
            ("02 00 01 01 00 ab cd", None),
            ("7e 00 0a 01 00 00 00 30 1a", None),
            ("02 00", None),
        ],
    )
    def test_an_answer_is_believed_with_its_check_sum_or_none_computed(self, frame: str, data: bytes | None) -> None:
        assert answer_of(bytes.fromhex(frame)) == data

    def test_the_module_takes_a_command_without_a_computed_check_sum_and_in_pieces(self) -> None:
        module = GmModule()
        frame = command(Order.WRITE, SETUP_ZONE, b"\x00")[:-2] + ANY_CRC
        assert module.received(b"\x99" + frame[:5]) == b""
        assert answer_of(module.received(frame[5:])) == b"\x00"
        assert not module.obeys
        assert module.received(frame[:-1] + b"\x00") == b""


@pytest.fixture
async def gm(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_in(tmp_path, replace(rig_plan(tmp_path), scanner_kind="gm")) as rig:
        yield rig


CR_TAIL = Zone(TAIL_ZONE, 0x61, 0x01)


class TestGm:
    """A module that a passer-by could set up anew."""

    async def test_it_is_locked_before_a_set_up_code_can_be_shown(self, gm: Rig, tmp_path: Path) -> None:
        assert gm.module is not None
        assert gm.setup_code(TAIL_ZONE, 0x60)  # obeyed: it ends scans with nothing now
        async with reading(tmp_path / "scanner", gm=(CR_TAIL,)) as reader:
            module = gm.module
            await until(lambda: not module.obeys and module.saved == module.zones)
            assert module.tail == b"\r"
            assert module.zones[LOCK.address] == 0
            assert not gm.setup_code(TAIL_ZONE, 0x60)
            for _ in range(3):  # between heartbeats and their answers
                await gm.scan(CARD)
                assert await reader.next() == Frame(CARD)
                await asyncio.sleep(0.03)
            assert reader.health == [Health.CONNECTED]

    async def test_its_settings_are_asserted_again_each_time_it_is_plugged_in(self, gm: Rig, tmp_path: Path) -> None:
        module = gm.module
        assert module is not None
        async with reading(tmp_path / "scanner", gm=()) as reader:
            await until(lambda: not module.obeys)
            gm.fault("unplugged", "scanner")
            await until(lambda: reader.scanner.health is Health.UNREACHABLE)
            module.saved.update({SETUP_ZONE: 0x03})  # somebody set it up elsewhere meanwhile
            gm.clear()
            assert module.obeys
            await until(lambda: not module.obeys)
            await gm.scan(b"NEXT")
            assert await reader.next() == Frame(b"NEXT")

    async def test_three_missed_heartbeats_open_the_port_anew_and_scans_go_on(self, gm: Rig, tmp_path: Path) -> None:
        async with reading(tmp_path / "scanner", gm=()) as reader:
            gm.fault("silent", "scanner")
            await until(lambda: Health.UNREACHABLE in reader.health)
            gm.clear()
            await until(lambda: reader.scanner.health is Health.CONNECTED)
            await gm.scan(b"NEXT")
            assert await reader.next() == Frame(b"NEXT")

    async def test_a_plain_scanner_called_a_gm_is_told_as_degraded_and_still_read(
        self, rig: Rig, tmp_path: Path
    ) -> None:
        async with reading(tmp_path / "scanner", gm=()) as reader:
            await until(lambda: Health.DEGRADED in reader.health)
            await rig.scan(b"NEXT")
            assert await reader.next() == Frame(b"NEXT")

    async def test_one_that_is_out_of_order_stays_so_until_it_answers_through_new_openings_and_restarts(
        self, gm: Rig, tmp_path: Path
    ) -> None:
        gm.fault("silent", "scanner")
        for _start in range(2):
            async with reading(tmp_path / "scanner", gm=()) as reader:
                await until(lambda: reader.health.count(Health.UNREACHABLE) == 2)
                assert Health.CONNECTED not in reader.health
        gm.clear()
        async with reading(tmp_path / "scanner", gm=()) as reader:
            assert reader.health == [Health.CONNECTED]

    async def test_a_plain_scanner_is_never_written_to(
        self, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[bytes] = []
        monkeypatch.setattr(rig._scanner, "received", heard.append)
        async with reading(tmp_path / "scanner") as reader:
            await rig.scan(b"ONE")
            assert await reader.next() == Frame(b"ONE")
        assert heard == []

    async def test_garbage_before_in_and_after_a_scan_costs_that_scan_at_most(self, rig: Rig, tmp_path: Path) -> None:
        async with reading(tmp_path / "scanner") as reader:
            for kind in ("noise-before", "noise-in", "noise-after"):
                rig.fault(kind, "scanner", 9)
                await rig.scan(CARD)
                await asyncio.sleep(0.25)  # a half control frame in the noise is over by then
                rig.clear()
                await rig.scan(b"\rNEXT")
                await until(lambda: Frame(b"NEXT") in reader.frames)
                reader.frames.clear()
