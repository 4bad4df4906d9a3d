"""Charging sessions: one row each, begun and ended by the stations' own rules."""

from kiosk.charging.events import SessionEnded, SessionStarted, begun, over
from kiosk.hub.people.changes import Change, Row
from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import Oddity, Told, folded
from models.charging import ChargingSessionRow
from models.hub_people import HubSession


class BegunTwiceError(Exception):
    """A session began that was there already."""


def change(chunk: Chunk, oddities: list[Oddity]) -> Change:
    """The rows of the touched sessions; what a rule refuses is added to `oddities`."""
    touched = chunk.of_type("session")
    rows: list[Row] = []
    for history in touched.values():
        found: list[ChargingSessionRow] = []
        oddities += folded(history, lambda told, found=found: _apply(found, told))  # type: ignore[misc]
        rows += [_row(session) for session in found]
    return Change(HubSession, ("session",), [(session,) for session in touched], rows)


def _apply(found: list[ChargingSessionRow], told: Told) -> None:
    if isinstance(told.body, SessionStarted):
        if found:
            raise BegunTwiceError(told.event.subject)
        found.append(begun(told.event, told.body))
    elif isinstance(told.body, SessionEnded) and found:
        over(found[0], told.event, told.body)


def _row(session: ChargingSessionRow) -> Row:
    return {
        "session": session.id,
        "origin": session.origin,
        "slot": session.slot,
        "rider": session.rider,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "wh": session.wh,
        "powered_s": session.powered_s,
        "reason": session.stop_reason,
    }
