"""What every test gets without asking."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.helpers.postgres import Databases


SELDOM: Final = (50_000, 5, 5)
"""When garbage is looked for: after objects for about one app more, and through all of it after 25 apps or so."""


def pytest_collection_finish() -> None:
    """Keep modules and collected tests out of garbage collections, which come seldom, as at the station."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


@pytest.fixture(autouse=True)
def _boxes_are_closed() -> Iterator[None]:
    """Close the databases of boxes that a test made; tests that make none do not pay for the import."""
    yield
    helper = sys.modules.get("tests.helpers.box")
    if helper is not None:
        helper.close_boxes()


@pytest.fixture(scope="session")
def databases() -> "Iterator[Databases]":
    """A PostgreSQL server of this process's own, for its whole run; without one the test is skipped, in CI it fails."""
    from tests.helpers.postgres import Databases, require_postgres, running_server

    require_postgres()
    quick = {
        "fsync": "off",
        "full_page_writes": "off",
        "deadlock_timeout": "'100ms'",
    }  # killed at most, never without power
    with running_server(**quick) as server:
        yield Databases(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def hub_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a hub's database goes: a test that asks for this runs on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.db'}"
    databases: Databases = request.getfixturevalue("databases")
    return databases.wiped()
