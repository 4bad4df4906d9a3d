"""Speaks to a rig over its control socket."""

import asyncio
import contextlib
import json
from pathlib import Path

from devices.rig.control import short_path
from devices.rig.plan import RigError
from devices.rig.status import RigStatus

_WITHIN_S = 10.0


class RigClient:
    """Drives a rig that runs in another process; a connection for each request.

    Every method raises `RigError` with a sentence when no rig serves there or when it refuses.

    Args:
        socket_path: The rig's control socket, such as `RigPlan.socket_path`.
    """

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path

    async def scan(self, code: str | bytes, terminator: bytes | None = None, *, pieces: int = 1) -> None:
        """Let the scanner read a code; a text goes out in UTF-8, with the scanner's own end unless one is given."""
        data = code.encode() if isinstance(code, str) else code
        end = None if terminator is None else terminator.hex()
        await self._ask("scan", hex=data.hex(), terminator=end, pieces=pieces)

    async def setup_code(self, zone: int, value: int) -> bool:
        """Hold a GM module's set-up code before the scanner; whether it obeyed."""
        return bool(json.loads(await self._ask("setup", zone=zone, value=value)))

    async def plug(self, slot: str, watts: float = 240.0, wh: float = 480.0, soc: float = 0.2) -> None:
        """Plug a bike in: its charger's most W, what the socket delivers from empty to full in Wh, its charge 0..1."""
        await self._ask("plug", slot=slot, watts=watts, wh=wh, soc=soc)

    async def unplug(self, slot: str) -> None:
        """Pull a bike's plug."""
        await self._ask("unplug", slot=slot)

    async def fault(self, kind: str, target: str | None = None, value: float | None = None) -> None:
        """Have a fault; see `devices.rig.faults.FaultKind`."""
        await self._ask("fault", kind=kind, target=target, value=value)

    async def clear(self) -> None:
        """End all faults and plug the adapters in."""
        await self._ask("clear")

    async def status(self) -> RigStatus:
        """Return how everything stands."""
        status: RigStatus = json.loads(await self._ask("status"))
        return status

    async def _ask(self, command: str, **members: str | float | None) -> str:
        """Return the result, as JSON again so that each caller gives it its own shape."""
        line = json.dumps({"command": command, **members}).encode() + b"\n"
        try:
            async with asyncio.timeout(_WITHIN_S):
                answer = await self._exchange(line)
        except TimeoutError:
            raise RigError(f"The rig at {self._path} does not answer.") from None
        except OSError:
            raise RigError(f"No rig serves at {self._path}.") from None
        reply: dict[str, object] = json.loads(answer or b'{"error": "The rig ended before it answered."}')
        if not reply.get("ok"):
            raise RigError(str(reply.get("error")))
        return json.dumps(reply.get("result"))

    async def _exchange(self, line: bytes) -> bytes:
        with short_path(self._path) as path:
            reader, writer = await asyncio.open_unix_connection(path)
        try:
            writer.write(line)
            await writer.drain()
            return await reader.readline()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
