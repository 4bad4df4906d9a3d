"""Serving the hub: uvicorn on one address until it is told to end."""

import logging
import signal
import socket
import sys

import uvicorn

from kiosk.hub.app import create_app
from kiosk.hub.store import HubStore

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 5
"""Requests under way may take this long once the hub is told to end."""
IDLE_S = 75
"""A kept connection without a request is closed after this long: longer than stations wait between pulls."""


def serve(database_url: str, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT. Prints `ready` and the address once connections are accepted.

    Args:
        database_url: see `HubStore`.
        host: address to listen on.
        port: TCP port; 0 for any free one.

    Returns:
        The exit code.

    Raises:
        HubDatabaseError: the database cannot be used.
        OSError: the address cannot be listened on.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    store = HubStore(database_url)
    try:
        with _listen(host, port) as listener:
            config = uvicorn.Config(
                create_app(store),
                access_log=False,  # it would write a line for each request, thousands an hour
                log_config=None,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=IDLE_S,
                timeout_graceful_shutdown=ENDS_WITHIN_S,
            )
            _end_without_failure()
            _Server(config, _address(listener)).run(sockets=[listener])
    finally:
        store.close()
    return 0


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._listens_on = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        print(f"ready {self._listens_on}", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    # For each connection: an answer's head and body are two writes, and the second would wait 40 ms for an ACK of the
    # first. asyncio sees to it only for sockets that name their protocol, which `create_server` does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _end_without_failure() -> None:
    """Outlast uvicorn: when done, it raises the signal that ended it again, and being told to end is no failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
