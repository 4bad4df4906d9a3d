"""Serving the hub: uvicorn on one address, in one process or several, until it is told to end."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import uvicorn

from kiosk.hub.options import Options, OptionsError, Tls
from kiosk.hub.people.background import at_work
from kiosk.hub.store import HubStore
from kiosk.hub.workers import SHARED_COUNTS, Parent, Workers
from kiosk.system import collector, notify

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 5
"""Requests under way may take this long once the hub is told to end."""
KILLED_AFTER_S = ENDS_WITHIN_S + 3
TURNS_S = 0.001
"""How long one thread goes on while another waits for the interpreter; at Python's own 5 ms an answer waits for whoever
reckons the tables for people."""
IDLE_S = 75
"""A kept connection without a request is closed after this long: longer than stations wait between pulls."""
HANDSHAKE_WITHIN_S = 10
BACKLOG = 1024
AT_ONCE = 32
"""Connections that one process takes at a time, so that a burst is shared by all."""


def serve(database_url: str, host: str, port: int, options: Options) -> int:
    """Serve until SIGTERM or SIGINT. Prints `ready` and the address once connections are accepted.

    Args:
        database_url: see `HubStore`.
        host: address to listen on.
        port: TCP port; 0 for any free one.
        options: everything else.

    Returns:
        The exit code.

    Raises:
        OptionsError: it will not be served like this.
        HubDatabaseError: the database cannot be used.
        OSError: the address cannot be listened on.
    """
    options.check(host)
    _check_tls(options.tls)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"
    )
    HubStore(database_url).close()  # what is wrong with it is said before anybody connects
    with _listen(host, port) as listener:
        address = _address(listener, "http" if options.tls is None else "https")
        if options.processes == 1:
            return _serve_here(database_url, listener, options, lambda: _say_ready(address), None)
        return _serve_with_children(database_url, listener, options, address)


def _serve_with_children(database_url: str, listener: socket.socket, options: Options, address: str) -> int:
    def work(parent: Parent) -> int:
        return _serve_here(database_url, listener, options, parent.ready, parent.life)

    def buried(child: int) -> None:
        from kiosk.hub.metrics import forget_process  # noqa: PLC0415 - as below

        forget_process(child)

    with tempfile.TemporaryDirectory(prefix="kiosk-hub-") as folder, _environment(SHARED_COUNTS, folder):
        # Once the folder has a name, and before there are children: so they share the memory of what is loaded.
        import kiosk.hub.app  # noqa: F401, PLC0415

        return Workers(
            options.processes,
            work,
            ready=lambda: _say_ready(address),
            buried=buried,
            ends_within_s=KILLED_AFTER_S,
        ).run()


def _serve_here(
    database_url: str, listener: socket.socket, options: Options, ready: Callable[[], None], life: int | None
) -> int:
    """Serve in this process.

    Args:
        database_url: see `HubStore`.
        listener: accepts.
        options: of serving.
        ready: called once it serves.
        life: of the parent; at its end this process ends too.
    """
    sys.setswitchinterval(TURNS_S)
    # The counters' library decides when it is loaded whether it shares them with other processes.
    from kiosk.hub.access import MetricsAccess  # noqa: PLC0415
    from kiosk.hub.app import create_app  # noqa: PLC0415
    from kiosk.hub.guard import allow_files, guarded  # noqa: PLC0415
    from kiosk.hub.metrics import Metrics  # noqa: PLC0415
    from kiosk.hub.news import News, marks  # noqa: PLC0415

    metrics = Metrics()
    limits = replace(options.limits, connections=allow_files(options.limits.connections))
    access = MetricsAccess(open=options.metrics_open, token=options.metrics_token, behind_proxy=options.behind_proxy)
    store = HubStore(database_url)
    news = News(partial(marks, store))
    try:
        config = uvicorn.Config(
            create_app(store, metrics, access, news),
            http=guarded(limits, metrics),
            ws="none",
            proxy_headers=False,  # who asks is whoever has connected
            access_log=False,  # it would write a line for each request, thousands an hour
            log_config=None,
            lifespan="off",
            loop="kiosk.hub.server:HubLoop",
            server_header=False,
            backlog=AT_ONCE,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=ENDS_WITHIN_S,
            ssl_certfile=None if options.tls is None else options.tls.certificate,
            ssl_keyfile=None if options.tls is None else options.tls.key,
        )
        server = _Server(config, options.tls, ready, life, news.close)
        _end_without_failure(server)
        with at_work(store):
            server.run(sockets=[listener])
    finally:
        store.close()
    return 0


class HubLoop(asyncio.SelectorEventLoop):
    """Gives up a TLS handshake as early as a request's head: uvicorn has no setting for it, and asyncio waits 60 s."""

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:  # noqa: ANN401 - asyncio's own
        """As asyncio's."""
        if kwargs.get("ssl") is not None:
            kwargs["ssl_handshake_timeout"] = HANDSHAKE_WITHIN_S
        return await super().create_server(*args, **kwargs)


class _Server(uvicorn.Server):
    """Says when it listens, reads its certificate again when told to, and does not outlive its parent."""

    def __init__(
        self,
        config: uvicorn.Config,
        tls: Tls | None,
        ready: Callable[[], None],
        life: int | None,
        ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._ending = ending
        self._tls = tls
        self._ready = ready
        self._life = life

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(BACKLOG)  # uvicorn has made its queue as short as what is taken at a time
        loop = asyncio.get_running_loop()
        if self._tls is not None:
            loop.add_signal_handler(signal.SIGHUP, self._read_certificate)
        if self._life is not None:
            loop.add_reader(self._life, self._orphaned)
        collector.settle()
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; whoever waits for news is answered at once."""
        self._ending()
        await super().shutdown(sockets)

    def _read_certificate(self) -> None:
        if self._tls is None or self.config.ssl is None:
            return
        try:
            self.config.ssl.load_cert_chain(self._tls.certificate, self._tls.key)
        except OSError as error:
            log.error("the certificate cannot be read again, the old one stays: %s", error)
        else:
            log.info("the certificate was read again")

    def _orphaned(self) -> None:
        if self._life is not None:
            asyncio.get_running_loop().remove_reader(self._life)
        log.error("the hub's first process is gone; this one ends")
        self.should_exit = True


def _check_tls(tls: Tls | None) -> None:
    if tls is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key)
    except ssl.SSLError as error:
        raise OptionsError(f"--tls-cert, --tls-key: no certificate with its key ({error.reason}).") from None
    except OSError as error:
        raise OptionsError(f"--tls-cert, --tls-key: cannot be read ({error.strerror}).") from None


def _say_ready(address: str) -> None:
    print(f"ready {address}", flush=True)
    notify.ready(address)


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # For each connection: an answer's head and body are two writes, and the second would wait 40 ms for an ACK of the
    # first. asyncio sees to it only for sockets that name their protocol, which `create_server` does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _end_without_failure(server: uvicorn.Server) -> None:
    """Be told to end before uvicorn listens for it, and after: it raises the signal that ended it once more."""

    def end(_number: int, _frame: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
