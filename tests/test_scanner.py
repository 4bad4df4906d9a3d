"""The scanner: whatever way it was set up, whole codes come out, and the next one always works."""

import asyncio
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import serial

from devices.framing import Frame, Framer
from devices.health import Health
from devices.rig import Rig
from devices.scanner import Scanner
from tests.helpers.rig import rig_in, until

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

    def __init__(self, port: Path, silence_s: float | None = None) -> None:
        self.frames: list[Frame] = []
        self.health: list[Health] = []
        self.scanner = Scanner(str(port), 9600, self.frames.append, self.health.append, silence_s=silence_s)

    async def next(self) -> Frame:
        """The next code, once it came."""
        await until(lambda: bool(self.frames))
        return self.frames.pop(0)


@asynccontextmanager
async def reading(port: Path, *, silence_s: float | None = None) -> AsyncIterator[Reader]:
    """A scanner that runs."""
    reader = Reader(port, silence_s)
    task = asyncio.create_task(reader.scanner.run())
    await until(lambda: bool(reader.health))
    yield reader
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_in(tmp_path) as rig:
        yield rig


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
