"""The settings file: checked as a whole, each mistake named with its key, what was found and what is accepted."""

import time
import tomllib
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.inputs import DRIVERS as INPUT_DRIVERS
from devices.meters import DRIVERS as METERS
from devices.relays import DRIVERS as BOARDS
from devices.relays import BoardKind
from devices.relays.wirenboard import LEAST_LEASE_S
from kiosk.cli import main
from kiosk.settings import Settings, SettingsError, check_settings, load_settings
from kiosk.settings_wiring import ALARM_DRIVERS, BOARD_LEASES_S, LEASING_DRIVER, METER_DRIVERS, RELAY_CHANNELS
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


@pytest.mark.parametrize("words", ["每天早七点到晚十点", "全天开放，春节除外", "06:00-25:00", "Mon-Fri 06:00-22:00"])
def test_opening_hours_in_the_free_words_of_an_earlier_version_stop_the_start_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(DESIGN.replace('area = "luxi"', f'area = "luxi"\nopening_hours = "{words}"'), encoding="utf-8")
    assert main(["run", "--headless", "--config", str(file)]) == 2
    accepted = (
        'such as "06:00-22:00", "06:00-12:00, 14:00-22:00" or "Mo-Fr 06:00-22:00; Sa,Su 08:00-20:00", or "" for always '
        "open. Other words, which earlier versions took, belong into a notice."
    )
    assert capsys.readouterr().err.splitlines() == [
        f"The settings in {file} cannot be used:",
        f"  station.opening_hours: found {words!r}; accepted is {accepted}",
    ]


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
        ('port = "/dev/serial/by-id/usb-scanner"', 'profile = "mouse"', "scanner.profile: found 'mouse'; accepted is"),
        (
            '"/dev/serial/by-id/usb-scanner"',
            '"/dev/serial/by-id/usb-scanner"\nprofile = "keyboard"',
            "scanner.port: found '/dev/serial/by-id/usb-scanner'; with profile",
        ),
        (
            '"/dev/serial/by-id/usb-scanner"',
            '"/dev/serial/by-id/usb-scanner"\nmodel = "gm"\nzones = { "60" = "01" }',
            "scanner.zones.60: found '01'; accepted is a zone of 4 hex digits",
        ),
        ("Asia/Shanghai", "Asia/Nowhere", "station.timezone: found 'Asia/Nowhere'"),
        ("baudrate = 9600\nstation", "baudrate = 9601\nstation", "charging.baudrate: found 9601"),
        ("channel = 0", "channel = 8", "charging.slots[0].relay.channel: found 8; accepted is 0 to 7"),
        (
            '"waveshare"',
            '"wave"',
            "charging.slots[0].relay.driver: found 'wave'; accepted is waveshare, wirenboard, plain",
        ),
        ('"pzem"', '"pz"', "charging.slots[0].meter.driver: found 'pz'; accepted is pzem, sdm120"),
        ("unit = 11", "unit = 248", "charging.slots[0].meter.unit: found 248; accepted is 1 to 247"),
        ("unit = 11", "unit = 1", "charging.slots[0]: the bus address 1 is used by a relay board and a meter"),
        ("usb-rs485", "usb-scanner", "charging.port: found '/dev/serial/by-id/usb-scanner', which is the scanner's"),
        ("https://hub.example", "http://hub.example", "accepted is https:// (plain http only to this machine)"),
        ("station_limit_w = 3300", "lease_s = 10\nrenew_s = 6", "charging.renew_s: found 6; accepted is at most half"),
        ('name = "1"', 'name = "first"', "charging.slots[0].name: found 'first'"),
        ("baudrate = 9600\nstation", "longest_s = 36001\nstation", "charging.longest_s: found 36001"),
        ("baudrate = 9600\nstation", "top_up_s = 7201\nstation", "charging.top_up_s: found 7201"),
        ("baudrate = 9600\nstation", "low_volts = 216\nstation", "charging.low_volts: found 216; accepted is 150 to"),
        ("baudrate = 9600\nstation", "high_volts = 234\nstation", "charging.high_volts: found 234; accepted is 235 to"),
        ("baudrate = 9600\nstation", "volts_s = 0\nstation", "charging.volts_s: found 0; accepted is 1 to 300 s"),
        ("baudrate = 9600\nstation", "slot_limit_a = 17\nstation", "charging.slot_limit_a: found 17; accepted is 1 to"),
        (
            "baudrate = 9600\nstation",
            "lease_s = 3277\nstation",
            "charging.lease_s: found 3277; accepted is 0.5 to 60 s; a waveshare board can time 0.1 to 3276.7 s",
        ),
        (
            "station_limit_w = 3300",
            "station_limit_w = 799",
            "charging.station_limit_w: found 799; accepted is at least slot_limit_w, 800 W",
        ),
        (
            "station_limit_w = 3300",
            'charging_hours = "6-23"',
            "charging.charging_hours: found '6-23'; accepted is such as \"06:00-23:00\"",
        ),
        ("station_limit_w = 3300", 'charging_hours = "06:00-06:00"', "charging.charging_hours: found '06:00-06:00'"),
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


