"""The hub as an ASGI application: the paths of docs/sync-protocol.md."""

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk import __version__
from kiosk.hub import exchange, stations
from kiosk.hub.exchange import PullQuery
from kiosk.hub.http import Answer, bearer, body_of, endpoint, refused
from kiosk.hub.refusal import RefusedError
from kiosk.hub.store import HubStore
from kiosk.sync.wire import MAX_EVENTS, EnrolRequest, HelloRequest, PushRequest

MOST_DIGITS = 18
"""Of a number in a query: up to 10^18, well inside 64 bits."""


class _Healthy(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /healthz`."""

    status: str
    hub_name: str
    hub_version: str


def create_app(store: HubStore) -> Starlette:
    """The hub over an open database; closing it is the caller's.

    Args:
        store: the hub's database.
    """

    async def enrol(request: Request) -> Answer:
        asked = await body_of(request, EnrolRequest)
        exchange.check_protocol(asked.protocol)
        return lambda: stations.enrol(store, asked)

    async def hello(request: Request) -> Answer:
        asked = await body_of(request, HelloRequest)
        return lambda: exchange.hello(store, bearer(request), asked)

    async def push(request: Request) -> Answer:
        asked = await body_of(request, PushRequest)
        return lambda: exchange.push(store, bearer(request), asked)

    async def pull(request: Request) -> Answer:
        query = PullQuery(
            cursor=_number(request, "cursor", 0),
            limit=_number(request, "limit", MAX_EVENTS),
            others=request.query_params.get("others") == "1",
            without=request.query_params.get("without"),
            epoch=request.query_params.get("epoch"),
            digest=request.query_params.get("digest"),
            at=request.query_params.get("at", "")[:64],
        )
        return lambda: exchange.pull(store, bearer(request), query)

    async def healthz(_: Request) -> Answer:
        return lambda: _healthy(store)

    return Starlette(
        routes=[
            Route("/v1/enrol", endpoint(enrol), methods=["POST"]),
            Route("/v1/hello", endpoint(hello), methods=["POST"]),
            Route("/v1/push", endpoint(push), methods=["POST"]),
            Route("/v1/pull", endpoint(pull), methods=["GET"]),
            Route("/healthz", endpoint(healthz), methods=["GET"]),
        ],
        exception_handlers={HTTPException: _not_served},
    )


def _healthy(store: HubStore) -> _Healthy:
    with store.transaction():
        return _Healthy(status="ok", hub_name=store.state().name, hub_version=__version__)


def _number(request: Request, name: str, default: int) -> int:
    found = request.query_params.get(name)
    if found is None:
        return default
    if not (found.isascii() and found.isdecimal() and len(found) <= MOST_DIGITS):
        raise RefusedError(400, "query", f"{name}: found {found[:40]!r}; accepted is a whole number from 0.")
    return int(found)


async def _not_served(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refused(
        RefusedError(status, "not_found" if status == 404 else "request", f"There is nothing here ({status}).")
    )
