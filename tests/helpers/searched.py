"""Searching everything that lies on a disk for a text, in every form in which software writes texts."""

import base64
import binascii
from collections.abc import Iterable
from pathlib import Path


def forms(text: str) -> frozenset[bytes]:
    """How a text may lie in a file: encodings, escapes, hex, base64 at each offset, digits in groups."""
    utf8 = text.encode()
    found = {utf8, text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("gb18030"), text.encode("utf-32-le")}
    found |= {binascii.hexlify(utf8), binascii.hexlify(utf8).upper()}
    found |= {repr(utf8)[2:-1].encode(), text.encode("unicode_escape"), text.encode("ascii", "xmlcharrefreplace")}
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + utf8)
        # What stands at the ends depends on the neighbours.
        found.add(coded[4 * (offset > 0) : len(coded) - 4])
    if text.isdecimal():
        found |= {f"{text[:3]}{gap}{text[3:7]}{gap}{text[7:]}".encode() for gap in " -"}
        found.add(int(text).to_bytes(8, "little"))
        found.add(int(text).to_bytes(8, "big"))
        found.add(int(text).to_bytes(6, "big"))  # as SQLite stores an integer of this size
    return frozenset(form for form in found if len(form) > 3)


def holding(folder: Path, text: str) -> list[str]:
    """Files below a folder, by name, in which a text lies in any form."""
    wanted = forms(text)
    return [str(file.relative_to(folder)) for file in _files(folder) if _holds(file.read_bytes(), wanted)]


def _holds(data: bytes, wanted: Iterable[bytes]) -> bool:
    return any(form in data for form in wanted)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