SMOKE = """
[[charging.alarms]]
name = "smoke"
kind = "smoke"
unit = 30
channel = 0
"""
SIREN = """
[charging.siren]
relay = { driver = "waveshare", unit = 1, channel = 6 }
"""
CONTACTOR = """
[charging.contactor]
relay = { driver = "waveshare", unit = 2, channel = 0 }
"""


def wired(*parts: str, old: str = "", new: str = "") -> list[str]:
    """What is wrong with the example and these tables, once a piece of the whole is replaced."""
    text = "".join((DESIGN, *parts))
    assert old in text
    try:
        check_settings(tomllib.loads(text.replace(old, new, 1) if old else text), Path("/etc/kiosk/kiosk.toml"))
    except SettingsError as error:
        return error.mistakes
    return []


def test_alarms_a_siren_and_a_contactor_are_accepted() -> None:
    assert wired(SMOKE, SIREN, CONTACTOR) == []


def test_the_names_of_drivers_are_those_that_there_are() -> None:
    assert tuple(RELAY_CHANNELS) == tuple(BOARDS)
    assert tuple(METERS) == METER_DRIVERS
    assert tuple(INPUT_DRIVERS) == ALARM_DRIVERS
    assert BOARDS[LEASING_DRIVER].kind is BoardKind.LEASE
    assert BOARD_LEASES_S["wirenboard"][0] == LEAST_LEASE_S


@pytest.mark.parametrize("driver", BOARD_LEASES_S)
async def test_the_leases_that_boards_are_said_to_time_are_those_that_they_can(driver: str) -> None:
    bus = Bus("/nowhere", 9600)
    least, most = BOARD_LEASES_S[driver]
    board = BOARDS[driver](bus, 1, channels=1, clock=time.monotonic)
    assert board.longest_s == pytest.approx(most)
    with pytest.raises(ValueError, match="shorter than the board's"):
        await board.switch_on_for(0, 0.9 * least)
    await bus.close()


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "smoke"', 'kind = "fire"', "charging.alarms[0].kind: found 'fire'; accepted is smoke, surroundings"),
        ("unit = 30", "unit = 11", "charging.alarms[0]: the bus address 11 is used by a meter and a input module"),
        ("channel = 0\n", "channel = 200\n", "charging.alarms[0].channel: found 200; accepted is 0 to 127"),
        ("channel = 0\n", 'channel = 0\nslot = "1"\n', "charging.alarms[0].slot: found '1'; accepted only with"),
        ('kind = "smoke"', 'kind = "socket_hot"\nslot = "9"', "charging.alarms[0].slot: found '9'; accepted is a slot"),
        ('kind = "smoke"', 'kind = "smoke"\ndriver = "x"', "charging.alarms[0].driver: found 'x'; accepted is contact"),
        ('kind = "smoke"', 'kind = "smoke"\nlimit_c = 200', "charging.alarms[0].limit_c: found 200; accepted is 30"),
        ("channel = 6", "channel = 0", "charging.siren.relay: found the same as charging.slots[0].relay"),
        ('"waveshare", unit = 1, channel = 6', '"plain", unit = 5, channel = 6', "charging.siren.relay.driver: found"),
        ('"waveshare", unit = 2', '"wirenboard", unit = 2', "charging.contactor.relay.driver: found 'wirenboard'"),
        ("[charging.contactor]", '[charging.contactor]\nslots = ["7"]', "charging.contactor.slots: found '7'"),
    ],
)
def test_a_mistake_in_alarms_siren_or_contactor_is_named(old: str, new: str, named: str) -> None:
    found = wired(SMOKE, SIREN, CONTACTOR, old=old, new=new)
    assert any(named in mistake for mistake in found), found


