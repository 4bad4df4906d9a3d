"""The rig as a whole."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable

from devices.rig.bench import Bench
from devices.rig.control import ControlServer
from devices.rig.faults import BUS, SCANNER, Fault, FaultKind, Faults
from devices.rig.gm import GmModule
from devices.rig.outlet import Bike, Outlet
from devices.rig.plan import RigError, RigPlan
from devices.rig.port import RigPort
from devices.rig.scanner import QrScanner
from devices.rig.status import RigStatus
from devices.rig.wire import Wire


class Rig:
    """Simulated hardware for one station, in real time, on the running loop.

    Args:
        plan: The wiring.
        clock: Monotonic seconds.
    """

    def __init__(self, plan: RigPlan, clock: Callable[[], float] = time.monotonic) -> None:
        self._plan = plan
        modules = frozenset(alarm.unit for alarm in plan.alarms.values())
        self.faults = Faults(
            frozenset(plan.boards) | frozenset(plan.meters) | modules,
            frozenset(plan.slots),
            boards=frozenset(plan.boards),
            alarms=frozenset(plan.alarms),
        )
        """The present faults. To be changed through `fault` and `clear`; wire faults may be added directly."""
        self.bench = Bench(plan, self.faults, clock)
        """Boards, sockets and meters."""
        self._wire = Wire(
            lambda: self._ports[BUS],
            [*self.bench.boards.values(), *self.bench.meters.values(), *self.bench.modules.values()],
            self.faults,
        )
        self._ports = {
            BUS: RigPort(plan.bus_path, self._wire.received, timed=plan.baud_timing),
            SCANNER: RigPort(plan.scanner_path, self._to_scanner, timed=plan.baud_timing),
        }
        self.module = GmModule() if plan.scanner_kind == "gm" else None
        """The scanner's module; None for a plain scanner."""
        self._scanner = QrScanner(self._ports[SCANNER], self.faults, self.module)
        self._control = ControlServer(plan.socket_path, self)
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve: ports appear, meters measure, the control socket answers.

        Raises:
            RigError: Another rig serves there, or a path is taken by something else.
            OSError: A path cannot be made.
        """
        await self._control.start()
        try:
            for port in self._ports.values():
                port.plug()
        except BaseException:
            await self.close()
            raise
        self._ticker = asyncio.create_task(self._tick(), name="rig-meters")

    async def close(self) -> None:
        """End: the ports hang up, and everything the rig made is removed."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
            self._ticker = None
        self._wire.stop()
        for port in self._ports.values():
            port.unplug()
        await self._control.close()

    async def scan(self, code: bytes, terminator: bytes | None = None, *, pieces: int = 1) -> None:
        """Let the scanner read a code.

        Args:
            code: Its bytes.
            terminator: What the scanner was set up to add; without, what its module says, or CR.
            pieces: In how many pieces the bytes arrive.

        Raises:
            RigError: The scanner is unplugged.
        """
        await self._scanner.scan(code, terminator, pieces=pieces)

    def setup_code(self, zone: int, value: int) -> bool:
        """Hold a set-up code before the scanner; whether it obeys.

        Raises:
            RigError: The scanner has no such codes.
        """
        if self.module is None:
            raise RigError("The scanner is a plain one; only a gm has set-up codes.")
        if not (0 <= zone <= 0xFFFF and 0 <= value <= 0xFF):
            raise RigError("A set-up code sets a zone of 0 to 65535 to a value of 0 to 255.")
        return self.module.show_setup_code(zone, value)

    def plug(self, slot: str, watts: float = 240.0, wh: float = 480.0, soc: float = 0.2) -> None:
        """Plug a bike in, in place of any that was.

        Args:
            slot: The slot's name.
            watts: What its charger takes at most, W.
            wh: What the socket delivers from empty to full, Wh.
            soc: State of charge, 0..1.

        Raises:
            RigError: No such slot, or no such bike.
        """
        outlet = self._outlet(slot)
        if not (math.isfinite(watts) and 0 < watts <= 10_000 and math.isfinite(wh) and wh > 0 and 0 <= soc <= 1):
            raise RigError(
                f"There is no bike of {watts} W, {wh} Wh and charge {soc}; both are above 0, charge is 0 to 1."
            )
        self.bench.advance()
        outlet.bike = Bike(watts, wh, soc)

    def unplug(self, slot: str) -> None:
        """Pull the bike's plug; nothing happens when there is none.

        Raises:
            RigError: No such slot.
        """
        outlet = self._outlet(slot)
        self.bench.advance()
        outlet.bike = None

    def fault(self, kind: FaultKind | str, target: str | None = None, value: float | None = None) -> Fault:
        """Have a fault from now on, or at once; see `FaultKind`.

        Raises:
            RigError: No such fault, target or value.
        """
        self.bench.advance()
        fault = self.faults.add(kind, target, value)
        if fault.kind is FaultKind.UNPLUGGED:
            self._ports[fault.target].unplug()
        elif fault.kind in (FaultKind.BACKWARDS, FaultKind.WRAP):
            self.bench.turn_counter(fault.kind, fault.target, fault.value)
        elif fault.kind is FaultKind.POWER_CYCLE:
            self.bench.boards[int(fault.target)].power_cycle()
        return fault

    def clear(self) -> None:
        """End all faults; unplugged adapters come back as new ports.

        Raises:
            RigError: A port's name was taken in the meantime.
        """
        self.bench.advance()
        self.faults.clear()
        if self.module is not None and not self._ports[SCANNER].plugged:
            self.module.power_cycle()
        for port in self._ports.values():
            port.plug()

    def status(self) -> RigStatus:
        """Return how everything stands, seen from outside and not by the registers alone."""
        bus, scanner = self._ports[BUS], self._ports[SCANNER]
        return {
            "scanner": {"port": str(scanner.path), "plugged": scanner.plugged},
            "bus": {"port": str(bus.path), "plugged": bus.plugged},
            "time_factor": self._plan.time_factor,
            "slots": self.bench.status(),
            "faults": [
                {"kind": fault.kind.value, "target": fault.target, "value": fault.value}
                for fault in self.faults.present()
            ],
        }

    def _to_scanner(self, data: bytes) -> None:
        self._scanner.received(data)

    def _outlet(self, slot: str) -> Outlet:
        try:
            return self.bench.outlet(slot)
        except KeyError:
            names = ", ".join(self._plan.slots) or "none"
            raise RigError(f"There is no slot {slot!r}; there are {names}.") from None

    async def _tick(self) -> None:
        while True:
            self.bench.measure()
            await asyncio.sleep(self._plan.refresh_s)
