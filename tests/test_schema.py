"""The database file: migrations make the tables that the models say, once, and never touch a newer file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import kiosk.station  # noqa: F401 - loads every feature's tables, as a station does
from models.base import Store
from models.schema import (
    MigrationRow,
    NewerDatabaseError,
    applied_migrations,
    known_migrations,
    upgrade,
)

OURS = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT IN ('test_note', 'schema_migration')"


def schema_of(path: Path) -> dict[str, str]:
    """Tables and indexes by name."""
    with closing(sqlite3.connect(path)) as database:
        return dict(database.execute(OURS).fetchall())


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    migrated, made = Store(tmp_path / "migrated.db"), Store(tmp_path / "made.db")
    upgrade(migrated)
    made.create_tables()
    migrated.close()
    made.close()
    assert schema_of(tmp_path / "migrated.db") == schema_of(tmp_path / "made.db")


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "box.db")
    assert upgrade(store) == known_migrations()
    assert upgrade(store) == []
    assert applied_migrations(store) == known_migrations()
    store.close()


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    store = Store(tmp_path / "box.db")
    upgrade(store)
    with store.atomic():
        MigrationRow.create(name="0999_from_the_future", applied="2030-01-01")
    before = schema_of(tmp_path / "box.db")
    with pytest.raises(NewerDatabaseError, match="newer version"):
        upgrade(store)
    store.close()
    assert schema_of(tmp_path / "box.db") == before
