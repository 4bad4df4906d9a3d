"""What is heard at the counter: short WAV files, made here, handed to the player that the settings name."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk.views import (
    CheckedIn,
    LoanRefused,
    Outcome,
    ParcelOutcome,
    ParcelRefusal,
    ParcelScanned,
    Returned,
    ScanRefused,
    Sound,
    StationTrouble,
    TitleFound,
    TitleView,
)

log = logging.getLogger(__name__)

RATE: Final = 16_000
"""Samples a second of the files, mono, 16 bits."""
LONGEST_S: Final = 5.0
"""A player that has not ended by then hangs."""

TONES: Final[Mapping[Sound, Sequence[tuple[int, float]]]] = {
    Sound.GOOD: ((880, 0.09), (1320, 0.16)),
    Sound.ALREADY: ((880, 0.09), (880, 0.09)),
    Sound.CAREFUL: ((660, 0.14), (0, 0.06), (660, 0.14)),
    Sound.REFUSED: ((330, 0.30), (0, 0.05), (247, 0.35)),
    Sound.ATTENTION: ((1046, 0.10), (0, 0.05), (1318, 0.10), (0, 0.05), (1568, 0.20)),
}
"""Frequency (Hz, 0 is silence) and length (s) of each tone: higher is well, lower is not, and their number tells the
five apart for who does not hear the pitch."""


def sound_of(outcome: Outcome) -> Sound:
    """What is heard of an outcome."""
    match outcome:
        case CheckedIn():
            return _of_greeting(outcome)
        case LoanRefused(is_own=True) | Returned(was_on_loan=False) | TitleFound(title=None | TitleView(available=0)):
            return Sound.CAREFUL
        case ParcelScanned(ParcelOutcome(refusal=ParcelRefusal.NOT_IDENTIFIED)):
            return Sound.CAREFUL
        case ParcelScanned(ParcelOutcome(refusal=ParcelRefusal())):
            return Sound.REFUSED
        case ScanRefused() | LoanRefused() | StationTrouble():
            return Sound.REFUSED
        case _:
            return Sound.GOOD


def _of_greeting(outcome: CheckedIn) -> Sound:
    if outcome.notes:
        return Sound.ATTENTION
    if outcome.outside or not outcome.rider.verified or not outcome.clock_trusted:
        return Sound.CAREFUL
    return Sound.ALREADY if outcome.already or outcome.repeated else Sound.GOOD


def waveform(sound: Sound) -> bytes:
    """A sound as samples; each tone swells and fades for 8 ms, so that nothing clicks."""
    import math  # noqa: PLC0415 - made once, long after the start
    from array import array  # noqa: PLC0415

    samples = array("h")
    for hertz, seconds in TONES[sound]:
        count, edge = int(RATE * seconds), RATE * 0.008
        for place in range(count):
            swell = min(1.0, place / edge, (count - place) / edge)
            samples.append(int(12_000 * swell * math.sin(2 * math.pi * hertz * place / RATE)))
    return samples.tobytes()


def write_wav(sound: Sound, path: Path) -> None:
    """Write a sound as a WAV file."""
    import wave  # noqa: PLC0415 - made once, long after the start

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(waveform(sound))


class Speaker:
    """Plays sounds one at a time; a new one cuts the one before off. Nobody ever waits for it, and no error leaves it.

    Args:
        player: the command; the file's path is added. None plays nothing.
        folder: where the WAV files are kept, once they are made.
    """

    def __init__(self, player: Sequence[str], folder: Path) -> None:
        self._player = tuple(player)
        self._folder = folder
        self._playing: asyncio.Task[None] | None = None
        self._told = False

    def play(self, sound: Sound) -> None:
        """Begin to play a sound; on the loop."""
        if self._player:
            before = self._playing
            if before is not None:
                before.cancel()
            self._playing = asyncio.create_task(self._play(sound), name="sound")

    async def close(self) -> None:
        """End what is heard."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait((self._playing,))

    async def _play(self, sound: Sound) -> None:
        try:
            path = await asyncio.to_thread(self._file, sound)
            process = await asyncio.create_subprocess_exec(
                *self._player,
                str(path),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            self._tell_once(f"cannot be started: {error.strerror}")
            return
        try:
            async with asyncio.timeout(LONGEST_S):  # not `wait_for`, which may not hear that the station ends
                code = await process.wait()
        except TimeoutError:
            self._tell_once(f"has not ended within {LONGEST_S:.0f} s")
        else:
            if code:
                self._tell_once(f"ended with {code}")
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await asyncio.shield(process.wait())

    def _file(self, sound: Sound) -> Path:
        path = self._folder / f"{sound.value}.wav"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = path.with_suffix(".new")
            write_wav(sound, made)
            made.replace(path)
        return path

    def _tell_once(self, what: str) -> None:
        if not self._told:
            self._told = True
            log.warning("the player of sound.player, %s, %s; this is told once", self._player[0], what)
