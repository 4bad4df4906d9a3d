"""The file that an area travels in: lines of JSON, packed, with a digest at the end."""

import base64
import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from kiosk.hub.office.deeds import OfficeError
from models.hub import SCHEMA_VERSION

FORMAT: Final = "kiosk hub area"
VERSION: Final = 1


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what the file is."""

    format: str
    version: int
    schema: int
    area: str
    verify_key: str
    """Of the hub that wrote it, hex: stations trust this key and no other."""
    seal_key: str
    signing_seed: str | None = None
    """The keys themselves, for a hub that has none of its own in use yet."""
    sealing_key: str | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A line before the rows of a table."""

    table: str
    columns: list[str]


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The last line: without it the file is cut."""

    rows: int
    digest: str
    """BLAKE2b-256 over every line before, hex."""


class Writer:
    """Lines of JSON into a file, and the digest of all of them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.blake2b(digest_size=32)
        self._rows = 0

    def write(self, content: object) -> None:
        """One line."""
        line = msgspec.json.encode(content) + b"\n"
        self._digest.update(line)
        self._file.write(line)

    def write_row(self, row: Sequence[object]) -> None:
        """One row; bytes as {"b": base64}."""
        self._rows += 1
        self.write([_packed(value) for value in row])

    def end(self) -> None:
        """The last line."""
        self.write(End(rows=self._rows, digest=self._digest.hexdigest()))


class Lines:
    """Lines of a file, one by one, and the digest of those that were read."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._digest = hashlib.blake2b(digest_size=32)
        self._rows = 0
        self._next = b""
        self._advance()

    def _advance(self) -> bytes:
        line, self._next = self._next, self._file.readline()
        self._digest.update(line)
        return line

    def header(self) -> Header:
        """The first line.

        Raises:
            OfficeError: of another format or a newer version.
        """
        header = msgspec.json.decode(self._advance(), type=Header)
        if (header.format, header.version) != (FORMAT, VERSION) or header.schema != SCHEMA_VERSION:
            raise OfficeError(
                f"The file is {header.format!r}, version {header.version}, of tables of version {header.schema}; "
                f"accepted is {FORMAT!r}, version {VERSION}, of tables of version {SCHEMA_VERSION}. Install the same "
                "version of this software at both hubs."
            )
        return header

    def table(self) -> Table:
        """The line before a table's rows."""
        return msgspec.json.decode(self._advance(), type=Table)

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows up to the next table or the end."""
        while self._next.startswith(b"["):
            values: list[object] = msgspec.json.decode(self._advance())
            self._rows += 1
            yield tuple(_value(value) for value in values)

    def check_end(self) -> None:
        """Make sure that all was read.

        Raises:
            ValueError: it was not.
        """
        digest, rows = self._digest.hexdigest(), self._rows
        if not self._next:
            raise ValueError("its end is missing")
        end = msgspec.json.decode(self._next, type=End)
        if (end.digest, end.rows) != (digest, rows):
            raise ValueError("it was damaged")


def _packed(value: object) -> object:
    return {"b": bytes(value)} if isinstance(value, bytes | memoryview) else value


def _value(value: object) -> object:
    return base64.b64decode(cast("str", value["b"])) if isinstance(value, dict) else value


@contextmanager
def new_file(file: Path) -> Iterator[Writer]:
    """A file of this name once the block has ended well; nothing of it otherwise."""
    if file.exists():
        raise OfficeError(f"The file {file} exists already; name one that does not.")
    part = file.with_name(file.name + ".part")
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as packed:
                yield Writer(cast("BinaryIO", packed))
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
