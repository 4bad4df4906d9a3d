"""Bringing a database file to this version's schema, by numbered migrations."""

from pathlib import Path

import peewee as pw

from models.base import Local, Store

MIGRATIONS = Path(__file__).with_name("migrations")


class MigrationRow(Local):
    """A migration that this database has had; the table is the migration runner's own."""

    name = pw.CharField(unique=True)
    applied = pw.DateTimeField()

    class Meta:
        """As `playhouse.migrations` names it."""

        table_name = "schema_migration"


class NewerDatabaseError(Exception):
    """The database was written by a newer version of the software."""


def known_migrations() -> list[str]:
    """The names of this version's migrations, in order."""
    return sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def applied_migrations(store: Store) -> list[str]:
    """The names of the migrations that the database has had, in order."""
    with store.use() as database:
        if not database.table_exists("schema_migration"):
            return []
        return sorted(row.name for row in MigrationRow.select())


def check_not_newer(store: Store) -> None:
    """Refuse a database that this version does not understand.

    Raises:
        NewerDatabaseError: naming the migrations that this version lacks.
    """
    unknown = sorted(set(applied_migrations(store)) - set(known_migrations()))
    if unknown:
        raise NewerDatabaseError(
            f"The database {store.path} was written by a newer version of this software (it has {', '.join(unknown)}, "
            f"this version knows up to {known_migrations()[-1]}). Install that version; nothing was changed."
        )


def upgrade(store: Store) -> list[str]:
    """Apply the migrations that the database lacks, each in a transaction of its own.

    Returns:
        The names applied now.

    Raises:
        NewerDatabaseError: the database is newer than this software.
    """
    check_not_newer(store)
    if applied_migrations(store) == known_migrations():
        return []  # the usual start does not pay for importing the runner
    from playhouse.migrations import Runner  # noqa: PLC0415

    with store.use() as database:
        return [str(name) for name in Runner(database, str(MIGRATIONS)).up()]
