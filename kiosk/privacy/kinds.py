"""Events about a person's wish to be erased. That it was done is `person.erased`, of the journal itself."""

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from models.privacy import ErasureRequestRow


class ErasureRequested(msgspec.Struct, frozen=True, kw_only=True):
    """A rider asked to be erased; subject `erasure:<rider>`."""

    open: list[str] = []
    """What they had to end first: values of `kiosk.views.OpenMatter`."""


class ErasureWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """The rider would rather stay; same subject."""


def _requested(event: Event, _: ErasureRequested) -> None:
    ErasureRequestRow.insert(rider=event.subject_id, at=event.at, origin=event.origin).on_conflict_replace().execute()


def _withdrawn(event: Event, _: ErasureWithdrawn) -> None:
    _clear(event.subject_id)


def _clear(rider: str) -> None:
    ErasureRequestRow.delete().where(ErasureRequestRow.rider == rider).execute()


FEATURE = Feature(
    kinds=(
        Kind("erasure.requested", ErasureRequested, Writer.STATION, Scope.AREA, _requested),
        Kind("erasure.withdrawn", ErasureWithdrawn, Writer.STATION, Scope.AREA, _withdrawn),
    ),
    clear={"erasure": _clear},
)
