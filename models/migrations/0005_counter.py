"""Notes for riders, hours of check-ins, volunteers' shifts and acts. Frozen: later changes are later migrations."""

STATEMENTS = (
    'ALTER TABLE "checkin" ADD COLUMN "outside" INTEGER',
    'ALTER TABLE "volunteer" ADD COLUMN "pin_event" TEXT',
    'ALTER TABLE "volunteer" ADD COLUMN "revoked_at" TEXT',
    'CREATE TABLE "rider_note" ("id" TEXT NOT NULL PRIMARY KEY, "rider" TEXT NOT NULL, "at" TEXT NOT NULL, "origin" TEXT NOT NULL, "author" TEXT NOT NULL, "event" TEXT NOT NULL, "phrase" TEXT, "once" INTEGER NOT NULL, "shown_at" TEXT, "ended_at" TEXT)',
    'CREATE INDEX "rider_note_rider_ended_at" ON "rider_note" ("rider", "ended_at")',
    'CREATE TABLE "shift" ("id" TEXT NOT NULL PRIMARY KEY, "volunteer" TEXT NOT NULL, "origin" TEXT NOT NULL, "started_at" TEXT NOT NULL, "ends_at" TEXT NOT NULL, "ended_at" TEXT, "end" TEXT)',
    'CREATE INDEX "shift_origin_ended_at" ON "shift" ("origin", "ended_at")',
    'CREATE INDEX "shift_volunteer_ended_at" ON "shift" ("volunteer", "ended_at")',
    'CREATE TABLE "entry_code" ("volunteer" TEXT NOT NULL PRIMARY KEY, "verifier" TEXT NOT NULL, "wrong" INTEGER NOT NULL, "boot" TEXT NOT NULL, "ends" REAL NOT NULL)',
    'CREATE TABLE "act" ("arrival" INTEGER NOT NULL PRIMARY KEY, "origin" TEXT NOT NULL, "at" TEXT NOT NULL, "actor" TEXT NOT NULL)',
    'CREATE INDEX "act_origin_at" ON "act" ("origin", "at")',
    """
    INSERT INTO "act" ("arrival", "origin", "at", "actor")
    SELECT "arrival", "origin", json_extract("text", '$.at'), json_extract("text", '$.actor')
    FROM (SELECT "arrival", "origin", CAST("envelope" AS TEXT) AS "text" FROM "event")
    WHERE json_valid("text")
    AND (json_extract("text", '$.actor') = 'cli' OR json_extract("text", '$.actor') LIKE 'volunteer:%')
    """,
)
"""The last one lists the acts of events that are there already; damaged ones are no acts."""


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
