"""Riders who were told "already today" of another station's check-in. Frozen: later changes are later migrations."""

STATEMENTS = (
    (
        'CREATE TABLE "checkin_answered" ("visit" TEXT NOT NULL PRIMARY KEY, "checkin" TEXT NOT NULL, '
        '"rider" TEXT NOT NULL, "day" TEXT NOT NULL, "card" TEXT NOT NULL, "at" TEXT NOT NULL, '
        '"outside" INTEGER NOT NULL)'
    ),
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
