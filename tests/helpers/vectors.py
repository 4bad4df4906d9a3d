"""A real hub in which nothing is left to chance, for the exchanges of docs/sync-vectors.json."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk.hub.app import create_app
from kiosk.hub.store import HubStore
from kiosk.journal.envelope import ZERO
from models.hub import HubArea, HubState, HubStation

FILE = Path(__file__).parents[2] / "docs" / "sync-vectors.json"
CODE = "8863-VEVH-H44L-WC79"
API_KEY = "yKZ0-example-key"
ORIGIN = "00112233445566778899aabbccddeeff"
EPOCHS = ("89abcdef01234567", "fedcba9876543210", "0011223344556677")
"""The area's first epoch, and those that are drawn."""
HUB_SEED = "01" * 32
SEALING_KEY = "02" * 32
ISSUING_SEED = "03" * 32
AREA_KEY = "04" * 32
HUB_NAME = "初心驿站 · 上级"
HUB_VERSION = "0.1.0"
TIME = "2026-11-24T04:00:05.123+00:00"
EVENT_ID = "01932f4e-0000-7000-8000-0000000000{:02x}"


class Exchange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request and its answer."""

    name: str
    told: str
    method: str
    path: str
    key: str | None = None
    """Shown as `authorization: Bearer`."""
    body: str | None = None
    compressed: str | None = None
    """The body as it is sent with `content-encoding: gzip`, hex; None when it is sent plain."""
    status: int = 200
    answer: str = ""


class Stage:
    """The hub.

    Args:
        client: speaks to it.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, exchange: Exchange) -> tuple[int, str]:
        """Status and body of the answer."""
        headers = {"accept-encoding": "identity"}
        if exchange.key is not None:
            headers["authorization"] = f"Bearer {exchange.key}"
        content = None if exchange.body is None else exchange.body.encode()
        if exchange.compressed is not None:
            content = bytes.fromhex(exchange.compressed)
            headers["content-encoding"] = "gzip"
        if content is not None:
            headers["content-type"] = "application/json"
        answer = await self._client.request(exchange.method, exchange.path, headers=headers, content=content)
        return answer.status_code, answer.content.decode()


@contextmanager
def stage(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The hub as it is before the first exchange.

    Args:
        folder: for its database.
        patch: undoes what is fixed here.
    """
    ids, epochs = iter(range(0x80, 0xFF)), iter(EPOCHS[1:])
    patch.setattr("kiosk.hub.streams.now", lambda: TIME)
    patch.setattr("kiosk.hub.streams.new_event_id", lambda: EVENT_ID.format(next(ids)))
    patch.setattr("kiosk.hub.streams.new_incarnation", lambda: next(epochs))
    patch.setattr("kiosk.hub.streams.BOOT", "00000000000000b0")
    patch.setattr("kiosk.hub.streams.time", _Clock)
    patch.setattr("kiosk.hub.stations.secrets", _Chance)
    patch.setattr("kiosk.hub.exchange.__version__", HUB_VERSION)
    store = HubStore(f"sqlite:///{folder / 'hub.db'}", name=HUB_NAME)
    with store.transaction():
        HubState.update(signing_seed=HUB_SEED, sealing_key=SEALING_KEY).execute()
        HubArea.create(name="luxi", area_key=AREA_KEY, epoch=EPOCHS[0], digest=ZERO)
        hashed = hashlib.sha256(CODE.replace("-", "").encode()).hexdigest()
        HubStation.create(code="LX01", area="luxi", enrol_hash=hashed, enrol_until="2126-11-24T04:00:00.000+00:00")
    try:
        yield Stage(httpx.AsyncClient(transport=httpx.ASGITransport(create_app(store)), base_url="http://hub"))
    finally:
        store.close()


class _Clock:
    """In the place of the module `time`."""

    @staticmethod
    def monotonic() -> float:
        """Seconds."""
        return 5.0


class _Chance:
    """In the place of the module `secrets`."""

    @staticmethod
    def token_urlsafe(_: int) -> str:
        """The key that the station gets."""
        return API_KEY
