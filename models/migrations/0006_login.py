"""Phone and PIN, and the consent text accepted on the screen. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "rider_pin" ("rider" TEXT NOT NULL PRIMARY KEY, "event" TEXT NOT NULL)',
    'CREATE TABLE "rider_consent" ("rider" TEXT NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL)',
    'CREATE TABLE "login_tries" ("key" TEXT NOT NULL PRIMARY KEY, "wrong" INTEGER NOT NULL, "rounds" INTEGER NOT NULL, "day" TEXT NOT NULL, "locked_until" TEXT, "lock_boot" TEXT NOT NULL, "lock_ends" REAL NOT NULL)',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
