"""The command line: what a person at a shell sees, with bad input above all."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers.product import Product

RIDERS = "name,phone\n王小强,13800001001\n李建国,13800001038\n"


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """A station's folder with settings and nothing else."""
    return Product(tmp_path)


@pytest.fixture
def made(product: Product) -> Product:
    """A station that `init` has made."""
    product.run("init", "--pin", "246810")
    return product


def imports(product: Product, text: str, *, expect: int = 0) -> str:
    """Import riders from a text; what was said."""
    file = product.folder / "riders.csv"
    file.write_text(text, encoding="utf-8")
    done = product.run("import", "riders", str(file), expect=expect)
    return done.stdout + done.stderr


def test_each_mistake_in_the_settings_is_named_and_nothing_is_started(product: Product) -> None:
    text = product.settings.read_text(encoding="utf-8")
    text = text.replace('code = "LX01"', 'code = "lx-1"').replace("lease_s = 30", "lease_s = 900\nspeed = 3")
    product.settings.write_text(text, encoding="utf-8")
    said = product.run("run", "--headless", expect=2).stderr
    assert "station.code: found 'lx-1'; accepted is 2 to 8 capital letters and digits" in said
    assert "charging.lease_s: found 900; accepted is 0.5 to 60 s" in said
    assert "charging.speed: unknown key" in said
    assert not product.data.exists()


def test_settings_that_are_not_there_are_a_sentence(product: Product) -> None:
    product.settings.unlink()
    assert "there is no such file" in product.run("status", "--json", expect=2).stderr


def test_before_init_every_command_says_what_to_do(product: Product) -> None:
    for command in (("status", "--json"), ("card", "1"), ("verify",), ("run", "--headless")):
        assert "kiosk init" in product.run(*command, expect=1).stderr


