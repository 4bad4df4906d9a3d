"""What the hub was told stands in a table of its own. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "outbox" ("arrival" INTEGER NOT NULL PRIMARY KEY, "aside" INTEGER NOT NULL)',
    (
        'INSERT INTO "outbox" ("arrival", "aside") SELECT "arrival", "upstream" = \'quarantined\' FROM "event" '
        "WHERE \"upstream\" IN ('pending', 'quarantined')"
    ),
    'DROP INDEX "event_upstream_arrival"',
    'ALTER TABLE "event" RENAME COLUMN "upstream" TO "here"',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
