"""Search keys, holds, copies in transit or out of order, stocktaking, known ISBNs. Frozen: later changes come later."""

STATEMENTS = (
    'CREATE TABLE "book_hold" ("id" TEXT NOT NULL PRIMARY KEY, "rider" TEXT NOT NULL, "title" TEXT NOT NULL, "station" TEXT NOT NULL, "lamport" INTEGER NOT NULL, "day" TEXT NOT NULL, "state" TEXT NOT NULL, "label" TEXT, "until" TEXT, "reason" TEXT)',
    'CREATE INDEX "book_hold_label_state" ON "book_hold" ("label", "state")',
    'CREATE INDEX "book_hold_rider_state" ON "book_hold" ("rider", "state")',
    'CREATE INDEX "book_hold_station_state" ON "book_hold" ("station", "state")',
    'CREATE INDEX "book_hold_title_state" ON "book_hold" ("title", "state")',
    'CREATE TABLE "copy_state" ("label" TEXT NOT NULL PRIMARY KEY, "condition" TEXT NOT NULL, "place" TEXT NOT NULL, "day" TEXT NOT NULL)',
    'CREATE INDEX "copy_state_condition" ON "copy_state" ("condition")',
    'CREATE INDEX "copy_state_place" ON "copy_state" ("place")',
    'CREATE TABLE "known_isbn" ("isbn" TEXT NOT NULL PRIMARY KEY, "title" TEXT NOT NULL, "author" TEXT NOT NULL, "keys" TEXT NOT NULL)',
    'CREATE TABLE "stocktake" ("id" TEXT NOT NULL PRIMARY KEY, "station" TEXT NOT NULL, "shelf" TEXT NOT NULL, "day" TEXT NOT NULL, "closed_day" TEXT, "expected" INTEGER NOT NULL, "seen" INTEGER NOT NULL, "missing" INTEGER NOT NULL)',
    'CREATE INDEX "stocktake_station_closed_day" ON "stocktake" ("station", "closed_day")',
    'CREATE TABLE "stocktake_scan" ("stocktake" TEXT NOT NULL, "label" TEXT NOT NULL, PRIMARY KEY ("stocktake", "label"))',
    'CREATE TABLE "stray_return" ("event" TEXT NOT NULL PRIMARY KEY, "label" TEXT NOT NULL, "station" TEXT NOT NULL, "day" TEXT NOT NULL, "at" TEXT NOT NULL, "loan" TEXT)',
    'CREATE INDEX "stray_return_label" ON "stray_return" ("label")',
    'CREATE TABLE "title_key" ("station" TEXT NOT NULL, "digits" TEXT NOT NULL, "key" TEXT NOT NULL, "title" TEXT NOT NULL, PRIMARY KEY ("station", "digits", "key", "title"))',
    'CREATE INDEX "title_key_title" ON "title_key" ("title")',
    'ALTER TABLE "title" ADD COLUMN "material" TEXT NOT NULL DEFAULT \'book\'',
    'ALTER TABLE "title" ADD COLUMN "station" TEXT NOT NULL DEFAULT \'\'',
    'CREATE INDEX "title_station_shelf_title_id" ON "title" ("station", "shelf", "title", "id")',
    'ALTER TABLE "loan" ADD COLUMN "at" TEXT NOT NULL DEFAULT \'\'',
    'ALTER TABLE "loan" ADD COLUMN "renewals" INTEGER NOT NULL DEFAULT 0',
    # What the fold of the loans' own events would write today.
    (
        'UPDATE "loan" SET "at" = (SELECT json_extract(CAST("envelope" AS TEXT), \'$.at\') FROM "event" '
        'WHERE "event"."id" = "loan"."event") '
        'WHERE (SELECT json_extract(CAST("envelope" AS TEXT), \'$.trusted\') FROM "event" '
        'WHERE "event"."id" = "loan"."event")'
    ),
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
