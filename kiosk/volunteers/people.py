"""Volunteers: entering them, striking them off, another PIN, and what may be shown of them."""

from typing import Final

from kiosk import riders
from kiosk.box import Box
from kiosk.identity.pin import make_verifier
from kiosk.journal import PersonalRecord, records
from kiosk.riders import CardRevoked
from kiosk.riders.cards import issue
from kiosk.system.clock import from_iso
from kiosk.views import Role, StaffCard, VolunteerView
from kiosk.volunteers.kinds import KeeperCreated, PinRecord, VolunteerPinSet, VolunteerRecord, VolunteerRevoked
from kiosk.volunteers.roles import Right, require, role_of
from models.riders import CardRow
from models.volunteers import EntryCodeRow, PinTriesRow, ShiftRow, VolunteerRow

LEFT: Final = "left"
"""Why a volunteer's entry and cards are over: the one reason that is recorded."""


class NoSuchVolunteerError(Exception):
    """There is no volunteer of this id (any more); the message says so."""

    def __init__(self, volunteer: str) -> None:
        super().__init__(f"There is no volunteer {volunteer!r}; `kiosk volunteer list` lists them.")


class LastKeeperError(Exception):
    """The area's stations would have no keeper left."""

    def __init__(self) -> None:
        super().__init__("This is the last keeper; enter another keeper first.")


def keeper_exists() -> bool:
    """Whether the area's stations know a keeper."""
    return bool(_keepers())


def create(box: Box, name: str, pin: str, role: Role, *, actor: str) -> tuple[str, str]:
    """Enter a volunteer and issue the card, in one transaction.

    Returns:
        The volunteer's id and the card's text.

    Raises:
        kiosk.riders.PersonNameError: not a name.
        kiosk.identity.pin.PinError: not a PIN.
        NotAllowedError: whoever acts may not.
    """
    require(actor, Right.VOLUNTEERS)
    record = PersonalRecord.make(VolunteerRecord(name=riders.check_name(name), pin=make_verifier(pin)))
    volunteer = riders.new_id()
    with box.journal.transaction():
        body = KeeperCreated(role=role.value, person_ref=record.ref)
        box.journal.record(body, subject=f"volunteer:{volunteer}", actor=actor, record=record)
        text = issue(box, volunteer, day=box.today, actor=actor, volunteer=True)
    return volunteer, text


def create_keeper(box: Box, name: str, pin: str, *, actor: str = "cli") -> tuple[str, str]:
    """Enter a keeper; as `create`."""
    return create(box, name, pin, Role.KEEPER, actor=actor)


def replace_card(box: Box, volunteer_id: str, *, actor: str) -> str:
    """Revoke a volunteer's cards and issue a new one, in one transaction: the old one was lost.

    Returns:
        The new card's text.

    Raises:
        NoSuchVolunteerError: there is none.
        NotAllowedError: whoever acts may not.
    """
    require(actor, Right.VOLUNTEERS)
    _row(volunteer_id)
    with box.journal.transaction():
        _revoke_cards(box, volunteer_id, "lost", actor)
        return issue(box, volunteer_id, day=box.today, actor=actor, volunteer=True)


def revoke(box: Box, volunteer_id: str, *, actor: str) -> None:
    """Strike a volunteer off: entry and cards are over at every station that hears of it; a shift here ends.

    Raises:
        NoSuchVolunteerError: there is none.
        LastKeeperError: nobody would keep the stations.
        NotAllowedError: whoever acts may not.
    """
    from kiosk.volunteers import shifts  # noqa: PLC0415 - it needs this module

    require(actor, Right.VOLUNTEERS)
    with box.journal.transaction():
        row = _row(volunteer_id)
        if row.role == Role.KEEPER.value and _keepers() == [volunteer_id]:
            raise LastKeeperError
        box.journal.record(VolunteerRevoked(reason=LEFT), subject=f"volunteer:{volunteer_id}", actor=actor)
        _revoke_cards(box, volunteer_id, LEFT, actor)
        shifts.end_revoked(box, volunteer_id, actor=actor)
        EntryCodeRow.delete().where(EntryCodeRow.volunteer == volunteer_id).execute()


