"""Slots on other boards, behind a contactor, with alarm inputs, and with something else wired to them than expected."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devices.rig import Rig
from kiosk.charging import ChargingPoint
from kiosk.charging.commissioning import BoardRecord, write_record
from kiosk.commands.rig import plan_of
from kiosk.settings import Settings
from kiosk.system.database import DatabaseThread
from kiosk.views import ChargingRefusal, SlotError, SlotState, StopReason
from tests.helpers.box import make_box, make_settings
from tests.helpers.charging import LEASE_S, LI, QUICK, WANG, Place, ShiftedClock, kill, open_point, state_is, view
from tests.helpers.rig import FAST, rig_in, until

pytestmark = pytest.mark.real_time

WATCHDOG_LEASE_S = 4.0
DAY = "2026-11-24T04:00:00Z"
Wiring = Mapping[str, object]


def slots(relay: str, meter: str = "pzem", unit: int = 1) -> list[dict[str, object]]:
    """Two slots on a board."""
    return [
        {
            "name": str(number),
            "relay": {"driver": relay, "unit": unit, "channel": number - 1},
            "meter": {"driver": meter, "unit": 10 + number},
        }
        for number in (1, 2)
    ]


WATCHDOG: Wiring = {
    "slots": slots("wirenboard", "sdm120"),
    "lease_s": WATCHDOG_LEASE_S,
    "renew_s": 1,
    "relay_idle_s": 0.5,
}
CONTACTOR: Wiring = {
    "slots": slots("plain", unit=5),
    "contactor": {"relay": {"driver": "waveshare", "unit": 1, "channel": 7}},
}
ALARMS: Wiring = {
    "slots": slots("waveshare"),
    "alarm_poll_s": 0.2,
    "alarms": [
        {"name": "smoke", "kind": "smoke", "unit": 30, "channel": 0},
        {"name": "socket-2", "kind": "socket_hot", "driver": "celsius", "unit": 30, "channel": 4, "slot": "2"},
    ],
    "siren": {"relay": {"driver": "waveshare", "unit": 1, "channel": 6}},
}


def settings_of(folder: Path, wiring: Wiring) -> Settings:
    """Settings whose bus is a rig's."""
    charging = {**QUICK, **wiring, "port": str(folder / "rs485")}
    return make_settings(folder, charging=charging, scanner={"port": str(folder / "scanner")})


@asynccontextmanager
async def wired(folder: Path, wiring: Wiring, at_the_rig: Wiring | None = None) -> AsyncIterator[Place]:
    """A rig and a box with these settings; with another wiring at the rig, what answers is not what is expected."""
    settings = settings_of(folder, wiring)
    plan = plan_of(settings if at_the_rig is None else settings_of(folder, at_the_rig), time_factor=600)
    async with rig_in(folder, plan) as rig:
        # A plain board tells nothing of itself, a rig's neither: an electrician has to accept it.
        accepted = BoardRecord(driver="plain", firmware="", proven=False, by="赵工", at=DAY)
        write_record(Path(settings.station.data), 5, accepted)
        clock = ShiftedClock()
        box = make_box(folder, clock, on_disk=True, settings=settings)
        database = DatabaseThread(box.journal.store)
        try:
            yield Place(rig, box, clock, database, [])
        finally:
            await asyncio.to_thread(database.close)


def contactor_closed(rig: Rig) -> bool:
    """Whether the contactor's relay is closed."""
    return rig.bench.boards[1].relays[7].closed(_now(rig))


def _now(rig: Rig) -> float:
    return rig.bench._clock()


async def charging(point: ChargingPoint, place: Place, slot: str = "1") -> None:
    """Have somebody charge in a slot."""
    place.rig.plug(slot, watts=200, wh=100_000)
    started = await point.start(WANG if slot == "1" else LI, slot)
    assert started.done, started
    await until(state_is(point, SlotState.CHARGING, slot))


class TestWatchdogBoard:
    """One watchdog for all slots."""

    async def test_two_slots_charge_past_the_watchdogs_time_and_one_ends_alone(self, tmp_path: Path) -> None:
        async with wired(tmp_path, WATCHDOG) as place, open_point(place) as point:
            await charging(point, place, "1")
            await charging(point, place, "2")
            await asyncio.sleep(2.5)
            assert place.outlet("1")["live"]
            assert (await point.stop(WANG)).done
            assert not place.outlet("1")["live"]
            await asyncio.sleep(1.2)
            assert place.outlet("2")["live"]

    async def test_a_station_that_vanishes_leaves_no_power(self, tmp_path: Path) -> None:
        async with wired(tmp_path, WATCHDOG) as place:
            point = place.point()
            await point.open()
            await charging(point, place)
            await kill(point)
            await asyncio.sleep(1.1)
            assert not place.outlet()["live"]

    async def test_a_slot_whose_meter_is_lost_is_switched_off_and_the_other_goes_on(self, tmp_path: Path) -> None:
        async with wired(tmp_path, WATCHDOG) as place, open_point(place) as point:
            await charging(point, place, "1")
            await charging(point, place, "2")
            place.rig.fault("silent", "12")
            await until(lambda: not place.outlet("2")["live"])
            await until(lambda: view(point, "2").rider is None or SlotError.METER_LOST in view(point, "2").errors)
            await asyncio.sleep(1.2)
            assert place.outlet("1")["live"]


