"""The protocol's document: its examples are of the shapes that the code speaks, and its limits the code's."""

import re
from pathlib import Path

import msgspec
import pytest

from kiosk.journal.envelope import MAX_BYTES as MOST_OF_AN_EVENT
from kiosk.journal.envelope import chain, decode
from kiosk.sync import wire
from kiosk.sync.wire import MAX_BYTES, MAX_EVENTS

DOCUMENT = (Path(__file__).parents[1] / "docs" / "sync-protocol.md").read_text(encoding="utf-8")

SHAPES = (
    "EnrolRequest",
    "EnrolAnswer",
    "CertifyRequest",
    "CertifyAnswer",
    "HelloRequest",
    "HelloAnswer",
    "PushRequest",
    "PushAnswer",
    "PullAnswer",
)


@pytest.mark.parametrize("name", SHAPES)
def test_every_example_is_of_its_shape_and_complete(name: str) -> None:
    examples = re.findall(rf"```json {name}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert examples
    shape = getattr(wire, name)
    fields = {field.name: field.default is msgspec.UNSET for field in msgspec.structs.fields(shape)}
    named = [set(msgspec.json.decode(example)) for example in examples]
    for example, has in zip(examples, named, strict=True):
        assert msgspec.json.decode(example, type=shape) is not None
        assert {field for field, may_be_missing in fields.items() if not may_be_missing} <= has
    assert set().union(*named) == set(fields)


def test_the_event_in_the_document_is_one_with_its_digest() -> None:
    (raw,) = re.findall(r"```json Event\n(.*?)\n```", DOCUMENT, re.DOTALL)
    previous, digest = re.findall(r"`([0-9a-f]{64})`", DOCUMENT)[:2]
    assert f"of {len(raw)} bytes" in DOCUMENT
    assert decode(raw.encode()).seq == 2
    assert chain(bytes.fromhex(previous), raw.encode()).hex() == digest


def test_the_limits_in_the_document_are_the_codes() -> None:
    assert f"at most {MAX_BYTES:,} bytes" in DOCUMENT
    assert f"at most {MAX_EVENTS}\nevents" in DOCUMENT
    assert f"at most {MOST_OF_AN_EVENT:,} bytes" in DOCUMENT


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    root = Path(__file__).parents[1]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (root / "docs" / "reliability.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    for file, name in named:
        assert f"def {name}(" in (root / file).read_text(encoding="utf-8"), f"{file} has no {name}"
