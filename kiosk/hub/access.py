"""Who may read the hub's metrics: this machine, whoever shows a token, or everybody if somebody has said so."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request

from kiosk.hub.http import bearer
from kiosk.hub.loopback import is_loopback
from kiosk.hub.refusal import RefusedError

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "via")
"""Headers that proxies add: with one of them the request came from elsewhere, though the proxy is on this machine."""


@dataclass(frozen=True, slots=True, repr=False)
class MetricsAccess:
    """What `/metrics` asks for. Without any of these: a connection from this machine itself."""

    open: bool = False
    """Everybody may."""
    token: str | None = None
    """Whoever shows it may, and nobody else."""
    behind_proxy: bool = False
    """A proxy on this machine makes every request look like the machine's own, so that counts for nothing."""

    def check(self, request: Request) -> None:
        """Refuse whoever may not read.

        Raises:
            RefusedError: 401 or 403.
        """
        if self.token is not None:
            if not secrets.compare_digest((bearer(request) or "").encode(), self.token.encode()):
                raise RefusedError(401, "unknown_key", "Metrics are for whoever shows the token.")
        elif not (self.open or (not self.behind_proxy and _is_from_here(request))):
            raise RefusedError(403, "metrics_closed", "Metrics are for this machine alone; see docs/hub.md.")


def _is_from_here(request: Request) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    return request.client is not None and is_loopback(request.client.host)
