"""Enrolling the box at the hub with a one-time code."""

import msgspec

from kiosk import __version__
from kiosk.identity.keys import Keys
from kiosk.settings import HubSettings, Settings
from kiosk.sync.link import trusts_environment
from kiosk.sync.ticket import TicketError, read_ticket
from kiosk.sync.tls import verification
from kiosk.sync.wire import PROTOCOL, EnrolAnswer, EnrolRequest, Failure
from kiosk.system.clock import SystemClock


class EnrolError(Exception):
    """The box is not enrolled; the message says why, and what to do."""


def enrol(settings: Settings, keys: Keys, origin: str, code: str) -> None:
    """Use a one-time code; afterwards the box's keys hold what the hub handed over. Waits for the hub.

    Look-ups made with the box's own area key stay good: the key is kept beside the hub's.

    Args:
        settings: the station's settings, with a hub.
        keys: the box's keys.
        origin: the box's random id.
        code: what `kiosk hub station add` printed, or the text of its QR code.

    Raises:
        EnrolError: nothing was changed here; the same code can be tried again unless the message says otherwise.
    """
    if settings.hub is None:
        raise EnrolError("hub.url: missing; enrolling needs the hub's address in the settings.")
    try:
        ticket = read_ticket(code)
    except TicketError as error:
        raise EnrolError(str(error)) from None
    if not ticket.is_of(settings.hub.url):
        raise EnrolError(f"This code is of the hub {ticket.url}; hub.url in the settings says {settings.hub.url}.")
    request = EnrolRequest(
        protocol=PROTOCOL,
        code=ticket.code,
        origin=origin,
        station=settings.station.code,
        area=settings.station.area,
        software=__version__,
        key_id=keys.issuing.key_id,
        public_key=keys.issuing.public_key.hex(),
    )
    answer = _answer(settings.hub, request)
    try:
        keys.store_hub(
            answer.api_key,
            bytes.fromhex(answer.seal_key),
            bytes.fromhex(answer.verify_key),
            bytes.fromhex(answer.area_key),
        )
    except ValueError:
        raise EnrolError(f"The answer of {settings.hub.url} is not a hub's: its keys are malformed.") from None


def _answer(hub: HubSettings, request: EnrolRequest) -> EnrolAnswer:
    import httpx  # noqa: PLC0415 - a station that is enrolled already never needs it here

    try:
        response = httpx.post(
            f"{hub.url.rstrip('/')}/v1/enrol",
            content=msgspec.json.encode(request),
            headers={"content-type": "application/json"},
            timeout=hub.timeout_s,
            trust_env=trusts_environment(hub.url),
            verify=verification(hub, clock_trusted=SystemClock().trusted()),
        )
    except OSError as error:
        raise EnrolError(f"hub.ca: {hub.ca} cannot be used: {error.strerror or error}.") from None
    except httpx.TransportError as error:
        raise EnrolError(f"The hub {hub.url} does not answer: {error or type(error).__name__}.") from None
    try:
        if response.status_code == 200:
            return msgspec.json.decode(response.content, type=EnrolAnswer)
        failure = msgspec.json.decode(response.content, type=Failure)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise EnrolError(f"What answers at {hub.url} is not a hub (status {response.status_code}).") from None
    raise EnrolError(f"The hub refused: {failure.message}")