class TestContactor:
    """Plain boards, which never switch off by themselves."""

    async def test_it_is_held_while_somebody_charges_and_no_longer(self, tmp_path: Path) -> None:
        # A lease that a busy machine keeps: that it is renewed in time is asked elsewhere.
        async with wired(tmp_path, {**CONTACTOR, "lease_s": 4}) as place, open_point(place) as point:
            assert not contactor_closed(place.rig)
            await charging(point, place, "1")
            await charging(point, place, "2")
            await asyncio.sleep(1.2)
            assert place.outlet("1")["live"]
            assert (await point.stop(WANG)).done
            assert (contactor_closed(place.rig), place.outlet("2")["live"]) == (True, True)
            assert (await point.stop(LI)).done
            assert not contactor_closed(place.rig)

    async def test_a_station_that_vanishes_leaves_no_power(self, tmp_path: Path) -> None:
        async with wired(tmp_path, CONTACTOR) as place:
            point = place.point()
            await point.open()
            await charging(point, place)
            await kill(point)
            await asyncio.sleep(1.1)
            assert place.outlet()["relay"]
            assert not place.outlet()["live"]

    async def test_an_off_that_is_not_confirmed_drops_it(self, tmp_path: Path) -> None:
        async with wired(tmp_path, CONTACTOR) as place, open_point(place) as point:
            await charging(point, place, "1")
            await charging(point, place, "2")
            place.rig.fault("silent", "5")
            assert (await point.stop(WANG)).refusal is ChargingRefusal.POWER_UNCONFIRMED
            assert not contactor_closed(place.rig)
            assert not any(place.outlet(slot)["live"] for slot in "12")
            place.rig.clear()
            await until(lambda: not view(point, "1").errors)

    async def test_a_welded_relay_drops_it_for_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kiosk.charging.turns.WELDED_S", 0.5)
        async with wired(tmp_path, CONTACTOR) as place, open_point(place) as point:
            await charging(point, place, "1")
            place.rig.plug("2", watts=200, wh=100_000)
            place.rig.fault("welded", "2")
            await until(lambda: SlotError.RELAY_WELDED in view(point, "2").errors)
            await until(lambda: not contactor_closed(place.rig))
            assert not any(place.outlet(slot)["live"] for slot in "12")
            await until(lambda: place.reason() is StopReason.RELAY_LOST)
            assert (await point.start(LI, "1")).refusal is not None


