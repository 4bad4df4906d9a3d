"""One run from its seed."""

import functools
import tempfile
from pathlib import Path
from random import Random

import kiosk.station  # noqa: F401 - loads every feature's tables, as a station does
from models.base import Store
from tests.simulation.seeded import run_alone, seeded
from tests.simulation.world import World

MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one: thousands of runs need not wear out a disk


class FailedRunError(Exception):
    """A run in which something that must hold did not; the message says how to see it again.

    Args:
        seed: of the run.
        trace: what had happened.
        cause: what did not hold.
    """

    def __init__(self, seed: int, trace: list[str], cause: BaseException) -> None:
        super().__init__(
            f"seed {seed}: {type(cause).__name__}: {cause}\nsee it again with: python -m tests.simulation {seed}"
        )
        self.seed = seed
        self.trace = trace


def run(seed: int) -> list[str]:
    """Run a seed; its trace.

    Raises:
        FailedRunError: something that must hold does not.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        template = folder / "template.db"
        template.write_bytes(_template())
        world = World(seed, folder, template)
        try:
            with seeded(Random(f"code {seed}"), world.time):  # noqa: S311 - as the world's own
                run_alone(world.run)
        except Exception as error:
            raise FailedRunError(seed, world.trace, error) from error
        return world.trace


@functools.cache
def _template() -> bytes:
    """A station's database with its tables and nothing in them."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "template.db"
        store = Store(file)
        store.create_tables()
        store.close()
        return file.read_bytes()
