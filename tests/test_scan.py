"""A scan is told by its content, whichever screen is open."""

import pytest

from kiosk.scan import CardText, CopyLabel, Isbn, Scan, Unreadable, route
from kiosk.views import ScanRefusal
from tests.test_card import TEXT


@pytest.mark.parametrize(
    ("data", "scan"),
    [
        (TEXT.encode(), CardText(TEXT)),
        (b"LX01-0007", CopyLabel("LX01-0007")),
        (b" LX01-0007 ", CopyLabel("LX01-0007")),
        (b"AB-123456", CopyLabel("AB-123456")),
        (b"9787108009821", Isbn("9787108009821")),
        (b"9791032305690", Isbn("9791032305690")),
    ],
)
def test_what_a_station_knows_is_told_apart(data: bytes, scan: Scan) -> None:
    assert route(data, too_long=False) == scan


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"hello",
        b"LX01-007",  # too few digits
        b"LX01-0000007",
        b"lx01-0007",
        b"9787108009822",  # wrong check digit
        b"9777108009821",  # no book
        b"6901234567892",  # some other article
        b"HTTPS://EXAMPLE.ORG/A/LONG/ADDRESS/IN/CAPITAL/LETTERS/ONLY",
        TEXT.lower().encode(),
        TEXT[:40].encode(),  # too short to tell
        TEXT[20:].encode(),  # the end of a card alone
    ],
)
def test_what_no_station_knows_is_unknown(data: bytes) -> None:
    assert route(data, too_long=False) == Unreadable(ScanRefusal.UNKNOWN)


@pytest.mark.parametrize("length", [41, 87, 130])
def test_the_beginning_of_a_card_is_called_truncated(length: int) -> None:
    assert route(TEXT[:length].encode(), too_long=False) == Unreadable(ScanRefusal.TRUNCATED)


def test_two_cards_in_one_scan_are_too_long() -> None:
    assert route((TEXT + TEXT).encode(), too_long=False) == Unreadable(ScanRefusal.TOO_LONG)


def test_what_the_scanner_cut_off_is_too_long_whatever_it_began_with() -> None:
    assert route(b"A" * 512, too_long=True) == Unreadable(ScanRefusal.TOO_LONG)
    assert route(b"\x00" * 512, too_long=True) == Unreadable(ScanRefusal.TOO_LONG)


@pytest.mark.parametrize("data", [b"\x00", b"\xff\xfe", TEXT[:-1].encode() + b"\x7f", "骑手".encode(), b"a\x1bb"])
def test_bytes_that_are_no_printable_ascii_are_binary(data: bytes) -> None:
    assert route(data, too_long=False) == Unreadable(ScanRefusal.BINARY)


def test_every_single_byte_gets_an_answer() -> None:
    for byte in range(256):
        assert isinstance(route(bytes([byte]), too_long=False), Unreadable)
