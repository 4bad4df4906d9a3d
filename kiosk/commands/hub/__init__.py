"""`kiosk hub`: serve the hub, and what the county's office does there. One module a thing."""

import argparse

from kiosk.commands.common import Subparsers
from kiosk.commands.hub import (
    areas,
    cards,
    gaps,
    issuers,
    keys,
    notices,
    people,
    rankings,
    reviews,
    riders,
    serve,
    stations,
)
from kiosk.commands.hub.wiring import shared_options

THINGS = (areas, stations, riders, cards, issuers, keys, reviews, rankings, notices, gaps, people)
"""Modules whose `register(things, shared)` adds a command below `kiosk hub`."""


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk hub` and its own commands."""
    parser = subparsers.add_parser("hub", parents=parents, help="serve the hub, or do the office's work there")
    serve.register(parser)
    shared = shared_options()
    things = parser.add_subparsers(metavar="THING", help="without one: serve in the foreground")
    for module in THINGS:
        module.register(things, shared)
