"""Parcels to people at home. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "parcel" ("id" TEXT NOT NULL PRIMARY KEY, "event" TEXT, "station" TEXT NOT NULL, "day" TEXT NOT NULL, "due" TEXT NOT NULL, "booklets" INTEGER NOT NULL, "labels" TEXT NOT NULL, "state" TEXT NOT NULL, "rider" TEXT, "taken_day" TEXT, "delivered_day" TEXT, "closed_day" TEXT, "confirmed_by" TEXT)',
    'CREATE INDEX "parcel_rider_state" ON "parcel" ("rider", "state")',
    'CREATE INDEX "parcel_state_due" ON "parcel" ("state", "due")',
    'CREATE TABLE "parcel_try" ("parcel" TEXT NOT NULL PRIMARY KEY, "wrong" INTEGER NOT NULL)',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
