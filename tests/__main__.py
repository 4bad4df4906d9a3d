"""`python -m tests`: the whole suite, as two halves that run at the same time, on two cores in all.

Tests of serial lines, leases and processes wait for real time most of the while, and a machine that is busy with others
makes them late. Tests that only compute have time. So the first, whose files carry the mark `real_time`, run at the
usual priority, and the others fill what they leave at a lower one.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
MARK: Final = "pytestmark = pytest.mark.real_time"
"""What a file says of itself, in a line of its own."""
LOW_PRIORITY: Final = 10
NOTHING_SELECTED: Final = 5
"""pytest's exit code when no test was left to run: with `-k`, one half may have none."""


def files_in_real_time() -> list[str]:
    """The files of the first half, as paths from where we run: those with few tests first, which take a minute each."""
    texts = {path: path.read_text("utf-8") for path in sorted(FOLDER.rglob("test_*.py"))}
    found = [path for path, text in texts.items() if MARK in text.splitlines()]
    return [os.path.relpath(path) for path in sorted(found, key=lambda path: texts[path].count("def test_"))]


def main(arguments: Sequence[str]) -> int:
    """Run both halves with the same arguments, the outputs one after the other; pytest's exit code of the worse.

    Args:
        arguments: pytest's own; when they name files, only these are run, together.
    """
    if any(Path(argument.partition("::")[0]).exists() for argument in arguments):
        return subprocess.run(_pytest(arguments), check=False).returncode
    first = files_in_real_time()
    with tempfile.TemporaryFile() as kept:
        computing = subprocess.Popen(
            [*_pytest(arguments), os.path.relpath(FOLDER), *(f"--ignore={path}" for path in first)],
            env=_environment(),
            stdout=kept,
            stderr=subprocess.STDOUT,
        )
        try:
            os.setpriority(os.PRIO_PROCESS, computing.pid, LOW_PRIORITY)
            waiting = subprocess.run([*_pytest(arguments), *first], env=_environment(), check=False)
            computing.wait()
        finally:
            computing.terminate()
        kept.seek(0)
        sys.stdout.buffer.write(kept.read())
    return _worse(waiting.returncode, computing.returncode)


def _pytest(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *arguments]


def _environment() -> dict[str, str]:
    """Ours, and every module is compiled once: each worker loads all the tests, and many tests start processes."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _worse(one: int, other: int) -> int:
    codes = {one, other}
    if codes == {0, NOTHING_SELECTED}:
        return 0
    return max(codes - {0}, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
