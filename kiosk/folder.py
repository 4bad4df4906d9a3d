"""The data folder: what lies where, and opening it for the one writer."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from kiosk import __version__
from kiosk.box import Box
from kiosk.features import registry
from kiosk.identity.keys import Keys
from kiosk.journal import Journal, create_journal
from kiosk.journal.envelope import new_origin
from kiosk.settings import Settings
from kiosk.system.clock import Clock, SystemClock
from kiosk.system.lock import FolderLock
from models.base import Store
from models.journal import JournalState
from models.schema import check_not_newer, upgrade


class NotInitialisedError(Exception):
    """The data folder holds no station yet; the message says what to do."""


class DataFolder(Struct, frozen=True):
    """Paths of one station's data."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "DataFolder":
        """The folder that the settings name."""
        return cls(Path(settings.station.data))

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "station.db"

    @property
    def keys(self) -> Path:
        """The folder of the keys."""
        return self.path / "keys"

    def check(self) -> None:
        """Make sure that a station lives here.

        Raises:
            NotInitialisedError: it does not.
            NewerDatabaseError: a newer version of the software wrote it.
        """
        if not self.database.exists():
            raise NotInitialisedError(f"There is no station in {self.path} yet; run `kiosk init` first.")
        store = Store(self.database, read_only=True)
        try:
            check_not_newer(store)
        finally:
            store.close()


def create_station(folder: DataFolder) -> bool:
    """Make the folder's database and keys; what is there already stays. The caller holds the lock.

    Returns:
        True when the station is new.
    """
    Keys.create(folder.keys)
    folder.database.touch(0o600)
    store = Store(folder.database)
    try:
        upgrade(store)
        with store.atomic():
            new = JournalState.get_or_none() is None
            if new:
                create_journal(new_origin())
    finally:
        store.close()
    return new


def open_box(settings: Settings, store: Store, clock: Clock) -> Box:
    """Open the journal for writing; on the thread that will use it, with the folder's lock held."""
    upgrade(store)
    store.bind_for_good()
    journal = Journal(store, registry(), clock, software=__version__)
    return Box(settings, journal, Keys.load(DataFolder.of(settings).keys))


@contextmanager
def box_for_command(settings: Settings, what: str) -> Iterator[Box]:
    """The box for a command that writes while no station runs.

    Raises:
        FolderInUseError: somebody else holds the folder.
        NotInitialisedError: there is no station yet.
        NewerDatabaseError: a newer version of the software wrote it.
    """
    folder = DataFolder.of(settings)
    folder.check()
    with FolderLock(folder.path, what):
        store = Store(folder.database)
        try:
            with store.use():
                yield open_box(settings, store, SystemClock())
        finally:
            store.close()
