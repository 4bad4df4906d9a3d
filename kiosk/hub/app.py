"""The hub as an ASGI application: the paths of docs/sync-protocol.md."""

import asyncio
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.hub import exchange, issuers, openapi, stations
from kiosk.hub.access import MetricsAccess
from kiosk.hub.exchange import PullQuery
from kiosk.hub.gauges import DatabaseGauges
from kiosk.hub.health import Health
from kiosk.hub.http import Answer, bearer, body_of, endpoint, in_thread, refused
from kiosk.hub.metrics import CONTENT_TYPE, REFUSED, WAITED, Measured, Metrics
from kiosk.hub.news import News, marks
from kiosk.hub.refusal import RefusedError
from kiosk.hub.room import ROOM
from kiosk.hub.store import HubStore
from kiosk.sync.wire import (
    MAX_EVENTS,
    MAX_WAIT_S,
    CertifyRequest,
    EnrolRequest,
    HelloRequest,
    PullAnswer,
    PushAnswer,
    PushRequest,
)

MOST_DIGITS = 18
"""Of a number in a query: up to 10^18, well inside 64 bits."""

IN_FRONT_WITHIN_S = 0.25
"""So long a push that follows another one waits for that to be stored. With several processes each of the two may be in
another one, and the second is read first now and then; a station that is told so sends all the rest one by one."""
BEHIND = "hub.behind"
"""In a request's scope: a push that follows another one, and until when it waits for that."""
LOCAL_METRICS = MetricsAccess()
"""For this machine alone."""


def create_app(
    store: HubStore,
    metrics: Metrics | None = None,
    access: MetricsAccess = LOCAL_METRICS,
    news: News | None = None,
) -> Starlette:
    """The hub over an open database; closing it is the caller's.

    Args:
        store: the hub's database.
        metrics: where it counts; counters of its own without.
        access: who may read them.
        news: where pulls wait, for whoever ends it; one of its own without.
    """
    counts = metrics or Metrics()
    hub, watch = _Hub(store, counts, news or News(partial(marks, store))), _Watch(store, counts, access)
    return Starlette(
        routes=[
            Route("/v1/enrol", endpoint(hub.enrol), methods=["POST"]),
            Route("/v1/certify", endpoint(hub.certify), methods=["POST"]),
            Route("/v1/hello", endpoint(hub.hello), methods=["POST"]),
            Route("/v1/push", endpoint(hub.push, hub.comes), methods=["POST"]),
            Route("/v1/pull", endpoint(hub.pull), methods=["GET"]),
            Route("/healthz", endpoint(watch.healthz), methods=["GET"]),
            Route("/metrics", watch.metrics, methods=["GET"]),
            Route("/openapi.json", watch.description, methods=["GET"]),
        ],
        middleware=[Middleware(Measured, metrics=counts, paths=openapi.PATHS)],
        exception_handlers={HTTPException: _not_served, Exception: _broken},
    )


