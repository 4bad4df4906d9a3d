"""Requests to the hub: gzip, and every failure as one of the classes that the client acts on."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from kiosk.sync.wire import MAX_BYTES, Failure

if TYPE_CHECKING:
    import httpx

T = TypeVar("T", bound=msgspec.Struct)

SLOW = 408
"""The hub did not wait for a body any longer."""
TRANSIENT = frozenset({SLOW, 429})
"""With `EARLY`, all of 5xx and no answer at all: the same request can go well later."""
ANSWER_WITHIN_S = 600
"""Until an answer has come whole, however slowly: nothing is waited for without end. A page of 1 MiB needs 2 kB/s."""
MOST_ANSWERED = 2 * MAX_BYTES
"""Bytes of an answer, inflated: twice what a hub may send."""
ROW = frozenset({400, 422})
"""The request itself is wrong: one event of it, perhaps."""
PROBLEMS = {
    "revoked": "revoked",
    "unknown_key": "unknown_key",
    "other_origin": "other_origin",
    "protocol": "too_old",
}
"""The hub's error words -> `SyncView.problem`."""
EARLY = 425
"""A push that the hub does not take before another one, whatever its word for that is."""
BY_STATUS = {401: "not_enrolled", 403: "revoked", 426: "too_old"}
"""For a hub whose words this version does not know."""
BODY_IS_OUT = "send_request_body.complete"
"""How httpx's `trace` extension calls the moment in which a body has been written, behind the protocol's name."""
GZIP_FROM = 1200
"""Bytes of a body that are worth compressing: fewer go in one packet anyway, and one event is not to wait for it."""


def trusts_environment(url: str) -> bool:
    """Whether the environment's proxies and CAs count: not for plain http, where a proxy would see the key."""
    return url.startswith("https://")


def spare_searches() -> None:
    """Say once that sniffio is not installed, when it is not.

    httpcore imports it with every request and connection, and each time the entire path would be searched for it in
    vain: half a millisecond a request.
    """
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's own mark for what is not there


class LinkError(Exception):
    """The hub did not do a request; nothing was lost by it.

    Args:
        problem: word for `SyncView.problem`.
        message: for the log.
    """

    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message)
        self.problem = problem


class TransientError(LinkError):
    """No answer, or one that says "later"."""


class EarlyError(TransientError):
    """A push that follows another one came before it, or there is too much to do for more than one at a time."""


class SlowError(TransientError):
    """It took longer than one of the two waits: over a slow network less at a time may come through."""


class StoppedError(LinkError):
    """The hub will not, until somebody does something: nothing is deleted, and it is tried again now and then."""


class StorageError(LinkError):
    """This box's own disk is full, or fails: what the hub said cannot be kept."""


class TooLargeError(StoppedError):
    """413: fewer events at a time may go."""


class RowError(LinkError):
    """The request is malformed in the hub's eyes: an event in it must be put aside."""


class Packed(Struct, frozen=True):
    """A body as it goes over the wire."""

    content: bytes
    headers: dict[str, str]


def pack(body: bytes) -> Packed:
    """Compress a JSON body when it is worth it: 0.2 ms for a batch, less than handing it to a thread would take."""
    from kiosk.sync import packing  # noqa: PLC0415 - its library would be a millisecond of the start

    headers = {"content-type": "application/json"}
    if len(body) < GZIP_FROM:
        return Packed(body, headers)
    return Packed(packing.packed(body), {**headers, "content-encoding": "gzip"})


