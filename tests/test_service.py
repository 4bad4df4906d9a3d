"""The service file and the terminal's settings: what must stand in them, and that their own programs accept them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "kiosk.service"
FOOT_INI = ROOT / "packaging" / "foot.ini"
NEWER = "# >>> newer"
"""What follows this line in foot.ini is for versions that older ones' check would refuse."""
KNOWN_SINCE = (1, 21)


def directives() -> dict[str, list[str]]:
    """The unit's lines by name; systemd lets a name stand several times."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "all"),
        ("WatchdogSec", "30"),
        ("Restart", "always"),
        ("RestartSec", "2"),
        ("StartLimitIntervalSec", "0"),
        ("TimeoutStopSec", "10"),
        ("KillMode", "control-group"),
        ("StateDirectory", "kiosk"),
        ("RuntimeDirectory", "kiosk"),
        ("ProtectSystem", "strict"),
        ("DevicePolicy", "closed"),
        ("CapabilityBoundingSet", ""),
        ("NoNewPrivileges", "yes"),
        ("User", "kiosk"),
    ],
)
def test_the_service_says(name: str, value: str) -> None:
    assert directives()[name] == [value]


def test_the_screen_is_cage_over_foot_over_kiosk() -> None:
    (started,) = directives()["ExecStart"]
    assert started.split(" -- ") == [
        "/usr/bin/cage -d",
        "/usr/bin/foot --config=/etc/kiosk/foot.ini /opt/kiosk/.venv/bin/kiosk run --config /etc/kiosk/kiosk.toml",
    ]


def test_the_seat_comes_from_seatd_and_no_session_swallows_the_process() -> None:
    found = directives()
    assert "LIBSEAT_BACKEND=seatd" in found["Environment"]
    assert "XDG_RUNTIME_DIR=%t/kiosk" in found["Environment"]
    assert "PAMName" not in found
    assert "-s" not in found["ExecStart"][0].split(" -- ")[0].split()


def test_serial_ports_screen_and_touch_panel_can_be_opened() -> None:
    allowed = {value.split()[0] for value in directives()["DeviceAllow"]}
    assert {"char-ttyUSB", "char-ttyACM", "char-ttyS", "char-drm", "char-input", "char-tty"} <= allowed


def test_the_kernel_can_be_asked_whether_its_clock_is_synchronised() -> None:
    found = directives()
    assert "ProtectClock" not in found
    assert "clock_adjtime" in found["SystemCallFilter"][-1].split()


def test_systemd_accepts_the_service() -> None:
    for tool in ("systemd-analyze", "cage", "foot"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed here, so systemd cannot check the service file")
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(UNIT)], capture_output=True, text=True, timeout=60, check=False
    )
    complaints = [line for line in ended.stderr.splitlines() if "kiosk.service" in line]
    assert (ended.returncode, complaints) == (0, [])


def foot_version() -> tuple[int, ...] | None:
    """The version of the foot that is installed, or None."""
    if shutil.which("foot") is None:
        return None
    said = subprocess.run(["foot", "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    return None if found is None else tuple(map(int, found.groups()))


def test_foot_accepts_its_settings(tmp_path: Path) -> None:
    version = foot_version()
    if version is None:
        pytest.skip("foot is not installed here, so it cannot check its settings")
    text = FOOT_INI.read_text(encoding="utf-8")
    if version < KNOWN_SINCE:
        text = text.split(NEWER, maxsplit=1)[0]
    tried = tmp_path / "foot.ini"
    tried.write_text(text, encoding="utf-8")
    ended = subprocess.run(
        ["foot", "--check-config", f"--config={tried}"], capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 0, ended.stderr


def foot_sections() -> dict[str, dict[str, str]]:
    """foot.ini as foot reads it: a section may be opened again."""
    sections: dict[str, dict[str, str]] = {"main": {}}
    current = "main"
    for line in FOOT_INI.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
            sections.setdefault(current, {})
        elif line and not line.startswith("#"):
            name, value = line.split("=", 1)
            sections[current][name] = value
    return sections


@pytest.mark.parametrize("section", ["key-bindings", "mouse-bindings"])
def test_no_binding_of_the_terminal_is_left(section: str) -> None:
    assert set(foot_sections()[section].values()) == {"none"}


def test_every_binding_that_foot_has_by_default_is_named() -> None:
    installed = Path("/etc/xdg/foot/foot.ini")
    if not installed.exists():
        pytest.skip("foot's example of its defaults is not installed here")
    section = ""
    unnamed = []
    for line in installed.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif section in {"key-bindings", "mouse-bindings"} and (found := re.match(r"# ?([a-z-]+) ?= ?(.+)", line)):
            name, value = found.groups()
            if value != "none" and not value.endswith(" none") and name not in foot_sections()[section]:
                unnamed.append(name)
    assert unnamed == []


def test_a_sliding_finger_still_presses() -> None:
    assert foot_sections()["touch"] == {"long-press-delay": "0"}


def test_cells_are_the_latin_fonts_and_chinese_comes_second() -> None:
    first, second = foot_sections()["main"]["font"].split(", ")
    assert first.startswith("DejaVu Sans Mono:size=")
    assert second.startswith("Noto Sans Mono CJK SC:size=")
