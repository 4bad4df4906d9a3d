"""Every answer of a hub in a test is one that the hub's own description allows."""

import httpx
import msgspec

from kiosk.hub.openapi import ERRORS, OPERATIONS
from kiosk.sync.wire import Failure

_BY_PATH = {one.path: one for one in OPERATIONS}


class Described(httpx.ASGITransport):
    """A wire that looks at what comes over it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request; AssertionError when its answer is not described."""
        response = await super().handle_async_request(request)
        check_answer(request.url.path, response.status_code, await response.aread())
        return response


def check_answer(path: str, status: int, content: bytes) -> None:
    """Whether an answer is described.

    Args:
        path: that was asked for.
        status: of the answer.
        content: its body, inflated.

    Raises:
        AssertionError: it is not.
    """
    described = _BY_PATH.get(path)
    if status == 200:
        assert described is not None, f"{path} is not described"
        if described.answers is not None:
            read = msgspec.json.decode(content, type=described.answers)
            assert msgspec.json.encode(read) == content, f"{path}: a field that is not described: {content[:500]!r}"
        return
    word = msgspec.json.decode(content, type=Failure).error
    assert ERRORS[word][0] == status, f"{path}: {status} {word}"
    if described is not None and word != "request":
        assert word in described.words, f"{path}: {word} is not described"
