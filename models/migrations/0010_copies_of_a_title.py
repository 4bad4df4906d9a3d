"""The copies of one title at one station, found by one index. Frozen: later changes are later migrations."""

STATEMENTS = (
    'DROP INDEX "copy_title"',
    'CREATE INDEX "copy_title_station" ON "copy" ("title", "station")',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