def set_pin(box: Box, volunteer_id: str, pin: str, *, actor: str) -> None:
    """Give a volunteer another PIN; a lock-out here ends.

    Raises:
        NoSuchVolunteerError: there is none.
        kiosk.identity.pin.PinError: not a PIN.
        NotAllowedError: whoever acts may not.
    """
    require(actor, Right.VOLUNTEERS)
    record = PersonalRecord.make(PinRecord(pin=make_verifier(pin)))
    with box.journal.transaction():
        _row(volunteer_id)
        body = VolunteerPinSet(person_ref=record.ref)
        box.journal.record(body, subject=f"volunteer:{volunteer_id}", actor=actor, record=record)
        PinTriesRow.delete().where(PinTriesRow.volunteer == volunteer_id).execute()


def view(box: Box, volunteer_id: str) -> StaffCard | None:  # noqa: ARG001 - every rule function gets the box first
    """A volunteer as screens may show them, or None when there is none of this id (any more)."""
    row = VolunteerRow.get_or_none((VolunteerRow.id == volunteer_id) & VolunteerRow.revoked_at.is_null())
    record = None if row is None else records.load(row.event, VolunteerRecord)
    return None if record is None else StaffCard(volunteer_id, riders.mask(record.name))


def actor_name(box: Box, actor: str) -> str:  # noqa: ARG001 - every rule function gets the box first
    """Who acted: the masked name of a volunteer, of one who left too, else the kind of actor, such as "cli"."""
    kind, _, who = actor.partition(":")
    row = VolunteerRow.get_or_none(VolunteerRow.id == who) if kind == "volunteer" else None
    record = None if row is None else records.load(row.event, VolunteerRecord)
    return kind if record is None else riders.mask(record.name)


def listing(box: Box) -> tuple[VolunteerView, ...]:
    """All volunteers of the area as far as this box knows, those of this station first, keepers first."""
    rows = list(VolunteerRow.select().where(VolunteerRow.revoked_at.is_null()))
    on = (ShiftRow.origin == box.origin) & ShiftRow.ended_at.is_null()
    since = {row.volunteer: box.local(from_iso(row.started_at)) for row in ShiftRow.select().where(on)}
    views = []
    for row in rows:
        card, role = view(box, row.id), role_of(row.id)
        if card is not None and role is not None:
            here = row.origin == box.origin
            views.append(VolunteerView(row.id, card.masked_name, role, here=here, on_duty_since=since.get(row.id)))
    return tuple(sorted(views, key=lambda one: (not one.here, one.role is not Role.KEEPER, one.masked_name, one.id)))


def verifier_of(volunteer_id: str) -> str | None:
    """The verifier of a volunteer's newest PIN; None when there is no such volunteer (any more)."""
    row = VolunteerRow.get_or_none((VolunteerRow.id == volunteer_id) & VolunteerRow.revoked_at.is_null())
    if row is None:
        return None
    if row.pin_event is not None:
        newer = records.load(row.pin_event, PinRecord)
        return None if newer is None else newer.pin
    record = records.load(row.event, VolunteerRecord)
    return None if record is None else record.pin


def _keepers() -> list[str]:
    mine = (VolunteerRow.role == Role.KEEPER.value) & VolunteerRow.revoked_at.is_null()
    return [str(row.id) for row in VolunteerRow.select(VolunteerRow.id).where(mine)]


def _row(volunteer_id: str) -> VolunteerRow:
    row: VolunteerRow | None = VolunteerRow.get_or_none(
        (VolunteerRow.id == volunteer_id) & VolunteerRow.revoked_at.is_null()
    )
    if row is None:
        raise NoSuchVolunteerError(volunteer_id)
    return row


def _revoke_cards(box: Box, volunteer_id: str, reason: str, actor: str) -> None:
    rows = CardRow.select(CardRow.id).where((CardRow.holder == volunteer_id) & CardRow.revoked.is_null())
    for card in list(rows):
        box.journal.record(CardRevoked(reason=reason), subject=f"card:{card.id}", actor=actor)
