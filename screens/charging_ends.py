"""Which ends of sessions their riders have answered: the station tells an end until the next session."""

from typing import Final
from weakref import WeakKeyDictionary

from kiosk.views import SessionView

_ANSWERED: Final[WeakKeyDictionary[object, set[str]]] = WeakKeyDictionary()
"""By app; forgotten with it."""


def answer_end(app: object, session: SessionView) -> None:
    """The rider has read why this session ended, or said that the plug is out."""
    _ANSWERED.setdefault(app, set()).add(_key(session))


def end_is_answered(app: object, session: SessionView) -> bool:
    """Whether that was said of this session."""
    return _key(session) in _ANSWERED.get(app, set())


def _key(session: SessionView) -> str:
    return f"{session.slot} {session.started_at.isoformat()}"
