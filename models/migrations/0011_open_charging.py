"""Open sessions and who waits are found without reading those of ten years. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE INDEX "charging_session_open" ON "charging_session" ("origin") WHERE "stop_reason" IS NULL',
    'CREATE INDEX "charging_queue_open" ON "charging_queue" ("origin") WHERE "outcome" IS NULL',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
