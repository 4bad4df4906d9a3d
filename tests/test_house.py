"""The house: what the layers may load, and that the files around the code say what is so."""

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

RULES = ("kiosk.checkin", "kiosk.points", "kiosk.reading", "kiosk.charging.rules", "kiosk.riders", "kiosk.scan")
"""What the station decides: functions that a test calls without a screen and without a network."""
SCREEN = ("textual", "rich", "screens")
HEAVY = ("httpx", "starlette", "uvicorn", "qrcode", "PIL")
"""Loaded only by what needs them: a station starts without."""
LATER = (
    "isal",
    *HEAVY,
    *("pypinyin", "playhouse.migrations"),
    *("kiosk.errands", "kiosk.imports", "kiosk.printing", "kiosk.sync.enrol", "kiosk.hub.app", "kiosk.reading.exports"),
    *("devices.printer", "devices.rig"),
    *("screens.home", "screens.charging", "screens.reading", "screens.points", "screens.card", "screens.my_data"),
    *("screens.enrol", "screens.login", "screens.pinyin", "screens.staff_page", "screens.demo"),
)
"""What the first frame does not wait for."""
FIRST_FRAME = ("kiosk.cli", "kiosk.commands.run", "screens.runner")
"""What `kiosk run` loads before it draws."""


@lru_cache
def loaded_by(*modules: str) -> frozenset[str]:
    """Names of all modules in a fresh process that imported these."""
    imports = "; ".join(f"import {module}" for module in modules)
    said = subprocess.run(
        [sys.executable, "-c", f"{imports}; import json, sys; print(json.dumps(sorted(sys.modules)))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    return frozenset(json.loads(said))


@pytest.mark.parametrize("unwanted", [*SCREEN, *HEAVY])
def test_neither_rules_nor_station_load_a_screen_or_anything_heavy(unwanted: str) -> None:
    assert unwanted not in loaded_by(*RULES, "kiosk.station")


@pytest.mark.parametrize("unwanted", LATER)
def test_the_first_frame_waits_for_nothing_that_is_needed_later(unwanted: str) -> None:
    assert unwanted not in loaded_by(*FIRST_FRAME)


def test_the_first_frame_waits_for_no_data_class_that_a_struct_can_be() -> None:
    """One that leaves a field out of its repr or its comparison has to be a data class."""
    ours = [name for name in loaded_by(*FIRST_FRAME) if name.split(".")[0] in {"kiosk", "screens"}]
    slow = [
        f"{name}.{value.__name__}"
        for name in ours
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and value.__module__ == name and is_dataclass(value)
        if all(field.repr and field.compare for field in fields(value))
    ]
    assert slow == []


@pytest.mark.parametrize("unwanted", ["textual", "httpx", "starlette", "qrcode", "PIL"])
def test_a_command_line_that_is_only_read_loads_nothing_heavy(unwanted: str) -> None:
    assert unwanted not in loaded_by("kiosk.cli")


@pytest.mark.parametrize("unwanted", ["kiosk", "serial", "msgspec", "nacl", "textual"])
def test_the_tables_know_nobody(unwanted: str) -> None:
    assert unwanted not in loaded_by("models")


@pytest.mark.parametrize("unwanted", ["kiosk", "models", "peewee", "textual", "httpx"])
def test_the_devices_know_nobody(unwanted: str) -> None:
    assert unwanted not in loaded_by("devices", "devices.rig")


@lru_cache
def tracked_files() -> tuple[Path, ...]:
    """The project's own files, without pictures and compiled catalogues."""
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    if said.returncode != 0:
        pytest.skip("this is no git checkout, so there is no list of the project's files")
    paths = (ROOT / name for name in said.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file() and path.suffix not in {".png", ".mo", ".svg"})


def places_of(pattern: str) -> list[str]:
    """Where a pattern stands in the project's files, but for this one."""
    wanted = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(line)
    ]


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    assert places_of(r"(?<![\w.])/(root|work|home/\w+|Users/\w+)(/|\b)") == []


def test_no_file_names_a_package_registry() -> None:
    assert places_of(r"(pypi\.org|pythonhosted|deb\.debian\.org|npmjs\.|--index-url|--extra-index|--find-links)") == []


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@lru_cache
def constrained() -> dict[str, str]:
    """Versions in constraints.txt by distribution."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {normal(name): version for name, version in (line.split("==") for line in lines if line[0] != "#")}


@lru_cache
def declared() -> frozenset[str]:
    """Distributions that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    return frozenset(normal(re.split(r"[<>=!~\[; ]", text)[0]) for text in wanted)


def test_every_declared_dependency_has_its_version() -> None:
    assert declared() - set(constrained()) == set()


def test_every_constraint_is_a_plain_version() -> None:
    assert all(re.fullmatch(r"[0-9][0-9a-z.]*", version) for version in constrained().values())


def test_every_declared_dependency_is_explained() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {normal(name) for name in re.findall(r"^\| \[?([A-Za-z0-9_.-]+)", text, flags=re.MULTILINE)}
    assert declared() - explained == set()


def make_targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/dependencies.md"])
def test_every_make_target_that_is_written_about_exists(document: str) -> None:
    named = set(re.findall(r"`?make ([a-z]+)`", (ROOT / document).read_text(encoding="utf-8")))
    assert named - make_targets() == set()


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md"])
def test_the_two_commands_stand_at_the_readmes_beginning(document: str) -> None:
    beginning = (ROOT / document).read_text(encoding="utf-8")[:1500]
    assert "make demo" in beginning
    assert "make test" in beginning


def test_every_kiosk_command_that_is_written_about_exists() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "kiosk.cli", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    documents = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/installation.md")
    named = {
        name
        for document in documents
        for name in re.findall(r"(?:`|bin/)kiosk ([a-z]+)", (ROOT / document).read_text(encoding="utf-8"))
    }
    assert {name for name in named if not re.search(rf"^ +{name}\b", asked, flags=re.MULTILINE)} == set()


def test_the_documents_link_only_to_files_that_are_there() -> None:
    dead = [
        f"{document.relative_to(ROOT)} -> {target}"
        for document in tracked_files()
        if document.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert dead == []
