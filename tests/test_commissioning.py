"""Boards are measured or vouched for before anybody charges on them; a rig's own board counts as measured."""

import argparse
import asyncio
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.identity import SIMULATED, Identity
from devices.relays import RelayBoard, make_board
from devices.rig import Rig, RigPlan
from devices.rig.board import Relay
from kiosk.charging.commissioning import (
    BoardRecord,
    Commissioned,
    CommissioningError,
    forget_record,
    read_records,
    write_record,
)
from kiosk.charging.measure import Hand, NotProvenError, measure
from kiosk.commands.commission import accept, commission
from kiosk.folder import DataFolder, create_station
from kiosk.settings import load_settings
from kiosk.views import ChargingRefusal, SlotError, SlotState, StopReason
from tests.helpers.charging import WANG, kill, open_point, place_in, view
from tests.helpers.product import Product, command
from tests.helpers.rig import BOARD, rig_plan, until

pytestmark = pytest.mark.real_time

SECONDS = 0.5
WATCHDOG, CHEAP = 3, 4
RECORD = BoardRecord(driver="waveshare", firmware="V2.00", proven=True, by="老赵", at="2026-11-24T00:00:00Z")


@pytest.fixture
def plan(tmp_path: Path) -> RigPlan:
    """A leased board, one with a watchdog and a plain one, each as its maker's."""
    return replace(
        rig_plan(tmp_path),
        boards={BOARD: "waveshare", WATCHDOG: "wirenboard", CHEAP: "plain"},
        as_real=True,
    )


def hand(cycle: Callable[[], object], *, clicked: bool = False) -> Hand:
    """A person who does this when asked to cycle the supply."""

    async def answer() -> bool:
        return clicked

    async def act() -> None:
        await asyncio.sleep(0.05)
        cycle()

    return Hand(answer, act, cycled_within_s=0.5)


def cycled(rig: Rig, unit: int) -> Callable[[], object]:
    """Cycles a board's supply."""
    return lambda: rig.fault("power-cycle", str(unit))


def board_with(bus: Bus, unit: int = BOARD, driver: str = "waveshare") -> RelayBoard:
    return make_board(driver, bus, unit)


