"""What the hub tells stations about the sync itself."""

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer


class BoxRevoked(msgspec.Struct, frozen=True, kw_only=True):
    """The hub refuses a box from now on; subject `box:<origin>`.

    An event, so that a hub restored from a backup is told again by the boxes whom it must refuse.
    """

    station: str
    """The station's code."""


def _revoked(event: Event, body: BoxRevoked) -> None:
    """Nothing in a station's tables follows from it."""


FEATURE = Feature(kinds=(Kind("box.revoked", BoxRevoked, Writer.HUB, Scope.AREA, _revoked),))
