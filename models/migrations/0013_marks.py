"""The hub's marks on events of other boxes. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "sync_mark" ("arrival" INTEGER NOT NULL PRIMARY KEY, "mark" BLOB NOT NULL, "shown" INTEGER NOT NULL)',
    'CREATE INDEX "sync_mark_shown" ON "sync_mark" ("shown")',
    'ALTER TABLE "sync_state" ADD COLUMN "pulls" INTEGER',
    'ALTER TABLE "sync_quarantine" ADD COLUMN "mark" BLOB',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
