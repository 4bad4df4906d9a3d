"""The hub's description of itself: valid, complete, and what the hub really answers."""

import ast
import inspect
import re
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from kiosk.box import Box
from kiosk.hub import openapi
from kiosk.hub.app import create_app
from kiosk.hub.openapi import ERRORS, OPERATIONS, PULL_QUERY, PUSH_QUERY
from kiosk.sync import wire
from kiosk.sync.wire import heads_hash
from tests.helpers.hub import Caller, Hub, hub_box, publish, revoke_some_card, wire_events

ROOT = Path(__file__).parents[1]
Json = dict[str, "Json"]

DOCUMENT = msgspec.json.decode(openapi.description(), type=dict[str, object])


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """One engine is enough here."""
    return file_hub


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return hub_box(tmp_path)


def at(*keys: str) -> dict[str, object]:
    """A part of the document."""
    found: object = DOCUMENT
    for key in keys:
        assert isinstance(found, dict)
        found = found[key]
    assert isinstance(found, dict)
    return found


def check(schema: Mapping[str, object], value: object) -> None:
    """Whether a value fits a schema of the document."""
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


async def test_the_hub_describes_itself_to_everybody(hub: Hub) -> None:
    answer = await Caller(hub).http.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == openapi.description()


def test_the_description_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_is_described_and_nothing_else(hub: Hub) -> None:
    served = {
        (route.path, method.lower())
        for route in create_app(hub.store).routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert served == {(one.path, one.method) for one in OPERATIONS}
    assert {(path, method) for path, methods in at("paths").items() for method in at("paths", path)} == served


def test_every_shape_of_the_wire_is_described_with_all_its_fields() -> None:
    for name, shape in inspect.getmembers(wire, inspect.isclass):
        if issubclass(shape, msgspec.Struct) and not name.startswith("_"):
            fields = {field.encode_name for field in msgspec.structs.fields(shape)}
            assert set(at("components", "schemas", name, "properties")) == fields, name


def refusals() -> set[tuple[int, str]]:
    """Status and word of every refusal that is written out in the hub's code."""
    found = set()
    for file in (ROOT / "kiosk" / "hub").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "RefusedError":
                status, word = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(word, ast.Constant):
                    found.add((int(str(status.value)), str(word.value)))
    return found


def test_every_refusal_in_the_code_is_described() -> None:
    found = refusals()
    assert len(found) > 15
    assert {(ERRORS[word][0], word) for _, word in found} == found
    used = {word for one in OPERATIONS for word in one.words}
    assert used | {"not_found", "request"} == set(ERRORS)


def test_the_words_are_those_of_the_protocols_document() -> None:
    text = (ROOT / "docs" / "sync-protocol.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[\w`, ]+`) \| (\d{3}) \|", text, re.MULTILINE)
    told = {word: int(status) for words, status in rows for word in re.findall(r"`(\w+)`", words)}
    assert told == {word: status for word, (status, _) in ERRORS.items()}


def test_every_parameter_is_described_and_documented() -> None:
    read = set(re.findall(r'query_params\.get\("(\w+)"', (ROOT / "kiosk/hub/app.py").read_text(encoding="utf-8")))
    read |= set(re.findall(r'_number\(request, "(\w+)"', (ROOT / "kiosk/hub/app.py").read_text(encoding="utf-8")))
    assert {one.name for one in (*PULL_QUERY, *PUSH_QUERY)} == read
    document = (ROOT / "docs/sync-protocol.md").read_text(encoding="utf-8")
    for heading, query in (("## Pull", PULL_QUERY), ("## Push", PUSH_QUERY)):
        section = document.partition(heading)[2].partition("\n## ")[0]
        for name in (one.name for one in query):
            assert re.search(rf"[`?&]{name}[`=]", section), name


async def test_what_the_hub_answers_fits_its_description(hub: Hub, box: Box) -> None:
    caller = Caller(hub, hub.add(box))
    revoke_some_card(box)
    publish(hub, "t")
    hello = {"protocol": 1, "origin": box.origin, "software": "x", "heads": [], "rest": heads_hash([])}
    events = [*wire_events(box), {"raw": "{}", "digest": "00" * 32}]
    push = {"origin": box.origin, "events": events}
    asked: list[tuple[str, str, object, int]] = [
        ("post", "/v1/hello", hello, 200),
        ("post", "/v1/push", push, 200),
        ("post", "/v1/push", {**push, "origin": "ff" * 16}, 403),
        ("post", "/v1/push", {**push, "events": events[:1] * 501}, 413),
        ("post", "/v1/hello", {**hello, "protocol": 99}, 426),
        ("post", "/v1/hello", {}, 422),
        ("post", "/v1/enrol", {}, 422),
        ("get", "/v1/pull", None, 200),
        ("get", "/v1/pull?cursor=x", None, 400),
        ("get", "/healthz", None, 200),
    ]
    for method, path, body, status in asked:
        answer = await caller.http.request(method.upper(), path, json=body)
        assert answer.status_code == status, answer.text
        described = at("paths", path.partition("?")[0], method, "responses", str(status), "content")
        check(at_in(described, "application/json", "schema"), answer.json())
        if status == 200 and isinstance(body, dict):
            check(at("paths", path, method, "requestBody", "content", "application/json", "schema"), body)


def at_in(part: object, *keys: str) -> dict[str, object]:
    """A part of a part."""
    for key in keys:
        assert isinstance(part, dict)
        part = part[key]
    assert isinstance(part, dict)
    return part


async def test_a_failure_of_the_hub_is_answered_as_described(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kiosk.hub.exchange.pull", fail)
    hub.transport.raise_app_exceptions = False  # the server's part, which logs it
    answer = await Caller(hub, "x").http.get("/v1/pull")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
