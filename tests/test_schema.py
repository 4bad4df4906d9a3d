"""The database file: migrations make the tables that the models say, once, and never touch a newer file."""

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


def schema_of(store: Store) -> dict[str, str]:
    """Tables and indexes by name."""
    with store.use() as database:
        rows = database.execute_sql(OURS).fetchall()  # type: ignore[no-untyped-call] - peewee's stubs leave it untyped
    return {str(name): str(sql) for name, sql in rows}


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    migrated, made = Store(tmp_path / "migrated.db"), Store(None)
    upgrade(migrated)
    made.create_tables()
    assert schema_of(migrated) == schema_of(made)
    migrated.close()
    made.close()


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
    before = schema_of(store)
    with pytest.raises(NewerDatabaseError, match="newer version"):
        upgrade(store)
    assert schema_of(store) == before
    store.close()
