"""What is told of an error: enough for a repairer, nothing of a person.

A traceback's local variables hold names and phone numbers, and standard error *is* the public screen; so an error goes
to the log as its type and its places in the code alone.
"""

import logging
import traceback
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

log = logging.getLogger(__name__)


class ScreenEnd(StrEnum):
    """Why the screen ended; the station's runner decides by it."""

    CLOSED = "closed"
    """Somebody who may asked for it (a signal, the runner)."""
    CRASHED = "crashed"
    """An error that nobody caught: start the screen anew; the station goes on."""


def places(error: BaseException) -> str:
    """Where an error went through, innermost last: `file.py:line function`, without values or local variables."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames) or "no frames"


def report(error: BaseException, doing: str) -> str:
    """Log an error without its message, for a message may quote what a person typed.

    Args:
        error: what went wrong; its causes are logged as well.
        doing: what was being done, in fixed words.

    Returns:
        A short id under which it stands in the log.
    """
    log_id = uuid4().hex[:6].upper()
    cause: BaseException | None = error
    while cause is not None:
        log.error("%s: %s in %s [%s]", doing, type(cause).__qualname__, places(cause), log_id)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return log_id