class TestMeasure:
    """What a board has to do."""

    async def test_a_good_board_is_proven_with_its_figures(self, rig: Rig, bus: Bus) -> None:
        figures = await measure(board_with(bus), 0, SECONDS, hand(cycled(rig, BOARD)))
        assert figures["expires_after_s"] == pytest.approx(SECONDS, rel=0.1)
        assert figures["renewed_expires_after_s"] == pytest.approx(SECONDS, rel=0.1)
        assert not any(slot["relay"] for slot in rig.status()["slots"])

    async def test_a_watchdog_is_proven_by_silence(self, rig: Rig, bus: Bus) -> None:
        board = board_with(bus, WATCHDOG, "wirenboard")
        assert await measure(board, 0, 4, hand(cycled(rig, WATCHDOG))) == {"watchdog_s": 1.0}

    async def test_a_plain_board_has_to_be_off_at_power_up(self, rig: Rig, bus: Bus) -> None:
        assert await measure(board_with(bus, CHEAP, "plain"), 0, SECONDS, hand(cycled(rig, CHEAP))) == {}
        with pytest.raises(NotProvenError, match="on after the board's supply came back"):
            await measure(board_with(bus, CHEAP, "plain"), 0, SECONDS, hand(lambda: None))
        assert not rig.bench.boards[CHEAP].relays[0].closed(0.0)

    async def test_a_supply_that_was_not_cycled_proves_nothing(self, bus: Bus) -> None:
        with pytest.raises(NotProvenError, match="the supply was not off"):
            await measure(board_with(bus), 0, SECONDS, hand(lambda: None))

    async def test_a_relay_that_clicks_at_renewals_is_refused(self, rig: Rig, bus: Bus) -> None:
        with pytest.raises(NotProvenError, match="clicks at every renewal"):
            await measure(board_with(bus), 0, SECONDS, hand(cycled(rig, BOARD), clicked=True))

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda closed, for_s: (closed, for_s * 1.4 if for_s else None), r"goes off after 0\.[6789]"),
            (lambda closed, _: (closed, None), "does not go off by itself"),
            (lambda closed, for_s: (closed, for_s or 0.3), "After an OFF the relay goes on again"),
        ],
    )
    async def test_a_board_that_does_something_else_is_refused(
        self,
        bus: Bus,
        monkeypatch: pytest.MonkeyPatch,
        spoil: Callable[[bool, float | None], tuple[bool, float | None]],
        words: str,
    ) -> None:
        rightly = Relay.set

        def wrongly(relay: Relay, closed: bool, now: float, for_s: float | None = None) -> None:
            told, seconds = spoil(closed, for_s)
            rightly(relay, told, now, seconds)

        board = board_with(bus)
        await board.all_off()
        monkeypatch.setattr(Relay, "set", wrongly)
        monkeypatch.setattr(type(board), "all_off", _nothing)
        with pytest.raises(NotProvenError, match=words):
            await measure(board, 0, SECONDS, hand(lambda: None))

    async def test_a_relay_that_does_not_go_off_is_not_left_on(
        self, rig: Rig, bus: Bus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rightly = Relay.set

        def for_ever(relay: Relay, closed: bool, now: float, for_s: float | None = None) -> None:
            del for_s
            rightly(relay, closed, now)

        monkeypatch.setattr(Relay, "set", for_ever)
        with pytest.raises(NotProvenError, match="does not go off by itself"):
            await measure(board_with(bus), 0, SECONDS, hand(lambda: None))
        assert not any(slot["relay"] for slot in rig.status()["slots"])

    async def test_a_renewal_that_does_not_extend_is_refused(self, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
        rightly = Relay.set

        def keeps_its_time(relay: Relay, closed: bool, now: float, for_s: float | None = None) -> None:
            left_s = relay.left_s(now)
            rightly(relay, closed, now, for_s if left_s is None or not for_s else left_s)

        monkeypatch.setattr(Relay, "set", keeps_its_time)
        with pytest.raises(NotProvenError, match=r"whose time is renewed of 0.5 s goes off after 0\.[123]"):
            await measure(board_with(bus), 0, SECONDS, hand(lambda: None))


async def _nothing(_board: RelayBoard) -> None:
    """Switch nothing."""


class TestRecords:
    """What is kept."""

    def test_a_record_stands_until_the_board_changes(self, tmp_path: Path) -> None:
        commissioned = Commissioned(tmp_path)
        assert not commissioned.holds(1, "waveshare", Identity("waveshare", "V2.00"))
        write_record(tmp_path, 1, RECORD)
        write_record(tmp_path, 2, replace_firmware("V3.00"))
        assert commissioned.holds(1, "waveshare", Identity("waveshare", "V2.00"))
        assert not commissioned.holds(1, "waveshare", Identity("waveshare", "V2.10"))
        assert not commissioned.holds(1, "plain", Identity("plain", "V2.00"))
        assert not commissioned.holds(3, "waveshare", Identity("waveshare", "V2.00"))
        forget_record(tmp_path, 1)
        assert read_records(tmp_path) == {2: replace_firmware("V3.00")}

    def test_a_rigs_own_board_counts_as_measured(self, tmp_path: Path) -> None:
        assert Commissioned(tmp_path).holds(1, "waveshare", Identity("waveshare", SIMULATED))

    def test_a_file_that_cannot_be_read_vouches_for_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "commissioning.json").write_text("{", encoding="utf-8")
        with pytest.raises(CommissioningError, match="Remove it and measure the boards anew"):
            read_records(tmp_path)
        assert not Commissioned(tmp_path).holds(1, "waveshare", Identity("waveshare", "V2.00"))

    def test_it_is_nobody_elses_to_read(self, tmp_path: Path) -> None:
        write_record(tmp_path, 1, RECORD)
        assert (tmp_path / "commissioning.json").stat().st_mode & 0o777 == 0o600


def replace_firmware(firmware: str) -> BoardRecord:
    return BoardRecord(driver=RECORD.driver, firmware=firmware, proven=True, by=RECORD.by, at=RECORD.at)


class TestCharging:
    """What a rider and a volunteer see."""

    async def test_nobody_charges_on_a_board_that_nobody_vouched_for(self, tmp_path: Path) -> None:
        async with place_in(tmp_path) as place:
            place.rig.bench.boards[BOARD]._version = 200  # type: ignore[union-attr]
            async with open_point(place) as point:
                assert view(point).errors == (SlotError.NOT_COMMISSIONED,)
                assert view(point).state is SlotState.FAULTED
                assert (await point.start(WANG, "1")).refusal is ChargingRefusal.NOT_COMMISSIONED
                assert not place.outlet()["live"]
                write_record(Path(place.box.settings.station.data), BOARD, RECORD)
                await until(lambda: view(point).state is SlotState.AVAILABLE)
                assert (await point.start(WANG, "1")).done

    async def test_a_session_is_not_resumed_on_a_board_that_was_exchanged(self, tmp_path: Path) -> None:
        async with place_in(tmp_path) as place:
            point = place.point()
            await point.open()
            place.rig.plug("1", watts=200, wh=100_000)
            assert (await point.start(WANG, "1")).done
            await kill(point)
            place.rig.bench.boards[BOARD]._version = 200  # type: ignore[union-attr]
            async with open_point(place) as again:
                await until(lambda: place.reason() is StopReason.POWER_CUT)
                assert not place.outlet()["live"]
                assert view(again).errors == (SlotError.NOT_COMMISSIONED,)


class TestCommand:
    """`kiosk doctor`."""

    def test_the_doctor_measures_accepts_and_reports(self, tmp_path: Path) -> None:
        product = Product(tmp_path, lease_s=2)
        product.run("init")
        with product.serving("rig", "--as-real"):
            said = product.run("doctor", expect=1).stdout
            assert "FAIL relay board 1: waveshare V2.00 answers; no slot on it charges before" in said
            assert 'kiosk doctor --accept "NAME"' in said
            assert "ok   meter 11: 2" in said
            product.run("doctor", "--accept", "老赵")
            assert "accepted unmeasured by 老赵" in product.run("doctor").stdout
            assert "proven. expires_after_s 0." in _commission(product)
            assert "measured by 老钱" in product.run("doctor").stdout

    def test_a_failed_measurement_leaves_no_earlier_record(self, tmp_path: Path) -> None:
        product = Product(tmp_path, lease_s=2)
        product.run("init")
        with product.serving("rig", "--as-real"):
            write_record(product.data, 1, RECORD)
            product.run("rig", "fault", "silent", "1")
            refused = product.run("doctor", "--commission", "--yes", expect=1)
            assert "board 1: NOT proven. unit 1, function 1: no reply" in refused.stderr
        assert read_records(product.data) == {}

    def test_wrong_use_is_named(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        settings = load_settings(Product(tmp_path).settings)
        DataFolder.of(settings).path.mkdir()
        create_station(DataFolder.of(settings))
        wrong = argparse.Namespace(seconds=0.0, yes=True)
        assert (commission(settings, wrong), accept(settings, " ")) == (2, 2)
        said = capsys.readouterr().err
        assert "--seconds: found 0; accepted are 0.5 to 60" in said
        assert "--accept: found no name" in said


def _commission(product: Product) -> str:
    """Measure, and cycle the supply when told to."""
    line = command(
        "doctor", "--commission", "--yes", "--by", "老钱", "--seconds", "0.5", "--config", str(product.settings)
    )
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as run:
        assert run.stdout is not None
        said = ""
        for each in run.stdout:
            said += each
            if each.startswith("Switch the supply"):
                product.run("rig", "fault", "power-cycle", "1")
    assert run.returncode == 0, said
    return said