@pytest.mark.parametrize(("wiring", "lease_s"), [(WATCHDOG, WATCHDOG_LEASE_S), (CONTACTOR, LEASE_S)])
async def test_a_slot_that_hangs_is_not_kept_on_by_its_neighbour(
    tmp_path: Path, wiring: Wiring, lease_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(tmp_path, wiring) as place, open_point(place) as point:
        await charging(point, place, "1")
        await charging(point, place, "2")
        hung = asyncio.Event()
        with monkeypatch.context() as patch:
            patch.setattr(point._slots["1"].meter, "read", hung.wait)
            await asyncio.sleep(lease_s)
            assert not place.outlet("1")["live"]
            assert place.outlet("2")["live"]
        hung.set()


class TestAlarms:
    """Smoke, heat, and inputs that fall silent."""

    async def test_smoke_ends_everything_and_sounds_the_siren(self, tmp_path: Path) -> None:
        async with wired(tmp_path, ALARMS) as place, open_point(place) as point:
            await charging(point, place)
            siren = place.rig.bench.boards[1].relays[6]
            assert not siren.closed(_now(place.rig))
            place.rig.fault("alarm", "smoke")
            await until(lambda: not place.outlet()["live"])
            await until(lambda: place.reason() is StopReason.SMOKE)
            await until(lambda: siren.closed(_now(place.rig)))
            await asyncio.sleep(1.2)
            assert siren.closed(_now(place.rig))  # renewed
            assert (await point.start(LI, "2")).refusal is ChargingRefusal.ALARM
            place.rig.clear()
            await until(lambda: not siren.closed(_now(place.rig)))
            assert (await point.start(LI, "2")).refusal is ChargingRefusal.ALARM

    async def test_a_hot_socket_ends_only_its_own_slot(self, tmp_path: Path) -> None:
        async with wired(tmp_path, ALARMS) as place, open_point(place) as point:
            await charging(point, place, "1")
            await charging(point, place, "2")
            place.rig.fault("heat", "socket-2", 90)
            await until(lambda: not place.outlet("2")["live"])
            await until(lambda: place.reason() is StopReason.SOCKET_HOT)
            assert place.outlet("1")["live"]

    async def test_an_input_that_falls_silent_ends_everything(self, tmp_path: Path) -> None:
        async with wired(tmp_path, ALARMS) as place, open_point(place) as point:
            await charging(point, place)
            place.rig.fault("silent", "30")
            await until(lambda: not place.outlet()["live"])
            await until(lambda: place.reason() is StopReason.ALARM_LOST)
            assert SlotError.ALARM_LOST in view(point).errors
            assert (await point.start(LI, "2")).refusal is ChargingRefusal.ALARM_LOST
            place.rig.clear()
            await until(lambda: SlotError.ALARM_LOST not in view(point).errors)
            assert (await point.start(LI, "2")).done

    async def test_one_that_is_not_required_may_fall_silent(self, tmp_path: Path) -> None:
        wiring = {**ALARMS, "alarms_required": False}
        async with wired(tmp_path, wiring) as place, open_point(place) as point:
            place.rig.fault("silent", "30")
            await charging(point, place)
            await until(
                lambda: any(each.name == "alarm smoke" and each.health == "unreachable" for each in point.devices())
            )
            assert place.outlet()["live"]


class TestSomethingElse:
    """What answers is not what the settings say."""

    async def test_another_meter_than_expected_is_named_and_the_other_slot_serves(self, tmp_path: Path) -> None:
        expected = {"slots": slots("waveshare")}
        expected["slots"][1]["meter"] = {"driver": "sdm120", "unit": 12}
        async with wired(tmp_path, expected, {"slots": slots("waveshare")}) as place, open_point(place) as point:
            await until(lambda: SlotError.WRONG_DEVICE in view(point, "2").errors)
            assert view(point, "2").state is SlotState.FAULTED
            assert (await point.start(LI, "2")).refusal is not None
            problems = {each.name: each.problem for each in point.devices()}
            assert "does not understand what a sdm120 meter does" in (problems["meter 12"] or "")
            await charging(point, place, "1")

    async def test_a_board_of_another_kind_is_named(self, tmp_path: Path) -> None:
        async with wired(tmp_path, {"slots": slots("waveshare")}, WATCHDOG) as place, open_point(place) as point:
            assert (await point.start(WANG, "1")).refusal is not None
            assert not place.outlet()["live"]
            problems = {each.name: each.problem for each in point.devices()}
            assert "does not understand what a Waveshare 8-channel relay board does" in (problems["relay 1"] or "")

    @pytest.mark.parametrize("target", ["1", "11"])
    async def test_two_devices_with_one_address_fault_what_hangs_on_them(self, tmp_path: Path, target: str) -> None:
        async with wired(tmp_path, {"slots": slots("waveshare")}) as place:
            # The second is right behind the first and listened for long: a machine that stands still parts them not.
            place.rig.fault("twice", target, 0.0005)
            place.timing = replace(FAST, silence_s=0.3, silence_most_s=0.6)
            async with open_point(place) as point:
                await until(lambda: SlotError.WRONG_DEVICE in view(point, "1").errors)
                assert (await point.start(WANG, "1")).refusal is ChargingRefusal.SLOT_FAULTED
                named = [each.problem for each in point.devices() if each.problem is not None]
                assert named == [f"Two devices answer at address {target}" + named[0][named[0].index(",") :]]
                assert (SlotError.WRONG_DEVICE in view(point, "2").errors) is (target == "1")
                place.rig.clear()
                await until(state_is(point, SlotState.AVAILABLE))

    async def test_garbage_faults_its_slot_with_words_and_the_other_serves(self, tmp_path: Path) -> None:
        async with wired(tmp_path, {"slots": slots("waveshare")}) as place:
            place.rig.fault("bad-crc", "12")
            async with open_point(place) as point:
                await until(lambda: SlotError.WRONG_DEVICE in view(point, "2").errors)
                problems = {each.name: each.problem for each in point.devices()}
                assert "What comes from address 12 makes no sense" in (problems["meter 12"] or "")
                assert (await point.start(LI, "2")).refusal is not None
                await charging(point, place, "1")

    async def test_a_meter_out_of_the_mains_range_keeps_its_slot_closed(self, tmp_path: Path) -> None:
        async with wired(tmp_path, {"slots": slots("waveshare")}) as place:
            place.rig.fault("voltage", "1", 110)
            place.rig.bench.measure()
            async with open_point(place) as point:
                assert view(point, "1").errors == (SlotError.WRONG_DEVICE,)
                problems = {each.name: each.problem for each in point.devices()}
                assert "sees 110 V; expected are 187 to 253 V" in (problems["meter 11"] or "")
                assert (await point.start(WANG, "1")).refusal is ChargingRefusal.SLOT_FAULTED
                assert view(point, "2").state is SlotState.AVAILABLE
