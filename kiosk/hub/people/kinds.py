"""What the hub's people say about exceptions."""

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer


class ExceptionResolved(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has dealt with an exception; subject `exception:<id>`. The last word said holds."""

    resolution: str
    """A machine word such as "seen"; never free text, which could name people."""


def _resolved(event: Event, body: ExceptionResolved) -> None:
    """Nothing in a station's tables follows from it. Stations keep it for a hub that is restored."""


FEATURE = Feature(kinds=(Kind("exception.resolved", ExceptionResolved, Writer.HUB, Scope.AREA, _resolved),))
