"""A whole box for tests: settings, keys, journal and all tables, on a virtual clock."""

from functools import cache
from pathlib import Path

from kiosk.box import Box
from kiosk.features import registry
from kiosk.identity.keys import Keys
from kiosk.journal import Journal, create_journal
from kiosk.journal.envelope import new_origin
from kiosk.settings import Settings, check_settings
from kiosk.system.clock import Clock
from models.base import Store, all_models
from models.journal import JournalState
from tests.helpers.clock import VirtualClock

_open_stores: list[Store] = []


def make_settings(folder: Path, code: str = "LX01", **sections: dict[str, object]) -> Settings:
    """Checked settings of a station with two slots.

    Args:
        folder: becomes `station.data`.
        code: the station's code.
        sections: further tables or keys by section name, such as `reading={"limit": 3}`.
    """
    table: dict[str, dict[str, object]] = {
        "station": {"code": code, "name": "初心驿站 · 沅江路站", "area": "luxi", "data": str(folder)},
        "scanner": {"port": "/dev/serial/by-id/usb-scanner"},
        "charging": {
            "port": "/dev/serial/by-id/usb-rs485",
            "slots": [
                {
                    "name": str(number),
                    "relay": {"driver": "waveshare", "unit": 1, "channel": number - 1},
                    "meter": {"driver": "pzem", "unit": 10 + number},
                }
                for number in (1, 2)
            ],
        },
    }
    for name, section in sections.items():
        table[name] = {**table.get(name, {}), **section}
    return check_settings(table, folder / "kiosk.toml")


def make_box(
    folder: Path,
    clock: Clock | None = None,
    code: str = "LX01",
    *,
    on_disk: bool = False,
    settings: Settings | None = None,
) -> Box:
    """A box of the station `code`, its models bound to it until another box is made.

    With several boxes in a test, do each one's work inside `with box.journal.store.use():`.

    Args:
        folder: the box lives in `folder/code`; made again with the same folder, code and `on_disk`, it is reopened.
        clock: a virtual clock, by default one of its own at 2026-11-24 12:00 Shanghai time.
        code: the station's code.
        on_disk: keep the database in the file `station.db` there instead of in memory.
        settings: other settings than `make_settings`.
    """
    home = folder / code
    home.mkdir(parents=True, exist_ok=True)
    store = Store(home / "station.db" if on_disk else None)
    _open_stores.append(store)
    store.bind_for_good()
    if on_disk:
        store.create_tables()
    else:
        _copy_empty_tables(store)
    with store.atomic():
        if JournalState.get_or_none() is None:
            create_journal(new_origin())
    journal = Journal(store, registry(), clock or VirtualClock(), software="0.0.0")
    return Box(settings or make_settings(home, code), journal, Keys.create(home / "keys"))


def _copy_empty_tables(store: Store) -> None:
    """The tables of a store in memory, from a copy: to create them takes most of the time that a box takes."""
    with store.use():
        store.connection.deserialize(_empty_tables(tuple(model._meta.table_name for model in all_models())))


@cache
def _empty_tables(names: tuple[str, ...]) -> bytes:
    """A database of these tables, all of them empty, as SQLite has it in a file."""
    store = Store(None)
    store.create_tables()
    empty = store.connection.serialize()
    store.close()
    return empty


def close_boxes() -> None:
    """Close the database of every box made since the last call."""
    while _open_stores:
        _open_stores.pop().close()
