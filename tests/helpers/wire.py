"""What a transport of a test owes the client that a connection would tell it."""

import httpx

from kiosk.sync.link import BODY_IS_OUT


async def body_is_out(request: httpx.Request) -> None:
    """The request is on its way: the client may send another one."""
    trace = request.extensions.get("trace")
    if trace is not None:
        await trace(f"http11.{BODY_IS_OUT}", None)
