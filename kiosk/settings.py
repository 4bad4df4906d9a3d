"""The station's settings: one TOML file, checked as a whole at start.

Every mistake is named with its key, what was found and what is accepted; an unknown key is a mistake.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from kiosk.hours import Hours
from kiosk.opening import OpeningHours
from kiosk.settings_shape import check_shape
from kiosk.settings_together import check_together
from kiosk.settings_wiring import LEASE_LEAST_S, LEASE_MOST_S, LEASE_WORDS

Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]{1,7}$", description="2 to 8 capital letters and digits")]
Area = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$", description="small letters, digits and dashes")]
Text = Annotated[str, Meta(min_length=1, max_length=80, description="1 to 80 characters")]
Port = Annotated[str, Meta(pattern=r"^/.+", description="an absolute path such as /dev/serial/by-id/...")]
Unit = Annotated[int, Meta(ge=1, le=247, description="1 to 247")]


class SettingsError(Exception):
    """All mistakes of a settings file, one a line."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join([f"The settings in {path} cannot be used:", *(f"  {line}" for line in mistakes)]))


class _Section(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the settings file."""


class StationSettings(_Section, frozen=True, kw_only=True):
    """Who this station is and where it keeps its data."""

    code: Code
    name: Text
    area: Area
    data: Annotated[str, Meta(min_length=1, description="a folder's path; a relative one begins beside this file")]
    timezone: Text = "Asia/Shanghai"
    opening_hours: Annotated[
        str, Meta(max_length=60, description="hours, in up to 60 characters, shown as they are")
    ] = ""
    """Such as "Mo-Fr 06:00-22:00; Sa,Su 08:00-20:00" (see `kiosk.opening`); "" is always."""

    @property
    def hours(self) -> OpeningHours | None:
        """The opening hours; None when the door is never closed."""
        return OpeningHours.parse(self.opening_hours) if self.opening_hours else None

    @property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.timezone)


class ScannerSettings(_Section, frozen=True, kw_only=True):
    """The QR scanner: on a serial port, or one that types as a keyboard does."""

    profile: Annotated[str, Meta(pattern=r"^(serial|keyboard)$", description='"serial" or "keyboard"')] = "serial"
    port: Port = ""
    """Needed by "serial"; "" with "keyboard"."""
    baudrate: int = 9600
    model: Annotated[str, Meta(pattern=r"^(plain|gm)$", description='"plain" or "gm"')] = "plain"
    """A "gm" (GM65, GM812 and kin) is locked against set-up codes and asked for signs of life."""
    zones: dict[str, str] = {}
    """Settings of a "gm" that are asserted besides its lock: zone = value, both in hex, such as "0060" = "01"."""
    silence_ms: Annotated[int, Meta(ge=0, le=500, description="0 to 500 ms; 0 never")] = 0
    """A pause that ends a scan, for a scanner set up without a terminator; 50 to 100 is usual."""
    key_gap_ms: Annotated[int, Meta(ge=10, le=80, description="10 to 80 ms")] = 50
    """With "keyboard": keys further apart than this are a person's."""

    @property
    def asserted(self) -> dict[int, int]:
        """`zones` as numbers."""
        return {int(zone, 16): int(value, 16) for zone, value in self.zones.items()}


class RelaySettings(_Section, frozen=True, kw_only=True):
    """Where a slot's relay is."""

    driver: str
    unit: Unit
    channel: Annotated[int, Meta(ge=0, le=31, description="0 to 31")]


class MeterSettings(_Section, frozen=True, kw_only=True):
    """Where a slot's meter is."""

    driver: str
    unit: Unit


class SlotSettings(_Section, frozen=True, kw_only=True):
    """One charging slot."""

    name: Annotated[str, Meta(pattern=r"^[A-Z0-9]{1,4}$", description="1 to 4 digits or capital letters")]
    relay: RelaySettings
    meter: MeterSettings


class AlarmSettings(_Section, frozen=True, kw_only=True):
    """One alarm input: a contact of a smoke detector or thermostat, or a probe with a limit."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,20}$", description="1 to 20 small letters, digits and dashes")]
    kind: str
    driver: str = "contact"
    unit: Unit
    channel: Annotated[int, Meta(ge=0, le=127, description="0 to 127")]
    normally_closed: bool = True
    """A contact that opens for an alarm, so that a cut wire is one, too."""
    limit_c: Annotated[float, Meta(ge=30, le=120, description="30 to 120 °C")] | None = None
    """From here on a probe's value is an alarm; without it `charging.socket_hot_c` or `charging.surroundings_hot_c`."""
    slot: str = ""
    """The slot whose socket it watches; "" is all."""


class SirenSettings(_Section, frozen=True, kw_only=True):
    """A relay that is on while there is an alarm."""

    relay: RelaySettings


class ContactorSettings(_Section, frozen=True, kw_only=True):
    """A master contactor on a leased relay, above slots."""

    relay: RelaySettings
    slots: list[str] = []
    """Names of the slots behind it; none is all."""


class ChargingSettings(_Section, frozen=True, kw_only=True):
    """The charging bus, its slots and the numbers of its rules; W, Wh and s."""

    port: Port
    baudrate: int = 9600
    slots: list[SlotSettings]
    alarms: list[AlarmSettings] = []
    alarms_required: bool = True
    """Whether nobody charges while an alarm input does not answer."""
    socket_hot_c: Annotated[float, Meta(ge=40, le=120, description="40 to 120 °C")] = 85
    surroundings_hot_c: Annotated[float, Meta(ge=30, le=90, description="30 to 90 °C")] = 60
    """Ours: heat detectors in buildings answer from about 60 °C on."""
    alarm_poll_s: Annotated[float, Meta(ge=0.2, le=10, description="0.2 to 10 s")] = 1
    siren: SirenSettings | None = None
    contactor: ContactorSettings | None = None
    station_limit_w: Annotated[float, Meta(ge=100, le=100_000, description="100 to 100000 W")] = 3300
    hold_minutes: Annotated[float, Meta(ge=1, le=60, description="1 to 60 minutes")] = 15
    offer_minutes: Annotated[float, Meta(ge=1, le=15, description="1 to 15 minutes")] = 3
    no_show_limit: Annotated[int, Meta(ge=1, le=20, description="1 to 20 bookings")] = 3
    no_show_days: Annotated[int, Meta(ge=1, le=365, description="1 to 365 days")] = 30
    no_show_pause_hours: Annotated[float, Meta(ge=0, le=720, description="0 to 720 h; 0 never pauses")] = 24
    lease_s: Annotated[float, Meta(ge=LEASE_LEAST_S, le=LEASE_MOST_S, description=LEASE_WORDS)] = 30
    renew_s: Annotated[float, Meta(ge=0.1, le=20, description="0.1 to 20 s, at most half the lease")] = 9
    no_load_w: Annotated[float, Meta(ge=0.5, le=10, description="0.5 to 10 W")] = 1.5
    no_load_start_s: Annotated[float, Meta(ge=1, le=600, description="1 to 600 s")] = 180
    no_load_later_s: Annotated[float, Meta(ge=1, le=600, description="1 to 600 s")] = 60
    full_w: Annotated[float, Meta(ge=3, le=60, description="3 to 60 W")] = 15
    full_fraction: Annotated[float, Meta(ge=0.01, le=0.5, description="0.01 to 0.5 of the plateau")] = 0.12
    full_s: Annotated[float, Meta(ge=1, le=3600, description="1 to 3600 s")] = 600
    top_up_s: Annotated[float, Meta(ge=0, le=7200, description="0 to 7200 s")] = 0
    slot_limit_w: Annotated[float, Meta(ge=50, le=3000, description="50 to 3000 W")] = 800
    slot_limit_s: Annotated[float, Meta(ge=1, le=60, description="1 to 60 s")] = 10
    slot_limit_factor: Annotated[float, Meta(ge=1.05, le=2, description="1.05 to 2")] = 1.25
    slot_limit_a: Annotated[float, Meta(ge=1, le=16, description="1 to 16 A")] = 5
    low_volts: Annotated[float, Meta(ge=150, le=215, description="150 to 215 V")] = 187
    high_volts: Annotated[float, Meta(ge=235, le=280, description="235 to 280 V")] = 253
    volts_s: Annotated[float, Meta(ge=1, le=300, description="1 to 300 s")] = 30
    longest_s: Annotated[float, Meta(ge=60, le=36_000, description="60 to 36000 s (10 h)")] = 28_800
    meter_active_s: Annotated[float, Meta(ge=0.2, le=10, description="0.2 to 10 s")] = 2
    meter_idle_s: Annotated[float, Meta(ge=1, le=120, description="1 to 120 s")] = 10
    relay_idle_s: Annotated[float, Meta(ge=0.5, le=60, description="0.5 to 60 s")] = 2
    resume_within_s: Annotated[float, Meta(ge=0, le=3600, description="0 to 3600 s")] = 900
    restart_stagger_s: Annotated[float, Meta(ge=0, le=30, description="0 to 30 s")] = 3
    charging_hours: str = ""
    """Such as "06:00-23:00", at the station; "" is always."""

    def hot_c(self, alarm: AlarmSettings) -> float:
        """From which temperature on an alarm input with a probe reports, °C."""
        if alarm.limit_c is not None:
            return alarm.limit_c
        return self.socket_hot_c if alarm.kind == "socket_hot" else self.surroundings_hot_c

    @property
    def hours(self) -> Hours | None:
        """The hours in which the station charges; None for always."""
        return Hours.parse(self.charging_hours) if self.charging_hours else None


class HubSettings(_Section, frozen=True, kw_only=True):
    """Where the hub is."""

    url: Annotated[str, Meta(pattern=r"^https?://.+", description="https://HOST, or http:// to this machine")]
    timeout_s: Annotated[float, Meta(ge=1, le=120, description="1 to 120 s")] = 15
    idle_pull_s: Annotated[float, Meta(ge=1, le=3600, description="1 to 3600 s")] = 30
    ca: str | None = None
    """Path of a PEM file: the one CA that may vouch for the hub. Needed where the clock may start in 1970."""


class CardSettings(_Section, frozen=True, kw_only=True):
    """Riders' cards."""

    valid_days: Annotated[int, Meta(ge=1, le=3650, description="1 to 3650 days")] = 730


class CheckinSettings(_Section, frozen=True, kw_only=True):
    """Check-in at the counter."""

    cooldown_s: Annotated[float, Meta(ge=0, le=60, description="0 to 60 s; 0 never")] = 2.5
    """The same code held up again within this time is "already": it is told so, and nothing is recorded."""
    points_outside_hours: bool = False
    """Whether a check-in outside the opening hours earns what one within them does."""


class SoundSettings(_Section, frozen=True, kw_only=True):
    """What is heard at the counter."""

    player: list[str] = []
    """A command that plays the WAV file named behind it, such as ["aplay", "-q"]; none plays nothing."""
    bell: bool = False
    """Whether the terminal's bell rings, in a pattern for each outcome."""


class PrinterSettings(_Section, frozen=True, kw_only=True):
    """What cards are printed with."""

    port: Port = ""
    """Of an ESC/POS receipt printer; "" for none."""
    baudrate: int = 9600
    qr: Annotated[str, Meta(pattern=r"^(native|raster)$", description='"native" or "raster"')] = "native"
    """Whether the printer draws the code itself, or gets it as a picture."""
    text: Annotated[str, Meta(pattern=r"^(raster|gb18030)$", description='"raster" or "gb18030"')] = "raster"
    """Words as a picture, or as bytes for a printer that has Chinese characters of its own."""
    answers: bool = True
    """Whether the printer can say how it stands (DLE EOT)."""
    font: str = ""
    """A font's file with Chinese characters; "" for what fontconfig finds."""


LoanCount = Annotated[int, Meta(ge=1, le=20, description="1 to 20 books")]
LoanDays = Annotated[int, Meta(ge=1, le=90, description="1 to 90 days")]
Renewals = Annotated[int, Meta(ge=0, le=9, description="0 to 9 times")]


class MaterialSettings(_Section, frozen=True, kw_only=True):
    """Lending of one kind of reading matter, where it differs."""

    name: Annotated[str, Meta(pattern=r"^(book|booklet|magazine)$", description='"book", "booklet" or "magazine"')]
    limit: LoanCount
    """Of this kind; the limit of all together holds besides."""
    days: LoanDays = 14
    renewals: Renewals = 1
    renew_days: LoanDays = 7


class ReadingSettings(_Section, frozen=True, kw_only=True):
    """Lending."""

    limit: LoanCount = 2
    days: LoanDays = 14
    renewals: Renewals = 1
    renew_days: LoanDays = 7
    """That a renewal adds."""
    vanguard_extra: Annotated[int, Meta(ge=0, le=20, description="0 to 20 books")] = 0
    """That a vanguard rider may have besides."""
    materials: list[MaterialSettings] = []
    holds: Annotated[int, Meta(ge=0, le=20, description="0 to 20 books")] = 2
    """That one rider may wait for at once."""
    hold_days: Annotated[int, Meta(ge=1, le=30, description="1 to 30 days")] = 3
    """That a copy stays on the pick-up shelf."""


class ParcelSettings(_Section, frozen=True, kw_only=True):
    """Parcels to people at home."""

    days: Annotated[int, Meta(ge=1, le=30, description="1 to 30 days")] = 2
    """From packing until one is late."""


class PrivacySettings(_Section, frozen=True, kw_only=True):
    """How long personal records are kept; docs/privacy.md says what each is."""

    notes_days: Annotated[int, Meta(ge=1, le=365, description="1 to 365 days")] = 30
    """Words of a note for a rider, after it was told or cleared; why a slot was out of service, after it was said."""
    recipients_days: Annotated[int, Meta(ge=1, le=365, description="1 to 365 days")] = 30
    """Name and address of who receives a parcel, after it was closed."""
    volunteers_days: Annotated[int, Meta(ge=1, le=3650, description="1 to 3650 days")] = 365
    """Name and PIN of a volunteer, after they left."""
    unseen_years: Annotated[float, Meta(ge=0, le=20, description="0 to 20 years; 0 never")] = 3
    """A rider whom no station has seen for so long is proposed for erasure (`kiosk rider unseen`)."""
    erase_unseen: bool = False
    """Whether such riders are erased without being asked about."""
    logs_days: Annotated[int, Meta(ge=1, le=365, description="1 to 365 days")] = 30


class ScreenSettings(_Section, frozen=True, kw_only=True):
    """What a rider sees."""

    idle_s: Annotated[float, Meta(ge=5, le=600, description="5 to 600 s")] = 60
    countdown_s: Annotated[float, Meta(ge=3, le=60, description="3 to 60 s")] = 10
    outcome_s: Annotated[float, Meta(ge=2, le=60, description="2 to 60 s")] = 6
    language: Annotated[str, Meta(pattern=r"^(zh|en)$", description='"zh" or "en"')] = "zh"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a station."""

    station: StationSettings
    scanner: ScannerSettings
    charging: ChargingSettings
    hub: HubSettings | None = None
    cards: CardSettings = CardSettings()
    printer: PrinterSettings = PrinterSettings()
    checkin: CheckinSettings = CheckinSettings()
    sound: SoundSettings = SoundSettings()
    reading: ReadingSettings = ReadingSettings()
    parcels: ParcelSettings = ParcelSettings()
    privacy: PrivacySettings = PrivacySettings()
    screen: ScreenSettings = ScreenSettings()


def load_settings(path: Path) -> Settings:
    """Read and check a settings file.

    Raises:
        SettingsError: with every mistake found.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(path, ["there is no such file; name one with --config"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(path, [f"the file cannot be read: {error}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, [f"this is not TOML: {error}"]) from None
    return check_settings(table, path)


def check_settings(table: Mapping[str, object], path: Path) -> Settings:
    """Check a parsed settings table.

    Raises:
        SettingsError: with every mistake found.
    """
    mistakes: list[str] = []
    check_shape(Settings, table, "", mistakes)
    if not mistakes:
        settings = msgspec.convert(table, Settings)
        mistakes = check_together(settings)
        if not mistakes:
            return _with_data_from(settings, path)
    raise SettingsError(path, mistakes)


def _with_data_from(settings: Settings, path: Path) -> Settings:
    """A data folder given relative stands beside the settings file."""
    data = path.absolute().parent / Path(settings.station.data).expanduser()
    return msgspec.structs.replace(settings, station=msgspec.structs.replace(settings.station, data=str(data)))
