"""Issuing keys that the hub called back, and the cards that stay good. Frozen: later changes are later migrations."""

STATEMENTS = (
    'CREATE TABLE "issuer_revoked" ("key_id" TEXT NOT NULL PRIMARY KEY, "reason" TEXT NOT NULL)',
    'CREATE TABLE "issuer_vouched" ("key_id" TEXT NOT NULL, "card" TEXT NOT NULL, PRIMARY KEY ("key_id", "card"))',
)


def up(migrator, db):  # noqa: ARG001 - the runner calls it so
    for statement in STATEMENTS:
        db.execute_sql(statement)
