"""`kiosk sync ...` with and without a running station: sentences, exit codes, and bytes that do no harm."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from kiosk.cli import main
from tests.helpers.product import Product

Ask = Callable[..., tuple[int, str]]
RAW = b'{"kind":"points.reviewed","body":"\x1b[2J"}'


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A station that is not running, with two alarms and one event put aside."""
    product = Product(tmp_path_factory.mktemp("station"))
    product.run("init", "--pin", "246810")
    with closing(sqlite3.connect(product.folder / "data" / "station.db")) as database:
        noticed = "2026-11-24T04:00:00.000000Z"
        for kind, since in (("cloned", None), ("gap", "2026-11-20T04:00:00.000000Z")):
            database.execute("insert into sync_alarm (kind, since, at) values (?, ?, ?)", (kind, since, noticed))
        database.execute(
            "insert into sync_quarantine (key, own, reason, envelope, at) values (?, 0, ?, ?, ?)",
            ("abc123", "points.reviewed: \x1b[31mwrong", RAW, noticed),
        )
        database.commit()
    return product


@pytest.fixture
def ask(product: Product, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs `kiosk sync` in this process; the exit code and everything said."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["sync", *words, "--config", str(product.settings)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture(scope="module", params=["at rest", "running"])
def state(request: pytest.FixtureRequest, product: Product) -> Iterator[str]:
    """Whether the station runs."""
    if request.param == "at rest":
        yield "at rest"
        return
    with product.serving("rig"):
        station = product.headless()
        try:
            yield "running"
        finally:
            station.terminate()
            station.wait(20)


class TestReading:
    """The same whether the station runs or not."""

    def test_status_is_told_in_sentences(self, state: str, ask: Ask) -> None:
        code, said = ask("status")
        assert code == 0, state
        for part in ("not enrolled at a hub", "last success: never", "quarantined: 1", "its disk was copied"):
            assert part in said, part
        assert "since 2026-11-20 04:00:00+00:00" in said

    def test_and_as_json(self, state: str, ask: Ask) -> None:
        told = json.loads(ask("status", "--json")[1])
        assert (told["quarantined"], told["alarms"], told["enrolled"]) == (1, ["cloned", "gap"], False)
        assert told["pending"] > 0, state

    def test_what_was_not_taken_is_listed_and_shown_without_harm(self, state: str, ask: Ask) -> None:
        code, said = ask("quarantine")
        assert code == 0
        assert "abc123  2026-11-24T04:00:00+00:00  from the hub  unreadable" in said
        assert "page 1 of 1" in said
        code, said = ask("show", "abc123")
        assert code == 0
        assert "1b 5b 32 4a" in said
        assert "\x1b" not in said, state

    def test_an_unknown_key_or_page_is_a_sentence(self, state: str, ask: Ask) -> None:
        assert ask("show", "gone") == (1, "'gone' is not among the quarantined; `kiosk sync quarantine` lists them.\n")
        assert ask("quarantine", "--page", "0") == (1, "page: found 0; the first is 1\n"), state

    def test_now_needs_a_running_station_that_is_enrolled(self, state: str, ask: Ask) -> None:
        code, said = ask("now")
        assert code == 1
        assert ("No station is running" if state == "at rest" else "not enrolled") in said


def test_the_bytes_can_be_had_exactly(product: Product, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["sync", "show", "abc123", "--raw", "--config", str(product.settings)]) == 0
    assert capfdbinary.readouterr().out == RAW


def test_alarms_are_seen_to_once_and_the_act_is_kept(product: Product, ask: Ask) -> None:
    assert ask("seen") == (0, "cleared: cloned, gap\n")
    assert ask("clear") == (0, "nothing to clear\n")
    with closing(sqlite3.connect(product.folder / "data" / "station.db")) as database:
        assert database.execute("select act, actor from charging_act").fetchall() == [("sync_seen", "cli")]
