"""What the volunteers' board says of the sync: one state, why, what to do, and what a person must see to."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Final

from msgspec import Struct

from kiosk.system.clock import Clock
from kiosk.views import Health, SyncView
from screens.language import N_, _, n_
from screens.theme import Look
from screens.words import SYNC_PROBLEMS, age


class SyncState(Enum):
    """How it stands with the hub, as a volunteer asks it."""

    TOLD = "told"
    TELLING = "telling"
    WAITING = "waiting"
    REFUSED = "refused"
    UNSAFE = "unsafe"
    DISK = "disk"
    NOT_ENROLLED = "not_enrolled"
    STARTING = "starting"


LOOKS: Final[Mapping[SyncState, Look]] = {
    SyncState.TOLD: Look("●", "-good"),
    SyncState.TELLING: Look("►", "-charging"),
    SyncState.WAITING: Look("◆", "-careful"),
    SyncState.REFUSED: Look("▲", "-bad"),
    SyncState.UNSAFE: Look("▲", "-bad"),
    SyncState.DISK: Look("▲", "-bad"),
    SyncState.NOT_ENROLLED: Look("○", "-unavailable"),
    SyncState.STARTING: Look("○", "-waiting"),
}

STATES: Final[Mapping[SyncState, str]] = {
    SyncState.TOLD: N_("All reports are at the hub"),
    SyncState.TELLING: N_("Reporting to the hub now"),
    SyncState.WAITING: N_("The hub does not answer: reports wait here"),
    SyncState.REFUSED: N_("The hub does not take reports from this box"),
    SyncState.UNSAFE: N_("No safe way to the hub: reports wait here"),
    SyncState.DISK: N_("This box cannot store anything"),
    SyncState.NOT_ENROLLED: N_("This box is not enrolled at a hub"),
    SyncState.STARTING: N_("Connecting to the hub"),
}

ADVICE: Final[Mapping[SyncState, str]] = {
    SyncState.TOLD: N_("Nothing to do."),
    SyncState.TELLING: N_("The box does this by itself. Nothing to do."),
    SyncState.WAITING: N_(
        "Nothing is lost; everything is sent by itself later. If it lasts over a day, check the network cable and the "
        "router."
    ),
    SyncState.NOT_ENROLLED: N_(
        "Everything is kept here and nothing is lost. To report to a hub, ask its office for an enrolment code; a "
        "technician enters it."
    ),
    SyncState.STARTING: N_("One moment. Nothing to do."),
}

NEW_CODE: Final = N_(
    "Nothing is lost; everything waits here. Call the hub's office for a new enrolment code; a technician enters it."
)

REMEDIES: Final[Mapping[str, str]] = {
    "revoked": NEW_CODE,
    "unknown_key": NEW_CODE,
    "other_origin": NEW_CODE,
    "not_enrolled": NEW_CODE,
    "too_old": N_("Nothing is lost; everything waits here. Ask the technician to update this box's software."),
    "untrusted": N_(
        "Nothing is lost and nothing was sent. Is the clock above right, and is this the usual network? If so, call "
        "the technician."
    ),
    "no_ca": N_("Nothing is lost; everything waits here. Call the technician: the certificate file must be put back."),
    "disk": N_("Nothing is lost that was confirmed. Call the technician: this box's disk is full or fails."),
    "refused": N_("Nothing is lost; everything waits here. Call the hub's office and read this page to them."),
}
"""What to do, by `SyncView.problem`."""

SILENT_FOR: Final = timedelta(minutes=5)
"""Since the hub was heard last, after which volunteers are called: it is asked twice a minute. Riders are told later
(`STALE_SYNC`), because nothing changes for them at once."""

UNSAFE: Final = frozenset({"untrusted", "no_ca"})
"""Problems for which this box does not speak with what answers."""

ALARMS: Final[Mapping[str, tuple[str, str]]] = {
    "cloned": (
        N_("This box's disk was copied"),
        N_(
            "A second machine runs with it. Both go on working and nothing is lost. Find it and tell the "
            "hub's office: one of the two must be enrolled anew."
        ),
    ),
    "forked": (
        N_("Records went on elsewhere"),
        N_("A copied disk or an old backup was started. Both histories are kept. Tell the hub's office."),
    ),
    "gap": (
        N_("Records here may be missing"),
        N_(
            "This box was restored from a backup. What was recorded from {when} on and not yet reported "
            "may be lost. Compare with paper lists, or ask the riders of those days."
        ),
    ),
    "hub_gap": (
        N_("The hub may lack records"),
        N_(
            "The hub was restored from a backup, and may lack what it took from {when} on. "
            "This box has sent again all that it has. The hub's office clears this; nothing to do here."
        ),
    ),
}
"""Alarms by their word: what is the matter; what it means, and who does what."""

HUBS_OWN: Final = frozenset({"hub_gap"})
"""Alarms that the hub's people clear."""


class Note(Struct, frozen=True):
    """Something that a person should see to."""

    title: str
    meaning: str

    @property
    def heading(self) -> str:
        """The title with its shape."""
        return f"▲ {self.title}"


