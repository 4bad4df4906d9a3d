"""The hub's requests and answers as HTTP: bodies, limits, gzip, and refusals as JSON."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import peewee as pw
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kiosk.hub.metrics import REFUSED
from kiosk.hub.refusal import RefusedError
from kiosk.hub.room import ROOM
from kiosk.sync import packing
from kiosk.sync.wire import MAX_BYTES, Failure

log = logging.getLogger(__name__)

BODY_WITHIN_S = 30.0
"""A body that takes longer is given up: a slow sender must not hold a connection for ever."""
INFLATED_HERE = 64 * 1024
"""Compressed bytes that the loop inflates itself, in half a millisecond; a bomb ends at the limit, after 3 ms."""
GZIP_FROM = 1024
"""Bytes of an answer that are worth compressing."""

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)
Answer = Callable[[], msgspec.Struct]
Endpoint = Callable[[Request], Awaitable[Response]]
Again = Callable[[Request, RefusedError], Awaitable[bool]]


async def body_of(request: Request, shape: type[T]) -> T:
    """The request's body.

    Raises:
        RefusedError: 400 for wrong gzip or JSON, 408 too slow, 413 too large, 415 another encoding, 422 another shape.
    """
    data = await _received(request)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "gzip":
        packed = len(data)
        # A usual batch takes less than handing it to a thread does.
        data = _inflated(data) if packed <= INFLATED_HERE else await run_in_threadpool(_inflated, data)
        ROOM.hold(request.scope, len(data) - packed)
    elif encoding != "identity":
        raise RefusedError(
            415, "encoding", f"content-encoding: found {encoding[:40]!r}; accepted are gzip and identity."
        )
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise RefusedError(422, "shape", f"The body is not of the request's shape: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RefusedError(400, "json", "The body is not JSON.") from None
    except RecursionError:
        raise RefusedError(400, "json", "The body is nested too deeply.") from None


async def in_thread(work: Callable[[], R]) -> R:
    """Do what blocks in a thread."""
    return await run_in_threadpool(work)


async def _never(_request: Request, _refusal: RefusedError) -> bool:
    return False


def endpoint(prepare: Callable[[Request], Awaitable[Answer]], again: Again = _never) -> Endpoint:
    """An endpoint whose work runs in a thread.

    Args:
        prepare: reads the request and returns the blocking work, which returns the answer.
        again: asked when the work was refused; waits, and says whether it is to be tried once more.
    """

    async def handle(request: Request) -> Response:
        try:
            work = await prepare(request)
            while True:
                try:
                    return await in_thread(lambda: _answered(work(), gzip=_takes_gzip(request)))
                except RefusedError as refusal:
                    if not await again(request, refusal):
                        raise
        except RefusedError as refusal:
            request.scope[REFUSED] = refusal.error
            return refused(refusal)
        except (pw.OperationalError, pw.InterfaceError) as error:
            log.error("the database does not answer: %s", error)
            request.scope[REFUSED] = "database"
            return refused(RefusedError(503, "database", "The hub's database does not answer now."))
        except pw.DataError:
            request.scope[REFUSED] = "shape"
            return refused(RefusedError(422, "shape", "A text has a NUL in it, or a number is too large."))
        finally:
            ROOM.leave(request.scope)

    return handle


def refused(refusal: RefusedError) -> Response:
    """A refusal as JSON."""
    body = msgspec.json.encode(Failure(error=refusal.error, message=refusal.message))
    headers = {"www-authenticate": "Bearer"} if refusal.status == 401 else None
    return Response(body, refusal.status, headers, "application/json")


def bearer(request: Request) -> str | None:
    """The key in the Authorization header."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None


async def _received(request: Request) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > MAX_BYTES:
        raise _too_large()
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for part in request.stream():
                size += len(part)
                if size > MAX_BYTES:
                    raise _too_large()
                ROOM.hold(request.scope, len(part))
                parts.append(part)
    except TimeoutError:
        raise RefusedError(408, "slow", f"The body took longer than {BODY_WITHIN_S:.0f} s.") from None
    except ClientDisconnect:
        raise RefusedError(400, "disconnected", "The body ended early.") from None
    return b"".join(parts)


def _inflated(data: bytes) -> bytes:
    """One whole gzip stream, never inflated beyond the limit."""
    try:
        return packing.unpacked(data, MAX_BYTES)
    except packing.GzipError as error:
        raise RefusedError(400, "gzip", str(error)) from None
    except packing.TooLongError:
        raise _too_large() from None


def _too_large() -> RefusedError:
    return RefusedError(413, "too_large", f"The body is larger than {MAX_BYTES} bytes.")


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "").lower()


def _answered(answer: msgspec.Struct, *, gzip: bool) -> Response:
    body = msgspec.json.encode(answer)
    headers = {"cache-control": "no-store"}
    if gzip and len(body) >= GZIP_FROM:
        body = packing.packed(body)
        headers["content-encoding"] = "gzip"
    return Response(body, 200, headers, "application/json")
