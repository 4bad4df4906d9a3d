"""TLS to the hub, also with a clock in 1970: with a CA of one's own, time is not looked at before it is known."""

import ssl
from typing import Final

from kiosk.settings import HubSettings

_NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL; the ssl module has no name for it."""


def verification(hub: HubSettings, *, clock_trusted: bool) -> "ssl.SSLContext | bool":
    """How the hub's certificate is verified, as `httpx` takes it.

    Without `hub.ca` by the system's CAs, with their dates: a box whose clock is years off does not reach such a hub
    until somebody sets the clock. With `hub.ca` by that CA alone. Whoever holds its key holds the hub, so while the
    clock is not believed only the dates are passed over; name and signature count always. Once the hub has told the
    time, the dates count again.

    Args:
        hub: the settings.
        clock_trusted: whether the wall clock can be believed.

    Raises:
        OSError: the file of `hub.ca` cannot be read.
        ssl.SSLError: it holds no certificate.
    """
    if not hub.url.startswith("https://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody: the system's CAs would be 30 ms of a start
    if hub.ca is None:
        return True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=hub.ca)
    if not clock_trusted:
        context.verify_flags |= _NO_CHECK_TIME
    return context
