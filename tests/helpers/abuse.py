"""A hub on a real socket in processes of its own, and raw requests to it."""

import contextlib
import json
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import IO, Self

from prometheus_client.parser import text_string_to_metric_families

from kiosk.hub import stations
from kiosk.hub.openapi import ERRORS
from kiosk.hub.store import HubStore
from kiosk.sync.wire import PROTOCOL, EnrolRequest, heads_hash
from tests.helpers.hub import hub_box, wire_events


class Served:
    """A hub in a process of its own (or several), with one enrolled box's key.

    Args:
        folder: for its database and the box's.
        options: of `kiosk.hub.options.Options`, as Python.
        before: Python that the process runs before it serves, such as another limit.
        url: another database than a file in the folder.
    """

    def __init__(self, folder: Path, options: str = "", before: str = "", url: str | None = None) -> None:
        self.url = url = url or f"sqlite:///{folder / 'hub.db'}"
        box = hub_box(folder)
        store = HubStore(url)
        request = EnrolRequest(
            protocol=PROTOCOL,
            code=stations.add(store, "LX01", "luxi"),
            origin=box.origin,
            station="LX01",
            area="luxi",
            software="x",
            key_id=box.keys.issuing.key_id,
            public_key=box.keys.issuing.public_key.hex(),
        )
        self.key = stations.enrol(store, request).api_key
        store.close()
        self.origin = box.origin
        self.events = wire_events(box)
        command = (
            "from pathlib import Path\nfrom kiosk.hub import serve\n"
            "from kiosk.hub.options import Limits, Options, Tls\n"
            f"{before}\nserve({url!r}, '127.0.0.1', 0, Options({options}))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().removeprefix("ready ").strip()
        assert self.address, f"the hub has ended with {self.process.wait(15)} before it served"
        self.port = int(self.address.rpartition(":")[2])
        self.said = ""
        """What it said after that, once it has ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            assert self.process.wait(15) == 0
        finally:
            self.close()

    def close(self) -> None:
        """It has been ended: read what it had still said."""
        self.process.kill()
        self.process.wait(15)
        assert self.process.stdout is not None
        self.said = self.process.stdout.read()
        self.process.stdout.close()

    def children(self) -> list[int]:
        """Its processes' ids."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return sorted(map(int, listed.split()))

    def sample(self, *name: str) -> float:
        """One number of `/metrics`, by name and label values; 0 when it is not told."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as page:
            for family in text_string_to_metric_families(page.read().decode()):
                for sample in family.samples:
                    if (sample.name, *sample.labels.values()) == name:
                        return sample.value
        return 0.0

    def memory(self) -> int:
        """Bytes of its processes that are in memory, those that they share counted for each."""
        return sum(map(_resident, [self.process.pid, *self.children()]))

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def request(self, path: str, body: bytes, *headers: str, key: str | None = None) -> bytes:
        """A request's bytes."""
        lines = [f"POST {path} HTTP/1.1", "host: hub", f"content-length: {len(body)}", *headers]
        lines.append(f"authorization: Bearer {self.key if key is None else key}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def answer(self, data: bytes) -> tuple[int, str]:
        """Send bytes, and read status and error word (or the body) of one answer."""
        with self.connect() as sock:
            with contextlib.suppress(ConnectionError):  # the hub may answer before it has read everything
                sock.sendall(data)
            return read_answer(sock)

    def push(self, events: list[dict[str, object]]) -> tuple[int, str]:
        """A push."""
        return self.answer(self.request("/v1/push", json.dumps({"origin": self.origin, "events": events}).encode()))

    def check_serves(self) -> None:
        """It answers a good request at once."""
        began = time.monotonic()
        hello = {"protocol": 1, "origin": self.origin, "software": "x", "heads": [], "rest": heads_hash([])}
        status, body = self.answer(self.request("/v1/hello", json.dumps(hello).encode()))
        assert status == 200, body
        assert time.monotonic() - began < 5


def _resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def read_answer(sock: socket.socket) -> tuple[int, str]:
    """Status and body of an answer; the error word when it is a refusal."""
    with sock.makefile("rb") as stream:
        return read_from(stream)


def read_from(stream: IO[bytes]) -> tuple[int, str]:
    """As `read_answer`, of the next one of several."""
    status = int(stream.readline().split()[1])
    length = 0
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = stream.read(length).decode()
    with contextlib.suppress(ValueError, KeyError, TypeError):
        word = str(json.loads(body)["error"])
        assert ERRORS[word][0] == status
        return status, word
    return status, body
