"""gzip on the wire: what is made can be read by anybody, and nothing that is not one whole stream is taken."""

import gzip
import importlib
import os
import sys
import zlib
from collections.abc import Iterator
from types import ModuleType

import pytest

from kiosk.sync import packing

PLAIN = b'{"events":[' + b'{"kind":"checkin.recorded"},' * 300 + b"]}"
MOST = 1024 * 1024


@pytest.fixture(params=["isal", "zlib"])
def codec(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module with its library, and as it is on a processor that ISA-L does not exist for."""
    if request.param == "zlib":
        monkeypatch.setitem(sys.modules, "isal.isal_zlib", None)
    else:
        pytest.importorskip("isal.isal_zlib", reason="it does not exist for this processor")
    yield importlib.reload(packing)
    monkeypatch.undo()
    importlib.reload(packing)


def test_what_is_packed_is_gzip_and_smaller(codec: ModuleType) -> None:
    packed = codec.packed(PLAIN)
    assert gzip.decompress(packed) == PLAIN
    assert len(packed) < len(PLAIN) / 10


def test_what_others_have_packed_is_read_and_so_is_nothing_at_all(codec: ModuleType) -> None:
    for plain in (PLAIN, b"", os.urandom(5000)):
        assert codec.unpacked(gzip.compress(plain), MOST) == plain
        assert codec.unpacked(codec.packed(plain), MOST) == plain


def test_as_much_as_is_accepted_is_read_and_one_byte_more_is_not(codec: ModuleType) -> None:
    assert codec.unpacked(gzip.compress(bytes(1000)), 1000) == bytes(1000)
    with pytest.raises(codec.TooLongError, match="larger than 1000 bytes"):
        codec.unpacked(gzip.compress(bytes(1001)), 1000)


def test_a_bomb_is_told_from_its_first_bytes(codec: ModuleType) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    with pytest.raises(codec.TooLongError):
        codec.unpacked(bomb, MOST)


def test_a_stream_that_is_damaged_cut_off_or_followed_by_more_is_refused(codec: ModuleType) -> None:
    whole = gzip.compress(PLAIN)
    for wrong in (
        whole[:-1],
        whole[: len(whole) // 2],
        whole + b"\0",
        whole + whole,
        whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:],
        b"",
        b"{}",
        zlib.compress(PLAIN),
    ):
        with pytest.raises(codec.GzipError):
            codec.unpacked(wrong, MOST)
