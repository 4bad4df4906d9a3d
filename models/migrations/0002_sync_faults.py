"""What sync keeps about restored hubs and copied disks. Frozen: later changes are later migrations."""

STATEMENTS = (
    'ALTER TABLE "sync_state" ADD COLUMN "cursor_at" TEXT',
    'ALTER TABLE "sync_state" ADD COLUMN "hub_version" TEXT',
    'CREATE TABLE "sync_alarm" ("kind" TEXT NOT NULL PRIMARY KEY, "since" TEXT, "at" TEXT NOT NULL)',
    'CREATE TABLE "sync_hub_event" ("event" TEXT NOT NULL PRIMARY KEY, "signature" TEXT NOT NULL, "epoch" TEXT NOT NULL)',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
