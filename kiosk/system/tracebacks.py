"""An exception as type and places: what may be written down without writing down anybody's data."""

import sysconfig
import traceback
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_LIBRARIES: Final = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib"))
FRAMES: Final = 40
"""Most places written for one exception; a runaway recursion has a thousand of one kind."""


def describe(error: BaseException) -> str:
    """The exception, those that caused it, and the members of a group, each as its type and its places.

    Never the message nor a local variable: both can hold names, phone numbers and card texts.
    """
    lines: list[str] = []
    seen: set[int] = set()
    _describe(error, "", lines, seen)
    return "\n".join(lines)


def _describe(error: BaseException, indent: str, lines: list[str], seen: set[int]) -> None:
    if id(error) in seen:
        return
    seen.add(id(error))
    lines.append(f"{indent}{type(error).__module__}.{type(error).__qualname__}")
    frames = list(traceback.walk_tb(error.__traceback__))
    if len(frames) > FRAMES:
        lines.append(f"{indent}  ({len(frames) - FRAMES} outer places left out)")
    for frame, line in frames[-FRAMES:]:
        lines.append(f"{indent}  {_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_qualname}")
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            _describe(member, indent + "  ", lines, seen)
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause is not None:
        lines.append(f"{indent}from")
        _describe(cause, indent, lines, seen)


def _place(filename: str) -> str:
    """A file relative to the project or to the library that it belongs to: the same on every machine."""
    path = Path(filename)
    for root in (*_LIBRARIES, _ROOT):
        if path.is_relative_to(root):
            return str(path.relative_to(root))
    return path.name
