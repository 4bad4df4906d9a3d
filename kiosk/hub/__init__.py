"""The hub: takes in what stations did, hands it to the others of their area, and says who may take part."""


def serve(database_url: str, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; see `kiosk.hub.server.serve`."""
    from kiosk.hub import server  # noqa: PLC0415 - uvicorn and starlette only where a hub is served

    return server.serve(database_url, host, port)
