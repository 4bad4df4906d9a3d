"""The hub's paths as OpenAPI 3.1, made from the very structs that read and write the bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from kiosk import __version__
from kiosk.hub.health import HealthAnswer
from kiosk.sync.wire import (
    MAX_BYTES,
    MAX_EVENTS,
    MAX_WAIT_S,
    CertifyAnswer,
    CertifyRequest,
    EnrolAnswer,
    EnrolRequest,
    Failure,
    HelloAnswer,
    HelloRequest,
    PullAnswer,
    PushAnswer,
    PushRequest,
)

ERRORS: Final[Mapping[str, tuple[int, str]]] = {
    "json": (400, "The body is not JSON."),
    "gzip": (400, "The body is not one whole gzip stream."),
    "query": (400, "A parameter is not what is accepted."),
    "disconnected": (400, "The body ended early."),
    "unknown_key": (401, "The key is not known here."),
    "revoked": (401, "The key was revoked."),
    "other_origin": (403, "The key is another box's."),
    "code_unknown": (403, "The code of an enrolment is not known, or was used."),
    "code_too_old": (403, "The code of an enrolment is too old."),
    "metrics_closed": (403, "Metrics are not for the one who asks."),
    "not_found": (404, "There is no such path."),
    "request": (405, "The path is not for this method."),
    "slow": (408, "The body took too long."),
    "other_station": (409, "The code is for another station or area, or the box is another station's."),
    "key_in_use": (409, "The key is another box's, or was called back."),
    "too_large": (413, "The body is too large."),
    "too_many": (413, "Too many events."),
    "encoding": (415, "A content encoding that is not spoken."),
    "shape": (422, "The body is not of the request's shape."),
    "origin": (422, "An origin that is none."),
    "public_key": (422, "A public key that is none."),
    "early": (425, "A push that follows another one came before it, or the hub has too much to do for two at once."),
    "protocol": (426, "This version of the protocol is not spoken."),
    "internal": (500, "The hub has failed; its log says how."),
    "moved": (503, "The area has moved to another hub, or is about to."),
    "busy": (503, "The hub has too much to do; later."),
    "database": (503, "The hub's database does not answer, or takes no writes."),
}
"""Every word in the answers that are not 200, with its status; docs/sync-protocol.md says what a station does."""

_BODY: Final = ("json", "gzip", "disconnected", "slow", "too_large", "encoding", "shape", "busy")
_KEY: Final = ("unknown_key", "revoked", "moved")
_ALWAYS: Final = ("internal", "database")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in a query."""

    name: str
    schema: Mapping[str, object]
    told: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One path with its method."""

    path: str
    method: str
    name: str
    told: str
    words: Sequence[str]
    """Of refusals."""
    asks: type[msgspec.Struct] | None = None
    answers: type[msgspec.Struct] | None = None
    """None for an answer that is not the protocol's."""
    media: str = "application/json"
    key: bool = False
    """Whether it wants a station's key."""
    query: Sequence[Parameter] = ()


_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}

PULL_QUERY: Final = (
    Parameter("cursor", {**_NUMBER, "default": 0}, "The position behind which events are wanted."),
    Parameter("limit", {**_NUMBER, "default": MAX_EVENTS}, f"At most so many events; {MAX_EVENTS} at the most."),
    Parameter("others", {"type": "string", "enum": ["1"]}, "Leave out the station's own events."),
    Parameter("without", _TEXT, "Leave out the station's own events of this incarnation."),
    Parameter("epoch", _TEXT, "What the cursor counts in, to be checked."),
    Parameter("digest", _TEXT, "The mark of the cursor's place, to be checked."),
    Parameter("at", _TEXT, "The time of the page that told the cursor, as it was told."),
    Parameter(
        "wait", {**_NUMBER, "default": 0}, f"Wait up to so many seconds for something new; {MAX_WAIT_S} at most."
    ),
)

PUSH_QUERY: Final = (
    Parameter(
        "follows", {"type": "string", "enum": ["1"]}, "Another push was sent before this one, and is not answered yet."
    ),
)

