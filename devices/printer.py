"""Hands bytes to an ESC/POS receipt printer on a serial port, and never waits for ever.

A printer is asked before and after how it stands (DLE EOT, "real-time status transmission" of the ESC/POS command
reference): one that is off, open or out of paper is told as a sentence instead of a slip that nobody gets.
"""

import termios
import time
from typing import Final, Literal

import serial

_STATUS: Final = b"\x10\x04\x01"
_PAPER: Final = b"\x10\x04\x04"
_FIXED_BITS: Final = 0x93
_FIXED_VALUE: Final = 0x12
"""Of every status byte: bits 0 and 7 are 0, bits 1 and 4 are 1."""
_OFFLINE: Final = 0x08
_PAPER_END: Final = 0x60
_CHUNK: Final = 256
_POLL_S: Final = 0.01


Problem = Literal["no_printer", "unreachable", "silent", "no_paper", "not_ready"]
"""What was wrong, for machines."""


class PrinterError(Exception):
    """Nothing, or not everything, was printed.

    Args:
        problem: What was wrong.
        message: A sentence for people.
    """

    def __init__(self, problem: Problem, message: str) -> None:
        super().__init__(message)
        self.problem = problem


def print_bytes(port: str, baudrate: int, data: bytes, *, within_s: float = 20.0, asks: bool = True) -> None:
    """Print; returns once the printer has taken everything. Blocks up to `within_s` and a little: not for the loop.

    Args:
        port: Path of the serial device.
        baudrate: Its rate.
        data: ESC/POS commands.
        within_s: How long everything may take.
        asks: Whether the printer is asked how it stands; False for one that cannot answer.

    Raises:
        PrinterError: What was wrong.
    """
    try:
        with serial.Serial(port, baudrate, timeout=0.5, write_timeout=within_s, exclusive=True) as line:
            try:
                _print(line, data, time.monotonic() + within_s, asks=asks)
            finally:
                # Closing waits for what was not sent; a printer that takes nothing would hold us up.
                line.reset_output_buffer()
    except serial.SerialTimeoutException:
        raise PrinterError("silent", "The printer takes nothing; is it switched on, and has it paper?") from None
    except (OSError, termios.error) as error:
        raise PrinterError("unreachable", f"The printer on {port} cannot be reached: {error}.") from None


def _print(line: serial.Serial, data: bytes, until: float, *, asks: bool) -> None:
    if asks:
        _check(line)
    for start in range(0, len(data), _CHUNK):
        line.write(data[start : start + _CHUNK])
        while line.out_waiting:
            if time.monotonic() > until:
                raise serial.SerialTimeoutException
            time.sleep(_POLL_S)
    if asks:
        _check(line)


def _check(line: serial.Serial) -> None:
    status = _ask(line, _STATUS)
    paper = _ask(line, _PAPER)
    if paper & _PAPER_END:
        raise PrinterError("no_paper", "The printer has no paper.")
    if status & _OFFLINE:
        raise PrinterError("not_ready", "The printer is not ready; is its cover closed?")


def _ask(line: serial.Serial, question: bytes) -> int:
    line.reset_input_buffer()
    line.write(question)
    answer = line.read(1)
    if not answer or answer[0] & _FIXED_BITS != _FIXED_VALUE:
        raise PrinterError("silent", "The printer does not answer; is it switched on?")
    return answer[0]
