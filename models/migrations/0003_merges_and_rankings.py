"""Riders enrolled twice, the quarter's ranking, and who lets it name them. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "ranking" ("id" TEXT NOT NULL PRIMARY KEY, "published" TEXT NOT NULL)',
    'CREATE TABLE "ranking_consent" ("rider" TEXT NOT NULL PRIMARY KEY, "agreed" INTEGER NOT NULL)',
    'CREATE TABLE "ranking_place" ("ranking" TEXT NOT NULL, "rider" TEXT NOT NULL, "place" INTEGER NOT NULL, "half_points" INTEGER NOT NULL, PRIMARY KEY ("ranking", "rider"))',
    'CREATE TABLE "rider_alias" ("rider" TEXT NOT NULL PRIMARY KEY, "into" TEXT NOT NULL)',
    'CREATE INDEX "rider_alias_into" ON "rider_alias" ("into")',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
