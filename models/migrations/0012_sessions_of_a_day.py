"""The sessions of a day are found by one index. Frozen: later changes are later migrations."""

STATEMENTS = ('CREATE INDEX "charging_session_origin_ended_at" ON "charging_session" ("origin", "ended_at")',)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