def test_a_contactor_leaves_less_time_between_renewals() -> None:
    numbers = ("station_limit_w = 3300", "station_limit_w = 3300\nrenew_s = 12")
    assert wired(old=numbers[0], new=numbers[1]) == []
    assert wired(CONTACTOR, old=numbers[0], new=numbers[1]) == [
        "charging.renew_s: found 12; accepted is at most a third of lease_s with a contactor"
    ]


def test_a_siren_needs_an_alarm() -> None:
    assert wired(SIREN) == [
        "charging.siren: found without an alarm that would sound it; accepted with [[charging.alarms]]"
    ]


def test_a_board_that_never_switches_off_by_itself_needs_a_contactor() -> None:
    plain = ('"waveshare", unit = 1, channel = 0', '"plain", unit = 3, channel = 0')
    refused = wired(old=plain[0], new=plain[1])
    assert len(refused) == 1
    assert "charging.slots[0].relay.driver: found 'plain', a board that never switches off by itself" in refused[0]
    assert wired(CONTACTOR, old=plain[0], new=plain[1]) == []
    other = CONTACTOR + 'slots = ["2"]\n'
    assert any("found 'plain'" in mistake for mistake in wired(other, old=plain[0], new=plain[1]))


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ("", None),
        ("lease_s = 3\nrenew_s = 1\n", "charging.lease_s: found 3; accepted is 4 to 60 s with a wirenboard board"),
        ("renew_s = 12\n", "charging.renew_s: found 12; accepted is at most a third of lease_s"),
        ("relay_idle_s = 5\n", "charging.relay_idle_s: found 5; accepted is at most an eighth of lease_s, 3.75 s"),
    ],
)
def test_a_watchdog_leaves_less_time(numbers: str, named: str | None) -> None:
    text = DESIGN.replace('"waveshare"', '"wirenboard"').replace("station_limit_w", f"{numbers}station_limit_w")
    if named is None:
        check_settings(tomllib.loads(text), Path("/etc/kiosk/kiosk.toml"))
    else:
        assert any(named in mistake for mistake in mistakes(text)), mistakes(text)


DEFAULTS = {
    "no_load_w": 1.5,
    "no_load_start_s": 180,
    "no_load_later_s": 60,
    "full_w": 15,
    "full_fraction": 0.12,
    "full_s": 600,
    "top_up_s": 0,
    "slot_limit_w": 800,
    "slot_limit_s": 10,
    "slot_limit_factor": 1.25,
    "slot_limit_a": 5,
    "station_limit_w": 3300,
    "longest_s": 28_800,
    "low_volts": 187,
    "high_volts": 253,
    "volts_s": 30,
    "socket_hot_c": 85,
    "hold_minutes": 15,
    "lease_s": 30,
    "renew_s": 9,
    "resume_within_s": 900,
    "restart_stagger_s": 3,
}
"""Numbers of the rules of charging, as they are without a word in the settings."""


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_number_of_the_rules_has_its_default_and_bounds(key: str) -> None:
    text = DESIGN.replace("station_limit_w = 3300\n", "")
    numbers = check_settings(tomllib.loads(text), Path("/etc/kiosk/kiosk.toml")).charging
    assert getattr(numbers, key) == DEFAULTS[key]
    for wrong in ("-1", "1000000", "nan", "inf"):
        found = mistakes(DESIGN.replace("station_limit_w = 3300\n", f"{key} = {wrong}\n"))
        assert found[0].startswith(f"charging.{key}: found {wrong}; accepted is "), found


def test_a_meter_that_is_read_too_seldom_for_the_lease_is_refused() -> None:
    found = changed("station_limit_w = 3300", "lease_s = 4\nrenew_s = 2\nmeter_active_s = 2")
    assert len(found) == 1
    assert found[0].startswith("charging.meter_active_s: found 2; accepted is less than lease_s - renew_s, 2 s, ")


def test_a_probe_alarms_where_its_kind_does_unless_it_has_a_limit_of_its_own() -> None:
    text = SMOKE.replace('kind = "smoke"', 'kind = "{kind}"\ndriver = "celsius"{limit}')
    for kind, limit, hot_c in (
        ("socket_hot", "", 85),
        ("surroundings_hot", "", 60),
        ("socket_hot", "\nlimit_c = 70", 70),
    ):
        table = tomllib.loads(DESIGN + text.format(kind=kind, limit=limit))
        numbers = check_settings(table, Path("/etc/kiosk/kiosk.toml")).charging
        assert numbers.hot_c(numbers.alarms[0]) == hot_c