class _Hub:
    """What stations speak."""

    def __init__(self, store: HubStore, counts: Metrics, news: News) -> None:
        self._store = store
        self._counts = counts
        self._news = news

    async def enrol(self, request: Request) -> Answer:
        asked = await body_of(request, EnrolRequest)
        exchange.check_protocol(asked.protocol)
        return lambda: stations.enrol(self._store, asked)

    async def certify(self, request: Request) -> Answer:
        asked = await body_of(request, CertifyRequest)
        return lambda: issuers.certify_new(self._store, bearer(request), asked)

    async def hello(self, request: Request) -> Answer:
        asked = await body_of(request, HelloRequest)
        return lambda: exchange.hello(self._store, bearer(request), asked)

    async def push(self, request: Request) -> Answer:
        follows = request.query_params.get("follows") == "1"
        if follows and ROOM.is_crowded:
            raise RefusedError(425, "early", "The hub has too much to do for more than one push of a station.")
        asked = await body_of(request, PushRequest)
        loop = asyncio.get_running_loop()

        def stored(area: str) -> None:
            loop.call_soon_threadsafe(self._news.stored, area)

        def work() -> PushAnswer:
            answer = exchange.push(self._store, bearer(request), asked, stored, follows=follows)
            self._counts.pushed(answer)
            return answer

        if follows:
            request.scope[BEHIND] = asked, loop.time() + IN_FRONT_WITHIN_S
        return work

    async def comes(self, request: Request, refusal: RefusedError) -> bool:
        """Whether a push that came too early is behind the one in front of it now; holds a thread for looks only."""
        if refusal.status != 425 or BEHIND not in request.scope:
            return False
        asked, until = request.scope[BEHIND]
        loop, pause_s = asyncio.get_running_loop(), 0.002
        while 0 < (missing := await in_thread(partial(exchange.missing_before, self._store, asked))) <= MAX_EVENTS:
            if loop.time() + pause_s > until:
                return False
            await asyncio.sleep(pause_s)
            pause_s *= 2
        return missing <= 0 and loop.time() <= until

    async def pull(self, request: Request) -> Answer:
        query, wait_s = _pull_query(request), min(_number(request, "wait", 0), MAX_WAIT_S)
        found = await self._awaited(request, query, wait_s) if wait_s else None

        def work() -> PullAnswer:
            answer = found or exchange.pull(self._store, bearer(request), query).answer
            self._counts.pulled(answer)
            return answer

        return work

    async def _awaited(self, request: Request, query: PullQuery, wait_s: int) -> PullAnswer:
        """A page with something in it, or the empty one that there is in the end."""
        loop = asyncio.get_running_loop()
        began, waited_s = loop.time(), 0.0
        gone = asyncio.create_task(_disconnected(request))
        try:
            while True:
                page = await in_thread(partial(exchange.pull, self._store, bearer(request), query))
                asked_at = loop.time()
                left = began + wait_s - asked_at
                if not page.is_empty(query.epoch) or left <= 0 or gone.done() or self._news.closed:
                    return page.answer
                query = query.behind(page.answer)
                await self._news.wait(page.area, (page.answer.epoch, page.answer.next), left, gone)
                waited_s += loop.time() - asked_at
        finally:
            request.scope[WAITED] = waited_s
            gone.cancel()


class _Watch:
    """What those ask who watch over the hub."""

    def __init__(self, store: HubStore, counts: Metrics, access: MetricsAccess) -> None:
        self._counts = counts
        self._access = access
        self._health = Health(store)
        self._gauges = DatabaseGauges(store)

    async def healthz(self, _: Request) -> Answer:
        answer = await self._health.check()
        return lambda: answer

    async def metrics(self, request: Request) -> Response:
        try:
            self._access.check(request)
        except RefusedError as refusal:
            request.scope[REFUSED] = refusal.error
            return refused(refusal)
        page = await run_in_threadpool(self._counts.page, self._gauges)
        return Response(page, 200, {"content-type": CONTENT_TYPE, "cache-control": "no-store"})

    async def description(self, _: Request) -> Response:
        return Response(openapi.description(), media_type="application/json")


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _pull_query(request: Request) -> PullQuery:
    return PullQuery(
        cursor=_number(request, "cursor", 0),
        limit=_number(request, "limit", MAX_EVENTS),
        others=request.query_params.get("others") == "1",
        without=request.query_params.get("without"),
        epoch=request.query_params.get("epoch"),
        digest=request.query_params.get("digest"),
        at=request.query_params.get("at", "")[:64],
    )


def _number(request: Request, name: str, default: int) -> int:
    found = request.query_params.get(name)
    if found is None:
        return default
    if not (found.isascii() and found.isdecimal() and len(found) <= MOST_DIGITS):
        raise RefusedError(400, "query", f"{name}: found {found[:40]!r}; accepted is a whole number from 0.")
    return int(found)


async def _not_served(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    word = "not_found" if status == 404 else "request"
    request.scope[REFUSED] = word
    return refused(RefusedError(status, word, f"There is nothing here ({status})."))


async def _broken(_request: Request, _error: Exception) -> Response:
    """Whatever happens, the answer is the protocol's; the log gets the failure itself."""
    return refused(RefusedError(500, "internal", "The hub has failed; its log says how."))
