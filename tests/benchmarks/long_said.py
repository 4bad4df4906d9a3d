"""All that a thousand stations will say, made ahead: their side of the measurement has to cost next to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from kiosk.sync.wire import HelloRequest, heads_hash
from tests.benchmarks.long_events import Made, Writer, push_request
from tests.benchmarks.long_http import gzipped

BATCH: Final = 20
"""Events of a push."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One station, with all that it will say.

    Attributes:
        origin: of its box.
        hello: the body of its first request.
        pushes: bodies, compressed.
        last: one event more, for the busy day, and its body.
    """

    origin: str
    hello: bytes
    pushes: Sequence[bytes]
    last: Made
    last_push: bytes


def prepare(stations: int, pushes: int) -> list[Prepared]:
    """Make all bodies."""
    return [_prepared(number, pushes) for number in range(stations)]


def _prepared(number: int, pushes: int) -> Prepared:
    writer = Writer(f"S{number:04}")
    batches = [[writer.write() for _ in range(BATCH)] for _ in range(pushes)]
    head = writer.head()
    last = writer.write()

    def body(made: Sequence[Made]) -> bytes:
        return gzipped(msgspec.json.encode(push_request(writer.origin, made)))

    hello = HelloRequest(protocol=1, origin=writer.origin, software="0.0.0", heads=[head], rest=heads_hash([]))
    return Prepared(writer.origin, msgspec.json.encode(hello), list(map(body, batches)), last, body([last]))
