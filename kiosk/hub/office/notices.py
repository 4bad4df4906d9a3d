"""Notices that the hub has published."""

from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from kiosk.board import NoticePublished
from kiosk.hub.office.deeds import Act, OfficeError, decided, there
from kiosk.hub.office.reading import said
from kiosk.hub.store import HubStore


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice, as it was published last."""

    id: str
    notice: NoticePublished


def notices(store: HubStore, area: str) -> list[NoticeLine]:
    """All notices of an area, the newest first.

    Raises:
        OfficeError: there is no such area.
    """
    with store.reading():
        return _notices(there(area))


def end(store: HubStore, area: str, notice: str, today: date) -> None:
    """Take a notice off every screen: it is published again, with yesterday as its last day.

    Raises:
        OfficeError: there is no such area or notice.
    """

    def plan() -> tuple[None, list[Act]]:
        found = next((line for line in _notices(area) if line.id == notice), None)
        if found is None:
            raise OfficeError(f"There is no notice {notice} in the area {area}.")
        body = msgspec.structs.replace(found.notice, until=today - timedelta(days=1))
        return None, [(body, f"notice:{notice}")]

    decided(store, area, plan)


def _notices(area: str) -> list[NoticeLine]:
    found: dict[str, NoticePublished] = {}
    for one in said(area, (NoticePublished,)):
        if isinstance(one.body, NoticePublished):
            found.pop(one.event.subject_id, None)
            found[one.event.subject_id] = one.body
    return [NoticeLine(notice, body) for notice, body in reversed(found.items())]
