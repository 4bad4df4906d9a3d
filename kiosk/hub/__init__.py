"""The hub: takes in what stations did, hands it to the others of their area, and says who may take part."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.hub.options import Options


def serve(database_url: str, host: str, port: int, options: "Options | None" = None) -> int:
    """Serve until SIGTERM or SIGINT; see `kiosk.hub.server.serve`."""
    from kiosk.hub import server  # noqa: PLC0415 - uvicorn and starlette only where a hub is served
    from kiosk.hub.options import Options  # noqa: PLC0415 - with it

    return server.serve(database_url, host, port, options or Options())
