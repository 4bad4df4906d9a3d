"""A terminal that is gone holds nobody up."""

import io
from typing import NoReturn

import pytest
from textual.drivers import linux_driver

from screens.app import KioskApp
from screens.lost_terminal import SurvivingWriter

pytestmark = pytest.mark.real_time

MORE_THAN_THE_QUEUE_HOLDS = 100


class Gone(io.StringIO):
    """A terminal whose window has died."""

    def write(self, _: str) -> NoReturn:
        """As the kernel answers then."""
        raise OSError(5, "Input/output error")


def test_whatever_is_written_to_a_dead_terminal_is_dropped_and_nobody_waits() -> None:
    writer = SurvivingWriter(Gone())
    writer.start()
    for _ in range(MORE_THAN_THE_QUEUE_HOLDS):
        writer.write("a frame")
    writer.stop()
    assert not writer.is_alive()


def test_a_living_terminal_gets_every_text() -> None:
    terminal = io.StringIO()
    writer = SurvivingWriter(terminal)
    writer.start()
    for _ in range(MORE_THAN_THE_QUEUE_HOLDS):
        writer.write("a")
    writer.stop()
    assert terminal.getvalue() == "a" * MORE_THAN_THE_QUEUE_HOLDS


def test_the_stations_app_writes_so(app: KioskApp) -> None:
    assert app is not None
    assert vars(linux_driver)["WriterThread"] is SurvivingWriter
