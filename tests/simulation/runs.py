"""One run from its seed."""

import tempfile
from functools import cache, partial
from pathlib import Path
from random import Random

import kiosk.station  # noqa: F401 - loads every feature's tables, as a station does
from models.base import Store
from tests.simulation.seeded import run_alone, seeded
from tests.simulation.world import Story, World

MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one: thousands of runs need not wear out a disk


class FailedRunError(Exception):
    """A run in which something that must hold did not; the message says how to see it again.

    Args:
        seed: of the run.
        trace: what had happened.
        cause: what did not hold.
        told: the run was a story that a test tells, and chance did not decide.
    """

    def __init__(self, seed: int, trace: list[str], cause: BaseException, *, told: bool) -> None:
        again = "\n".join(trace) if told else f"see it again with: .venv/bin/python -m tests.simulation {seed}"
        super().__init__(f"seed {seed}: {type(cause).__name__}: {cause}\n{again}")
        self.seed = seed
        self.trace = trace


def run(seed: int, story: Story | None = None) -> list[str]:
    """Run a seed, or a story; its trace.

    Args:
        seed: decides everything that nobody else does.
        story: what happens; by default chance decides.

    Raises:
        FailedRunError: something that must hold does not.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        file = folder / "template.db"
        file.write_bytes(template())
        world = World(seed, folder, file)
        try:
            with seeded(Random(f"code {seed}"), world.time):  # noqa: S311 - as the world's own
                run_alone(partial(world.run, story), world.time)
        except Exception as error:
            raise FailedRunError(seed, world.trace, error, told=story is not None) from error
        return world.trace


@cache
def template() -> bytes:
    """A station's database with its tables and nothing in them."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "template.db"
        store = Store(file)
        store.create_tables()
        store.close()
        return file.read_bytes()
