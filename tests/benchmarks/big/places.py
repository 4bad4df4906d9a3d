"""Where filled stations lie, and copies of them to measure."""

import os
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from kiosk.identity.keys import Keys
from tests.benchmarks.big.counts import Counts
from tests.benchmarks.big.fill import ZONE, Filled, fill
from tests.benchmarks.station import StationFolder

CODE: Final = "LX01"
"""As `StationFolder` has it in its settings."""
NOTE: Final = "filled.json"


@dataclass(frozen=True, slots=True)
class Made:
    """A filled station that is never opened itself.

    Attributes:
        folder: with its data.
        filled: what is in it.
    """

    folder: Path
    filled: Filled

    @property
    def size_mb(self) -> float:
        """Of the database, 10^6 bytes."""
        return round((self.folder / "data" / "station.db").stat().st_size / 1e6, 1)

    def copy(self, folder: Path) -> StationFolder:
        """The same station in another folder, with ports and settings of its own."""
        station = StationFolder(folder)
        shutil.copytree(self.folder / "data", folder / "data")
        os.sync()  # else a commit waits for it, seconds later: a second for one scan, where there are gigabytes
        return station


def kept(folder: Path, counts: Counts) -> Made:
    """The filled station in a folder; it is made when it is not there."""
    note = folder / NOTE
    if note.exists():
        return Made(folder, msgspec.json.decode(note.read_bytes(), type=Filled))
    print(f"filling {folder.name} ...", file=sys.stderr, flush=True)
    began = time.perf_counter()
    StationFolder(folder).make()
    data = folder / "data"
    filled = fill(data / "station.db", Keys.load(data / "keys"), counts, CODE, datetime.now(ZONE).date())
    note.write_bytes(msgspec.json.encode(filled))  # last: a run that was cut off leaves none, and says so at `mkdir`
    print(f"  {filled.events} events in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return Made(folder, filled)
