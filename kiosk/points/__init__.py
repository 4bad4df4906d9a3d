"""Points: a double-entry ledger of awards and reversals, read with today's weights.

`total = (daily conduct + annual review) / 2 + bonus`: the programme weights daily conduct and annual review 1:1 to make
100, and adds public-spirit contributions on top. The ledger keeps what happened; base, weights and the 0..100 clamp are
applied when it is read, so that none of them ever rewrites an entry.

Duplicates: an award's id is made of rider, rule, civil day and n, so two stations that award the same thing offline
write the same id. An award counts when, at its place in the fold, no other award of its id stands; otherwise it is kept
as a duplicate with no postings.

Two things take an award back. `points.withdrawn` says that whoever stood at that station was not the rider: it ends
that award alone, and when it was the one that counted, the first duplicate that nobody took back counts in its place,
whatever arrived when. `points.reversed` takes the act itself back, as the hub does when a merged person had it twice:
duplicates so far stay without postings, and who thinks otherwise awards it anew, which then counts.
"""

from kiosk.points.accounts import REVERSED, award, ledger_sums_to_zero, summary, total, unbalanced, withdraw
from kiosk.points.ledger import FEATURE, PointsAwarded, PointsReversed, PointsReviewed, PointsWithdrawn, award_id
from kiosk.points.rules import RULES, RULES_VERSION, Part, Rule, RuleTable, rules_of, total_half_points

__all__ = [
    "FEATURE",
    "REVERSED",
    "RULES",
    "RULES_VERSION",
    "Part",
    "PointsAwarded",
    "PointsReversed",
    "PointsReviewed",
    "PointsWithdrawn",
    "Rule",
    "RuleTable",
    "award",
    "award_id",
    "ledger_sums_to_zero",
    "rules_of",
    "summary",
    "total",
    "total_half_points",
    "unbalanced",
    "withdraw",
]