def test_init_makes_a_folder_that_nobody_else_can_read(made: Product) -> None:
    assert stat.S_IMODE(made.data.stat().st_mode) == 0o700
    for path in (made.data / "station.db", *(made.data / "keys").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_init_again_changes_nothing(made: Product) -> None:
    before = made.status()["journal"]["origin"]
    assert "already" in made.run("init").stdout
    assert made.status()["journal"]["origin"] == before


def test_init_with_a_code_needs_a_hub_in_the_settings(made: Product) -> None:
    assert "hub.url" in made.run("init", "--code", "ABCD-EFGH", expect=2).stderr


def test_init_whose_hub_does_not_answer_leaves_a_station_that_enrols_later(tmp_path: Path) -> None:
    product = Product(tmp_path, hub_url="http://127.0.0.1:9")
    assert "127.0.0.1:9" in product.run("init", "--code", "ABCD-EFGH", expect=1).stderr
    assert product.status()["riders"] == 0


def test_status_without_a_station_running_has_null_where_life_would_be(made: Product) -> None:
    status = made.status()
    assert status["uptime"] is None
    for slot in status["slots"]:
        assert set(slot) >= {"name", "state", "rider", "watts", "wh", "lease_s", "errors"}
        assert {value for key, value in slot.items() if key != "name"} == {None}
    assert {device["health"] for device in status["devices"]} == {None}
    assert set(status["journal"]) == {"origin", "incarnation", "seq", "digest"}
    assert set(status["sync"]) == {"pending", "oldest_s", "last_success", "quarantined"}


def test_a_card_is_its_text_alone_on_one_line_and_the_same_each_time(made: Product) -> None:
    imports(made, RIDERS)
    first, again = made.run("card", "1").stdout, made.run("card", "1").stdout
    assert first == again
    assert first.count("\n") == 1
    assert len(first.removesuffix("\n")) == 131


def test_a_card_is_drawn_into_a_picture(made: Product) -> None:
    import zxingcpp
    from PIL import Image

    imports(made, RIDERS)
    text = made.run("card", "2", "--png", str(made.folder / "card.png")).stdout.removesuffix("\n")
    (read,) = zxingcpp.read_barcodes(Image.open(made.folder / "card.png"))
    assert read.text == text


@pytest.mark.parametrize(("number", "code"), [("0", 2), ("99", 1)])
def test_a_card_of_nobody_is_a_sentence(made: Product, number: str, code: int) -> None:
    said = made.run("card", number, expect=code).stderr
    assert number in said
    assert "Traceback" not in said


def test_an_import_with_a_bad_line_takes_nothing_in(made: Product) -> None:
    said = imports(made, "name,phone\n王小强,13800001001\n李建国,123\n,13800001075\n", expect=1)
    assert "line 3" in said
    assert "line 4" in said
    assert made.status()["riders"] == 0


def test_a_rider_imported_twice_is_named_and_nothing_is_taken_in(made: Product) -> None:
    imports(made, RIDERS)
    said = imports(made, "name,phone\n张丽,13800001075\n王小强,13800001001\n", expect=1)
    assert "line 3" in said
    assert made.status()["riders"] == 2


def test_a_file_that_is_not_there_is_a_sentence(made: Product) -> None:
    assert "cannot be read" in made.run("import", "riders", "/nowhere/riders.csv", expect=1).stderr


def test_a_database_of_a_newer_version_is_refused(made: Product) -> None:
    with closing(sqlite3.connect(made.data / "station.db")) as database, database:
        database.execute("INSERT INTO schema_migration (name, applied) VALUES ('0999_future', '2030-01-01')")
    for command in (("run", "--headless"), ("status",), ("card", "1")):
        assert "newer version" in made.run(*command, expect=1).stderr


def test_verify_finds_a_row_that_somebody_changed(made: Product) -> None:
    imports(made, RIDERS)
    assert "all is whole" in made.run("verify").stdout
    with closing(sqlite3.connect(made.data / "station.db")) as database, database:
        database.execute("UPDATE rider SET vanguard = 1 WHERE number = 1")
    assert "table rider" in made.run("verify", expect=1).stdout


def test_run_without_a_terminal_says_so(made: Product) -> None:
    assert "--headless" in made.run("run", expect=2).stderr


def test_a_running_station_serves_the_commands_and_holds_its_folder(made: Product) -> None:
    process = made.headless()
    try:
        status = made.status()
        assert status["uptime"] >= 0
        assert "connected" not in {device["health"] for device in status["devices"]}, "no port is there"
        imports(made, RIDERS)
        assert made.status()["riders"] == 2
        assert len(made.card(1)) == 131
        made.run("card", "1", "--revoke", "lost")
        assert "already in use by a running station (process" in made.run("run", "--headless", expect=1).stderr
        assert "all is whole" in made.run("verify").stdout
        assert made.run("slot", "list").stdout.count("\n") == 2
        assert "nothing to end" in made.run("slot", "stop", "1", expect=1).stderr
        assert stat.S_IMODE((made.data / "control.sock").stat().st_mode) == 0o600
    finally:
        process.terminate()
        assert process.wait(15) == 0
    assert made.status()["uptime"] is None


def test_a_station_that_was_killed_leaves_nothing_in_the_way(made: Product) -> None:
    process = made.headless()
    process.kill()
    process.wait()
    (made.data / "control.sock").touch()
    assert made.status()["uptime"] is None
    imports(made, RIDERS)
    process = made.headless()
    try:
        assert made.status()["riders"] == 2
    finally:
        process.terminate()
        process.wait(15)


def test_a_station_whose_terminal_dies_ends_in_order(made: Product) -> None:
    terminal = made.screen((80, 24))
    try:
        terminal.wait_for("把骑手卡上的码对准扫码口")
        assert terminal.hang_up() == 0
    finally:
        terminal.close()
    assert "has ended" in (made.data / "logs" / "kiosk.log").read_text(encoding="utf-8")


def test_the_doctor_names_what_is_missing(product: Product) -> None:
    said = product.run("doctor", expect=1).stdout
    assert "FAIL data folder" in said
    assert "FAIL scanner" in said


def test_status_is_json_on_one_line(made: Product) -> None:
    line = made.run("status", "--json").stdout
    assert line.count(os.linesep) == 1
    assert json.loads(line)["station"] == "LX01"
