"""What every test gets without asking."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _boxes_are_closed() -> Iterator[None]:
    """Close the databases of boxes that a test made; tests that make none do not pay for the import."""
    yield
    helper = sys.modules.get("tests.helpers.box")
    if helper is not None:
        helper.close_boxes()
