"""Points: a double-entry ledger of awards and reversals, read with today's weights.

`total = (daily conduct + annual review) / 2 + bonus`: the programme weights daily conduct and annual review 1:1 to make
100, and adds public-spirit contributions on top. The ledger keeps what happened; base, weights and the 0..100 clamp are
applied when it is read, so that none of them ever rewrites an entry.

Duplicates: an award's id is made of rider, rule, civil day and n, so two stations that award the same thing offline
write the same id. An award counts when, at its place in the fold, no other award of its id stands; otherwise it is kept
as a duplicate with no postings. Reversing the award that stands does not bring a duplicate to life: the duplicate was
the same act, and who thinks otherwise awards it anew, which then counts.
"""

from kiosk.points.accounts import REVERSED, award, ledger_sums_to_zero, reverse, summary, unbalanced
from kiosk.points.ledger import FEATURE, PointsAwarded, PointsReversed, PointsReviewed, award_id
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
    "Rule",
    "RuleTable",
    "award",
    "award_id",
    "ledger_sums_to_zero",
    "reverse",
    "rules_of",
    "summary",
    "total_half_points",
    "unbalanced",
]