def state_of(sync: SyncView) -> SyncState:
    """How it stands with the hub."""
    if not sync.enrolled:
        return SyncState.NOT_ENROLLED
    if sync.health is Health.CONNECTED:
        return SyncState.TELLING if sync.pending else SyncState.TOLD
    if sync.problem == "disk":
        return SyncState.DISK
    if sync.problem in UNSAFE:
        return SyncState.UNSAFE
    return {
        Health.UNREACHABLE: SyncState.WAITING,
        Health.DEGRADED: SyncState.REFUSED,
        Health.UNKNOWN: SyncState.STARTING,
    }[sync.health]


def why(sync: SyncView, clock: Clock, zone: tzinfo) -> str:
    """What is in the way, since when, and what to do about it; that nothing is lost is always said."""
    state = state_of(sync)
    when = None if sync.last_success is None else moment_words(sync.last_success, zone, clock)
    if state is SyncState.TOLD and (sync.alarms or sync.quarantined):
        return _("This box reports as it should. Please look at what is marked ▲ below.")
    if state is SyncState.WAITING:
        since = _("No answer since {when}.").format(when=when) if when else _("It has never answered yet.")
        return _("{reason} {advice}").format(reason=since, advice=_(ADVICE[state]))
    if state in ADVICE:
        return _(ADVICE[state])
    problem = sync.problem or "refused"
    known = _(SYNC_PROBLEMS.get(problem, problem))
    reason = _("{problem} (since {when}).").format(problem=known, when=when) if when else known + _(".")
    return _("{reason} {advice}").format(reason=reason, advice=_(REMEDIES.get(problem, REMEDIES["refused"])))


def needs_somebody(sync: SyncView, clock: Clock) -> bool:
    """Whether the tab should call a volunteer: something will not mend itself, or has not for a while."""
    if sync.alarms or sync.quarantined or state_of(sync) in {SyncState.REFUSED, SyncState.UNSAFE, SyncState.DISK}:
        return True
    if not sync.enrolled or sync.health is not Health.UNREACHABLE:
        return False
    # A clock that was put back since leaves the last success in the time to come: nobody would be called until then.
    return sync.last_success is None or abs(clock.now() - sync.last_success) > SILENT_FOR


def notes(sync: SyncView, zone: tzinfo) -> Iterator[Note]:
    """Everything that a person should see to, in words."""
    since = {"gap": sync.gap_since, "hub_gap": sync.hub_gap_since}
    for word in alarm_words(sync):
        title, meaning = ALARMS.get(word, (word, ""))
        moment = since.get(word)
        when = _("an unknown time") if moment is None else moment_words(moment, zone)
        yield Note(_(title), _(meaning).format(when=when))
    if not sync.clock_trusted:
        yield Note(
            _("The clock is not confirmed"),
            _("Is the time above right? If not, call the technician. The hub or the network sets it once reached."),
        )


def alarm_words(sync: SyncView) -> tuple[str, ...]:
    """The alarms that stand, also those that only a moment tells of."""
    told = {"gap": sync.gap_since, "hub_gap": sync.hub_gap_since}
    return tuple(word for word in ALARMS if word in sync.alarms or told.get(word) is not None) + tuple(
        word for word in sync.alarms if word not in ALARMS
    )


def can_be_seen(sync: SyncView) -> bool:
    """Whether there is an alarm that a volunteer may clear."""
    return any(word not in HUBS_OWN for word in alarm_words(sync))


def facts(sync: SyncView, clock: Clock, station: str, version: str, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Labels and values: everything a volunteer is asked on the telephone."""
    yield _("Waiting"), _waiting(sync)
    yield _("Last success"), _("never") if sync.last_success is None else ago(sync.last_success, clock, zone)
    if sync.tried_at is not None and sync.health is not Health.CONNECTED:
        yield _("Last tried"), ago(sync.tried_at, clock, zone)
    refused = n_("▲ {n} record", "▲ {n} records", sync.quarantined).format(n=f"{sync.quarantined:,}")
    yield _("Not taken"), refused if sync.quarantined else _("none")
    yield _("Clock"), "● " + _("right, confirmed") if sync.clock_trusted else "▲ " + _("not confirmed")
    hub = sync.hub_name or (_("never reached yet") if sync.enrolled else _("none"))
    yield _("Hub"), hub if sync.hub_version is None else f"{hub}  {_versioned(sync.hub_version)}"
    yield _("This box"), f"{station}  {_versioned(version)}"


def ago(moment: datetime, clock: Clock, zone: tzinfo) -> str:
    """How long ago, and when."""
    passed = _("{age} ago").format(age=age(max(0.0, (clock.now() - moment).total_seconds())))
    return _("{age} ({when})").format(age=passed, when=moment_words(moment, zone, clock))


def moment_words(moment: datetime, zone: tzinfo, clock: Clock | None = None) -> str:
    """Day and time at the station; today's without the day when a clock is given."""
    there = moment.astimezone(zone)
    if clock is not None and clock.now().astimezone(zone).date() == there.date():
        return f"{there:%H:%M}"
    return f"{there:%m-%d %H:%M}"


def _waiting(sync: SyncView) -> str:
    if not sync.pending:
        return _("none")
    words = n_("{n} record", "{n} records", sync.pending).format(n=f"{sync.pending:,}")
    return words if sync.oldest_s is None else words + _(", oldest {age}").format(age=age(sync.oldest_s))


def _versioned(version: str) -> str:
    return _("version {version}").format(version=version)
