"""What commands share: settings, errors as sentences, and doing a thing wherever the writer is."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.control import Arguments, ControlError, NotRunningError, call
from kiosk.folder import DataFolder, NotInitialisedError, box_for_command
from kiosk.identity.keys import KeysError
from kiosk.journal import NoJournalError
from kiosk.settings import Settings, load_settings
from kiosk.system.lock import FolderInUseError
from models.schema import NewerDatabaseError

DONE = 0
FAILED = 1
WRONG_USE = 2

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name
else:
    Subparsers = argparse._SubParsersAction  # noqa: SLF001 - not generic at run time

COMMAND_ERRORS = (
    ControlError,
    FolderInUseError,
    KeysError,
    NewerDatabaseError,
    NoJournalError,
    NotInitialisedError,
    NotRunningError,
)
"""Errors whose message is the sentence for the person at the command line."""


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings that `--config` names.

    Raises:
        SettingsError: with every mistake in them.
    """
    return load_settings(Path(arguments.config))


def say_error(message: object) -> int:
    """Print a sentence on standard error; the exit code for "failed"."""
    print(message, file=sys.stderr)
    return FAILED


class UntoldError(Exception):
    """Standard output takes no more: whoever read it has gone, as `head` does, or it is a file on a full disk."""

    @property
    def reader_left(self) -> bool:
        """Whether nobody reads any more, so that there is nobody to tell."""
        return isinstance(self.__cause__, BrokenPipeError)


def say(message: object) -> None:
    """Print a line on standard output.

    Raises:
        UntoldError: it cannot be written.
    """
    with _telling():
        print(message, flush=True)


def typed_answer(question: str) -> str:
    """What somebody types in answer; nothing when nobody can, as without a terminal."""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def say_bytes(data: bytes) -> None:
    """Write bytes to standard output as they are.

    Raises:
        UntoldError: they cannot be written.
    """
    with _telling():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # What is still in the buffer goes nowhere: at its end the interpreter would try, and complain, once more.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        raise UntoldError(f"The output cannot be written: {error.strerror}.") from error


def at_the_writer(settings: Settings, operation: str, arguments: Arguments) -> object:
    """Do an operation in the running station, or, when none runs, here with the folder's lock.

    Raises:
        ControlError: it was refused.
        NotInitialisedError: there is no station yet.
        FolderInUseError: another command holds the folder.
    """
    folder = DataFolder.of(settings)
    folder.check()
    try:
        return call(folder.path, operation, **arguments)
    except NotRunningError:
        from kiosk.errands import perform

        with box_for_command(settings, f"`kiosk {operation}`") as box:
            return perform(operation, box, arguments)


Handler = Callable[[argparse.Namespace], int]
