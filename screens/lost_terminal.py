"""A terminal that goes away must not hold up the station.

Textual writes to the terminal from a thread of its own, over a queue of 30 texts. When the terminal is gone the thread
dies of its first error; then the queue fills, and the next write waits for ever, on the station's own loop. Seen in
Textual 8.2.8: a window that died left a station that renewed nothing, answered nothing and did not end.
"""

import logging

from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread

log = logging.getLogger(__name__)


class SurvivingWriter(WriterThread):
    """Writes as Textual's does; once the terminal is gone it takes every text and drops it."""

    def run(self) -> None:
        """Write until told to stop."""
        try:
            super().run()
        except OSError as error:
            log.error("the terminal cannot be written to: %s", type(error).__name__)
            while self._queue.get() is not None:
                pass


def survive_lost_terminals() -> None:
    """Have every app of this process write so; once is enough, and again does nothing."""
    linux_driver.WriterThread = SurvivingWriter  # type: ignore[attr-defined]
