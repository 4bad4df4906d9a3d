"""The fake station's privacy desk: answers what a test put in."""

from datetime import datetime

from msgspec.structs import replace

from kiosk.views import RiderView
from kiosk.views.privacy import ErasureOutcome, NameOutcome, StoredKind, StoredLine, StoredView, UnseenPage


class FakePrivacy:
    """Satisfies `PrivacyFace`.

    Args:
        asked: where calls are kept.
        rider: whose data.
        now: local time.
    """

    def __init__(self, asked: list[tuple[str, ...]], rider: RiderView, now: datetime) -> None:
        self._asked = asked
        today = now.date()
        counts = (1, 1, 1, 2, 231, 88, 14, 3, 226, 1, 2, 1)
        lines = zip(StoredKind, counts, strict=True)
        undated = (StoredKind.PIN, StoredKind.CONSENTS)
        self.view: StoredView | None = StoredView(
            rider, tuple(StoredLine(kind, n, None if kind in undated else today) for kind, n in lines)
        )
        self.names: list[NameOutcome] = []
        self.erasures: list[ErasureOutcome] = []
        self.unseen_pages: list[UnseenPage] = []

    async def stored(self) -> StoredView | None:
        """What is kept about the visitor."""
        return self.view

    async def name(self, pin: str) -> NameOutcome:
        """The next of `names`."""
        self._asked.append(("own_name", pin))
        return self.names.pop(0)

    async def erase(self, pin: str) -> ErasureOutcome:
        """The next of `erasures`."""
        self._asked.append(("erase_me", pin))
        return self.erasures.pop(0)

    async def keep(self) -> StoredView | None:
        """The visitor would rather stay."""
        self._asked.append(("keep_me",))
        if self.view is not None:
            self.view = replace(self.view, asked_at=None)
        return self.view

    async def stored_of(self, rider_id: str) -> StoredView | None:
        """What is kept about a rider."""
        self._asked.append(("stored_of", rider_id))
        return self.view

    async def unseen(self, after: int) -> UnseenPage:
        """The next of `unseen_pages`; without any, nobody."""
        self._asked.append(("unseen", str(after)))
        return self.unseen_pages.pop(0) if self.unseen_pages else UnseenPage((), None)

    async def erase_for(self, rider_id: str) -> ErasureOutcome:
        """The next of `erasures`."""
        self._asked.append(("erase_for", rider_id))
        return self.erasures.pop(0)