OPERATIONS: Final = (
    Operation(
        path="/v1/enrol",
        method="post",
        name="enrol",
        told="Use a one-time code up: a key for the box.",
        asks=EnrolRequest,
        answers=EnrolAnswer,
        words=(
            *_BODY,
            "code_unknown",
            "code_too_old",
            "other_station",
            "key_in_use",
            "origin",
            "public_key",
            "protocol",
            "moved",
            *_ALWAYS,
        ),
    ),
    Operation(
        path="/v1/certify",
        method="post",
        name="certify",
        told="Have a box's new issuing key certified; the certificate comes with a pull.",
        asks=CertifyRequest,
        answers=CertifyAnswer,
        key=True,
        words=(*_BODY, *_KEY, "other_origin", "public_key", "key_in_use", *_ALWAYS),
    ),
    Operation(
        path="/v1/hello",
        method="post",
        name="hello",
        told="How far the hub holds the box's events.",
        asks=HelloRequest,
        answers=HelloAnswer,
        key=True,
        words=(*_BODY, *_KEY, "other_origin", "protocol", *_ALWAYS),
    ),
    Operation(
        path="/v1/push",
        method="post",
        name="push",
        told="Hand events over; answered after the commit.",
        asks=PushRequest,
        answers=PushAnswer,
        key=True,
        query=PUSH_QUERY,
        words=(*_BODY, *_KEY, "other_origin", "too_many", "early", *_ALWAYS),
    ),
    Operation(
        path="/v1/pull",
        method="get",
        name="pull",
        told="A page of the area's stream.",
        answers=PullAnswer,
        key=True,
        query=PULL_QUERY,
        words=("query", *_KEY, *_ALWAYS),
    ),
    Operation(
        path="/healthz",
        method="get",
        name="health",
        told="Whether the hub can do its work, a write to its database among it.",
        answers=HealthAnswer,
        words=_ALWAYS,
    ),
    Operation(
        path="/metrics",
        method="get",
        name="metrics",
        told="Counters and gauges for Prometheus; for this machine alone unless the hub was told otherwise.",
        media="text/plain",
        words=("metrics_closed", "unknown_key", "internal"),
    ),
    Operation(
        path="/openapi.json",
        method="get",
        name="description",
        told="This description.",
        words=("internal",),
    ),
)
"""All that the hub serves, in the order of the document."""

PATHS: Final = frozenset(operation.path for operation in OPERATIONS)

_REFERENCE: Final = "#/components/schemas/{name}"


@lru_cache(maxsize=1)
def description() -> bytes:
    """The whole document as JSON; made once."""
    return msgspec.json.format(msgspec.json.encode(_document()), indent=1)


def _document() -> dict[str, object]:
    shapes = [shape for one in OPERATIONS for shape in (one.asks, one.answers) if shape is not None]
    _, components = msgspec.json.schema_components([*shapes, Failure], ref_template=_REFERENCE)
    paths: dict[str, object] = {one.path: {one.method: _operation(one)} for one in OPERATIONS}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Hub of the riders' rest stops",
            "version": __version__,
            "summary": "What stations speak with their hub.",
            "description": "docs/sync-protocol.md says what the fields mean and what a station makes of an answer.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"station": {"type": "http", "scheme": "bearer", "description": "A station's key."}},
        },
    }


def _operation(one: Operation) -> dict[str, object]:
    found: dict[str, object] = {"operationId": one.name, "summary": one.told, "responses": _answers(one)}
    found["security"] = [{"station": []}] if one.key else []
    if one.query:
        found["parameters"] = [
            {"name": each.name, "in": "query", "schema": each.schema, "description": each.told} for each in one.query
        ]
    if one.asks is not None:
        found["requestBody"] = {
            "required": True,
            "description": f"At most {MAX_BYTES} bytes, plain or as one gzip stream.",
            "content": {"application/json": {"schema": _reference(one.asks)}},
        }
    return found


def _answers(one: Operation) -> dict[str, object]:
    schema: Mapping[str, object] = _reference(one.answers) if one.answers is not None else {}
    if one.media != "application/json":
        schema = _TEXT
    found: dict[str, object] = {"200": {"description": "Done.", "content": {one.media: {"schema": schema}}}}
    for status in sorted({ERRORS[word][0] for word in one.words}):
        words = [word for word in one.words if ERRORS[word][0] == status]
        told = " ".join(f"`{word}`: {ERRORS[word][1]}" for word in words)
        narrowed = {"allOf": [_reference(Failure), {"properties": {"error": {"enum": words}}}]}
        found[str(status)] = {"description": told, "content": {"application/json": {"schema": narrowed}}}
    return found


def _reference(shape: type[msgspec.Struct]) -> dict[str, object]:
    return {"$ref": _REFERENCE.format(name=shape.__name__)}
