"""The settings file: checked as a whole, each mistake named with its key, what was found and what is accepted."""

import tomllib
from pathlib import Path

import pytest

from kiosk.settings import Settings, SettingsError, check_settings, load_settings
from tests.helpers.product import Product

DESIGN = """
[station]
code = "LX01"
name = "初心驿站 · 沅江路站"
area = "luxi"
timezone = "Asia/Shanghai"
data = "/var/lib/kiosk"

[scanner]
port = "/dev/serial/by-id/usb-scanner"
baudrate = 9600

[charging]
port = "/dev/serial/by-id/usb-rs485"
baudrate = 9600
station_limit_w = 3300

[[charging.slots]]
name = "1"
relay = { driver = "waveshare", unit = 1, channel = 0 }
meter = { driver = "pzem", unit = 11 }

[hub]
url = "https://hub.example"
"""


def mistakes(text: str) -> list[str]:
    """What is wrong with a settings text."""
    with pytest.raises(SettingsError) as caught:
        check_settings(tomllib.loads(text), Path("/etc/kiosk/kiosk.toml"))
    return caught.value.mistakes


def changed(old: str, new: str) -> list[str]:
    """What is wrong once a piece of good settings is replaced."""
    assert old in DESIGN
    return mistakes(DESIGN.replace(old, new))


def test_the_example_of_the_documents_is_accepted() -> None:
    settings = check_settings(tomllib.loads(DESIGN), Path("/etc/kiosk/kiosk.toml"))
    assert isinstance(settings, Settings)
    assert settings.charging.lease_s == 30
    assert settings.station.data == "/var/lib/kiosk"


def test_a_relative_data_folder_stands_beside_the_file() -> None:
    table = tomllib.loads(DESIGN.replace("/var/lib/kiosk", "data"))
    assert check_settings(table, Path("/etc/kiosk/kiosk.toml")).station.data == "/etc/kiosk/data"


def test_all_mistakes_are_named_at_once() -> None:
    text = DESIGN.replace('"LX01"', '"x"').replace("3300", '"much"').replace("https://hub.example", "ftp://hub")
    assert mistakes(text) == [
        "station.code: found 'x'; accepted is 2 to 8 capital letters and digits",
        "charging.station_limit_w: found 'much'; accepted is 100 to 100000 W",
        "hub.url: found 'ftp://hub'; accepted is https://HOST, or http:// to this machine",
    ]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[scanner]", "[scaner]", "scaner: unknown key; accepted are"),
        ('port = "/dev/serial/by-id/usb-scanner"\n', "", "scanner.port: missing; accepted is an absolute path"),
        ("Asia/Shanghai", "Asia/Nowhere", "station.timezone: found 'Asia/Nowhere'"),
        ("baudrate = 9600\nstation", "baudrate = 9601\nstation", "charging.baudrate: found 9601"),
        ("channel = 0", "channel = 8", "charging.slots[0].relay.channel: found 8; accepted is 0 to 7"),
        ('"waveshare"', '"wave"', "charging.slots[0].relay.driver: found 'wave'; accepted is waveshare"),
        ('"pzem"', '"pz"', "charging.slots[0].meter.driver: found 'pz'; accepted is pzem"),
        ("unit = 11", "unit = 248", "charging.slots[0].meter.unit: found 248; accepted is 1 to 247"),
        ("unit = 11", "unit = 1", "charging.slots[0]: the bus address 1 is used by a relay board and a meter"),
        ("usb-rs485", "usb-scanner", "charging.port: found '/dev/serial/by-id/usb-scanner', which is the scanner's"),
        ("https://hub.example", "http://hub.example", "accepted is https:// (plain http only to this machine)"),
        ("station_limit_w = 3300", "lease_s = 10\nrenew_s = 6", "charging.renew_s: found 6; accepted is at most half"),
        ('name = "1"', 'name = "first"', "charging.slots[0].name: found 'first'"),
        ("baudrate = 9600\nstation", "longest_s = 36001\nstation", "charging.longest_s: found 36001"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, named: str) -> None:
    assert any(named in mistake for mistake in changed(old, new)), changed(old, new)


def test_two_slots_share_nothing() -> None:
    again = DESIGN + '\n[[charging.slots]]\nname = "1"\n'
    again += 'relay = { driver = "waveshare", unit = 1, channel = 0 }\nmeter = { driver = "pzem", unit = 11 }\n'
    text = again.replace('[hub]\nurl = "https://hub.example"\n', "")
    assert [mistake.split(":")[0] for mistake in mistakes(text)] == [
        "charging.slots[1].name",
        "charging.slots[1].relay",
        "charging.slots[1].meter",
    ]


def test_a_station_without_slots_is_told_so() -> None:
    text = DESIGN[: DESIGN.index("[[charging.slots]]")] + "slots = []\n"
    assert mistakes(text) == ["charging.slots: found none; accepted are one or more [[charging.slots]] tables"]


def test_what_is_not_toml_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("[station\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="not TOML"):
        load_settings(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file)


def test_the_settings_of_the_tests_are_good(tmp_path: Path) -> None:
    assert load_settings(Product(tmp_path).settings).station.code == "LX01"
