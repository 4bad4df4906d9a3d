"""Who asked to be erased. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "erasure_request" ("rider" TEXT NOT NULL PRIMARY KEY, "at" TEXT NOT NULL, "origin" TEXT NOT NULL)',
    'CREATE INDEX "erasure_request_origin" ON "erasure_request" ("origin")',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
