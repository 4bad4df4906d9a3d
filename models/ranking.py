"""The quarter's ranking, and who lets it name them."""

import peewee as pw

from models.base import Projection


class RankingRow(Projection):
    """A ranking that the hub published and did not withdraw."""

    id = pw.TextField(primary_key=True)
    """`<year>-Q<quarter>`: the greatest is the newest quarter."""
    published = pw.TextField()
    """Civil day, ISO date."""

    class Meta:
        """One row a quarter."""

        table_name = "ranking"


class RankingPlaceRow(Projection):
    """One place of a ranking. Names stand in the enrolments' records alone."""

    ranking = pw.TextField()
    rider = pw.TextField()
    place = pw.IntegerField()
    """1, 2, ...; riders with the same points share one."""
    half_points = pw.IntegerField()
    """Of the quarter, in half points."""

    class Meta:
        """One row a rider and quarter."""

        table_name = "ranking_place"
        primary_key = pw.CompositeKey("ranking", "rider")


class RankingConsentRow(Projection):
    """What a rider last said about being named; without a row the answer is no."""

    rider = pw.TextField(primary_key=True)
    agreed = pw.BooleanField()

    class Meta:
        """One row a rider who was asked."""

        table_name = "ranking_consent"