class Link:
    """One hub as a box sees it.

    Args:
        http: kept alive between requests; its base URL is the hub's.
        api_key: shown with each request.
    """

    def __init__(self, http: "httpx.AsyncClient", api_key: str) -> None:
        self._http = http
        self.api_key = api_key

    async def post(self, path: str, body: bytes, shape: type[T]) -> T:
        """Post JSON.

        Raises:
            LinkError: one of its kinds.
        """
        return await self.send(path, pack(body), shape)

    async def send(
        self,
        path: str,
        body: Packed,
        shape: type[T],
        on_way: Callable[[], None] = lambda: None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """As `post`, of a body that was packed before.

        Args:
            path: of the hub's.
            body: packed.
            shape: of the answer.
            on_way: called once the body has left; not by every transport, and not when it does not come to that.
            query: behind the path.
        """
        extensions: dict[str, object] = {"trace": _tells(on_way)}
        return await self._ask(
            "POST", path, shape, content=body.content, headers=body.headers, query=query, extensions=extensions
        )

    async def get(self, path: str, query: dict[str, str], shape: type[T], *, waits_s: float = 0.0) -> T:
        """Get JSON.

        Args:
            path: of the hub's.
            query: behind it.
            shape: of the answer.
            waits_s: how long the hub was asked to wait with its answer; it has this much more time.

        Raises:
            LinkError: one of its kinds.
        """
        return await self._ask("GET", path, shape, query=query, waits_s=waits_s)

    def _timeout(self, waits_s: float) -> "httpx.Timeout":
        usual = self._http.timeout
        read = None if usual.read is None else usual.read + waits_s
        return type(usual)(connect=usual.connect, read=read, write=usual.write, pool=usual.pool)

    async def _ask(
        self,
        method: str,
        path: str,
        shape: type[T],
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        waits_s: float = 0.0,
        extensions: dict[str, object] | None = None,
    ) -> T:
        import httpx  # noqa: PLC0415 - loaded by whoever made the client; the station starts without it

        shown = {"authorization": f"Bearer {self.api_key}", **(headers or {})}
        request = self._http.build_request(
            method,
            path,
            content=content,
            headers=shown,
            params=query,
            timeout=self._timeout(waits_s),
            extensions=extensions,
        )
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S + waits_s):
                response = await self._http.send(request, stream=True)
                answer = await _received(response)
        except TimeoutError:
            raise SlowError("no_answer", f"{method} {path}: no end within {ANSWER_WITHIN_S} s") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            problem = "untrusted" if _is_certificate(error) else "no_answer"
            kind = SlowError if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout) else TransientError
            raise kind(problem, f"{method} {path}: {type(error).__name__}") from None
        if response.status_code != 200:
            raise _failure(path, response.status_code, answer)
        try:
            return msgspec.json.decode(answer, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # Such as the log-in page of a shop's network.
            raise TransientError("no_answer", f"{path}: the answer is not a hub's: {error}") from None


async def _received(response: "httpx.Response") -> bytes:
    """The answer's body, inflated."""
    parts, size = [], 0
    try:
        async for part in response.aiter_bytes():
            size += len(part)
            if size > MOST_ANSWERED:
                raise TransientError("no_answer", f"{response.url.path}: more than {MOST_ANSWERED} bytes")
            parts.append(part)
    finally:
        await response.aclose()
    return b"".join(parts)


def _tells(on_way: Callable[[], None]) -> Callable[[str, object], Awaitable[None]]:
    async def trace(event: str, _: object) -> None:
        if event.endswith(BODY_IS_OUT):
            on_way()

    return trace


def _is_certificate(error: BaseException) -> bool:
    """Whether what answered could not prove that it is the hub: another CA, another name, or dates and clock apart."""
    import ssl  # noqa: PLC0415 - the HTTP client has loaded it by then

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def _failure(path: str, status: int, content: bytes) -> LinkError:
    try:
        failure = msgspec.json.decode(content, type=Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        failure = Failure(error="", message="no reason told")
    said = f"{path}: {status} {failure.error}: {failure.message[:200]}"
    if status == EARLY:
        return EarlyError("no_answer", said)
    if status == SLOW:
        return SlowError("no_answer", said)
    if status in TRANSIENT or status >= 500 or status < 400:
        return TransientError("no_answer", said)
    if status in ROW:
        return RowError("refused", said)
    problem = PROBLEMS.get(failure.error) or BY_STATUS.get(status, "refused")
    return TooLargeError(problem, said) if status == 413 else StoppedError(problem, said)
